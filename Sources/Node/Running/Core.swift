import API
import Consensus
import Cryptography
import Foundation
import Gossip
import Ledger
import Logging
import Networking
import Primitives
import Storage
import Verification
import WorldState

/// What a core works with, all of it made before it begins.
struct CoreEnvironment: Sendable {
    let genesis: Genesis
    let keys: NodeKeys
    let transport: Transport
    let stores: NodeStores
    let snapshots: SnapshotServer
    let restorer: SnapshotRestorer
    let pool: VerificationPool
    let published: Published
    let keeper: Owner<ChainKeeper>
    let log: Logger
    /// Ends the node.
    let failed: @Sendable (NodeError) -> Void
    /// Ends the node, so that it begins again with the chain that was restored.
    let restored: @Sendable () -> Void

    let chainID: ChainID
}

/// Owns agreement and gossip: the replica and the gossip node are machines that take inputs and give effects, and this is where the
/// effects of each become inputs of the other, of the disk, of the executor and of the network.
///
/// Everything here is done on one queue. Nothing here waits: what takes long is asked for, and its answer is another piece of work.
final class Core {
    let environment: CoreEnvironment
    var replica: Replica<NodeCryptography>
    let gossip: GossipNode
    /// Set once, before anything else is posted; alive while anything is done here.
    weak var owner: Owner<Core>!

    // ── The journal ──
    var journal: OrderedWriter<JournalItem>!
    /// The fold of what has been given to the journal.
    var accepted: ReplicaState
    var sinceCheckpoint = (records: 0, bytes: 0)
    /// The journal was begun after a loss, and has to say so with every checkpoint until a floor is known.
    var isJournalLost = false
    /// Heights in flight at checkpoints that are durable, and the one below which the journal's files may have gone.
    var checkpoints: [Height] = []
    var retired: Height = 0
    /// Proposals whose bodies are in the journal.
    var journalled: Set<Digest> = []

    // ── Proposals ──
    /// Bodies of proposals of the height in flight and the one below, by draft digest.
    var bodies: [Digest: Bodies] = [:]
    /// What this node proposed last, until the replica has made a draft of it.
    var built: [Verified<SignedTransaction>] = []
    var checks: [Digest: ProposalCheck] = [:]
    /// The newest block that the executor has made part of the chain. Questions about the block above wait for it.
    var delivered: Height
    var deferred: [(parent: Height, work: (Core) -> Void)] = []
    var validatorsKnown: Epoch?
    /// So much waits to be flushed that this node's blocks stay empty for a while.
    var mustWait = false

    // ── Peers ──
    var links = PeerLinks()
    var haveBansChanged = false
    /// What was dialled and has not come to anything yet, by `host:port`.
    var dials: [String: Gossip.PeerAddress] = [:]

    // ── Catching up ──
    var judging = JudgementQueue()
    var sync = SyncProgress(phase: .idle, have: 0, of: 0)

    // ── Clients ──
    var submissions = OpenSubmissions()
    var admission = Admission(now: .now)
    /// Transactions that a block could hold, or whose signatures are being checked.
    var waitingCount: Int { gossip.pool.executableCount + submissions.count }

    /// The newest ones, and how many there were.
    var alarms: [Alarm] = []
    var alarmCount = 0
    private var inputs: [CoreInput] = []
    private var isWorking = false
    let started = ContinuousClock.now

    struct Bodies {
        let height: Height
        let transactions: [SignedTransaction]
    }

    enum CoreInput {
        case replica(Input)
        case gossip(GossipInput)
    }

    init(environment: CoreEnvironment, replica: Replica<NodeCryptography>, gossip: GossipNode, accepted: ReplicaState, delivered: Height) {
        self.environment = environment
        self.replica = replica
        self.gossip = gossip
        self.accepted = accepted
        self.delivered = delivered
        journal = makeJournal()
    }

    // ── Work ──

    func give(_ input: Input) { give(.replica(input)) }
    func give(_ input: GossipInput) { give(.gossip(input)) }

    /// Does everything that follows from an input. Effects that are inputs of a machine wait for those before them.
    private func give(_ input: CoreInput) {
        inputs.append(input)
        guard !isWorking else { return }
        isWorking = true
        var next = 0
        while next < inputs.count {
            let input = inputs[next]
            next += 1
            // The head of the queue is dropped now and then, so that the array does not grow as long as work follows from work.
            if next >= 256 {
                inputs.removeFirst(next)
                next = 0
            }
            switch input {
            case .replica(let input): stepReplica(input)
            case .gossip(let input): stepGossip(input)
            }
        }
        inputs.removeAll(keepingCapacity: true)
        isWorking = false
    }

    private func stepReplica(_ input: Input) {
        var effects: [Effect] = []
        replica.step(input, into: &effects)
        for effect in effects { perform(effect) }
        judgeNext()
    }

    private func stepGossip(_ input: GossipInput) {
        var effects: [GossipEffect] = []
        gossip.step(input, into: &effects)
        for effect in effects { perform(effect) }
    }

    /// Begins: the journal gets a checkpoint, the replica resumes.
    func start(_ mode: StartMode, resumedBodies: [SignedTransaction]) {
        isJournalLost = mode != .journalIntact
        for ban in gossip.bans { enforceBan(of: ban.key, ticks: ban.ticks) }
        writeCheckpoint()
        tellValidators()
        give(.start(mode, now: .now))
        give(.serves(status))
        if !resumedBodies.isEmpty { give(.submitted(resumedBodies)) }
        give(.work(hasExecutable: false))
    }

    /// 5 ms have passed: one tick of both machines.
    func tick() {
        give(.tick(now: .now))
        give(.tick)
        ticks &+= 1
        if ticks % 20 == 0 { links.reviewCongestion(environment.transport) { give(.congested($0, false)) } }
        if ticks % 200 == 0 {
            if journal.isStalled { journal.retry() }
            environment.keeper.post { $0.retry() }
            judging.expire(after: .seconds(30)) { give(.blockJudged($0, accepted: false)) }
            judgeNext()
            keepPeers(andAddresses: ticks % 12_000 == 0)
        }
    }
    private var ticks: UInt64 = 0

    static let tickMilliseconds = Int(GossipLimits.tickMilliseconds)

    // ── What both sides need ──

    /// What this node can serve to others.
    var status: ChainStatus {
        ChainStatus(height: delivered, oldestBlock: max(environment.stores.chain.blocks.first, 1), snapshot: environment.snapshots.height ?? 0)
    }

    /// Runs `work` when the block of `parent` is part of the chain; at once if it is.
    func behind(_ parent: Height, _ work: @escaping (Core) -> Void) {
        if delivered >= parent { return work(self) }
        deferred.append((parent, work))
    }

    func runDeferred() {
        let due = deferred.filter { $0.parent <= delivered }
        deferred.removeAll { $0.parent <= delivered }
        for item in due { item.work(self) }
    }

    /// Tells transport and gossip who votes, when that has changed.
    func tellValidators() {
        let position = replica.position
        guard validatorsKnown != position.epoch.epoch else { return }
        validatorsKnown = position.epoch.epoch
        let set = position.epoch.validators
        let own = environment.keys.consensus.flatMap { key in
            set.index(of: key.publicKey).map { ValidatorIdentity(epoch: set.epoch, index: $0, consensusKey: key) }
        }
        environment.transport.setValidators(position.validatorSets, own: own)
        give(.validators(set.validators.map(\.consensusKey)))
    }

    var verifier: SignatureVerifier { SignatureVerifier(chainID: environment.chainID, validatorSets: replica.position.validatorSets) }
}

extension Timestamp {
    /// The local clock, in milliseconds since 1970.
    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(UInt64(max(0, time.tv_sec)) * 1_000 + UInt64(time.tv_nsec / 1_000_000))
    }
}
