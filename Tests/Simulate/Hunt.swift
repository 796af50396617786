import ArgumentParser
import Foundation
import Simulator

/// The mutation gate as a table: each deliberate bug, how many seeds it survived, and what caught it.
///
/// Each mutant is hunted in a process of its own, two at a time, because a broken replica may well trap; a trap counts as caught.
struct Hunt {
    let seedsMax: Int
    let only: String?
    let menu: FaultMenu
    let json: Bool

    /// The replica as it is, hunted over as many seeds as the gate usually needs; catching it is a failure of the judges.
    private static let control = "none"
    private static let controlSeeds = 300

    private struct Line {
        let mutant: String
        var seeds: Int?
        var by: String
        var seconds: Double
    }

    func run() throws {
        guard MutationGate.isAvailable else { return try buildWithMutants() }
        if let only, ProcessInfo.processInfo.environment["SIMULATE_HUNT"] != nil {
            let found = MutationGate.hunt(only == Self.control ? nil : only, seedsMax: seedsMax, menu: menu)
            print("hunt " + (try JSON.line(["seeds": found?.seeds ?? NSNull(), "by": found?.by ?? "nothing"])))
            return
        }
        let chosen = MutationGate.mutants.filter { only == nil || $0 == only }
        var lines: [Line] = []
        if !json { print(row("mutant", "seeds", "seconds", "caught by")) }
        var waiting = ((only == nil ? [Self.control] : []) + chosen)[...]
        var running: [(mutant: String, process: Process, output: Pipe, started: Date)] = []
        while !waiting.isEmpty || !running.isEmpty {
            while running.count < 2, let mutant = waiting.popFirst() {
                let (process, output) = try start(mutant)
                running.append((mutant, process, output, Date()))
            }
            usleep(20_000)
            for (position, child) in running.enumerated().reversed() where !child.process.isRunning {
                let line = read(child.mutant, child.process, child.output, since: child.started)
                lines.append(line)
                if !json { print(row(line.mutant, line.seeds.map(String.init) ?? "-", String(format: "%.1f", line.seconds), line.by)) }
                running.remove(at: position)
            }
        }
        let controlFailed = lines.contains { $0.mutant == Self.control && $0.seeds != nil }
        lines.removeAll { $0.mutant == Self.control }
        let caught = lines.filter { $0.seeds != nil }
        let worst = caught.compactMap(\.seeds).max() ?? 0
        if json {
            try print(JSON.line([
                "mutants": lines.count, "caught": caught.count, "worstSeeds": worst,
                "table": lines.map { ["mutant": $0.mutant, "seeds": $0.seeds ?? NSNull(), "by": $0.by] as [String: Any] },
            ]))
        } else {
            print("mutants \(lines.count), caught \(caught.count), worst seeds \(worst)")
        }
        if caught.count < lines.count || lines.isEmpty || controlFailed { throw ExitCode.failure }
    }

    private func row(_ columns: String...) -> String {
        zip(columns, [26, 8, 10, 0]).map { $0.padding(toLength: max($1, $0.count), withPad: " ", startingAt: 0) }.joined()
    }

    private func start(_ mutant: String) throws -> (Process, Pipe) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--mutants", "--mutant", mutant, "--seeds-per-mutant", String(mutant == Self.control ? Self.controlSeeds : seedsMax)]
        process.environment = ProcessInfo.processInfo.environment.merging(["SIMULATE_HUNT": "1", "SWIFT_BACKTRACE": "enable=no"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        return (process, output)
    }

    private func read(_ mutant: String, _ process: Process, _ output: Pipe, since started: Date) -> Line {
        process.waitUntilExit()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let seconds = Date().timeIntervalSince(started)
        if process.terminationReason == .uncaughtSignal { return Line(mutant: mutant, seeds: 1, by: "a trap", seconds: seconds) }
        let last = text.split(separator: "\n").last ?? ""
        let report = try? JSONSerialization.jsonObject(with: Data(last.dropFirst(5).utf8)) as? [String: Any]
        return Line(mutant: mutant, seeds: report?["seeds"] as? Int, by: report?["by"] as? String ?? "nothing", seconds: seconds)
    }

    /// This build has no mutants: build one that has, beside it, and go on there.
    private func buildWithMutants() throws {
        guard FileManager.default.fileExists(atPath: "Package.swift") else {
            throw ValidationError("run this from the package's folder: the mutants have to be compiled in first")
        }
        let shared = ["swift", "build", "-c", "release", "--traits", "Mutants", "--scratch-path", ".build/mutants", "--product", "simulate"]
        FileHandle.standardError.write(Data("building with mutants in .build/mutants\n".utf8))
        let build = Process()
        build.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        build.arguments = shared
        build.standardOutput = FileHandle.standardError
        try build.run()
        build.waitUntilExit()
        guard build.terminationStatus == 0 else { throw ExitCode.failure }
        let hunt = Process()
        hunt.executableURL = URL(fileURLWithPath: ".build/mutants/release/simulate")
        hunt.arguments = Array(CommandLine.arguments.dropFirst())
        try hunt.run()
        hunt.waitUntilExit()
        if hunt.terminationStatus != 0 { throw ExitCode(hunt.terminationStatus) }
    }
}
