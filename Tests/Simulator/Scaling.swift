import Consensus
import Cryptography
import Primitives

/// Where the machines stand: the one-way delays between them.
public enum Geography: String, CaseIterable, Sendable {
    /// One data centre.
    case lan
    /// Five regions, round-robin, with the delays of ``Geography/regions``.
    case wan

    /// One-way delays in milliseconds between five regions: North America east and west, Europe, South-East Asia, South America.
    /// These are assumed round numbers of the order that such distances have; they are an input, not a measurement.
    public static let regions: [[UInt64]] = [
        [1, 32, 40, 110, 58], [32, 1, 70, 85, 90], [40, 70, 1, 85, 95], [110, 85, 85, 1, 165], [58, 90, 95, 165, 1],
    ]

    public func microseconds(_ from: Int, _ to: Int) -> UInt64 {
        switch self {
        case .lan: 250
        case .wan: Self.regions[from % 5][to % 5] * 1000
        }
    }
}

/// Measurements without faults, with the cost of real signatures on one processor per replica.
public struct Scaling: Sendable {
    /// Costs of one signature on this machine.
    public let verifyMicroseconds: UInt64
    public let signMicroseconds: UInt64
    /// Assumed: a flush of an ordinary solid-state disk, and the execution of a small block.
    public static let flushMicroseconds: UInt64 = 500
    public static let executionMicroseconds: UInt64 = 2_000

    public struct Row: Sendable {
        public let replicas: Int
        public let geography: Geography
        public let blocks: Int
        public let messagesPerBlock: Int
        public let bytesPerBlock: Int
        /// Signature work of one replica for one block.
        public let computationMicroseconds: UInt64
        /// From the proposal's departure to its delivery at the median replica.
        public let latencyMilliseconds: Double
        public let blocksPerSecond: Double
    }

    public init(verifyMicroseconds: UInt64, signMicroseconds: UInt64) {
        self.verifyMicroseconds = verifyMicroseconds
        self.signMicroseconds = signMicroseconds
    }

    /// Runs a network that always has work until it has made `blocks` blocks.
    public func measure(replicas: Int, _ geography: Geography, blocks: Int) -> Row {
        let simulation = network(of: replicas, blocks: blocks + 8, tick: 1_000) { geography.microseconds($0, $1) }
        simulation.cost = ComputationCost(
            verifyMicroseconds: verifyMicroseconds, signMicroseconds: signMicroseconds,
            executionMicroseconds: Self.executionMicroseconds, flushMicroseconds: Self.flushMicroseconds)
        // The first blocks warm up.
        let warm = Height(3)
        let timing = Timing(simulation)
        advance(simulation, to: warm)
        let (start, letters, bytes) = (simulation.now, simulation.network.letters, simulation.network.bytes)
        let computed = simulation.nodes.reduce(0) { $0 + $1.computed }
        advance(simulation, to: Height(3 + UInt64(blocks)))
        let elapsed = simulation.now - start
        return Row(
            replicas: replicas, geography: geography, blocks: blocks,
            messagesPerBlock: (simulation.network.letters - letters) / blocks, bytesPerBlock: (simulation.network.bytes - bytes) / blocks,
            computationMicroseconds: (simulation.nodes.reduce(0) { $0 + $1.computed } - computed) / UInt64(blocks * replicas),
            latencyMilliseconds: timing.medianMicroseconds(after: warm) / 1000, blocksPerSecond: Double(blocks) * 1e6 / Double(elapsed))
    }

    /// The fault-free latency in message delays when nothing but distance costs time: equal delays, free computation.
    public func delaysWithoutCost(replicas: Int) -> Double {
        let delay: UInt64 = 20_000
        let simulation = network(of: replicas, blocks: 20, tick: 1_000) { _, _ in delay }
        simulation.cost = ComputationCost(verifyMicroseconds: 0, signMicroseconds: 0, executionMicroseconds: 0, flushMicroseconds: 0)
        let timing = Timing(simulation)
        advance(simulation, to: 12)
        return timing.medianMicroseconds(after: 2) / Double(delay)
    }

    private func network(of replicas: Int, blocks: Int, tick: UInt64, delay: (Int, Int) -> UInt64) -> Simulation {
        let simulation = Simulation(
            RunPlan(weights: Array(repeating: 1, count: replicas)), isScripted: true, tickMicroseconds: tick)
        for from in 0..<replicas {
            for to in 0..<replicas { simulation.network.baseMicroseconds[simulation.network.link(from, to)] = delay(from, to) }
        }
        simulation.supply(blocks * Simulation.payloadMax)
        return simulation
    }

    private func advance(_ simulation: Simulation, to height: Height) {
        let median = { simulation.nodes.map(\.delivered).sorted()[simulation.nodes.count / 2] }
        while median() < height, simulation.judge.violation == nil, simulation.step() {}
        precondition(simulation.judge.violation == nil, "a measurement broke a rule: \(simulation.judge.violation!)")
    }

    /// When proposals left and arrived as blocks.
    private final class Timing {
        private var departures: [Height: UInt64] = [:]
        private var arrivals: [Height: [UInt64]] = [:]
        private let count: Int

        init(_ simulation: Simulation) {
            count = simulation.nodes.count
            simulation.onSend = { [unowned self, unowned simulation] _, message in
                if case .prePrepare = message, departures[message.height] == nil { departures[message.height] = simulation.now }
            }
            simulation.onDeliver = { [unowned self, unowned simulation] _, height in arrivals[height, default: []].append(simulation.now) }
        }

        func medianMicroseconds(after height: Height) -> Double {
            let spans = departures.keys.filter { $0 > height && (arrivals[$0]?.count ?? 0) > count / 2 }.map { key in
                Double(arrivals[key]!.sorted()[count / 2] - departures[key]!)
            }.sorted()
            return spans.isEmpty ? 0 : spans[spans.count / 2]
        }
    }
}

extension Simulation {
    /// Gives every node the same operations at once, without the network.
    func supply(_ count: Int) {
        for _ in 0..<count {
            let operation = SimulatedApplication.operation(&workChance, changesStake: false)
            noteSubmitted(operation)
            for node in nodes { _ = node.learn(operation) }
        }
        for node in nodes { tellWork(node) }
    }
}
