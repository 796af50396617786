import Foundation
@testable import Monitoring
import Primitives
import Testing

/// Kills a monitor at any moment, again and again. `TRELLIS_KILL_ROUNDS` sets how often, fifteen times without it.
@Suite struct CrashTests {
    private static func start(_ founded: UInt64, speed: Int, in scratch: Scratch) throws -> Process {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("monitor-writer")
        process.arguments = [scratch.path, String(founded), String(speed)]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Kills a process after so many microseconds; false when it had ended. Tasks that wait may wait long beside other tests, a thread does not.
    private static func end(_ process: Process, after pause: useconds_t) async -> Bool {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                usleep(pause)
                let isRunning = process.isRunning
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                continuation.resume(returning: isRunning)
            }
        }
    }

    private static func posted(in scratch: Scratch) -> [Report] {
        let text = String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: scratch.path + "/posted"))) ?? Data(), as: UTF8.self)
        return text.split(separator: "\n").compactMap { line in [UInt8](hex: line).flatMap { try? Report(bcs: $0) } }
    }

    /// What a monitor has told that was killed so many times. On a machine that is busy, time must not run away before that.
    private static func torture(rounds: Int) async throws -> [Report]? {
        for speed in [100, 25, 5] {
            let scratch = Scratch(), founded = UInt64(Date().timeIntervalSince1970 * 1_000)
            var killed = 0
            for _ in 0..<rounds where await end(try start(founded, speed: speed, in: scratch), after: .random(in: 100_000...600_000)) { killed += 1 }
            guard killed > rounds / 3 else { continue }
            // The last run lasts until all intervals are over and told.
            let last = try start(founded, speed: speed, in: scratch), end = ContinuousClock.now + .seconds(90 + 3_000 / speed)
            while last.isRunning, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(50)) }
            let isOver = !last.isRunning
            if !isOver { kill(last.processIdentifier, SIGKILL) }
            last.waitUntilExit()
            try #require(isOver && last.terminationStatus == 0)
            let reports = posted(in: scratch)
            // The same holds when the probe hardly came to its turn.
            if probed(reports) > 20 { return reports }
        }
        return nil
    }

    /// Values that the probe told.
    private static func probed(_ reports: [Report]) -> Int {
        Set(reports.filter { $0.key == WatchKey(agreement: 1, metric: 0) }.flatMap(\.measurements).compactMap { measurement -> UInt64? in
            if case .value = measurement.outcome { measurement.index } else { nil }
        }).count
    }

    @Test func killedAgainAndAgainItTellsEachIntervalOneThing() async throws {
        let rounds = Int(ProcessInfo.processInfo.environment["TRELLIS_KILL_ROUNDS"] ?? "") ?? 15
        let reports = try #require(try await Self.torture(rounds: rounds), "it was over before it was killed, or had measured, often enough")

        var told: [WatchKey: [UInt64: IntervalMeasurement]] = [:], numbered: [UInt64: [UInt64: Report]] = [:], repeated = 0
        for report in reports {
            if let before = numbered[report.key.agreement]?[report.sequence] {
                #expect(before == report, "one number for two reports")
                repeated += 1
            } else {
                #expect(numbered[report.key.agreement, default: [:]].keys.allSatisfy { $0 < report.sequence }, "an older number came later")
            }
            numbered[report.key.agreement, default: [:]][report.sequence] = report
            for measurement in report.measurements {
                let before = told[report.key, default: [:]].updateValue(measurement, forKey: measurement.index)
                #expect(before == nil || before == measurement, "two values for interval \(measurement.index)")
            }
        }
        #expect(told.count == 3)
        for (key, measurements) in told {
            #expect(measurements.keys.sorted() == Array(0..<300), "\(key)")
            // Points that are kept are all caught up with; a probe has missed what passed while nothing ran.
            let values = measurements.values.count { if case .value = $0.outcome { true } else { false } }
            #expect(key.agreement == 1 && key.metric == 0 ? values > 20 : values == 300, "\(key): \(values)")
        }
        // Some acknowledgements were lost, or the test has no teeth.
        #expect(repeated > 0)
    }
}
