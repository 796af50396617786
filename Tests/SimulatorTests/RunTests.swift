import Simulator
import Testing

/// A small share of what `simulate --seeds` does in the release build, with everything that was ever found.
@Suite struct RunTests {
    @Test(arguments: 0..<60) func aSeedBreaksNoRule(_ seed: Int) {
        let outcome = Simulation(RunPlan(seed: UInt64(seed), nodes: seed % 5 == 0 ? 7 : 4)).run()
        #expect(outcome.violation == nil, "seed \(seed): \(outcome.violation?.description ?? "")")
        #expect(outcome.height > 0)
    }

    @Test(arguments: Regression.all.indices) func whatBrokeOnceHolds(_ index: Int) {
        let regression = Regression.all[index]
        let outcome = Simulation(RunPlan(seed: regression.seed, nodes: regression.nodes)).run()
        #expect(outcome.violation == nil, "\(regression.story): \(outcome.violation?.description ?? "")")
    }

    @Test(arguments: Scenario.all.indices) func aScenarioHolds(_ index: Int) {
        let scenario = Scenario.all[index]
        let outcome = scenario.play(recording: true)
        #expect(outcome.violation == nil, "\(scenario.name): \(outcome.violation?.description ?? "")\n\(outcome.story.suffix(30).joined(separator: "\n"))")
    }

    @Test func theSameSeedIsTheSameRunAndAnotherIsNot() {
        let runs = [3, 3, 4].map { Simulation(RunPlan(seed: $0, nodes: 4)).run() }
        #expect(runs[0].trace == runs[1].trace && runs[0].events == runs[1].events)
        #expect(runs[0].trace != runs[2].trace)
    }

    /// One round of the exhaustive twins: each replica doubled, each division of the five machines.
    @Test func twinsInASmallScopeDoNoHarm() {
        let scope = SmallScope(rounds: 1)
        #expect(scope.count == 64)
        for number in 0..<scope.count {
            let violation = scope.play(number).violation
            #expect(violation == nil, "run \(number): \(violation?.description ?? "")")
        }
    }
}
