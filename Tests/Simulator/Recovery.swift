import Consensus
import Primitives

/// How long the network stands still after a fault, in milliseconds and in message delays.
public struct Recovery: Sendable {
    public let fault: String
    public let replicas: Int
    /// From the fault's end, or for a crash from the crash, to the next block that a quorum has delivered.
    public let milliseconds: Double
    /// The same less the view timer where one had to run out, in one-way delays.
    public let delays: Double
    /// Turns of a primary that came to nothing. A delivered block is never lost; the judges see to that.
    public let turnsLost: Int

    /// All links have this one-way delay.
    static let delayMicroseconds: UInt64 = 20_000
    /// The view timer of simulated replicas.
    static let timerMicroseconds: UInt64 = 1_000_000

    public static func measureAll() -> [Recovery] {
        [4, 7, 31].flatMap { count in [primaryCrash(count), partition(count), restart(count)] }
    }

    /// The primary dies with its proposal on the wire to nobody.
    static func primaryCrash(_ count: Int) -> Recovery {
        let stage = prepared(count)
        let victim = stage.primary()
        let before = stage.simulation.nodes[victim].height
        stage.stop(victim)
        stage.submit(1, to: stage.others(victim)[0])
        let elapsed = untilNextBlock(stage, above: before, of: count)
        let block = stage.simulation.nodes[stage.others(victim)[0]].disk.blocks.last?.block
        let lost = block?.header.draft.originView.rawValue == 0 ? 0 : 1
        return result("primary crashes", count, elapsed, less: timerMicroseconds, lost: lost)
    }

    /// Two halves for ten seconds, then one network.
    static func partition(_ count: Int) -> Recovery {
        let stage = prepared(count)
        let before = stage.simulation.nodes[0].height
        stage.part(Array(0..<count / 2)).submit(1, to: 0).submit(1, to: count - 1).wait(seconds: 10)
        stage.join()
        return result("partition heals", count, untilNextBlock(stage, above: before, of: count), less: 0, lost: 0)
    }

    /// All lose their power with work in hand, and return at once.
    static func restart(_ count: Int) -> Recovery {
        let stage = prepared(count)
        let before = stage.simulation.nodes[0].height
        for number in 0..<count { stage.submit(1, to: number) }
        stage.wait(seconds: 0.03).stop(Array(0..<count)).wait(seconds: 1).start(Array(0..<count))
        let elapsed = untilNextBlock(stage, above: before, of: count)
        let origin = stage.simulation.nodes[0].disk.blocks.last?.block.header.draft.originView.rawValue ?? 0
        return result("all restart", count, elapsed, less: 0, lost: Int(origin))
    }

    private static func prepared(_ count: Int) -> Stage {
        let simulation = Simulation(
            RunPlan(weights: Array(repeating: 1, count: count)), isScripted: true, tickMicroseconds: 5_000)
        simulation.network.baseMicroseconds = simulation.network.baseMicroseconds.map { _ in delayMicroseconds }
        simulation.cost = ComputationCost(verifyMicroseconds: 0, signMicroseconds: 0, executionMicroseconds: 0, flushMicroseconds: 500)
        return Stage(simulation).trickle(5)
    }

    private static func untilNextBlock(_ stage: Stage, above height: Height, of count: Int) -> UInt64 {
        let simulation = stage.simulation
        let start = simulation.now
        while simulation.nodes.count(where: { $0.isUp && $0.delivered > height }) <= 2 * count / 3, simulation.judge.violation == nil,
              simulation.now - start < 120_000_000, simulation.step() {}
        return simulation.now - start
    }

    private static func result(_ fault: String, _ count: Int, _ elapsed: UInt64, less timer: UInt64, lost: Int) -> Recovery {
        Recovery(
            fault: fault, replicas: count, milliseconds: Double(elapsed) / 1000,
            delays: Double(elapsed - min(elapsed, timer)) / Double(delayMicroseconds), turnsLost: lost)
    }
}
