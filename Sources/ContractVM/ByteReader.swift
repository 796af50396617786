/// Reads the binary format: bytes, LEB128 numbers within their range, names that are UTF-8. Every read is checked; no length is
/// trusted before it was compared with what is left.
struct ByteReader {
    let bytes: [UInt8]
    var position: Int
    private(set) var end: Int
    /// For refusals.
    var function: Int?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    var isAtEnd: Bool { position == end }
    var remaining: Int { end - position }

    func malformed(_ text: String) -> Refusal { Refusal(.malformed(text), at: position, function: function) }
    func invalid(_ text: String) -> Refusal { Refusal(.invalid(text), at: position, function: function) }
    func unsupported(_ feature: Refusal.Feature) -> Refusal { Refusal(.unsupported(feature), at: position, function: function) }

    /// Compares with a bound before anything is allocated.
    func bound(_ limit: String, _ found: some BinaryInteger, _ allowed: some BinaryInteger) throws(Refusal) {
        if UInt64(found) > UInt64(allowed) {
            throw Refusal(.exceeds(limit: limit, found: UInt64(found), allowed: UInt64(allowed)), at: position, function: function)
        }
    }

    /// A reader of the next `count` bytes, which this one steps over.
    mutating func part(_ count: UInt32) throws(Refusal) -> ByteReader {
        guard Int(count) <= remaining else { throw malformed("unexpected end") }
        var part = self
        part.end = position + Int(count)
        position = part.end
        return part
    }

    mutating func skip(_ count: UInt32) throws(Refusal) -> Range<Int> {
        guard Int(count) <= remaining else { throw malformed("unexpected end") }
        let start = position
        position += Int(count)
        return start..<position
    }

    @inline(__always)
    mutating func byte() throws(Refusal) -> UInt8 {
        guard position < end else { throw malformed("unexpected end") }
        defer { position += 1 }
        return bytes[position]
    }

    @inline(__always)
    mutating func u32() throws(Refusal) -> UInt32 {
        if position < end, bytes[position] < 0x80 {
            defer { position += 1 }
            return UInt32(bytes[position])
        }
        return UInt32(truncatingIfNeeded: try unsigned(bits: 32))
    }

    @inline(__always)
    mutating func s32() throws(Refusal) -> UInt32 {
        if position < end, bytes[position] < 0x80 {
            defer { position += 1 }
            return UInt32(bitPattern: Int32(Int8(bitPattern: bytes[position] << 1) >> 1))
        }
        return UInt32(truncatingIfNeeded: try signed(bits: 32))
    }

    mutating func s33() throws(Refusal) -> Int64 { Int64(bitPattern: try signed(bits: 33)) }
    mutating func s64() throws(Refusal) -> UInt64 { try signed(bits: 64) }

    private mutating func unsigned(bits: Int) throws(Refusal) -> UInt64 {
        var result: UInt64 = 0, shift = 0
        while true {
            let next = try byte(), left = bits - shift
            if left < 7, (next & 0x7f) >> UInt8(left) != 0 { throw malformed("integer too large") }
            result |= UInt64(next & 0x7f) << UInt64(shift)
            if next < 0x80 { return result }
            shift += 7
            if shift >= bits { throw malformed("integer representation too long") }
        }
    }

    private mutating func signed(bits: Int) throws(Refusal) -> UInt64 {
        var result: UInt64 = 0, shift = 0
        while true {
            let next = try byte(), left = bits - shift
            if left < 7 {
                // Bits beyond the range repeat the sign.
                let beyond = Int8(bitPattern: next << 1) >> Int8(left)
                if beyond != 0 && beyond != -1 { throw malformed("integer too large") }
            }
            result |= UInt64(next & 0x7f) << UInt64(shift)
            shift += 7
            if next < 0x80 {
                if next & 0x40 != 0, shift < 64 { result |= ~0 << UInt64(shift) }
                return result
            }
            if shift >= bits { throw malformed("integer representation too long") }
        }
    }

    /// The number of items that follow, each of at least `itemBytes`.
    mutating func count(_ limit: String, _ allowed: Int, itemBytes: Int = 1) throws(Refusal) -> Int {
        let count = try u32()
        try bound(limit, count, allowed)
        guard Int(count) * itemBytes <= remaining else { throw malformed("length out of bounds") }
        return Int(count)
    }

    mutating func name() throws(Refusal) -> Name {
        let length = try u32()
        guard Int(length) <= remaining else { throw malformed("length out of bounds") }
        let range = try skip(length)
        guard String(validating: bytes[range], as: UTF8.self) != nil else { throw malformed("malformed UTF-8 encoding") }
        return Name(bytes: Array(bytes[range]))
    }

    mutating func valueType() throws(Refusal) -> ValueType {
        let code = try byte()
        if let type = ValueType(rawValue: code) { return type }
        position -= 1
        switch code {
        case 0x7d, 0x7c: throw unsupported(.floatingPoint)
        case 0x7b: throw unsupported(.vectors)
        case 0x70, 0x6f: throw unsupported(.references)
        default: throw malformed("malformed value type")
        }
    }
}

/// A name as its bytes: text compares by canonical equivalence, names of a module do not.
struct Name: Hashable, Sendable {
    let bytes: [UInt8]
    init(bytes: [UInt8]) { self.bytes = bytes }
    init(_ text: String) { bytes = Array(text.utf8) }
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
