public import Execution
import Foundation

/// A type that says itself what it looks like in JSON.
public protocol SelfDescribing {
    static var schema: JSONSchema { get }
    /// Any value: what ``ResourceSchemas`` hands to a decoder that it watches.
    static var sample: Self { get }
}

/// A resource of the interface. Its fields are what its `Codable` conformance reads and writes; their meanings stand beside, and
/// the schema of the OpenAPI document is made from the two.
public protocol Resource: Codable, Hashable, Sendable {
    /// The name of the component in the document.
    static var resourceName: String { get }
    static var documentation: String { get }
    /// What each field means, by its name.
    static var meanings: KeyValuePairs<String, String> { get }
}

extension Resource {
    /// The type's name without `Resource`.
    public static var resourceName: String {
        let name = String(describing: Self.self)
        return name.hasSuffix("Resource") ? String(name.dropLast("Resource".count)) : name
    }

    /// The JSON of this value: fields in their order, absent ones left out.
    public var json: [UInt8] { JSONWriter.bytes(self) }

    public init(json: some Sequence<UInt8>) throws { self = try JSONDecoder().decode(Self.self, from: Data(json)) }
}

extension DynamicValue: SelfDescribing {
    public static var schema: JSONSchema { .any("A value in the form of the contract's schema.") }
    public static var sample: DynamicValue { .null }
}

extension ContractSchema: SelfDescribing {
    public static var schema: JSONSchema { .object("The contract's schema, as in Genesis/contract-schema.json.") }
    public static var sample: ContractSchema { ContractSchema(name: "", documentation: "", methods: [], errors: [], events: [], storage: []) }
}

/// Part of a longer list, of one height.
public struct PageResource<Item: Resource>: Resource {
    public let items: [Item]
    /// For the next part; absent at the end.
    public let next: String?
    public let height: UInt64

    public init(items: [Item], next: String?, height: UInt64) {
        self.items = items
        self.next = next
        self.height = height
    }

    public static var resourceName: String { "PageOf\(Item.resourceName)" }
    public static var documentation: String { "A part of a list of \(Item.resourceName)." }
    public static var meanings: KeyValuePairs<String, String> {
        ["items": "At most 200.", "next": "The cursor of the next part; absent at the end.", "height": "The newest block that the list includes."]
    }
}
