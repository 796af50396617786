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

    /// One with the packages that Deploy/test fetches: what makes requests and clients by the interface's document. `TRELLIS_API_TOOLS` names it.
    public static func withTool(_ package: String) -> String? {
        guard let name = ProcessInfo.processInfo.environment["TRELLIS_API_TOOLS"] else { return nil }
        return (try? run(name, ["-c", "import \(package)"], input: [])) != nil ? name : nil
    }

    public static let toolMissing: Comment = "TRELLIS_API_TOOLS names no Python with the package that this needs; Deploy/test sets it"

    public struct Failed: Error, CustomStringConvertible {
        public let status: Int32
        public let output: String
        public let errors: String

        public var description: String { "it ended with \(status)\n\(output.suffix(6_000))\(errors.suffix(6_000))" }
    }

    /// What the program writes when given `input`. All goes through files, so that no pipe can fill up.
    public static func run(
        _ interpreter: String, _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:], in directory: URL? = nil
    ) throws -> Data {
        let stem = FileManager.default.temporaryDirectory.appending(path: "trellis-\(UUID().uuidString)")
        let files = ["in", "out", "err"].map { stem.appendingPathExtension($0) }
        for (file, content) in zip(files, [input, [], []]) { try Data(content).write(to: file) }
        defer { for file in files { try? FileManager.default.removeItem(at: file) } }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [interpreter] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.currentDirectoryURL = directory
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        let (written, errors) = (try Data(contentsOf: files[1]), try Data(contentsOf: files[2]))
        guard process.terminationStatus == 0 else {
            throw Failed(status: process.terminationStatus, output: String(decoding: written, as: UTF8.self), errors: String(decoding: errors, as: UTF8.self))
        }
        return written
    }

    /// The same without blocking a thread of tasks, which are few.
    public static func runAside(
        _ interpreter: String, _ arguments: [String], environment: [String: String] = [:], in directory: URL? = nil
    ) async throws -> Data {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try run(interpreter, arguments, environment: environment, in: directory) })
            }
        }
    }
}
