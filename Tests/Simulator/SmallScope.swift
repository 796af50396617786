import Consensus

/// Twins in a small scope, exhaustively (Bano and others, "Twins: BFT systems made robust", 2021): four replicas, one of which
/// exists twice, and every way to divide the five machines in two during each of a few rounds. A round is as long as the view
/// timer, so that different walls stand in different views.
public struct SmallScope: Sendable {
    public let rounds: Int

    public init(rounds: Int) { self.rounds = rounds }

    /// Divisions of five machines in two; the side of the first is a matter of naming.
    static let divisions = 16

    /// How many runs there are: each key as the twin, and each sequence of divisions.
    public var count: Int {
        var product = 4
        for _ in 0..<rounds { product *= Self.divisions }
        return product
    }

    /// Plays run `number`; after its rounds the network heals and must settle.
    public func play(_ number: Int, recording: Bool = false, mutant: String? = nil) -> Outcome {
        var rest = number
        func next(_ bound: Int) -> Int {
            defer { rest /= bound }
            return rest % bound
        }
        let twin = next(4)
        let simulation = Simulation(
            RunPlan(weights: [1, 1, 1, 1], twins: [twin], seed: 7), recording: recording, isScripted: true, mutant: mutant)
        let stage = Stage(simulation)
        for number in simulation.nodes.indices { stage.submit(1, to: number) }
        for _ in 0..<rounds {
            let division = next(Self.divisions)
            let side = simulation.nodes.indices.filter { $0 > 0 && division >> ($0 - 1) & 1 == 1 }
            stage.join()
            if !side.isEmpty { stage.part(side) }
            stage.wait(seconds: 1.05)
        }
        stage.join()
        simulation.heal()
        return simulation.run()
    }
}
