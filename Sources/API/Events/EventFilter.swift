import Execution
import Interface
import Ledger
import Primitives

/// Which events a stream shows.
struct EventFilter: Sendable {
    /// Names of events; empty for all.
    let types: [String]
    /// Addresses of contracts; empty for all.
    let contracts: [String]
    /// Something that the event is about: its contract, the sender of its transaction, or any text among its fields.
    let subject: String?
    private let contractAddresses: [Address]
    /// The address that `subject` is the text of.
    private let subjectAddress: Address?
    /// How the subject may stand among the bytes of an event.
    private let subjectBytes: [[UInt8]]

    static let itemsMax = 16
    static let typeKey = QueryKey("type", "Names of events, separated by commas; all when absent.", .text(format: nil, pattern: nil, ""))
    static let contractKey = QueryKey("contract", "Addresses or names of contracts, separated by commas; all when absent.", .text(format: nil, pattern: nil, ""))
    static let subjectKey = QueryKey(
        "subject", "An address, an identifier or a name that the event is about: its contract, who signed, or any text of its fields.",
        .text(format: nil, pattern: nil, ""))

    init(_ exchange: Exchange) throws {
        types = try exchange.query.list(Self.typeKey, max: Self.itemsMax)
        contractAddresses = try exchange.query.list(Self.contractKey, max: Self.itemsMax).map { text in
            do { return try exchange.contract(text, at: "contract", in: true) } catch let problem as Problem {
                throw Problem(.requestQuery, problem.detail, at: "contract")
            }
        }
        contracts = contractAddresses.map { $0.text(on: exchange.network) }
        subject = exchange.query.text(Self.subjectKey)
        subjectAddress = subject.flatMap { try? Address(text: $0, on: exchange.network) }
        subjectBytes = [subjectAddress?.bytes, subject.map { Array($0.utf8) }].compactMap(\.self)
    }

    /// False for most of what does not match, without decoding it: an address in a field stands among the event's bytes as it is, or
    /// in a text as it is written.
    func mayMatch(_ place: Int, of block: FeedBlock) -> Bool {
        let event = block.index.block.events[place].event
        guard types.isEmpty || types.contains(event.name.text), contractAddresses.isEmpty || contractAddresses.contains(event.contract) else { return false }
        guard let subjectAddress else { return true }
        return event.contract == subjectAddress || block.sender(place) == subjectAddress || subjectBytes.contains { Self.holds(event.data, $0) }
    }

    /// Whether `part` stands somewhere in `bytes`. The standard library's own search, which is made for any collection, took a tenth of a busy
    /// validator's time: each event is searched for each client.
    private static func holds(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            part.withUnsafeBytes { part in
                guard let first = part.first, part.count <= bytes.count else { return part.isEmpty }
                return (0...(bytes.count - part.count)).contains { bytes[$0] == first && bytes[$0..<($0 + part.count)].elementsEqual(part) }
            }
        }
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
