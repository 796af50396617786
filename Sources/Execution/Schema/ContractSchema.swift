public import Ledger
import Primitives

/// All that a caller must know of a contract, as one JSON document. For a built-in contract it is derived from the code; a deployed
/// one carries it.
public struct ContractSchema: Hashable, Sendable, Codable {
    /// The version of this form.
    public var version = 1
    public let name: String
    public let documentation: String
    public let methods: [MethodSchema]
    public let errors: [ErrorSchema]
    public let events: [EventSchema]
    public let storage: [StorageSchema]

    public init(
        name: String, documentation: String, methods: [MethodSchema], errors: [ErrorSchema], events: [EventSchema],
        storage: [StorageSchema]
    ) {
        self.name = name
        self.documentation = documentation
        self.methods = methods
        self.errors = errors
        self.events = events
        self.storage = storage
    }
}

public struct MethodSchema: Hashable, Sendable, Codable {
    public let name: String
    public let documentation: String
    public let kind: MethodKind
    /// Whether base units may be attached.
    public let takesValue: Bool
    public let arguments: [FieldSchema]
    public let result: TypeSchema

    public init(name: String, documentation: String, kind: MethodKind, takesValue: Bool, arguments: [FieldSchema], result: TypeSchema) {
        self.name = name
        self.documentation = documentation
        self.kind = kind
        self.takesValue = takesValue
        self.arguments = arguments
        self.result = result
    }
}

/// How a method may be called.
public enum MethodKind: String, Hashable, Sendable, Codable {
    /// In a transaction.
    case call
    /// In a transaction or alone; it changes nothing.
    case view
    /// By the network, at the border of a block or an epoch.
    case hook
}

public struct ErrorSchema: Hashable, Sendable, Codable {
    public let code: UInt32
    public let name: String
    public let text: String
    public let hint: String

    public init(code: UInt32, name: String, text: String, hint: String) {
        self.code = code
        self.name = name
        self.text = text
        self.hint = hint
    }

    /// The errors that `Rejections` lists.
    static func all<Rejections: RejectionCode>(_: Rejections.Type) -> [ErrorSchema] {
        Rejections.allCases.map { ErrorSchema(code: $0.rawValue, name: String(describing: $0), text: $0.text, hint: $0.hint) }
    }

    /// The machine's own errors, which every contract can give.
    public static let system = all(SystemRejection.self) + all(TrapCode.self)
}

public struct EventSchema: Hashable, Sendable, Codable {
    public let name: String
    public let documentation: String
    public let fields: [FieldSchema]

    public init(name: String, documentation: String, fields: [FieldSchema]) {
        self.name = name
        self.documentation = documentation
        self.fields = fields
    }
}

/// A region of a contract's storage: keys of one byte and the encoded key, values of one type.
public struct StorageSchema: Hashable, Sendable, Codable {
    public let tag: UInt8
    public let name: String
    public let documentation: String
    /// nil for a single value.
    public let key: TypeSchema?
    public let value: TypeSchema

    public init(tag: UInt8, name: String, documentation: String, key: TypeSchema?, value: TypeSchema) {
        self.tag = tag
        self.name = name
        self.documentation = documentation
        self.key = key
        self.value = value
    }
}

/// What a contract tells the world.
public protocol ContractEvent: Record {
    static var name: EventName { get }
    static var documentation: StaticString { get }
}

extension ContractEvent {
    static var eventSchema: EventSchema {
        EventSchema(name: name.text, documentation: documentation.description, fields: fields.schemas)
    }
}
