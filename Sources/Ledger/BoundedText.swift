public import Primitives

/// How long a kind of text may be, in bytes of UTF-8.
public protocol TextBound: Sendable {
    static var bytesMax: Int { get }
}

/// UTF-8 text of at most `Bound.bytesMax` bytes, compared and hashed by its bytes.
///
/// `String` compares by canonical equivalence, so that the Kelvin sign equals the letter K and two nodes with different
/// Unicode tables could disagree on which method a call names. Here only equal bytes are equal.
public struct BoundedText<Bound: TextBound>: Sendable {
    public let text: String

    /// nil when `text` is longer than the bound.
    public init?(_ text: String) {
        guard text.utf8.count <= Bound.bytesMax else { return nil }
        self.text = text
    }

    /// As much of `text` as fits, cut between characters.
    public init(truncating text: String) {
        let bytes = text.utf8
        guard bytes.count > Bound.bytesMax else {
            self.text = text
            return
        }
        var end = bytes.index(bytes.startIndex, offsetBy: Bound.bytesMax)
        // A byte 10xxxxxx continues a character; the cut moves to where one begins.
        while bytes[end] & 0xc0 == 0x80 { end = bytes.index(before: end) }
        self.text = String(text[..<end])
    }
}

extension BoundedText: Hashable, Comparable {
    public static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }
    public static func < (left: Self, right: Self) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
    public func hash(into hasher: inout Hasher) {
        // All bytes at once; texts without such a view take the slow way to the same bytes.
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xff as UInt8)
    }
}

extension BoundedText: ExpressibleByStringLiteral, CustomStringConvertible {
    public init(stringLiteral value: String) {
        guard let text = Self(value) else { preconditionFailure("a literal of the program is longer than its bound") }
        self = text
    }
    public var description: String { text }
}

extension BoundedText: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) { encoder.encode(text) }
    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        text = try decoder.decodeText(limit: Bound.bytesMax)
    }
}

public enum MethodNameBound: TextBound { public static var bytesMax: Int { Limits.methodNameBytesMax } }
public enum MemoBound: TextBound { public static var bytesMax: Int { Limits.memoBytesMax } }
public enum EventNameBound: TextBound { public static var bytesMax: Int { Limits.eventNameBytesMax } }
public enum ReceiptMessageBound: TextBound { public static var bytesMax: Int { Limits.receiptMessageBytesMax } }

public typealias MethodName = BoundedText<MethodNameBound>
public typealias Memo = BoundedText<MemoBound>
public typealias EventName = BoundedText<EventNameBound>
public typealias ReceiptMessage = BoundedText<ReceiptMessageBound>
