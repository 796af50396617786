public import Ledger
public import Primitives

/// One method of a built-in contract, without the types of its arguments.
public protocol ContractMethod: Sendable {
    var name: MethodName { get }
    var kind: MethodKind { get }
    var takesValue: Bool { get }
    var schema: MethodSchema { get }
    /// Decodes the arguments, runs the method and encodes its result.
    func run(_ arguments: [UInt8], _ context: CallContext) throws(CallError) -> [UInt8]
}

/// An argument of a method.
public struct Argument<Value: SchemaValue>: Sendable {
    let name: StaticString
    let documentation: StaticString

    public init(_ name: StaticString, _ documentation: StaticString, _: Value.Type = Value.self) {
        self.name = name
        self.documentation = documentation
    }
}

/// A method of a built-in contract: its declaration, its code, and the way a client calls it.
///
/// ```swift
/// static let transfer = Method("transfer", "Moves the attached value.", takesValue: true,
///                              Argument("to", "Who receives it.", Address.self)) { context, to throws(CallError) in … }
/// ```
public struct Method<each Value: SchemaValue, Result: SchemaValue>: ContractMethod {
    public let name: MethodName
    public let kind: MethodKind
    public let takesValue: Bool
    private let documentation: StaticString
    private let arguments: (repeat Argument<each Value>)
    private let body: @Sendable (CallContext, repeat each Value) throws(CallError) -> Result

    public init(
        _ name: MethodName, _ documentation: StaticString, kind: MethodKind = .call, takesValue: Bool = false,
        _ arguments: repeat Argument<each Value>,
        body: @escaping @Sendable (CallContext, repeat each Value) throws(CallError) -> Result
    ) {
        self.name = name
        self.kind = kind
        self.takesValue = takesValue
        self.documentation = documentation
        self.arguments = (repeat each arguments)
        self.body = body
    }

    public func run(_ arguments: [UInt8], _ context: CallContext) throws(CallError) -> [UInt8] {
        try context.charge(GasSchedule.codecPerByte * UInt64(arguments.count))
        let values = try decoded(arguments, context)
        let result = try body(context, repeat each values).bcs
        try context.charge(GasSchedule.codecPerByte * UInt64(result.count))
        return result
    }

    private func decoded(_ arguments: [UInt8], _ context: CallContext) throws(CallError) -> (repeat each Value) {
        do throws(BCSError) { return try decoded(arguments) } catch { throw context.failure(.argumentsMalformed, "\(error)") }
    }

    private func decoded(_ arguments: [UInt8]) throws(BCSError) -> (repeat each Value) {
        var decoder = BCSDecoder(arguments)
        let values = (repeat try (each Value)(from: &decoder))
        try decoder.finish()
        return values
    }

    public var schema: MethodSchema {
        var fields: [FieldSchema] = []
        func append<One>(_ argument: Argument<One>) {
            fields.append(FieldSchema(
                name: argument.name.description, documentation: argument.documentation.description, type: One.schema))
        }
        repeat append(each arguments)
        return MethodSchema(
            name: name.text, documentation: documentation.description, kind: kind, takesValue: takesValue, arguments: fields,
            result: Result.schema)
    }

    /// The same method as another contract or a client names it.
    public var reference: MethodReference<repeat each Value, Result> { MethodReference(name) }
}

/// What a caller knows of a method: its name and its types. A contract declares so what it needs of another one, without
/// importing it; a test compares each reference with the schema of its target.
public struct MethodReference<each Value: SchemaValue, Result: SchemaValue>: Sendable {
    public let name: MethodName

    public init(_ name: MethodName) { self.name = name }

    public func encode(_ values: repeat each Value) -> [UInt8] {
        var encoder = BCSEncoder()
        for value in repeat each values { value.encode(into: &encoder) }
        return encoder.bytes
    }

    /// A call for a transaction.
    public func call(on contract: Address, _ values: repeat each Value, value: Amount = .zero) -> Call {
        Call(contract: contract, method: name, arguments: encode(repeat each values), value: value)
    }

    /// The result of a receipt or a view.
    public func result(_ bytes: [UInt8]) throws(BCSError) -> Result { try Result(bcs: bytes) }

    /// Types of arguments and result.
    public var types: (arguments: [TypeSchema], result: TypeSchema) {
        var arguments: [TypeSchema] = []
        for type in repeat (each Value).self { arguments.append(type.schema) }
        return (arguments, Result.schema)
    }
}
