import ArgumentParser
import Foundation
import Simulator

/// Many seeds, split between processes: this program starts itself for each share and reads what it prints.
///
/// The first seeds run in both processes: other addresses, another start, and still the same trace, or something in the
/// simulation depends on what it must not.
struct ManySeeds {
    let menu: FaultMenu
    let faults: String?
    let nodes: Int?
    let mutant: String?
    let json: Bool
    let processes: Int
    private static let sharedSeeds = 8

    func run(from first: UInt64, count: Int) throws {
        let started = Date()
        if processes <= 1 { return try share(from: first, count: count) }
        var children: [(process: Process, output: Pipe)] = []
        for number in 0..<processes {
            let begin = count * number / processes, end = count * (number + 1) / processes
            guard end > begin else { continue }
            children.append(try start(from: first + UInt64(begin), count: end - begin, shared: first))
        }
        var violations: [String] = [], forks = 0, events = 0
        var traces: [[String]] = []
        var isBroken = false
        for child in children {
            let output = child.output.fileHandleForReading.readDataToEndOfFile()
            child.process.waitUntilExit()
            let lines = String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
            guard child.process.terminationReason == .exit, let last = lines.last, last.hasPrefix("share "),
                  let report = try? JSONSerialization.jsonObject(with: Data(last.dropFirst(6).utf8)) as? [String: Any] else {
                isBroken = true
                violations.append("a process died: " + lines.suffix(3).joined(separator: " | "))
                continue
            }
            violations += report["violations"] as? [String] ?? []
            forks += report["forks"] as? Int ?? 0
            events += report["events"] as? Int ?? 0
            traces.append(report["traces"] as? [String] ?? [])
        }
        if Set(traces).count > 1 { violations.append("the same seeds gave other traces in another process: \(traces)") }
        let seconds = String(format: "%.1f", Date().timeIntervalSince(started))
        if json {
            try print(JSON.line([
                "seeds": count, "regressions": Regression.all.count, "violations": violations.count, "seconds": Double(seconds)!,
                "stories": violations, "forks": forks, "events": events,
            ]))
        } else {
            for story in violations.prefix(10) { print(story) }
            print("regressions \(Regression.all.count), events \(events), forks forced by corrupt thirds \(forks)")
            print("seeds \(count), violations \(violations.count), seconds \(seconds)")
        }
        if !violations.isEmpty || isBroken { throw ExitCode.failure }
    }

    private func start(from first: UInt64, count: Int, shared: UInt64) throws -> (Process, Pipe) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        var arguments = ["--seeds", String(count), "--from", String(first), "--processes", "1"]
        if let faults { arguments += ["--faults", faults] }
        if let nodes { arguments += ["--nodes", String(nodes)] }
        if let mutant { arguments += ["--mutant", mutant] }
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["SIMULATE_SHARED_SEED": String(shared)]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        return (process, output)
    }

    /// What one process does: the shared seeds, the regressions, and its share. Its last line is for its parent.
    private func share(from first: UInt64, count: Int) throws {
        let shared = ProcessInfo.processInfo.environment["SIMULATE_SHARED_SEED"].flatMap(UInt64.init) ?? first
        var violations: [String] = [], forks = 0, events = 0
        let traces = (0..<UInt64(min(Self.sharedSeeds, count))).map {
            Simulation(RunPlan(seed: shared + $0, menu: menu, nodes: nodes ?? 4), mutant: mutant).run().trace.hexadecimal
        }
        var runs = (0..<UInt64(count)).map { (seed: first + $0, nodes: nodes) }
        if shared == first { runs = Regression.all.map { ($0.seed, $0.nodes) } + runs }
        for run in runs {
            let plan = RunPlan(seed: run.seed, menu: menu, nodes: run.nodes)
            let outcome = Simulation(plan, mutant: mutant).run()
            events += outcome.events
            forks += outcome.hasForked ? 1 : 0
            guard let violation = outcome.violation else { continue }
            var story = "seed \(run.seed) with \(outcome.nodes) validators breaks \(violation)"
            if violations.isEmpty {
                let told = Simulation(plan, recording: true, mutant: mutant).run().story.suffix(40)
                story = told.joined(separator: "\n") + "\n" + story
            }
            violations.append(story)
        }
        try print("share " + JSON.line(["violations": violations, "forks": forks, "events": events, "traces": traces]))
        if !violations.isEmpty { throw ExitCode.failure }
    }
}
