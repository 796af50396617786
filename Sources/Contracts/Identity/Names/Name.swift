public import Execution
public import Primitives

extension Identity {
    /// A name such as `shop` or `alice.shop`: labels with dots between them, the most general one last.
    ///
    /// A label has 1 to 63 of the lower-case letters a–z, the digits and the hyphen; it neither begins nor ends with a hyphen, and
    /// has no two in a row, so that no label can pass for the encoded form of another alphabet. A name has at most 4 labels and 128
    /// bytes. One name has one spelling: there are no capitals and nothing outside ASCII that could look like something else.
    public struct Name: Hashable, Comparable, Sendable {
        public let text: String

        public static let bytesMax = 128
        public static let labelBytesMax = 63
        public static let labelsMax = 4

        /// nil when `text` breaks a rule.
        public init?(_ text: String) {
            let bytes = Array(text.utf8)
            let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            guard bytes.count <= Name.bytesMax, labels.count <= Name.labelsMax, labels.allSatisfy(Name.isLabel) else { return nil }
            self.text = text
        }

        private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
            let hyphen = UInt8(ascii: "-")
            guard (1...labelBytesMax).contains(label.count), label.first != hyphen, label.last != hyphen,
                  !zip(label, label.dropFirst()).contains(where: { $0 == hyphen && $1 == hyphen }) else { return false }
            return label.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == hyphen
            }
        }

        /// The name behind the first dot; nil for a name of one label.
        public var parent: Name? {
            guard let dot = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return nil }
            return Name(String(text[text.utf8.index(after: dot)...]))
        }

        /// Bytes of the first label.
        var labelBytes: Int { text.utf8.prefix { $0 != UInt8(ascii: ".") }.count }

        public static func == (left: Name, right: Name) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }
        public static func < (left: Name, right: Name) -> Bool { left.text.utf8.lexicographicallyPrecedes(right.text.utf8) }
    }
}

extension Identity.Name: CustomStringConvertible {
    public var description: String { text }
}

extension Identity.Name: OrderedKey {
    public static var schema: TypeSchema { .text(max: bytesMax) }
    public func encode(into encoder: inout BCSEncoder) { encoder.encode(text) }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        guard let name = Self(try decoder.decodeText(limit: Self.bytesMax)) else {
            throw decoder.refuse("a name has up to 4 labels of a–z, 0–9 and single hyphens inside, with dots between them")
        }
        self = name
    }

    /// The length first, so that nothing behind a name can be taken for a part of it.
    public func append(to key: inout [UInt8]) {
        let bytes = text.utf8
        key.append(UInt8(bytes.count))
        key.append(contentsOf: bytes)
    }

    public init?(reading key: [UInt8], at position: inout Int) {
        guard position < key.count, key.count - position > Int(key[position]) else { return nil }
        let end = position + 1 + Int(key[position])
        guard let text = String(validating: key[(position + 1)..<end], as: UTF8.self) else { return nil }
        self.init(text)
        position = end
    }
}
