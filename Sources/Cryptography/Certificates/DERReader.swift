import Primitives

/// Walks over Distinguished Encoding Rules (ITU-T X.690): definite and shortest lengths, tags of one byte, nothing behind the end.
///
/// It knows no recursion: whoever reads a structure opens each level by name, so its depth is the depth of the code.
struct DERReader {
    let bytes: [UInt8]
    private(set) var position: Int
    let end: Int

    enum Tag {
        static let boolean: UInt8 = 0x01
        static let integer: UInt8 = 0x02
        static let bitString: UInt8 = 0x03
        static let octetString: UInt8 = 0x04
        static let null: UInt8 = 0x05
        static let objectIdentifier: UInt8 = 0x06
        static let utf8String: UInt8 = 0x0c
        static let printableString: UInt8 = 0x13
        static let ia5String: UInt8 = 0x16
        static let utcTime: UInt8 = 0x17
        static let generalizedTime: UInt8 = 0x18
        static let sequence: UInt8 = 0x30
        static let set: UInt8 = 0x31
        /// `[number]`, explicit.
        static func context(_ number: UInt8) -> UInt8 { 0xa0 | number }
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { position == end }
    /// The tag of what comes next; nil at the end.
    var nextTag: UInt8? { isAtEnd ? nil : bytes[position] }

    func fail(_ reason: StaticReason) -> CertificateFailure { .malformed(offset: position, reason) }

    func finish() throws(CertificateFailure) {
        guard isAtEnd else { throw fail("there is more than expected") }
    }

    /// The content of the next element, which must have `tag`.
    mutating func element(_ tag: UInt8) throws(CertificateFailure) -> Range<Int> {
        guard nextTag == tag else { throw fail("another kind of element is expected") }
        return try anyElement()
    }

    /// The content of the next element, whatever it is.
    mutating func anyElement() throws(CertificateFailure) -> Range<Int> {
        guard end - position >= 2 else { throw fail("an element is cut off") }
        guard bytes[position] & 0x1f != 0x1f else { throw fail("a tag is longer than one byte") }
        let first = Int(bytes[position + 1])
        let length: Int, header: Int
        switch first {
        case ..<0x80: (length, header) = (first, 2)
        case 0x81:
            guard end - position >= 3 else { throw fail("a length is cut off") }
            (length, header) = (Int(bytes[position + 2]), 3)
            guard length >= 0x80 else { throw fail("a length is not the shortest") }
        case 0x82:
            guard end - position >= 4 else { throw fail("a length is cut off") }
            (length, header) = (Int(bytes[position + 2]) << 8 | Int(bytes[position + 3]), 4)
            guard length >= 0x100 else { throw fail("a length is not the shortest") }
        default: throw fail("a length is indefinite or too large")
        }
        guard end - position - header >= length else { throw fail("an element is longer than what holds it") }
        let start = position + header
        position = start + length
        return start..<position
    }

    /// A reader of the content of the next element, which must have `tag`.
    mutating func open(_ tag: UInt8) throws(CertificateFailure) -> DERReader { DERReader(bytes, try element(tag)) }

    /// A reader of a part.
    func part(_ range: Range<Int>) -> DERReader { DERReader(bytes, range) }

    /// The bytes of the next element with its tag and length, which must have `tag`.
    mutating func whole(_ tag: UInt8) throws(CertificateFailure) -> Range<Int> {
        let start = position
        _ = try element(tag)
        return start..<position
    }

    /// The shortest two's complement of an INTEGER that is not negative.
    mutating func unsignedInteger() throws(CertificateFailure) -> Range<Int> {
        let content = try element(Tag.integer)
        guard let first = bytes[content].first, first < 0x80 else { throw fail("a number is empty or negative") }
        if content.count > 1, first == 0, bytes[content.lowerBound + 1] < 0x80 { throw fail("a number is not the shortest") }
        return content
    }

    /// The same without a leading zero byte, filled with zeros in front to `size` bytes.
    mutating func unsignedInteger(size: Int) throws(CertificateFailure) -> [UInt8] {
        let digits = bytes[try unsignedInteger()].drop { $0 == 0 }
        guard digits.count <= size else { throw fail("a number is too large") }
        return [UInt8](repeating: 0, count: size - digits.count) + digits
    }

    mutating func objectIdentifier() throws(CertificateFailure) -> ArraySlice<UInt8> {
        let content = bytes[try element(Tag.objectIdentifier)]
        guard let last = content.last, last < 0x80 else { throw fail("an object identifier is cut off") }
        var begins = true
        for byte in content {
            guard !(begins && byte == 0x80) else { throw fail("an object identifier is not the shortest") }
            begins = byte < 0x80
        }
        return content
    }

    mutating func boolean() throws(CertificateFailure) -> Bool {
        let content = try element(Tag.boolean)
        guard content.count == 1, [0, 0xff].contains(bytes[content.lowerBound]) else { throw fail("a truth value is neither 00 nor FF") }
        return bytes[content.lowerBound] == 0xff
    }

    /// The bytes of a BIT STRING of whole bytes.
    mutating func bitString() throws(CertificateFailure) -> Range<Int> {
        let content = try element(Tag.bitString)
        guard content.count >= 1, bytes[content.lowerBound] == 0 else { throw fail("a bit string does not end with a whole byte") }
        return content.dropFirst()
    }
}
