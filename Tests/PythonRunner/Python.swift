public import Foundation
public import Testing

/// The interpreter for what is checked by other code than ours.
public enum Python {
    /// A Python 3 with the package `cryptography`, from `TRELLIS_PYTHON` or the search path; nil when there is none, and then
    /// the tests that need it are reported as skipped.
    public static let path: String? = {
        let name = ProcessInfo.processInfo.environment["TRELLIS_PYTHON"] ?? "python3"
        let found = (try? run(name, ["-c", "import cryptography.hazmat.primitives.asymmetric.ed25519"], input: [])) != nil
        return found ? name : nil
    }()

    /// The same with the package `jsonschema`.
    public static let withSchemas: String? = path.flatMap { name in
        (try? run(name, ["-c", "import jsonschema"], input: [])) != nil ? name : nil
    }

    public static let schemasMissing: Comment = "Python 3 or its package jsonschema is missing; TRELLIS_PYTHON can name another"
    public static let missing: Comment = "Python 3 or its package cryptography is missing; TRELLIS_PYTHON can name another"

    public struct Failed: Error { public let status: Int32 }

    /// What the program writes when given `input`, which goes through a file so that no pipe can fill up.
    public static func run(_ interpreter: String, _ arguments: [String], input: [UInt8]) throws -> Data {
        let file = FileManager.default.temporaryDirectory.appending(path: "trellis-\(UUID().uuidString)")
        try Data(input).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [interpreter] + arguments
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let written = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
        return written
    }
}
