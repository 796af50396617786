import Consensus
import Primitives

/// What computation costs where it is simulated: each node has one processor on which signatures are checked and made one after the
/// other. Runs with faults do without it; the figures about scaling are about nothing else.
struct ComputationCost {
    var verifyMicroseconds: UInt64
    var signMicroseconds: UInt64
    var executionMicroseconds: UInt64
    var flushMicroseconds: UInt64

    /// Takes note that `node` signs; its letters leave after that.
    func charge(signing message: ConsensusMessage, node: SimulatedNode, at now: UInt64) {
        spend(signMicroseconds, node, now)
    }

    /// When `node` has checked all signatures of a packet.
    func charge(reading packet: Packet, node: SimulatedNode, at now: UInt64) -> UInt64? {
        spend(UInt64(signatures(of: packet.content, known: node)) * verifyMicroseconds, node, now)
        return node.busyUntil
    }

    private func spend(_ microseconds: UInt64, _ node: SimulatedNode, _ now: UInt64) {
        node.busyUntil = max(now, node.busyUntil) + microseconds
        node.computed += microseconds
    }

    /// Signatures that the receiver has to check. A certificate of a height that it has committed itself is known and costs nothing.
    private func signatures(of content: Packet.Content, known node: SimulatedNode) -> Int {
        func certificate(_ certificate: CommitCertificate?) -> Int {
            guard let certificate, certificate.statement.height > node.height else { return 0 }
            return certificate.signatures.count
        }
        switch content {
        case .operations, .request: return 0
        case .block(let block): return certificate(block.certificate)
        case .consensus(let message):
            switch message {
            case .prepare, .commit, .complaint: return 1
            case .status(let status): return 1 + certificate(status.certificate)
            case .prePrepare(let proposal): return 1 + certificate(proposal.parentCertificate)
            case .viewChange(let change): return 1 + (change.prepared?.certificate.signatures.count ?? 0)
            case .newView(let newView):
                return 1 + newView.viewChanges.count + certificate(newView.parentCertificate)
                    + (newView.prepared?.certificate.signatures.count ?? 0)
            }
        }
    }
}
