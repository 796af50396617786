import Foundation
import Glibc

/// What a run of a program left behind.
struct Outcome: Sendable {
    let status: Int32
    let output: Data
    let errors: String

    /// A member of the document that `-o json` prints, by its path.
    func value(_ path: String...) -> Any? {
        var value = try? JSONSerialization.jsonObject(with: output)
        for name in path { value = (value as? [String: Any])?[name] }
        return value
    }
}

/// The programs of this build, found beside the tests.
enum Program {
    /// The one that `TRELLIS_PROCESS_PROGRAM` names, or else this build's: long runs are shorter with one that was built for release.
    static let trellis: URL = {
        if let named = ProcessInfo.processInfo.environment["TRELLIS_PROCESS_PROGRAM"] { return URL(fileURLWithPath: named) }
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("trellis")
    }()

    /// Where programs run when nothing else is said: presets are looked for from here on upwards.
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    /// Runs `trellis` without a terminal and without the user's settings; ended when it takes longer than `seconds`.
    ///
    /// - Parameter environment: beside the search path; with it that of this process is passed on, for the toolchain.
    static func run(_ arguments: [String], in directory: URL = directory, seconds: Int = 120, environment: [String: String]? = nil) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            // Waiting for a process blocks a thread, and those of tasks are few.
            DispatchQueue.global().async { continuation.resume(with: Result { try runNow(arguments, in: directory, seconds, environment) }) }
        }
    }

    /// Whether a process has ended; its entry may be left for a parent that does not look.
    static func isGone(_ id: Int32) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8), let end = text.lastIndex(of: ")") else { return true }
        return text[end...].dropFirst(2).first == "Z"
    }

    private static func runNow(_ arguments: [String], in directory: URL, _ seconds: Int, _ environment: [String: String]?) throws -> Outcome {
        let process = Process(), errors = FileManager.default.temporaryDirectory.appending(path: "trellis-\(UUID().uuidString)")
        let output = errors.appendingPathExtension("out")
        // Both go to files: a node that outlives the command could keep a pipe open.
        for file in [errors, output] { try Data().write(to: file) }
        defer { for file in [errors, output] { try? FileManager.default.removeItem(at: file) } }
        process.executableURL = trellis
        process.arguments = arguments
        let path = environment == nil ? nil : ProcessInfo.processInfo.environment["PATH"]
        process.environment = ["PATH": path ?? "/usr/bin:/bin", "HOME": "/nonexistent", "NO_COLOR": "1"].merging(environment ?? [:]) { $1 }
        process.currentDirectoryURL = directory
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        if ended.wait(timeout: .now() + .seconds(seconds)) == .timedOut {
            kill(process.processIdentifier, SIGKILL)
            ended.wait()
        }
        return Outcome(
            status: process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus,
            output: try Data(contentsOf: output), errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
}

/// Waits until `condition` holds; false when it does not within `seconds`.
func eventually(within seconds: Double, _ condition: () async throws -> Bool) async rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while true {
        if try await condition() { return true }
        guard ContinuousClock.now < end else { return false }
        try? await Task.sleep(for: .milliseconds(50))
    }
}
