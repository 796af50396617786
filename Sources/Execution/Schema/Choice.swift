public import Primitives

/// A value that is one of several cases. The list of cases is its encoding, its decoding and its schema at once.
///
/// ```swift
/// enum Shape: Choice {
///     case point, circle(Circle)
///     static let cases: [Case<Shape>] = [
///         Case("point", "Has no extent.", .point),
///         Case("circle", "Round.", Shape.circle) { if case .circle(let value) = $0 { value } else { nil } },
///     ]
/// }
/// ```
public protocol Choice: SchemaValue {
    static var cases: [Case<Self>] { get }
}

/// One case of `Owner`.
public struct Case<Owner>: Sendable {
    let schema: CaseSchema
    /// Writes the value of the case; nil when the owner is another case.
    let writer: @Sendable (Owner) -> Writer?
    typealias Writer = @Sendable (inout BCSEncoder) -> Void
    let decode: @Sendable (inout BCSDecoder) throws(BCSError) -> Owner

    /// A case without a value.
    public init(_ name: StaticString, _ documentation: StaticString, _ owner: Owner) where Owner: Equatable & Sendable {
        schema = CaseSchema(name: name.description, documentation: documentation.description, type: nil)
        writer = { value in
            guard value == owner else { return nil }
            return { _ in }
        }
        decode = { _ throws(BCSError) in owner }
    }

    /// A case with a value.
    public init<Value: SchemaValue>(
        _ name: StaticString, _ documentation: StaticString, _ wrap: @escaping @Sendable (Value) -> Owner,
        unwrap: @escaping @Sendable (Owner) -> Value?
    ) {
        schema = CaseSchema(name: name.description, documentation: documentation.description, type: Value.schema)
        writer = { owner in
            guard let value = unwrap(owner) else { return nil }
            return { encoder in value.encode(into: &encoder) }
        }
        decode = { decoder throws(BCSError) in wrap(try Value(from: &decoder)) }
    }
}

extension Choice {
    public static var schema: TypeSchema { .choice(name: String(describing: Self.self), cases.map(\.schema)) }

    /// This case in the schema.
    public var caseName: String {
        guard let one = Self.cases.first(where: { $0.writer(self) != nil }) else { preconditionFailure("a choice does not list all of its cases") }
        return one.schema.name
    }

    public func encode(into encoder: inout BCSEncoder) {
        for (index, one) in Self.cases.enumerated() {
            guard let write = one.writer(self) else { continue }
            encoder.encodeVariant(index)
            return write(&encoder)
        }
        preconditionFailure("a choice does not list all of its cases")
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        let cases = Self.cases
        self = try cases[try decoder.decodeVariant(count: cases.count)].decode(&decoder)
    }
}
