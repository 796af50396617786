import Consensus
import Primitives

typealias SimulatedReplica = Replica<SimulatedSigner>

/// One machine: the replica, unchanged, and a shell that keeps its disk, its state and its pool of operations.
final class SimulatedNode {
    /// What happens around the record at which a node is to crash.
    enum CrashPoint: CaseIterable { case beforeRecord, withinRecord, afterRecord, amongConsequences }

    /// Its place in the network, which is the number that peers know it by.
    let number: Int
    /// Whose key it holds. Twins hold one key.
    let key: Int
    /// Whether it is held to the rules.
    let isHonest: Bool
    let signer: SimulatedSigner
    var replica: SimulatedReplica
    var disk: SimulatedDisk
    /// The state after each height that this node has committed, genesis first.
    var states: [SimulatedApplication]
    /// What executions of the height in flight gave, by draft.
    var overlays: [Digest: (state: SimulatedApplication, next: [UInt64]?)] = [:]
    /// Operations in the order in which they became known; those of committed blocks are taken out.
    var pool: [Digest] = []
    var known: Set<Digest> = []
    var included: Set<Digest> = []
    /// When the node told all validators of an operation.
    var sharedAt: [Digest: UInt64] = [:]
    var toldExecutable = false

    var recording: Recording?

    var isUp = true
    var incarnation = 0
    var lostJournal = false
    var skewMilliseconds: Int64 = 0
    var slowDiskMicroseconds: UInt64 = 0
    var stalledUntil: UInt64 = 0
    /// The node crashes at one of its next records, or after so many letters.
    var crashPoint: (records: Int, point: CrashPoint)?
    var lettersUntilCrash: Int?
    var divergesNext = false
    /// Blocks handed over since the start of the process, the newest last, for the checkers.
    var delivered: Height = 0
    /// How often the replica ordered a check in one view, for the bound on work that a primary can cause.
    var checks: (height: Height, view: View, count: Int) = (0, 0, 0)
    /// When its processor is free again; only where a cost of computation is simulated.
    var busyUntil: UInt64 = 0
    /// Microseconds of computation spent, where it is simulated.
    var computed: UInt64 = 0

    init(number: Int, key: Int, isHonest: Bool, configuration: ReplicaConfiguration, genesis: ChainPosition, application: SimulatedApplication) {
        self.number = number
        self.key = key
        self.isHonest = isHonest
        signer = SimulatedSigner(Keys.consensus(key))
        let state = ReplicaState(position: genesis)
        disk = SimulatedDisk(state: state)
        replica = SimulatedReplica(configuration: configuration, cryptography: signer, state: state)
        states = [application]
    }

    var application: SimulatedApplication { states[states.count - 1] }
    var height: Height { replica.position.height }
    var peer: Peer { Peer(UInt64(number)) }

    var open: [Digest] { pool.filter { !included.contains($0) } }

    /// Takes note of an operation; returns whether it is new.
    func learn(_ operation: Digest) -> Bool {
        guard known.insert(operation).inserted else { return false }
        if !included.contains(operation) { pool.append(operation) }
        return true
    }

    func include(_ payload: [Digest]) {
        guard !payload.isEmpty else { return }
        included.formUnion(payload)
        pool.removeAll { included.contains($0) }
    }
}
