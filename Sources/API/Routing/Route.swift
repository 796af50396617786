import Foundation
import HTTPTypes
import Interface

/// One thing that can be asked. The table of routes is what requests are matched with, what the OpenAPI document is made from, and what
/// the page at `/docs` shows.
struct Route: Sendable {
    /// What the route takes beside path and query.
    enum Input: Sendable {
        case resource(any Resource.Type)
        /// A resource, or the bytes that it would hold.
        case resourceOrBytes(any Resource.Type, String)
        case bytes(String)
    }

    /// What it answers with.
    struct Output: Sendable {
        enum Form: Sendable {
            case resource(any Resource.Type)
            /// The document of a contract's schema, or of this interface.
            case object(String)
            case other(type: String, String)
        }

        let status: HTTPResponse.Status
        let form: Form

        static func resource(_ type: any Resource.Type, _ status: HTTPResponse.Status = .ok) -> Output { Output(status: status, form: .resource(type)) }
        static func object(_ description: String) -> Output { Output(status: .ok, form: .object(description)) }
        static func other(_ type: String, _ description: String) -> Output { Output(status: .ok, form: .other(type: type, description)) }
    }

    let method: HTTPRequest.Method
    /// `/v1/blocks/{block}`: a part in braces matches one part of a path.
    let path: String
    let group: String
    let summary: String
    let keys: [QueryKey]
    let input: Input?
    let outputs: [Output]
    let problems: [ProblemCode]
    /// Tokens of the client's bucket.
    let cost: Double
    let handler: @Sendable (Exchange) async throws -> Reply

    /// - Parameter target: method and path, `GET /v1/blocks/{block}`.
    init(
        _ target: String, _ group: String, _ summary: String, keys: [QueryKey] = [], takes input: Input? = nil,
        answers outputs: Output..., refuses problems: [ProblemCode] = [], cost: Double = 1,
        handler: @escaping @Sendable (Exchange) async throws -> Reply
    ) {
        let words = target.split(separator: " ")
        guard words.count == 2, let method = HTTPRequest.Method(String(words[0])) else { preconditionFailure("\(target) is no method and path") }
        self.method = method
        path = String(words[1])
        self.group = group
        self.summary = summary
        self.keys = keys
        self.input = input
        self.outputs = outputs
        self.problems = problems
        self.cost = cost
        self.handler = handler
        parts = words[1].split(separator: "/").map(String.init)
    }

    let parts: [String]

    /// What the braces stand for in `path`; nil when it does not match.
    func captures(_ path: [Substring]) -> [String: String]? {
        guard path.count == parts.count else { return nil }
        var captures: [String: String] = [:]
        for (part, text) in zip(parts, path) {
            if part.hasPrefix("{") {
                guard let value = text.removingPercentEncoding, !value.isEmpty else { return nil }
                captures[String(part.dropFirst().dropLast())] = value
            } else if part != text {
                return nil
            }
        }
        return captures
    }

    /// What can stand in braces, and how it is described.
    static let captureMeanings: [String: String] = [
        "block": "A height, a hash, or `head`.",
        "transaction": "The identifier of a transaction.",
        "account": "An address.",
        "contract": "An address, or the name of a contract of the protocol.",
        "key": "A key within the contract's storage, in hexadecimal.",
        "epoch": "The number of an epoch, or `current`.",
        "application": "The name of an application.",
        "revision": "The number of a revision.",
        "offer": "The number of an offer.",
        "agreement": "The number of an agreement.",
        "period": "The number of a billing period, from 0.",
        "event": "`height-receipt-event`, as in an event's `id`.",
    ]
}
