import API
import Foundation
import Interface
import Logging
import Testing

/// An answer of the server.
struct Answer: Sendable {
    let status: Int
    let headers: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    func resource<Value: Resource>(_: Value.Type) throws -> Value { try Value(json: body) }
    var problem: Problem { get throws { try Problem(json: body) } }

    /// Takes a whole answer apart; chunks are joined.
    init(_ bytes: [UInt8]) throws {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { throw RawConnection.Failed(description: "no head in \(bytes.count) bytes") }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { throw RawConnection.Failed(description: lines[0]) }
        self.status = status
        headers = Dictionary(lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces))
        }, uniquingKeysWith: { first, _ in first })
        body = Array(bytes[end.upperBound...])
    }
}

/// A server over a test node, on a port of its own.
struct Served: Sendable {
    let node: TestNode
    let port: Int

    static func run(
        _ node: TestNode = TestNode(), files: StaticFiles = StaticFiles(), _ change: (inout APIConfiguration) -> Void = { _ in },
        _ body: @Sendable @escaping (Served) async throws -> Void
    ) async throws {
        var configuration = APIConfiguration()
        configuration.rate = nil
        change(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = APIServer(node: node, configuration: configuration, files: files, logger: logger)
        let running = Task { try await server.run() }
        let served = Served(node: node, port: try await server.port)
        do { try await body(served) } catch {
            node.stop()
            running.cancel()
            _ = await running.result
            throw error
        }
        node.stop()
        running.cancel()
        _ = await running.result
    }

    func get(_ target: String, _ headers: [String: String] = [:]) async throws -> Answer { try await ask("GET", target, headers) }

    func post(_ target: String, _ json: String) async throws -> Answer {
        try await ask("POST", target, ["Content-Type": "application/json"], Array(json.utf8))
    }

    func post(_ target: String, bytes: [UInt8]) async throws -> Answer {
        try await ask("POST", target, ["Content-Type": "application/octet-stream"], bytes)
    }

    func ask(_ method: String, _ target: String, _ headers: [String: String] = [:], _ body: [UInt8]? = nil) async throws -> Answer {
        var head = "\(method) \(target) HTTP/1.1\r\nConnection: close\r\n"
        if headers["Host"] == nil { head += "Host: 127.0.0.1:\(port)\r\n" }
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        let request = Array((head + "\r\n").utf8) + (body ?? [])
        return try await send(request)
    }

    /// Sends bytes as they are, and reads to the end.
    func send(_ request: [UInt8]) async throws -> Answer {
        let port = port
        return try await off {
            let connection = try RawConnection(port: port)
            try connection.send(request)
            return try Answer(try connection.receive { _ in false })
        }
    }
}
