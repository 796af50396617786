public import Primitives

/// A value with named fields. The list of fields is its encoding, its decoding and its schema at once, so that the three cannot
/// differ:
///
/// ```swift
/// struct Point: Record {
///     let x, y: UInt64
///     static let fields = Fields(Field("x", "Metres to the east.") { $0.x }, Field("y", "Metres to the north.") { $0.y }, make: Point.init)
/// }
/// ```
public protocol Record: SchemaValue {
    associatedtype Layout: RecordLayout<Self>
    static var fields: Layout { get }
}

/// What ``Fields`` does for a record, without its types.
public protocol RecordLayout<Owner>: Sendable {
    associatedtype Owner
    var schemas: [FieldSchema] { get }
    func encode(_ record: Owner, into encoder: inout BCSEncoder)
    func decode(from decoder: inout BCSDecoder) throws(BCSError) -> Owner
}

/// One field of `Owner`.
public struct Field<Owner, Value: SchemaValue>: Sendable {
    public let name: String
    public let documentation: String
    let get: @Sendable (Owner) -> Value

    public init(_ name: StaticString, _ documentation: StaticString, _ get: @escaping @Sendable (Owner) -> Value) {
        self.name = name.description
        self.documentation = documentation.description
        self.get = get
    }
}

/// The fields of `Owner` in the order of their encoding.
public struct Fields<Owner, each Value: SchemaValue>: RecordLayout {
    private let fields: (repeat Field<Owner, each Value>)
    private let make: @Sendable (repeat each Value) -> Owner?

    /// - Parameter make: the record with these fields, or nil when they break an invariant of it.
    public init(_ fields: repeat Field<Owner, each Value>, make: @escaping @Sendable (repeat each Value) -> Owner?) {
        self.fields = (repeat each fields)
        self.make = make
    }

    public var schemas: [FieldSchema] {
        var schemas: [FieldSchema] = []
        func append<One>(_ field: Field<Owner, One>) {
            schemas.append(FieldSchema(name: field.name, documentation: field.documentation, type: One.schema))
        }
        repeat append(each fields)
        return schemas
    }

    public func encode(_ record: Owner, into encoder: inout BCSEncoder) {
        for field in repeat each fields { field.get(record).encode(into: &encoder) }
    }

    public func decode(from decoder: inout BCSDecoder) throws(BCSError) -> Owner {
        let values = (repeat try (each Value)(from: &decoder))
        guard let owner = make(repeat each values) else { throw decoder.refuse("the fields of a record do not fit together") }
        return owner
    }
}

extension Record {
    public static var schema: TypeSchema { .record(name: String(describing: Self.self), fields.schemas) }
    public func encode(into encoder: inout BCSEncoder) { Self.fields.encode(self, into: &encoder) }
    public init(from decoder: inout BCSDecoder) throws(BCSError) { self = try Self.fields.decode(from: &decoder) }
}
