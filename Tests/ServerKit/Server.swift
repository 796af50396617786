public import Foundation
public import Testing

/// A program that serves on this machine until it is stopped.
public final class Server: Sendable {
    private let program: RunningProgram
    public let port: Int

    /// The scripts.
    public static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Servers")
    public static let python: String? = which("python3")

    /// The path of a program, where there is one.
    public static func which(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map(String.init)
        return folders.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Python with the clouds' own libraries, from `TRELLIS_CLOUD_TOOLS`.
    public static let cloudPython: String? = ProcessInfo.processInfo.environment["TRELLIS_CLOUD_TOOLS"]
    public static let pythonMissing: Comment = "there is no python3"
    public static let cloudMissing: Comment = "TRELLIS_CLOUD_TOOLS names no Python with moto, botocore and Azure's libraries; Deploy/test sets it"

    /// - Parameter isReady: the port, as soon as what the program has written tells that it serves.
    private init(_ path: String, _ arguments: [String], environment: [String: String] = [:], isReady: (String) async -> Int?) async throws {
        program = try RunningProgram(path, arguments, environment: environment)
        let end = ContinuousClock.now + .seconds(60)
        var found: Int?
        while found == nil, ContinuousClock.now < end, program.isRunning {
            try await Task.sleep(for: .milliseconds(50))
            found = await isReady(program.text)
        }
        guard let found else { throw RunningProgram.Failure("\(path) does not serve: \(program.text.suffix(2_000))") }
        port = found
    }

    /// At once, as when the machine dies.
    public func stop() { program.kill() }

    public var address: String { "http://127.0.0.1:\(port)" }

    /// One of the scripts, which say `ready PORT`.
    public static func script(_ name: String, _ arguments: [String] = [], python: String? = python, environment: [String: String] = [:]) async throws -> Server {
        try await Server(#require(python), [folder.appendingPathComponent(name).path] + arguments, environment: environment) { text in
            text.split(separator: "\n").first { $0.hasPrefix("ready ") }.flatMap { Int($0.dropFirst(6)) }
        }
    }

    /// A port that nobody holds now.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0 }
        }
        guard isBound else { throw RunningProgram.Failure("no port is free") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Amazon's stand-in. After `freeCalls` calls it verifies signatures.
    public static func moto(freeCalls: Int? = nil) async throws -> Server {
        let port = try freePort()
        return try await Server(
            #require(cloudPython), ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)],
            environment: freeCalls.map { ["INITIAL_NO_AUTH_ACTION_COUNT": String($0)] } ?? [:]
        ) { text in text.contains("Running on") ? port : nil }
    }

    /// A real Prometheus that scrapes `target` every second.
    public static func prometheus(_ program: String, target: Int, in directory: String) async throws -> Server {
        let port = try freePort(), file = directory + "/prometheus.yml"
        let text = "global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: shop\n  static_configs: [{targets: ['127.0.0.1:\(target)']}]\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return try await Server(
            program, ["--config.file=" + file, "--storage.tsdb.path=" + directory + "/data", "--web.listen-address=127.0.0.1:\(port)"]
        ) { text in text.contains("Server is ready") ? port : nil }
    }
}
