import Consensus
import Interface
import Ledger
import Primitives

extension StatusResource {
    init(_ status: NodeStatus, head: ChainHead, chainID: ChainID) {
        let role: RoleWord = switch status.role {
        case .validator: .validator
        case .candidate: .candidate
        case .full: .full
        }
        self.init(
            version: status.version, chainID: FixedHex(chainID), role: role, nodeKey: FixedHex(status.nodeKey),
            consensusKey: status.consensusKey.map { FixedHex($0) }, head: HeadResource(head), epoch: status.epoch.rawValue,
            isReady: status.obstacles.isEmpty, obstacles: status.obstacles.map { ObstacleResource(code: $0.code, text: $0.text) },
            sync: SyncResource(phase: status.sync.phase, have: status.sync.have, total: status.sync.of),
            pool: PoolResource(count: UInt64(status.poolCount), bytes: UInt64(status.poolBytes)), peerCount: UInt32(clamping: status.peerCount),
            consensus: ConsensusResource(status.consensus, status.voters), uptimeMilliseconds: status.uptimeMilliseconds)
    }
}

extension ConsensusResource {
    init(_ report: StallReport, _ voters: ValidatorSet) {
        let missing = Set(report.missing)
        self.init(
            height: report.height.rawValue, view: report.view.rawValue, progress: String(describing: report.progress),
            awaiting: String(describing: report.awaiting), primary: report.primary.rawValue, missing: report.missing.map(\.rawValue),
            since: TimeText(report.since), refusal: report.refusal.map { String(describing: $0) }, alarm: report.alarm.map(Self.words),
            validators: voters.validators.enumerated().map { place, voter in
                VoterResource(
                    consensusKey: FixedHex(voter.consensusKey), weight: NumberText(voter.weight), isMissing: missing.contains(ValidatorIndex(UInt16(place))))
            })
    }

    private static func words(_ alarm: Alarm) -> String {
        switch alarm {
        case .diverged(let height, let own, let certified):
            "Diverged at height \(height): this node computed \(own), the network certified \(certified)."
        case .certifiedInvalid(let height, let digest): "The network certified a block at height \(height) that this node holds invalid: \(digest)."
        case .resultsDiffer(let height, let groups): "At height \(height) validators computed \(groups.count) different results, and none can reach a quorum."
        case .forked(let first, _): "Two certificates for height \(first.statement.height): more than a third of the weight is faulty."
        case .ownKeyElsewhere: "Votes with this node's key contradict each other: a second copy runs, or the key is stolen."
        case .journalLossOverridden(let floor): "An operator overrode a lost journal; nothing is signed up to height \(floor)."
        case .journalLossResolved(let floor): "A lost journal is resolved; nothing is signed up to height \(floor)."
        }
    }
}

extension PeerResource {
    init(_ peer: PeerReport) {
        self.init(
            nodeKey: FixedHex(peer.key), isInbound: peer.isInbound, remoteAddress: peer.remoteAddress, listenAddress: peer.listenAddress, agent: peer.agent,
            consensusKey: peer.validator.map { FixedHex($0) }, roundTripMicroseconds: peer.roundTripMicroseconds)
    }
}
