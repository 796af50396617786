import Foundation
import Interface
import Primitives

/// A key of a query: what it is called, what it means, and what its value must be.
struct QueryKey: Sendable {
    let name: String
    let meaning: String
    let schema: JSONSchema

    init(_ name: String, _ meaning: String, _ schema: JSONSchema) {
        self.name = name
        self.meaning = meaning
        self.schema = schema
    }

    static let height = QueryKey("height", "Behind which block; the newest when absent.", .integer)
    static let proof = QueryKey("proof", "Whether to prove the answer.", .bool)
    static let limit = QueryKey("limit", "Items of the part, from 1 to 200; 20 when absent.", .integer)
    static let cursor = QueryKey("cursor", "`next` of the part before.", .text(format: nil, pattern: nil, ""))
}

/// The keys and values of a request, all of which the route knows.
struct Query: Sendable {
    private let values: [String: String]

    /// Refuses keys that `keys` does not list, and keys that come twice: both are mistakes that would otherwise go unseen.
    init(_ text: Substring?, keys: [QueryKey]) throws {
        var values: [String: String] = [:]
        for pair in (text ?? "").split(separator: "&", omittingEmptySubsequences: true) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts[0].removingPercentEncoding,
                  let value = parts.count > 1 ? parts[1].removingPercentEncoding : "" else {
                throw Problem(.requestQuery, "The query is not percent-encoded UTF-8.")
            }
            guard keys.contains(where: { $0.name == name }) else {
                let known = keys.map(\.name).joined(separator: ", ")
                throw Problem(.requestQuery, known.isEmpty ? "The route takes no query." : "The route knows the keys \(known).", at: String(name.prefix(64)))
            }
            guard values.updateValue(value, forKey: name) == nil else { throw Problem(.requestQuery, "The key comes twice.", at: name) }
        }
        self.values = values
    }

    func text(_ key: QueryKey) -> String? { values[key.name] }

    func number(_ key: QueryKey, _ range: ClosedRange<UInt64> = 0...UInt64.max) throws -> UInt64? {
        guard let text = values[key.name] else { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = UInt64(text),
              range.contains(number) else {
            throw Problem(.requestQuery, "Must be a whole number from \(range.lowerBound) to \(range.upperBound).", at: key.name)
        }
        return number
    }

    func small(_ key: QueryKey) throws -> UInt32? { try number(key, 0...UInt64(UInt32.max)).map { UInt32($0) } }

    func height() throws -> Height? { try number(.height).map { Height($0) } }

    func limit() throws -> Int { try Int(number(.limit, 1...UInt64(RequestLimits.pageMax)) ?? UInt64(RequestLimits.pageDefault)) }

    func flag(_ key: QueryKey) throws -> Bool {
        switch values[key.name] {
        case nil, "0", "false": return false
        case "1", "true": return true
        default: throw Problem(.requestQuery, "Must be 1 or 0.", at: key.name)
        }
    }

    func list(_ key: QueryKey, max: Int) throws -> [String] {
        let items = (values[key.name] ?? "").split(separator: ",").map(String.init)
        guard items.count <= max else { throw Problem(.requestQuery, "At most \(max), separated by commas.", at: key.name) }
        return items
    }
}
