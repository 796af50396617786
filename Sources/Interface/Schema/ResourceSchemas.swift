/// Derives schemas of resources from their decoding: it hands each a decoder that answers with samples and notes what is asked for.
public struct ResourceSchemas {
    /// The component of each resource seen so far, by its name.
    public private(set) var components: [String: JSONSchema] = [:]

    public init() {}

    /// The schema of `type`; resources in it become components.
    public mutating func schema<Value: Decodable>(of type: Value.Type) -> JSONSchema {
        if let leaf = Self.leaf(type) { return leaf }
        if let resource = type as? any Resource.Type { return reference(resource) }
        // A list: its decoding asks for one element.
        let watch = Watch(self)
        _ = try? Value(from: WatchingDecoder(watch))
        self = watch.schemas
        return .list(of: watch.element ?? .any(""))
    }

    private mutating func reference<Value: Resource>(_ type: Value.Type) -> JSONSchema {
        if components[type.resourceName] == nil {
            // Known before its fields are, so that a resource may contain itself.
            components[type.resourceName] = .any("")
            let watch = Watch(self, meanings: Dictionary(type.meanings.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first }))
            do { _ = try Value(from: WatchingDecoder(watch)) } catch { preconditionFailure("\(type) does not decode from samples: \(error)") }
            self = watch.schemas
            components[type.resourceName] = .fields(watch.fields, description: type.documentation)
        }
        return .reference(type.resourceName)
    }

    static func leaf(_ type: any Decodable.Type) -> JSONSchema? {
        if let described = type as? any SelfDescribing.Type { return described.schema }
        return switch type {
        case is String.Type: .text(format: nil, pattern: nil, "")
        case is Bool.Type: .bool
        case is Double.Type: .number
        case is any BinaryInteger.Type: .integer
        default: nil
        }
    }
}

/// What is noted of one value.
private final class Watch {
    var schemas: ResourceSchemas
    var fields: [JSONSchema.Field] = []
    var element: JSONSchema?
    /// The field that may be absent, as has just been asked.
    var optional: String?
    let meanings: [String: String]

    init(_ schemas: ResourceSchemas, meanings: [String: String] = [:]) {
        self.schemas = schemas
        self.meanings = meanings
    }

    func note<Value: Decodable>(_ name: String, _ type: Value.Type, isOptional: Bool) {
        fields.append(JSONSchema.Field(name: name, meaning: meanings[name] ?? "", isOptional: isOptional, schema: schemas.schema(of: type)))
    }

    static func sample<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if let described = type as? any SelfDescribing.Type, let value = described.sample as? Value { return value }
        for value in ["" as any Sendable, false, 0.0, 0, UInt8(0), UInt16(0), UInt32(0), UInt64(0)] { if let value = value as? Value { return value } }
        return try Value(from: WatchingDecoder(Watch(ResourceSchemas())))
    }
}

private struct WatchingDecoder: Decoder {
    let watch: Watch
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ watch: Watch) { self.watch = watch }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedDecodingContainer<Key> { KeyedDecodingContainer(Keyed<Key>(watch: watch)) }
    func unkeyedContainer() -> any UnkeyedDecodingContainer { Unkeyed(watch: watch) }
    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "a value of its own form must describe itself"))
    }

    struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let watch: Watch
        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { [] }
        func contains(_: Key) -> Bool { true }

        /// Asked before an optional of the standard library's own types is decoded: those do not come by ``decodeIfPresent(_:forKey:)``.
        func decodeNil(forKey key: Key) -> Bool {
            watch.optional = key.stringValue
            return false
        }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            watch.note(key.stringValue, type, isOptional: watch.optional == key.stringValue)
            return try Watch.sample(type)
        }

        func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
            watch.note(key.stringValue, type, isOptional: true)
            return nil
        }

        func nestedContainer<Nested: CodingKey>(keyedBy _: Nested.Type, forKey _: Key) throws -> KeyedDecodingContainer<Nested> { throw nested }
        func nestedUnkeyedContainer(forKey _: Key) throws -> any UnkeyedDecodingContainer { throw nested }
        func superDecoder() throws -> any Decoder { throw nested }
        func superDecoder(forKey _: Key) throws -> any Decoder { throw nested }
    }

    /// A list of no elements that notes their type.
    struct Unkeyed: UnkeyedDecodingContainer {
        let watch: Watch
        var codingPath: [any CodingKey] { [] }
        var count: Int? { watch.element == nil ? 1 : 0 }
        var isAtEnd: Bool { watch.element != nil }
        var currentIndex: Int { watch.element == nil ? 0 : 1 }
        mutating func decodeNil() -> Bool { false }

        mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            watch.element = watch.schemas.schema(of: type)
            return try Watch.sample(type)
        }

        mutating func nestedContainer<Nested: CodingKey>(keyedBy _: Nested.Type) throws -> KeyedDecodingContainer<Nested> { throw nested }
        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw nested }
        mutating func superDecoder() throws -> any Decoder { throw nested }
    }
}

private let nested = DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "a resource has no containers within containers"))
