import Execution
import Foundation
import Testing
@testable import trellis

/// What a run of the program left behind.
struct Ended {
    let status: Int32
    let output: String
    let errors: String

    /// The document on stdout.
    var document: DynamicValue {
        get throws { try JSONReader.value(Array(output.utf8)) }
    }
}

/// A home of its own for a test, and the built program.
final class Program: Sendable {
    let folder: URL
    var home: String { folder.path + "/home" }

    /// The program beside the tests.
    static let path = Bundle.allBundles.lazy.map(\.bundleURL).first { $0.pathExtension == "xctest" }
        .map { $0.deletingLastPathComponent().appending(path: "trellis").path }
        ?? URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "trellis").path
    static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "trellis-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func file(_ name: String) -> String { folder.appending(path: name).path }
    func write(_ name: String, _ text: String) throws { try text.write(toFile: file(name), atomically: true, encoding: .utf8) }

    private func process(_ arguments: [String], _ variables: [String: String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = [
            "PATH": "/usr/bin:/bin", "HOME": folder.path, "TRELLIS_HOME": home, "TRELLIS_CONFIG": file("profiles.json"), "TRELLIS_PASSPHRASE": "open sesame",
        ].merging(variables) { $1 }
        process.standardInput = FileHandle.nullDevice
        return process
    }

    /// Runs to the end, without a terminal.
    @discardableResult
    func run(_ arguments: [String], _ variables: [String: String] = [:]) throws -> Ended {
        let process = process(arguments, variables), output = Pipe(), errors = file("errors-\(UInt32.random(in: 0 ... .max))")
        try Data().write(to: URL(fileURLWithPath: errors))
        defer { try? FileManager.default.removeItem(atPath: errors) }
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Ended(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: errors)), as: UTF8.self))
    }

    func run(_ arguments: String...) throws -> Ended { try run(arguments) }

    /// The `data` of a run that must succeed.
    func data(_ arguments: String...) throws -> DynamicValue {
        let ended = try run(arguments + ["-o", "json"])
        #expect(ended.status == 0, "\(arguments.joined(separator: " ")): \(ended.output) \(ended.errors)")
        let document = try ended.document
        #expect(document["ok"] == .bool(true))
        return try #require(document["data"])
    }

    /// Starts something that goes on; its log is named after it.
    func start(_ arguments: [String]) throws -> Process {
        let process = process(arguments, [:])
        let log = file(arguments.joined(separator: "-") + ".log")
        try Data().write(to: URL(fileURLWithPath: log))
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try process.run()
        return process
    }
}

extension DynamicValue {
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var list: [DynamicValue] { if case .list(let values) = self { values } else { [] } }
}
