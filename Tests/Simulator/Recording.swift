import Consensus

/// What one node was given from its start to its crash, and a digest of what it wanted in return each time.
///
/// The same inputs must give the same effects, or a failure in the field could not be replayed. Two runs of one seed would not show an
/// answer that hangs on the order of a set if both happened upon the same order; a replica made anew beside the old one does.
struct Recording {
    private let state: ReplicaState
    private var steps: [(input: Input, effects: Int)] = []

    init(state: ReplicaState) { self.state = state }

    mutating func add(_ input: Input, _ effects: [Effect]) { steps.append((input, Recording.digest(effects))) }

    /// The number of the first input to which a replica made anew answers otherwise; nil when all answers are the same.
    func firstDifference(configuration: ReplicaConfiguration, signer: SimulatedSigner) -> Int? {
        var replica = SimulatedReplica(configuration: configuration, cryptography: signer, state: state)
        return steps.firstIndex { input, expected in
            var effects: [Effect] = []
            replica.step(input, into: &effects)
            return Recording.digest(effects) != expected
        }
    }

    /// Equal for equal effects within one process, which is all that is asked of it.
    private static func digest(_ effects: [Effect]) -> Int {
        var hasher = Hasher()
        hasher.combine(effects)
        return hasher.finalize()
    }
}

extension Simulation {
    /// One node of each run is recorded; which, the seed says.
    func beginRecording(_ node: SimulatedNode, _ state: ReplicaState) {
        if node.number == Int(plan.seed % UInt64(nodes.count)) { node.recording = Recording(state: state) }
    }

    /// Plays what was recorded of a node to a replica made anew.
    func endRecording(_ node: SimulatedNode) {
        guard let recording = node.recording else { return }
        node.recording = nil
        if let step = recording.firstDifference(configuration: node.replica.configuration, signer: node.signer) {
            judge.fail("determinism", "a replica made anew answers otherwise to input \(step) of node \(node.number)")
        }
    }
}
