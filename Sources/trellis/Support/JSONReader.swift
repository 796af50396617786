import Execution

/// Reads JSON (RFC 8259) and keeps members in their order, which Foundation's decoder does not. Numbers that are no whole number from
/// 0 to 2⁶⁴ − 1 become texts, as nothing here computes with them.
struct JSONReader {
    struct Failure: Error, Equatable, CustomStringConvertible {
        let offset: Int
        let reason: String
        var description: String { "at byte \(offset): \(reason)" }
    }

    /// Deeper than any document of ours, and far from the end of the stack.
    private static let depthMax = 64

    private let bytes: [UInt8]
    private var offset = 0

    /// The value that fills `bytes`, with blanks around it.
    static func value(_ bytes: [UInt8]) throws(Failure) -> DynamicValue {
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.offset == bytes.count else { throw reader.failure("something follows the value") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func failure(_ reason: String) -> Failure { Failure(offset: offset, reason: reason) }
    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { offset += 1 }
    }

    private mutating func take(_ byte: Character) -> Bool {
        guard next == byte.asciiValue else { return false }
        offset += 1
        return true
    }

    private mutating func take(word: StaticString) -> Bool {
        let letters = word.description.utf8
        guard bytes[offset...].starts(with: letters) else { return false }
        offset += letters.count
        return true
    }

    private mutating func value(depth: Int) throws(Failure) -> DynamicValue {
        guard depth <= Self.depthMax else { throw failure("nested deeper than \(Self.depthMax)") }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t") where take(word: "true"): return .bool(true)
        case UInt8(ascii: "f") where take(word: "false"): return .bool(false)
        case UInt8(ascii: "n") where take(word: "null"): return .null
        case .some(let byte) where byte == UInt8(ascii: "-") || (48...57).contains(byte): return try number()
        case nil: throw failure("a value is missing")
        default: throw failure("not a value")
        }
    }

    private mutating func object(depth: Int) throws(Failure) -> DynamicValue {
        offset += 1
        var members: [DynamicValue.Member] = [], names: Set<String> = []
        skipBlanks()
        if take("}") { return .object([]) }
        while true {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw failure("a member's name is missing") }
            let name = try string()
            guard names.insert(name).inserted else { throw failure("\(name) is there twice") }
            skipBlanks()
            guard take(":") else { throw failure("a colon is missing") }
            members.append(DynamicValue.Member(name, try value(depth: depth + 1)))
            skipBlanks()
            if take("}") { return .object(members) }
            guard take(",") else { throw failure("a comma or } is missing") }
        }
    }

    private mutating func list(depth: Int) throws(Failure) -> DynamicValue {
        offset += 1
        var values: [DynamicValue] = []
        skipBlanks()
        if take("]") { return .list([]) }
        while true {
            values.append(try value(depth: depth + 1))
            skipBlanks()
            if take("]") { return .list(values) }
            guard take(",") else { throw failure("a comma or ] is missing") }
        }
    }

    private mutating func number() throws(Failure) -> DynamicValue {
        let start = offset
        while let byte = next, (48...57).contains(byte) || "+-.eE".utf8.contains(byte) { offset += 1 }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil else { throw failure("not a number") }
        return UInt64(text).map { .number($0) } ?? .text(text)
    }

    private mutating func string() throws(Failure) -> String {
        offset += 1
        var text: [UInt8] = []
        while let byte = next {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw failure("a text that is not UTF-8") }
                return string
            case UInt8(ascii: "\\"): text += try escape()
            case 0..<0x20: throw failure("a control character in a text")
            default: text.append(byte)
            }
        }
        throw failure("a text does not end")
    }

    private mutating func escape() throws(Failure) -> [UInt8] {
        guard let byte = next else { throw failure("a text does not end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "u"):
            let high = try unit()
            var value = UInt32(high)
            if (0xd800..<0xdc00).contains(high) {
                guard take("\\"), take("u") else { throw failure("half of a surrogate pair") }
                let low = try unit()
                guard (0xdc00..<0xe000).contains(low) else { throw failure("half of a surrogate pair") }
                value = 0x10000 + (UInt32(high) - 0xd800) << 10 + (UInt32(low) - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(value) else { throw failure("half of a surrogate pair") }
            return Array(String(Character(scalar)).utf8)
        default: throw failure("an unknown escape")
        }
    }

    private mutating func unit() throws(Failure) -> UInt16 {
        guard offset + 4 <= bytes.count, let unit = UInt16(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16),
              bytes[offset] != UInt8(ascii: "+"), bytes[offset] != UInt8(ascii: "-") else { throw failure("four hexadecimal digits are missing") }
        offset += 4
        return unit
    }
}
