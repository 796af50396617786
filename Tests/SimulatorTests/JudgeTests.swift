@testable import Simulator
import Consensus
import Foundation
import Primitives
import Testing

/// The judges can say no. What they miss in a broken replica, `simulate --mutants` shows.
@Suite struct JudgeTests {
    private func split(twins: [Int], isOverwhelmed: Bool) -> Outcome {
        let simulation = Simulation(
            RunPlan(weights: [1, 1, 1, 1], twins: twins, isOverwhelmed: isOverwhelmed), recording: true, isScripted: true)
        simulation.splitForFork()
        let stage = Stage(simulation)
        for number in simulation.nodes.indices { stage.submit(1, to: number) }
        stage.wait(seconds: 3).join()
        simulation.heal()
        return simulation.run()
    }

    @Test func aForkByTwoTwinsIsSeen() {
        #expect(split(twins: [0, 1], isOverwhelmed: false).violation?.checker == "agreement")
    }

    @Test func aForkByTwoTwinsConvictsThem() {
        let outcome = split(twins: [0, 1], isOverwhelmed: true)
        #expect(outcome.hasForked)
        #expect(outcome.violation == nil, "\(outcome.violation?.description ?? "")")
        #expect(outcome.story.contains { $0.contains("convict [0, 1]") }, "\(outcome.story.suffix(5))")
    }

    @Test func oneTwinCannotFork() {
        let outcome = split(twins: [2], isOverwhelmed: false)
        #expect(!outcome.hasForked && outcome.violation == nil, "\(outcome.violation?.description ?? "")")
    }

    @Test func aStandstillIsSeen() {
        let simulation = Simulation(RunPlan(weights: [1, 1, 1, 1]), isScripted: true)
        let stage = Stage(simulation)
        stage.stop(0, 1).submit(1, to: 2).wait(seconds: 5)
        stage.expectAllDelivered(except: [0, 1])
        #expect(simulation.judge.violation?.checker == "expectation")
    }

    @Test func aVoteThatContradictsAnEarlierOneIsSeen() {
        let simulation = Simulation(RunPlan(weights: [1, 1, 1, 1]), isScripted: true)
        let node = simulation.nodes[0]
        func prepare(_ view: View, _ byte: UInt8) -> ConsensusMessage {
            let statement = PrepareStatement(epoch: 0, height: 1, view: view, draftDigest: Digest(Array(repeating: byte, count: 32))!)
            return .prepare(node.signer.vote(statement, as: ValidatorIndex(0)))
        }
        simulation.judge.durable([(prepare(0, 1), nil), (prepare(1, 2), nil)], of: node)
        #expect(simulation.judge.violation == nil)
        simulation.judge.durable([(prepare(1, 3), nil)], of: node)
        #expect(simulation.judge.violation?.checker == "signing")
    }

    @Test func anAnswerThatDoesNotReplayIsSeen() {
        let simulation = Simulation(RunPlan(weights: [1, 1, 1, 1], seed: 1), isScripted: true)
        let node = simulation.nodes[1]
        simulation.endRecording(node)
        #expect(simulation.judge.violation == nil)
        simulation.beginRecording(node, node.disk.state)
        node.recording?.add(.start(.journalIntact, now: 0), [])
        simulation.endRecording(node)
        #expect(simulation.judge.violation?.checker == "determinism", "a start sends STATUS")
    }

    @Test func aMessageBeforeItsRecordIsSeen() {
        let simulation = Simulation(RunPlan(weights: [1, 1, 1, 1]), isScripted: true)
        let node = simulation.nodes[0]
        let statement = PrepareStatement(epoch: 0, height: 1, view: 0, draftDigest: .zero)
        simulation.broadcast(.prepare(node.signer.vote(statement, as: ValidatorIndex(0))), from: node, to: [1])
        #expect(simulation.judge.violation?.checker == "durability")
    }
}

@Suite struct DeviceTests {
    @Test func eventsComeInOrderOfTimeAndThenOfScheduling() {
        var queue = EventQueue<Int>()
        for (number, time) in [5, 1, 5, 3, 1, 5].enumerated() { queue.schedule(at: UInt64(time), number) }
        var order: [Int] = []
        while let next = queue.next() { order.append(next.event) }
        #expect(order == [1, 4, 3, 0, 2, 5])
    }

    @Test(arguments: [nil, 0, 1, 500, 999]) func aTornRecordIsAsIfItWereNotWritten(_ torn: Int?) {
        let simulation = Simulation(RunPlan(weights: [1, 1, 1, 1]), isScripted: true)
        var disk = SimulatedDisk(state: ReplicaState(position: simulation.genesis))
        disk.write(.floor(7), sequence: 1)
        disk.write(.floor(8), sequence: 2)
        disk.write(.floor(9), sequence: 3)
        #expect(disk.flush(1) == 1)
        disk.crash(survivors: 1, torn: torn)
        #expect(disk.recover()?.voteGuard.floor == 8)
    }

    @Test func theOrderOfExecutionMatters() {
        var generator = SeededGenerator(seed: 1)
        let operations = (0..<6).map { _ in SimulatedApplication.operation(&generator, changesStake: false) }
        #expect(operations.allSatisfy(SimulatedApplication.isWellFormed))
        let electorate = Electorate(impaired: [], founders: 4, isOverwhelmed: false)
        let roots = [operations, operations.reversed()].map { payload in
            var state = SimulatedApplication(stakes: [1, 1, 1, 1])
            _ = state.execute(payload, height: 1, endsEpoch: false, electorate: electorate)
            return state.root
        }
        #expect(roots[0] != roots[1])
    }

    @Test func aMenuIsData() throws {
        let menu = try FaultMenu(json: Data(#"{"crashesPerMinute": 60, "calmShare": 0}"#.utf8))
        #expect(menu.crashesPerMinute == 60 && menu.lossShareMax == FaultMenu().lossShareMax)
        #expect(throws: FaultMenu.MenuError.unknown("meteorites")) { try FaultMenu(json: Data(#"{"meteorites": 1}"#.utf8)) }
        #expect(throws: FaultMenu.MenuError.notANumber("calmShare")) { try FaultMenu(json: Data(#"{"calmShare": -1}"#.utf8)) }
        #expect(throws: FaultMenu.MenuError.notAnObject) { try FaultMenu(json: Data("[]".utf8)) }
    }

    @Test func impairedValidatorsStayBelowAThird() {
        for seed in UInt64(0)..<500 {
            let plan = RunPlan(seed: seed)
            let total = plan.weights.reduce(0, +)
            let faulty = plan.electorate.impaired.reduce(0) { $0 + plan.weights[$1] }
            let isBelow = 3 * faulty < total
            #expect(isBelow != plan.isOverwhelmed, "seed \(seed)")
        }
    }
}
