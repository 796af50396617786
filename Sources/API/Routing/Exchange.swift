import Execution
import Foundation
import HTTPTypes
import Hummingbird
import Interface
import Ledger
import Logging
import Primitives

/// What all routes work with.
struct Backend: Sendable {
    let node: any NodeView
    let configuration: APIConfiguration
    let workers: Workers
    let schemas: SchemaShelf
    let feed: EventFeed
    let tallies: Tallies
    let logger: Logger

    var network: NetworkKind { node.genesis.charter.network }
}

/// One request with what the router found out about it.
struct Exchange: Sendable {
    let backend: Backend
    /// The newest block when the request came.
    let head: ChainHead
    let request: Request
    let captures: [String: String]
    let query: Query
    let body: [UInt8]
    /// The media type of the body, without parameters, in lower case.
    let mediaType: String

    var node: any NodeView { backend.node }
    var network: NetworkKind { backend.network }

    // ── The path ──

    func capture(_ name: String) -> String { captures[name] ?? "" }

    func refusePath(_ name: String, _ expectation: String) -> Problem { Problem(.requestPath, "Must be \(expectation).", at: name) }

    func account(_ name: String = "account") throws -> Address {
        do { return try Address(text: capture(name), on: network) } catch {
            throw refusePath(name, "an address of this network, \(network.addressPrefix)1…: \(error)")
        }
    }

    /// An address, or the name of a contract of the protocol.
    func contract(_ text: String, at location: String, in path: Bool) throws -> Address {
        if let address = try? Address(text: text, on: network) { return address }
        if let known = backend.schemas.builtIns.first(where: { $0.schema.name == text }) { return known.address }
        guard !text.contains("1"), text.utf8.count <= 20 else {
            throw Problem(path ? .requestPath : .requestMalformed, "Must be an address of this network, or a contract's name.", at: location)
        }
        throw Problem(.contractUnknown, "\(text) is no contract of the protocol.", at: location)
    }

    func transactionID() throws -> TransactionID {
        guard let id = TransactionID(hex: capture("transaction")) else { throw refusePath("transaction", "32 bytes in hexadecimal") }
        return id
    }

    // ── The body ──

    func resource<Value: Resource>(_: Value.Type) throws -> Value {
        guard mediaType == "application/json" || mediaType.hasSuffix("+json") else {
            throw Problem(.requestMediaType, "Must be application/json.", at: "Content-Type")
        }
        do { return try Value(json: body) } catch let error as DecodingError { throw Problem(error, in: body) }
    }

    // ── Blocks and states ──

    /// The block of a height that may be asked for.
    func block(at height: Height) async throws -> FinalBlock {
        if let block = try await node.block(at: height) { return block }
        throw missing(height, oldest: node.head.oldestBlock)
    }

    /// Why there is nothing at `height`.
    func missing(_ height: Height, oldest: Height) -> Problem {
        let newest = node.head.height
        if height > newest { return Problem(.heightUnknown, "The newest block is \(newest).") }
        return Problem(.heightPruned, "The oldest height that is kept is \(oldest).", oldestHeight: oldest.rawValue)
    }

    /// The state that the request asks for: behind `?height=`, or behind the newest block.
    func state() async throws -> StateAtHeight {
        if let height = try query.height() {
            if let state = try await node.state(at: height) { return state }
            throw missing(height, oldest: node.head.oldestState)
        }
        if let state = try await node.state(at: head.height) { return state }
        // The chain has moved on far enough to drop it since the request came.
        let newest = node.head.height
        guard let state = try await node.state(at: newest) else { throw Problem(.nodeStorage, "The newest state is missing.") }
        return state
    }
}

extension Problem {
    /// A body that is not the resource that it should be, and where it is not.
    init(_ error: DecodingError, in body: [UInt8]) {
        let (context, what): (DecodingError.Context, String) = switch error {
        case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing.")
        case .typeMismatch(_, let context): (context, "The value is of the wrong type.")
        case .valueNotFound(_, let context): (context, "The value is null.")
        case .dataCorrupted(let context):
            (context, context.codingPath.isEmpty ? "The body holds a number or a text that cannot be." : context.debugDescription)
        @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "The body cannot be read.")
        }
        if context.codingPath.isEmpty, let fault = JSONScanner.fault(in: body) {
            self.init(.requestMalformed, "The body is not JSON.", at: "byte \(fault)")
            return
        }
        let path = context.codingPath.reduce(into: "") { path, key in
            if let index = key.intValue { path += "[\(index)]" } else { path += path.isEmpty ? key.stringValue : ".\(key.stringValue)" }
        }
        self.init(.requestMalformed, what, at: path.isEmpty ? nil : path)
    }
}
