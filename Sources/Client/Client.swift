import AsyncHTTPClient
import Foundation
import Interface
import NIOCore
import NIOHTTP1
import Primitives
import Synchronization

/// A node's HTTP interface, as an application uses it. Any task may use it at any time; nothing has to be closed.
///
/// ```swift
/// let client = try Client("http://127.0.0.1:26651")
/// let receipt = try await client.send([transfer], by: key)
/// ```
public final class Client: Sendable {
    /// Where the interface is, without a slash at the end.
    public let endpoint: String
    public let settings: Settings
    let network = Mutex<NetworkKind?>(nil)

    /// What a client waits for, and how much it takes.
    public struct Settings: Sendable {
        /// Seconds until an answer must be complete.
        public var requestSeconds = 15
        /// Seconds until a transaction must be committed.
        public var commitSeconds = 60
        /// Bytes of an answer; a larger one is refused.
        public var answerBytesMax = 16 << 20
        /// Blocks from now on in which a transaction may be committed, unless the sender says otherwise.
        public var validityBlocks: UInt64 = 1_000

        public init() {}
    }

    /// - Parameter endpoint: as `http://127.0.0.1:26651`.
    public init(_ endpoint: String, settings: Settings = Settings()) throws(ClientError) {
        guard let url = URL(string: endpoint), let scheme = url.scheme, ["http", "https"].contains(scheme), url.host?.isEmpty == false,
              url.query == nil, url.fragment == nil else {
            throw .endpointInvalid("\(endpoint) is not an address like http://127.0.0.1:26651")
        }
        self.endpoint = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
        self.settings = settings
    }

    // ── Requests ──

    struct Body {
        let type: String
        let bytes: [UInt8]
    }

    /// The body of a good answer.
    func fetch(
        _ method: HTTPMethod, _ path: String, query: [(String, String?)] = [], body: Body? = nil, seconds: Int? = nil
    ) async throws(ClientError) -> (status: UInt, bytes: [UInt8]) {
        let request = request(method, path, query: query, body: body)
        let status: UInt, bytes: [UInt8]
        do {
            let response = try await Connections.http.execute(request, timeout: .seconds(Int64(seconds ?? settings.requestSeconds)))
            status = response.status.code
            bytes = [UInt8](buffer: try await response.body.collect(upTo: settings.answerBytesMax))
        } catch { throw failure(error) }
        guard (200..<300).contains(status) else { throw Self.refusal(status, bytes) }
        return (status, bytes)
    }

    func request(_ method: HTTPMethod, _ path: String, query: [(String, String?)], body: Body? = nil) -> HTTPClientRequest {
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(Self.escape($0))" } }
        var request = HTTPClientRequest(url: endpoint + path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")))
        request.method = method
        request.headers.add(name: "Accept", value: "application/json")
        if let body {
            request.headers.add(name: "Content-Type", value: body.type)
            request.body = .bytes(ByteBuffer(bytes: body.bytes))
        }
        return request
    }

    /// A value for a path or a query.
    static func escape(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }

    static func refusal(_ status: UInt, _ bytes: [UInt8]) -> ClientError {
        if let problem = try? Problem(json: bytes) { return .refused(problem) }
        return .answerUnexpected("the status \(status) without a reason: this may not be a node")
    }

    /// What an error of the transport means to the caller.
    func failure(_ error: any Error) -> ClientError {
        if let error = error as? ClientError { return error }
        if error is NIOTooManyBytesError { return .answerUnexpected("an answer of more than \(settings.answerBytesMax) bytes") }
        switch error as? HTTPClientError {
        case .deadlineExceeded?, .readTimeout?, .writeTimeout?, .connectTimeout?, .getConnectionFromPoolTimeout?:
            return .timedOut("\(endpoint) did not answer in time")
        default: break
        }
        if error is CancellationError { return .timedOut("the request was cancelled") }
        return .unreachable("\(endpoint) cannot be reached: \(error)")
    }

    /// What a path shows.
    func resource<Value: Resource>(_ type: Value.Type, _ path: String, query: [(String, String?)] = []) async throws(ClientError) -> Value {
        try Self.read(type, try await fetch(.GET, path, query: query).bytes)
    }

    /// What a question is answered with.
    func post<Value: Resource>(
        _ type: Value.Type, _ path: String, query: [(String, String?)] = [], _ question: some Resource
    ) async throws(ClientError) -> Value {
        try Self.read(type, try await fetch(.POST, path, query: query, body: Body(type: "application/json", bytes: question.json)).bytes)
    }

    static func read<Value: Resource>(_ type: Value.Type, _ bytes: [UInt8]) throws(ClientError) -> Value {
        do { return try Value(json: bytes) } catch { throw .answerUnexpected("not \(type.resourceName): \(error)") }
    }
}
