import Execution
import Interface
import Primitives

/// Which events a stream shows.
struct EventFilter: Sendable {
    /// Names of events; empty for all.
    let types: [String]
    /// Addresses of contracts; empty for all.
    let contracts: [String]
    /// Something that the event is about: its contract, the sender of its transaction, or any text among its fields.
    let subject: String?

    static let itemsMax = 16
    static let typeKey = QueryKey("type", "Names of events, separated by commas; all when absent.", .text(format: nil, pattern: nil, ""))
    static let contractKey = QueryKey("contract", "Addresses or names of contracts, separated by commas; all when absent.", .text(format: nil, pattern: nil, ""))
    static let subjectKey = QueryKey(
        "subject", "An address, an identifier or a name that the event is about: its contract, who signed, or any text of its fields.",
        .text(format: nil, pattern: nil, ""))

    init(_ exchange: Exchange) throws {
        types = try exchange.query.list(Self.typeKey, max: Self.itemsMax)
        contracts = try exchange.query.list(Self.contractKey, max: Self.itemsMax).map { text in
            do { return try exchange.contract(text, at: "contract", in: true).text(on: exchange.network) } catch let problem as Problem {
                throw Problem(.requestQuery, problem.detail, at: "contract")
            }
        }
        subject = exchange.query.text(Self.subjectKey)
    }

    func matches(_ event: FeedEvent) -> Bool {
        let resource = event.resource
        return (types.isEmpty || types.contains(resource.name))
            && (contracts.isEmpty || contracts.contains(resource.contract.text))
            && (subject.map { $0 == resource.contract.text || $0 == event.sender || Self.mentions($0, resource.fields ?? .null) } ?? true)
    }

    private static func mentions(_ text: String, _ value: DynamicValue) -> Bool {
        switch value {
        case .text(let own): own == text
        case .list(let values): values.contains { mentions(text, $0) }
        case .object(let members): members.contains { mentions(text, $0.value) }
        case .null, .bool, .number: false
        }
    }
}
