@testable import Consensus
import Primitives
import Testing

/// Many short runs under loss, reordering, duplication, partitions, crashes and stalled disks. It is a small brother of the
/// simulator: safety is checked throughout, and once the faults end every transaction must be committed by all.
@Suite struct RandomRunTests {
    @Test(arguments: 0..<24) func faultsEndAndAllCommit(_ seed: Int) { run(seed, twin: nil) }

    /// Two copies of one correct replica share a key and know nothing of one another: together they are one faulty validator.
    @Test(arguments: 100..<124) func twinsForkNothing(_ seed: Int) { run(seed, twin: seed % 4) }

    private func run(_ seed: Int, twin: Int?) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let network = Network(
            weights: twin == nil && generator.chance(1, in: 3) ? [3, 1, 2, 2, 1] : [1, 1, 1, 1],
            parameters: Fixture.parameters(epochBlocks: 3 + generator.below(UInt64(4)), heartbeat: 20_000),
            twins: twin.map { [$0] } ?? [])
        let faulty: Set<Int> = twin.map { [$0, 4] } ?? []
        let count = network.nodes.count
        network.isRandom = true
        network.start()
        for number in 0..<8 {
            network.pending.append(Fixture.transaction(number))
            for node in network.nodes.indices { network.input(node, .work(hasExecutable: network.hasExecutable(node))) }
            let victim = generator.below(count)
            let fault = generator.below(6)
            switch fault {
            case 0: network.crash(victim)
            case 1: network.loses = { $0.from == victim || $0.to == victim }
            case 2: network.nodes[victim].stalled = []
            case 3:
                let side = (0..<count).map { _ in generator.chance(1, in: 2) }
                network.loses = { side[$0.from] != side[$0.to] }
            case 4: for node in network.nodes.indices { network.crash(node) }
            default: break
            }
            network.passRandomly(ticks: 10 + generator.below(40), loss: generator.below(30), with: &generator)
            network.loses = { _ in false }
            network.unstall(victim)
            for node in network.nodes.indices where !network.nodes[node].isUp { network.restart(node) }
            network.expectAgreement(except: faulty)
        }
        network.passRandomly(ticks: 400, loss: 0, with: &generator)
        network.expectAgreement(except: faulty)
        #expect(network.heights.max()! - network.heights.min()! <= 1, "heights \(network.heights)")
        for (number, node) in network.nodes.enumerated() {
            let included = node.blocks.flatMap(\.payload)
            let isComplete = Set(included) == Set(network.pending)
            #expect(isComplete, "node \(number): \(node.replica.report)")
            #expect(included.count == Set(included).count)
            #expect(node.evidence.allSatisfy { Int($0.signer.rawValue) == twin }, "an honest replica is accused")
            #expect(node.alarms.isEmpty || node.key == twin)
        }
    }
}
