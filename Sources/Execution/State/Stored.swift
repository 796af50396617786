public import Primitives
public import WorldState

/// A region of a contract's storage, declared once: its tag is the first byte of its keys, and its types are its schema.
public protocol StorageDeclaration: Sendable {
    var schema: StorageSchema { get }
}

/// One value at the key `tag`.
public struct StoredValue<Value: SchemaValue>: StorageDeclaration {
    let tag: UInt8
    private let name: StaticString
    private let documentation: StaticString

    public init(_ tag: UInt8, _ name: StaticString, _ documentation: StaticString, _: Value.Type = Value.self) {
        self.tag = tag
        self.name = name
        self.documentation = documentation
    }

    var key: [UInt8] { [tag] }

    public var schema: StorageSchema {
        StorageSchema(tag: tag, name: name.description, documentation: documentation.description, key: nil, value: Value.schema)
    }
}

/// Values at the keys `tag || key`, which sort as the keys do.
public struct StoredMap<Key: OrderedKey, Value: SchemaValue>: StorageDeclaration {
    let tag: UInt8
    private let name: StaticString
    private let documentation: StaticString

    public init(
        _ tag: UInt8, _ name: StaticString, _ documentation: StaticString, _: Key.Type = Key.self, _: Value.Type = Value.self
    ) {
        self.tag = tag
        self.name = name
        self.documentation = documentation
    }

    func key(_ key: Key) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(40)
        bytes.append(tag)
        key.append(to: &bytes)
        return bytes
    }

    /// Where `contract` keeps the value of `key`, for proofs.
    public func stateKey(_ key: Key, of contract: Address) -> StateKey {
        guard let stateKey = StateKey(contract: contract, self.key(key)) else { preconditionFailure("the key of a declared region is too long") }
        return stateKey
    }

    public var schema: StorageSchema {
        StorageSchema(
            tag: tag, name: name.description, documentation: documentation.description, key: Key.schema, value: Value.schema)
    }
}
