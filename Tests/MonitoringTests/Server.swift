import Foundation
@testable import Monitoring
import Testing

/// A program that serves on this machine until it is stopped.
final class Server: @unchecked Sendable {
    private let process = Process()
    private let output: URL
    let port: Int

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Servers")
    static let python: String? = which("python3")

    /// The path of a program, where there is one.
    static func which(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map(String.init)
        return folders.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Python with the clouds' own libraries, from `TRELLIS_CLOUD_TOOLS`.
    static let cloudPython: String? = ProcessInfo.processInfo.environment["TRELLIS_CLOUD_TOOLS"]
    static let pythonMissing: Comment = "there is no python3"
    static let cloudMissing: Comment = "TRELLIS_CLOUD_TOOLS names no Python with moto, botocore and Azure's libraries; Deploy/test sets it"

    /// - Parameter isReady: the port, as soon as what the program has written tells that it serves.
    private init(_ program: String, _ arguments: [String], environment: [String: String] = [:], isReady: (String) async -> Int?) async throws {
        output = FileManager.default.temporaryDirectory.appending(path: "trellis-server-\(UUID().uuidString)")
        try Data().write(to: output)
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = process.standardOutput
        try process.run()
        let end = ContinuousClock.now + .seconds(60)
        var found: Int?
        while found == nil, ContinuousClock.now < end, process.isRunning {
            try await Task.sleep(for: .milliseconds(50))
            found = await isReady(String(decoding: (try? Data(contentsOf: output)) ?? Data(), as: UTF8.self))
        }
        guard let found else {
            kill(process.processIdentifier, SIGKILL)
            throw TestFailure("\(program) does not serve: \(String(decoding: (try? Data(contentsOf: output)) ?? Data(), as: UTF8.self).suffix(2_000))")
        }
        port = found
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: output)
    }

    /// At once, as when the machine dies.
    func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    var address: String { "http://127.0.0.1:\(port)" }

    /// One of the scripts beside the tests, which say `ready PORT`.
    static func script(_ name: String, _ arguments: [String] = []) async throws -> Server {
        try await Server(#require(python), [folder.appendingPathComponent(name).path] + arguments) { text in
            text.split(separator: "\n").first { $0.hasPrefix("ready ") }.flatMap { Int($0.dropFirst(6)) }
        }
    }

    /// A port that nobody holds now.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0 }
        }
        guard isBound else { throw TestFailure("no port is free") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Amazon's stand-in. After `freeCalls` calls it verifies signatures.
    static func moto(freeCalls: Int? = nil) async throws -> Server {
        let port = try freePort()
        return try await Server(
            #require(cloudPython), ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)],
            environment: freeCalls.map { ["INITIAL_NO_AUTH_ACTION_COUNT": String($0)] } ?? [:]
        ) { text in text.contains("Running on") ? port : nil }
    }

    /// A real Prometheus that scrapes `target` every second.
    static func prometheus(_ program: String, target: Int, in directory: String) async throws -> Server {
        let port = try freePort(), file = directory + "/prometheus.yml"
        let text = "global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: shop\n  static_configs: [{targets: ['127.0.0.1:\(target)']}]\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return try await Server(
            program, ["--config.file=" + file, "--storage.tsdb.path=" + directory + "/data", "--web.listen-address=127.0.0.1:\(port)"]
        ) { text in text.contains("Server is ready") ? port : nil }
    }
}

/// Where a secret is for the time of a test.
func secretFile(_ text: String, in scratch: Scratch, _ name: String = UUID().uuidString) throws -> SecretPlace {
    let path = scratch.path + "/" + name
    try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: path))
    return .file(path)
}
