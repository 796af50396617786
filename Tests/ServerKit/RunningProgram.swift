public import Foundation

/// A program that runs beside the tests until it ends or is killed. What it writes goes to a file, so that no pipe can fill up.
public final class RunningProgram: @unchecked Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
        public init(_ description: String) { self.description = description }
    }

    private let process = Process()
    private let output: URL

    /// - Parameters:
    ///   - environment: beside that of this process.
    ///   - output: where what it writes is added; a file of its own, which goes with this object, when nil.
    public init(_ program: String, _ arguments: [String], environment: [String: String] = [:], output file: URL? = nil) throws {
        output = file ?? FileManager.default.temporaryDirectory.appending(path: "trellis-program-\(UUID().uuidString)")
        isKept = file != nil
        if !FileManager.default.fileExists(atPath: output.path) { try Data().write(to: output) }
        let handle = try FileHandle(forWritingTo: output)
        try handle.seekToEnd()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
    }

    private let isKept: Bool

    deinit {
        kill()
        if !isKept { try? FileManager.default.removeItem(at: output) }
    }

    public var isRunning: Bool { process.isRunning }
    /// nil while it runs, and when a signal ended it.
    public var status: Int32? { process.isRunning || process.terminationReason == .uncaughtSignal ? nil : process.terminationStatus }
    /// All that it has written.
    public var text: String { String(decoding: (try? Data(contentsOf: output)) ?? Data(), as: UTF8.self) }

    /// At once, as when the machine dies.
    public func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
