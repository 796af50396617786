import ArgumentParser
import Foundation
import Simulator

/// Runs whole networks of the production replica with faults and judges them. Every figure follows from seeds, except times.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run whole networks of the replica with faults, and judge them.",
        discussion: """
        Choose one of --seed, --seeds, --scenarios, --small-scope, --mutants, --scaling. A failing seed prints its story; run it \
        again with --seed. The exit status is 0 only when no rule was broken.
        """)

    @Option(help: "Run this seed and tell its story.") var seed: UInt64?
    @Option(help: "Run so many seeds and all saved regressions, in two processes.") var seeds: Int?
    @Option(help: "The first of many seeds.") var from: UInt64 = 0
    @Option(help: "The number of validators; drawn from the seed otherwise.") var nodes: Int?
    @Option(help: "A JSON file with a fault menu; what it leaves out is as usual. --print-faults shows all names.") var faults: String?
    @Flag(help: "Print the usual fault menu.") var printFaults = false
    @Flag(help: "Play the scripted cases.") var scenarios = false
    @Option(help: """
        Twins exhaustively: all divisions of the network over 1 to 5 rounds. 1 is 64 runs and a second, 2 is 1,024 and a quarter of a \
        minute, 3 is 16,384 and four minutes, 4 takes an hour, 5 most of a day.
        """) var smallScope: Int?
    @Flag(help: "Hunt every deliberate bug; builds with the trait Mutants if need be.") var mutants = false
    @Option(help: "Seeds that a mutant may survive.") var seedsPerMutant = 10_000
    @Option(help: "Only this mutant.") var mutant: String?
    @Flag(help: "Measure messages, bytes, computation and latency for 4 to 100 replicas, and recovery.") var scaling = false
    @Flag(help: "Print one JSON object.") var json = false
    @Option(help: .hidden) var processes = 2

    func validate() throws {
        let chosen = [seed != nil, seeds != nil, scenarios, smallScope != nil, mutants, scaling, printFaults].count { $0 }
        guard chosen == 1 else { throw ValidationError("choose one of --seed, --seeds, --scenarios, --small-scope, --mutants, --scaling, --print-faults") }
        if let nodes, !(1...1024).contains(nodes) { throw ValidationError("--nodes must be 1 to 1024") }
        if let smallScope, !(1...5).contains(smallScope) { throw ValidationError("--small-scope must be 1 to 5") }
        if let seeds, seeds < 1 { throw ValidationError("--seeds must be positive") }
    }

    func run() throws {
        let menu = try faults.map { try FaultMenu(json: Data(contentsOf: URL(fileURLWithPath: $0))) } ?? FaultMenu()
        if printFaults {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            print(String(decoding: try encoder.encode(menu), as: UTF8.self))
        } else if let seed {
            try tell(Simulation(RunPlan(seed: seed, menu: menu, nodes: nodes), recording: true, mutant: mutant).run())
        } else if let seeds {
            try ManySeeds(menu: menu, faults: faults, nodes: nodes, mutant: mutant, json: json, processes: processes).run(from: from, count: seeds)
        } else if let smallScope {
            try sweep(SmallScope(rounds: smallScope))
        } else if scenarios {
            try playAll()
        } else if scaling {
            try ScalingReport.print(json: json)
        } else {
            try Hunt(seedsMax: seedsPerMutant, only: mutant, menu: menu, json: json).run()
        }
    }

    private func tell(_ outcome: Outcome) throws {
        if json {
            try print(JSON.line([
                "seed": outcome.seed, "nodes": outcome.nodes, "trace": outcome.trace.hexadecimal, "height": outcome.height,
                "events": outcome.events, "milliseconds": outcome.milliseconds, "violation": outcome.violation?.description ?? NSNull(),
            ]))
        } else {
            for line in outcome.story { print(line) }
            print("seed \(outcome.seed), \(outcome.nodes) validators, height \(outcome.height), \(outcome.events) events, trace \(outcome.trace.hexadecimal)")
            print(outcome.violation.map { "VIOLATION of \($0)" } ?? "no violation")
        }
        if outcome.violation != nil { throw ExitCode.failure }
    }

    private func playAll() throws {
        var failed = 0
        var table: [[String: Any]] = []
        for scenario in Scenario.all {
            let outcome = scenario.play(recording: true)
            if json {
                failed += outcome.violation == nil ? 0 : 1
                table.append(["scenario": scenario.name, "violation": outcome.violation?.description ?? NSNull()])
                continue
            }
            print("\(outcome.violation == nil ? "holds " : "BROKEN")  \(scenario.name)")
            guard let violation = outcome.violation else { continue }
            failed += 1
            for line in outcome.story.suffix(60) { print("    \(line)") }
            print("    \(violation)")
        }
        print(json ? try JSON.line(["scenarios": Scenario.all.count, "broken": failed, "table": table])
            : "scenarios \(Scenario.all.count), broken \(failed)")
        if failed > 0 { throw ExitCode.failure }
    }

    private func sweep(_ scope: SmallScope) throws {
        let started = Date()
        var violations: [String] = []
        for number in 0..<scope.count {
            if let violation = scope.play(number, mutant: mutant).violation { violations.append("run \(number): \(violation)") }
        }
        let seconds = String(format: "%.1f", Date().timeIntervalSince(started))
        if json {
            try print(JSON.line([
                "rounds": scope.rounds, "runs": scope.count, "violations": violations.count, "seconds": Double(seconds)!,
                "stories": violations,
            ]))
        } else {
            for violation in violations.prefix(5) { print(violation) }
            print("runs \(scope.count), violations \(violations.count), seconds \(seconds)")
        }
        if !violations.isEmpty { throw ExitCode.failure }
    }
}

enum JSON {
    static func line(_ object: [String: Any]) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes]), as: UTF8.self)
    }
}

extension UInt64 {
    var hexadecimal: String { String(format: "%016lx", self) }
}
