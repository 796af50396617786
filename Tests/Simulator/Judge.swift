import Consensus
import Cryptography
import Primitives

/// The checkers. They see every signed message as it leaves a node, every delivered block, and every restart, and judge by the
/// protocol's text and an arithmetic of their own: none asks a replica whether a replica is right.
final class Judge {
    let plan: RunPlan
    private(set) var violation: Violation?
    /// The operations that clients submitted.
    var issued: Set<Digest> = []
    private(set) var hasForked = false
    /// The voters of each epoch, as the first execution of the boundary block gave them.
    private(set) var sets: [Epoch: ValidatorSet]
    /// The first delivered header of each height.
    private(set) var headers: [Height: (hash: Digest, header: Header)] = [:]
    /// At which height each operation was ordered.
    private var ordered: [Digest: Height] = [:]
    let genesis: ChainPosition
    // What was signed, by whom. The aspects of the judge keep their books here.
    var signed: [Int: SignedPlaces] = [:]
    var prepares: [PrepareStatement: ValidatorBitmap] = [:]
    var commits: [CommitStatement: ValidatorBitmap] = [:]
    /// What a quorum's COMMITs bind later views to, whoever has seen them, and what honest nodes prepared.
    var bindings: [Height: Binding] = [:]
    var primaries: [ViewPlace: ValidatorIndex] = [:]
    /// Drafts of which some honest node with a fair clock had the proposal in time.
    var timely: Set<Digest> = []
    /// Who may, by now, have signed anything: corrupt keys and twins.
    let faulty: Set<Int>
    private let numbers: [PublicKey: Int]
    /// Set once the network has settled: from then on nobody may change the view without reason.
    var lap: Lap?
    /// VIEW-CHANGEs of honest nodes so far.
    var viewChanges = 0

    init(plan: RunPlan, genesis: ChainPosition) {
        self.plan = plan
        self.genesis = genesis
        sets = [0: genesis.epoch.validators]
        faulty = Set(plan.corrupt.keys).union(plan.twins)
        numbers = Dictionary(uniqueKeysWithValues: plan.weights.indices.map { (Keys.consensus($0), $0) })
    }

    /// Which key a place in an epoch's set belongs to.
    func key(_ index: ValidatorIndex, in epoch: Epoch) -> Int? {
        sets[epoch]?[index].flatMap { numbers[$0.consensusKey] }
    }

    func fail(_ checker: String, _ text: String) {
        if violation == nil { violation = Violation(checker: checker, text: text) }
    }

    // MARK: Blocks

    /// A node has committed a block in memory; at a boundary this fixes the next voters.
    func committed(_ record: CommittedRecord, _ weights: [UInt64]?, by node: SimulatedNode, in simulation: Simulation) {
        guard node.isHonest, let weights, !plan.isOverwhelmed else { return }
        let epoch = record.block.header.draft.epoch.successor
        let set = Electorate.validators(weights, epoch: epoch)
        if let known = sets[epoch] {
            if known != set { fail("epochs", "node \(node.number) begins epoch \(epoch) with other voters than others did") }
        } else {
            sets[epoch] = set
            simulation.note("epoch \(epoch) begins with weights \(weights)")
        }
    }

    /// One header and one state root per height, a certificate that holds, a chain that hangs together, and a clean payload.
    func delivered(_ block: CertifiedBlock, by node: SimulatedNode, in simulation: Simulation) {
        guard node.isHonest else { return }
        let (draft, result, statement) = (block.header.draft, block.header.result, block.certificate.statement)
        let hash = SHA256.hash(.header, of: block.header)
        if let known = headers[block.height] {
            if known.hash != hash {
                hasForked = true
                if !plan.isOverwhelmed { fail("agreement", "node \(node.number) delivers another block at height \(block.height) than others did") }
            }
        } else {
            headers[block.height] = (hash, block.header)
        }
        if let parent = parent(of: block, node), parent.hash != draft.parentHash || parent.time >= draft.time {
            fail("chain", "node \(node.number) delivers height \(block.height), which does not follow from its parent")
        }
        if statement.headerHash != hash || statement.height != block.height || statement.draftDigest != SHA256.hash(.draft, of: draft) {
            fail("certificate", "node \(node.number) delivers height \(block.height) with the certificate of something else")
        }
        if result.stateRoot != node.application.root, node.states.count == Int(block.height.rawValue) + 1 {
            fail("state", "node \(node.number) delivers height \(block.height) with another state root than it computed")
        }
        guard !plan.isOverwhelmed else { return }
        examineCertificate(block.certificate, node)
        if let set = sets[draft.epoch], SHA256.hash(.validators, of: set) != draft.validatorsHash {
            fail("epochs", "height \(block.height) is signed by another set than the chain says")
        }
        if let next = sets[draft.epoch.successor], simulation.endsEpoch(block, node), SHA256.hash(.validators, of: next) != result.nextValidatorsHash {
            fail("epochs", "height \(block.height) names other voters for the next epoch than its execution gave")
        }
        if let first = block.payload.first(where: { !issued.contains($0) }) {
            fail("payload", "height \(block.height) orders \(first.hex.prefix(8)), which nobody submitted")
        }
        for operation in block.payload where ordered.updateValue(block.height, forKey: operation) ?? block.height != block.height {
            fail("payload", "height \(block.height) orders an operation of another height again")
        }
        if Set(block.payload).count != block.payload.count { fail("payload", "height \(block.height) orders an operation twice") }
        examineTime(block)
    }

    private func parent(of block: CertifiedBlock, _ node: SimulatedNode) -> (hash: Digest, time: Timestamp)? {
        if block.height == 1 { return (genesis.headerHash, genesis.time) }
        let position = Int(block.height.rawValue) - 2
        guard node.disk.blocks.indices.contains(position) else { return nil }
        let parent = node.disk.blocks[position].block
        return (SHA256.hash(.header, of: parent.header), parent.header.draft.time)
    }

    private func examineCertificate(_ certificate: CommitCertificate, _ node: SimulatedNode) {
        guard let set = sets[certificate.statement.epoch] else {
            return fail("certificate", "a certificate of epoch \(certificate.statement.epoch), which nobody has begun")
        }
        do throws(CertificateError) { _ = try SimulatedChecker(sets: [set]).verify(certificate) } catch {
            fail("certificate", "node \(node.number) delivers height \(certificate.statement.height) with a certificate that does not hold: \(error)")
        }
    }
}
