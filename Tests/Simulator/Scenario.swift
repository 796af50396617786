import Consensus
import Primitives

/// A scripted case: a network and a paragraph about it.
public struct Scenario: Sendable {
    public let name: String
    let plan: RunPlan
    let script: @Sendable (Stage) -> Void

    init(
        _ name: String, weights: [UInt64] = [1, 1, 1, 1], standby: Int = 0, corrupt: [Int: Set<Behaviour>] = [:],
        losesJournal: Set<Int> = [], epochBlocks: UInt64 = 1_000, changesStakes: Bool = false, seed: UInt64 = 1,
        script: @escaping @Sendable (Stage) -> Void
    ) {
        self.name = name
        plan = RunPlan(
            weights: weights, standby: standby, corrupt: corrupt, losesJournal: losesJournal, epochBlocks: epochBlocks,
            changesStakes: changesStakes, seed: seed)
        self.script = script
    }

    /// Plays it; the outcome's violation is a broken rule or an expectation that did not hold.
    public func play(recording: Bool = false, mutant: String? = nil) -> Outcome {
        let simulation = Simulation(plan, recording: recording, isScripted: true, mutant: mutant)
        script(Stage(simulation))
        simulation.nodes.forEach(simulation.endRecording)
        return simulation.outcome
    }
}
