import Simulator
import Testing

@Suite struct SeedTests {
    @Test func theSameSeedIsTheSameRun() {
        for seed in UInt64(0)..<3 {
            let runs = (0..<2).map { _ in Simulation(RunPlan(seed: seed)).run() }
            #expect(runs[0].trace == runs[1].trace)
        }
    }
}
