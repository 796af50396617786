/// An address of content by its hash, as the InterPlanetary File System writes it (multiformats/cid, multibase, multihash): version 0 is 46
/// characters of base 58, version 1 a multibase text of version, codec and multihash. Only what is exactly one is taken.
///
/// - Bases of version 1: 16, 32 and 36 in small and capital letters, 58 (Bitcoin), 64 with and without padding, also for URLs.
/// - Hashes: SHA-1 is refused, as it can be forged; SHA-2, SHA-3, BLAKE2b-256, BLAKE3, and content of up to 64 bytes as itself.
public struct ContentIdentifier: Hashable, Sendable {
    /// Characters of the longest text: 64 bytes of hash in base 16.
    public static let textBytesMax = 160

    public let version: UInt8
    /// What the content is encoded as, a number of the multicodec table: 0x55 for raw bytes, 0x70 for a node of files.
    public let codec: UInt64
    /// The number of the hash function in that table: 0x12 for SHA-256.
    public let hashFunction: UInt64
    public let hash: [UInt8]

    /// nil when `text` is no identifier.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (2...Self.textBytesMax).contains(bytes.count) else { return nil }
        if bytes.count == 46, bytes.starts(with: "Qm".utf8) {
            guard let decoded = BaseText.decode58(bytes[...]), decoded.count == 34 else { return nil }
            self.init(version: 0, codec: 0x70, multihash: decoded[...])
            return
        }
        guard let decoded = BaseText.decodeMultibase(bytes) else { return nil }
        var rest = decoded[...]
        guard Self.number(&rest) == 1, let codec = Self.number(&rest) else { return nil }
        self.init(version: 1, codec: codec, multihash: rest)
    }

    private init?(version: UInt8, codec: UInt64, multihash: ArraySlice<UInt8>) {
        var rest = multihash
        guard let function = Self.number(&rest), let length = Self.number(&rest), length == rest.count,
              Self.isLength(length, of: function), version == 1 || function == 0x12 else { return nil }
        self.version = version
        self.codec = codec
        hashFunction = function
        hash = Array(rest)
    }

    private static func isLength(_ length: UInt64, of function: UInt64) -> Bool {
        switch function {
        // Content as itself.
        case 0x00: length <= 64
        // SHA-256, SHA3-256, BLAKE3, BLAKE2b-256.
        case 0x12, 0x16, 0x1e, 0xb220: length == 32
        // SHA-512, SHA3-512.
        case 0x13, 0x14: length == 64
        // SHA-384, SHA3-384.
        case 0x20, 0x15: length == 48
        default: false
        }
    }

    /// An unsigned varint of at most nine bytes, in its shortest form.
    private static func number(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 63, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return byte == 0 && shift > 0 ? nil : value }
        }
        return nil
    }
}

/// Texts that stand for bytes, in the bases of the multibase table.
enum BaseText {
    private static let lower36 = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
    private static let upper36 = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    private static let lower32 = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    private static let upper32 = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    private static let bitcoin58 = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    private static let standard64 = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let web64 = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The bytes of a text whose first character names its base; nil when it is none of them.
    static func decodeMultibase(_ text: [UInt8]) -> [UInt8]? {
        let body = text.dropFirst()
        switch text.first {
        case UInt8(ascii: "f"): return decodeBits(body, Array(lower36.prefix(16)), bits: 4)
        case UInt8(ascii: "F"): return decodeBits(body, Array(upper36.prefix(16)), bits: 4)
        case UInt8(ascii: "b"): return decodeBits(body, lower32, bits: 5)
        case UInt8(ascii: "B"): return decodeBits(body, upper32, bits: 5)
        case UInt8(ascii: "m"): return decodeBits(body, standard64, bits: 6)
        case UInt8(ascii: "u"): return decodeBits(body, web64, bits: 6)
        case UInt8(ascii: "M"): return padded(body).flatMap { decodeBits($0, standard64, bits: 6) }
        case UInt8(ascii: "U"): return padded(body).flatMap { decodeBits($0, web64, bits: 6) }
        case UInt8(ascii: "k"): return decodeNumber(body, lower36)
        case UInt8(ascii: "K"): return decodeNumber(body, upper36)
        case UInt8(ascii: "z"): return decodeNumber(body, bitcoin58)
        default: return nil
        }
    }

    static func decode58(_ text: ArraySlice<UInt8>) -> [UInt8]? { decodeNumber(text, bitcoin58) }

    /// Base 64 without the padding that completes it to a multiple of four; nil when the padding is wrong.
    private static func padded(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard text.count % 4 == 0 else { return nil }
        let body = text.reversed().drop { $0 == UInt8(ascii: "=") }
        let padding = text.count - body.count
        return padding <= 2 ? text.dropLast(padding) : nil
    }

    /// Digits of `bits` each; bits that are left over must be zero, and fewer than a digit.
    private static func decodeBits(_ text: ArraySlice<UInt8>, _ alphabet: [UInt8], bits: Int) -> [UInt8]? {
        var bytes: [UInt8] = [], buffer = 0, held = 0
        for character in text {
            guard let digit = alphabet.firstIndex(of: character) else { return nil }
            buffer = buffer << bits | digit
            held += bits
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(buffer >> held))
                buffer &= (1 << held) - 1
            }
        }
        return held < bits && buffer == 0 ? bytes : nil
    }

    /// One large number; leading zeros stand for bytes of zero.
    private static func decodeNumber(_ text: ArraySlice<UInt8>, _ alphabet: [UInt8]) -> [UInt8]? {
        let zeros = text.prefix { $0 == alphabet[0] }.count
        // Least significant byte first.
        var number: [UInt8] = []
        for character in text.dropFirst(zeros) {
            guard let digit = alphabet.firstIndex(of: character) else { return nil }
            var carry = digit
            for place in number.indices {
                carry += Int(number[place]) * alphabet.count
                number[place] = UInt8(carry & 0xff)
                carry >>= 8
            }
            if carry > 0 { number.append(UInt8(carry)) }
        }
        return Array(repeating: 0, count: zeros) + number.reversed()
    }
}
