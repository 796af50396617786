import ArgumentParser
import Foundation
import Simulator

@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "simulate", abstract: "Run whole networks with faults.")
    @Option(help: "Run this seed and tell its story.") var seed: UInt64?
    @Option(help: "Run so many seeds.") var seeds: Int?
    @Option(help: "The first of many seeds.") var from: UInt64 = 0
    @Option(help: "The number of validators.") var nodes: Int?

    func run() throws {
        if let seed {
            let outcome = Simulation(RunPlan(seed: seed, nodes: nodes), recording: true).run()
            for line in outcome.story { print(line) }
            print(outcome.violation.map { "VIOLATION \($0)" } ?? "no violation", "events", outcome.events, "height", outcome.height, "trace", outcome.trace)
            return
        }
        let start = Date()
        var violations = 0, forks = 0, events = 0, slow: (Double, UInt64) = (0, 0)
        for seed in from..<(from + UInt64(seeds ?? 100)) {
            let began = Date()
            let outcome = Simulation(RunPlan(seed: seed, nodes: nodes)).run()
            let took = Date().timeIntervalSince(began)
            if took > slow.0 { slow = (took, seed) }
            events += outcome.events
            if outcome.hasForked { forks += 1 }
            if let violation = outcome.violation {
                violations += 1
                print("seed \(seed) (\(outcome.nodes) nodes): \(violation)")
            }
        }
        print("forks \(forks), events \(events), slowest \(slow)")
        print("seeds \(seeds ?? 100), violations \(violations), seconds \(Date().timeIntervalSince(start))")
    }
}
