public import Ledger
public import Primitives

/// A part of a storage key. Its bytes sort as its values do, so that a walk over keys is a walk over values: numbers stand with
/// their most significant byte first, unlike in BCS.
public protocol OrderedKey: SchemaValue {
    func append(to key: inout [UInt8])
    /// Reads one value and moves `position` behind it; nil when the bytes are none.
    init?(reading key: [UInt8], at position: inout Int)
}

extension OrderedKey where Self: FixedWidthInteger & BitwiseCopyable {
    public func append(to key: inout [UInt8]) { withUnsafeBytes(of: bigEndian) { key.append(contentsOf: $0) } }

    public init?(reading key: [UInt8], at position: inout Int) {
        let size = MemoryLayout<Self>.size
        guard key.count - position >= size else { return nil }
        self.init(bigEndian: key.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: Self.self) })
        position += size
    }
}

extension UInt8: OrderedKey {}
extension UInt16: OrderedKey {}
extension UInt32: OrderedKey {}
extension UInt64: OrderedKey {}

extension OrderedKey where Self: Counter {
    public func append(to key: inout [UInt8]) { rawValue.append(to: &key) }
    public init?(reading key: [UInt8], at position: inout Int) {
        guard let value = UInt64(reading: key, at: &position) else { return nil }
        self.init(value)
    }
}

extension Height: OrderedKey {}
extension Epoch: OrderedKey {}
extension Nonce: OrderedKey {}
extension Timestamp: OrderedKey {}

extension OrderedKey where Self: FixedBytes {
    public func append(to key: inout [UInt8]) { withUnsafeBytes(of: self) { key.append(contentsOf: $0) } }
    public init?(reading key: [UInt8], at position: inout Int) {
        guard key.count - position >= Self.byteCount else { return nil }
        self = key.withUnsafeBytes { Self(reading: UnsafeRawBufferPointer(rebasing: $0[position...])) }
        position += Self.byteCount
    }
}

extension Address: OrderedKey {}
extension Digest: OrderedKey {}
extension PublicKey: OrderedKey {}
extension VRFPublicKey: OrderedKey {}

/// Text of up to 255 bytes: its length first, so that nothing behind it can be taken for a part of it. Shorter texts sort first.
extension BoundedText: OrderedKey {
    public func append(to key: inout [UInt8]) {
        let bytes = text.utf8
        precondition(bytes.count <= UInt8.max)
        key.append(UInt8(bytes.count))
        key.append(contentsOf: bytes)
    }

    public init?(reading key: [UInt8], at position: inout Int) {
        guard position < key.count else { return nil }
        let end = position + 1 + Int(key[position])
        guard end <= key.count, let text = String(validating: key[(position + 1)..<end], as: UTF8.self) else { return nil }
        self.init(text)
        position = end
    }
}

/// Two parts of a key; keys sort by the first, then by the second.
public struct KeyPair<First: OrderedKey, Second: OrderedKey>: OrderedKey {
    public let first: First
    public let second: Second

    public init(_ first: First, _ second: Second) {
        self.first = first
        self.second = second
    }

    public func append(to key: inout [UInt8]) {
        first.append(to: &key)
        second.append(to: &key)
    }

    public init?(reading key: [UInt8], at position: inout Int) {
        guard let first = First(reading: key, at: &position), let second = Second(reading: key, at: &position) else { return nil }
        self.init(first, second)
    }

    public func encode(into encoder: inout BCSEncoder) {
        first.encode(into: &encoder)
        second.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        first = try decoder.decode(First.self)
        second = try decoder.decode(Second.self)
    }

    public static var schema: TypeSchema {
        .record(name: "KeyPair", [
            FieldSchema(name: "first", documentation: "Sorts first.", type: First.schema),
            FieldSchema(name: "second", documentation: "Sorts among equal firsts.", type: Second.schema),
        ])
    }
}

extension KeyPair: Equatable where First: Equatable, Second: Equatable {}
extension KeyPair: Hashable where First: Hashable, Second: Hashable {}
