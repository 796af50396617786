/// Appends the canonical encoding of values to a buffer.
@frozen public struct BCSEncoder: Sendable {
    public private(set) var bytes: [UInt8]

    @inlinable public init() { self.init(reserving: 128) }

    public init(reserving capacity: Int) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Appends raw bytes without a length: a fixed-size field.
    public mutating func append(_ raw: UnsafeRawBufferPointer) { bytes.append(contentsOf: raw) }

    /// Appends raw bytes without a length: a fixed-size field or a domain prefix.
    public mutating func append(_ raw: [UInt8]) { bytes.append(contentsOf: raw) }

    @inlinable public mutating func encode<Integer: FixedWidthInteger & BitwiseCopyable>(_ value: Integer) {
        withUnsafeBytes(of: value.littleEndian) { append($0) }
    }

    public mutating func encode(_ value: UInt8) { bytes.append(value) }

    public mutating func encode(_ value: Bool) { bytes.append(value ? 1 : 0) }

    /// A minimal ULEB128 number: a length or an enum index.
    public mutating func encodeLength(_ length: Int) {
        precondition(length >= 0 && length <= UInt32.max)
        var rest = UInt32(length)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// The index of an enum case; also the version tag of a top-level message.
    @inlinable public mutating func encodeVariant(_ variant: Int) { encodeLength(variant) }

    @inlinable public mutating func encode(_ value: some BCSCodable) { value.encode(into: &self) }

    /// A byte string with its length.
    public mutating func encodeBytes(_ value: [UInt8]) {
        encodeLength(value.count)
        bytes.append(contentsOf: value)
    }

    /// UTF-8 text with its length in bytes.
    public mutating func encode(_ text: String) {
        let utf8 = text.utf8
        encodeLength(utf8.count)
        bytes.append(contentsOf: utf8)
    }

    @inlinable public mutating func encode<Value: BCSCodable>(_ value: Value?) {
        encode(value != nil)
        if let value { value.encode(into: &self) }
    }

    @inlinable public mutating func encode<Element: BCSCodable>(_ elements: [Element]) {
        encodeLength(elements.count)
        for element in elements { element.encode(into: &self) }
    }

    /// A map, sorted by the encoded bytes of its keys.
    public mutating func encode<Key: BCSCodable & Hashable, Value: BCSCodable>(_ map: [Key: Value]) {
        let entries = map.map { (key: $0.key.bcs, value: $0.value) }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        encodeLength(entries.count)
        for entry in entries {
            append(entry.key)
            entry.value.encode(into: &self)
        }
    }
}
