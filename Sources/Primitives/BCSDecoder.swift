/// Reads canonical encodings and refuses everything else. Nothing is allocated in proportion to a claimed length before
/// the bytes that back it have been seen.
@frozen public struct BCSDecoder: Sendable {
    @usableFromInline let input: [UInt8]
    /// The position of the next byte, from the start of the input.
    public private(set) var offset: Int
    private var depth = 0

    public init(_ bytes: [UInt8]) {
        input = bytes
        offset = 0
    }

    /// Bytes not read yet.
    public var remaining: Int { input.count - offset }

    /// A copy of the bytes read since `start`, an earlier ``offset``: the encoding of whatever was read from there.
    public func consumed(since start: Int) -> [UInt8] {
        precondition((0...offset).contains(start))
        return [UInt8](input[start..<offset])
    }

    /// Refuses bytes behind the value.
    public func finish() throws(BCSError) {
        if remaining != 0 { throw .trailingBytes(offset: offset, count: remaining) }
    }

    /// Moves over `count` bytes and returns where they start.
    @usableFromInline mutating func advance(_ count: Int) throws(BCSError) -> Int {
        guard count <= remaining else { throw .truncated(offset: offset, needed: count, available: remaining) }
        let start = offset
        offset += count
        return start
    }

    /// A fixed-size byte string without a length.
    @inlinable public mutating func fixed<Value: FixedBytes>(_: Value.Type) throws(BCSError) -> Value {
        let start = try advance(Value.byteCount)
        return input.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: Value.self) }
    }

    @inlinable public mutating func decode<Integer: FixedWidthInteger & BitwiseCopyable>(_: Integer.Type) throws(BCSError) -> Integer {
        let start = try advance(MemoryLayout<Integer>.size)
        return Integer(littleEndian: input.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: Integer.self) })
    }

    public mutating func decode(_: Bool.Type) throws(BCSError) -> Bool {
        let tag = try decode(UInt8.self)
        guard tag <= 1 else { throw .tagNotBoolean(offset: offset - 1, tag: tag) }
        return tag == 1
    }

    /// A minimal ULEB128 number below 2³².
    public mutating func decodeULEB128() throws(BCSError) -> UInt32 {
        let start = offset
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 28, by: 7) {
            let byte = try decode(UInt8.self)
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 {
                if byte == 0 && shift > 0 { throw .lengthNotMinimal(offset: start) }
                guard let result = UInt32(exactly: value) else { throw .lengthTooWide(offset: start) }
                return result
            }
        }
        throw .lengthTooWide(offset: start)
    }

    /// A length of at most `limit`.
    public mutating func decodeLength(limit: Int) throws(BCSError) -> Int {
        let start = offset
        let length = Int(try decodeULEB128())
        guard length <= limit else { throw .lengthOverLimit(offset: start, length: length, limit: limit) }
        return length
    }

    /// The index of an enum case, below `count`; also the version tag of a top-level message.
    public mutating func decodeVariant(count: Int) throws(BCSError) -> Int {
        let start = offset
        let variant = try decodeULEB128()
        guard variant < count else { throw .variantUnknown(offset: start, variant: variant) }
        return Int(variant)
    }

    @inlinable public mutating func decode<Value: BCSCodable>(_: Value.Type) throws(BCSError) -> Value {
        try Value(from: &self)
    }

    /// A byte string of at most `limit` bytes.
    public mutating func decodeBytes(limit: Int) throws(BCSError) -> [UInt8] {
        let length = try decodeLength(limit: limit)
        let start = try advance(length)
        return [UInt8](input[start..<start + length])
    }

    /// UTF-8 text of at most `limit` bytes.
    public mutating func decodeText(limit: Int) throws(BCSError) -> String {
        let start = offset
        let raw = try decodeBytes(limit: limit)
        guard let text = String(validating: raw, as: UTF8.self) else { throw .textNotUTF8(offset: start) }
        return text
    }

    @inlinable public mutating func decodeOption<Value: BCSCodable>(_: Value.Type) throws(BCSError) -> Value? {
        try decode(Bool.self) ? try Value(from: &self) : nil
    }

    /// A sequence of at most `limit` elements.
    @inlinable public mutating func decodeSequence<Element: BCSCodable>(
        of _: Element.Type, limit: Int
    ) throws(BCSError) -> [Element] {
        let count = try decodeLength(limit: limit)
        var elements: [Element] = []
        // A claimed count may be far above what follows; small arrays are reserved whole, large ones grow as they fill.
        elements.reserveCapacity(Swift.min(count, 16))
        for _ in 0..<count { elements.append(try Element(from: &self)) }
        return elements
    }

    /// A map of at most `limit` entries with strictly ascending keys.
    public mutating func decodeMap<Key: BCSCodable & Hashable, Value: BCSCodable>(
        _: Key.Type, _: Value.Type, limit: Int
    ) throws(BCSError) -> [Key: Value] {
        let count = try decodeLength(limit: limit)
        var map: [Key: Value] = [:]
        var previous = 0..<0
        for index in 0..<count {
            let start = offset
            let key = try Key(from: &self)
            if index > 0, !input[previous].lexicographicallyPrecedes(input[start..<offset]) {
                throw .keysNotAscending(offset: start)
            }
            previous = start..<offset
            // Keys whose bytes differ may still be equal to Swift, as texts that Unicode calls equivalent are.
            guard map.updateValue(try Value(from: &self), forKey: key) == nil else { throw refuse("a map holds equal keys") }
        }
        return map
    }

    /// Decodes one level of a recursive type; levels beyond ``Limits/encodingDepthMax`` are refused, so that a peer's
    /// bytes cannot exhaust the stack.
    public mutating func nested<Value>(
        _ body: (inout BCSDecoder) throws(BCSError) -> Value
    ) throws(BCSError) -> Value {
        guard depth < Limits.encodingDepthMax else { throw .nestedTooDeep(offset: offset) }
        depth += 1
        defer { depth -= 1 }
        return try body(&self)
    }

    /// Refuses a decoded value that no encoder would have written.
    public func refuse(_ reason: StaticReason) -> BCSError { .valueInvalid(offset: offset, reason: reason) }
}
