public import Ledger
public import Primitives

/// Code at an address, as the machine sees it: a Swift contract and a WebAssembly contract are the same to a caller.
public protocol Contract: Sendable {
    /// How `method` may be called; nil when there is no such method.
    func kind(of method: MethodName) -> (kind: MethodKind, takesValue: Bool)?
    /// Runs a method that ``kind(of:)`` knows, and returns the encoding of its result.
    func run(_ method: MethodName, _ arguments: [UInt8], _ context: CallContext) throws(CallError) -> [UInt8]
    var schema: ContractSchema { get }
}

/// A contract in Swift. A conforming type is a namespace; everything about it is a static declaration, and its schema is made
/// from them.
public protocol BuiltInContract {
    associatedtype Rejections: RejectionCode
    /// In ASCII, at most 20 bytes; it is also the address, see ``Ledger``.
    static var name: StaticString { get }
    static var documentation: StaticString { get }
    static var methods: [any ContractMethod] { get }
    static var events: [any ContractEvent.Type] { get }
    static var storage: [any StorageDeclaration] { get }
}

extension BuiltInContract {
    public static var address: Address { .builtIn(name) }

    public static var contractSchema: ContractSchema {
        ContractSchema(
            name: name.description, documentation: documentation.description, methods: methods.map(\.schema),
            errors: ErrorSchema.all(Rejections.self), events: events.map { $0.eventSchema }, storage: storage.map(\.schema))
    }
}

/// A built-in contract as the catalogue keeps it.
struct BuiltIn: Contract {
    let address: Address
    let schema: ContractSchema
    let methods: [MethodName: any ContractMethod]

    init<Definition: BuiltInContract>(_: Definition.Type) {
        address = Definition.address
        schema = Definition.contractSchema
        methods = Dictionary(uniqueKeysWithValues: Definition.methods.map { ($0.name, $0) })
        precondition(Set(schema.storage.map(\.tag)).count == schema.storage.count, "two regions of storage share a tag")
        precondition(Set(schema.errors.map(\.code)).count == schema.errors.count && schema.errors.allSatisfy { $0.code >= 100 })
    }

    func kind(of method: MethodName) -> (kind: MethodKind, takesValue: Bool)? {
        methods[method].map { ($0.kind, $0.takesValue) }
    }

    func run(_ method: MethodName, _ arguments: [UInt8], _ context: CallContext) throws(CallError) -> [UInt8] {
        guard let found = methods[method] else { throw context.failure(.methodUnknown) }
        return try found.run(arguments, context)
    }
}
