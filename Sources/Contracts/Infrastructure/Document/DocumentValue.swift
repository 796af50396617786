public import Primitives

/// A value of an infrastructure document: what a YAML or JSON file can say, without the ways of saying one thing twice.
///
/// Its encoding in Binary Canonical Serialization is an enum of the cases in this order. Maps are sequences of key and value with strictly
/// ascending keys, by the bytes of their UTF-8. A value that breaks a limit of ``DocumentLimits`` has no encoding that is accepted.
///
/// Two values are equal when their encodings are: texts that look alike but have other bytes are not.
public indirect enum DocumentValue: Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// A number with a decimal point.
    case decimal(DocumentDecimal)
    case text(String)
    case list([DocumentValue])
    /// Strictly ascending by key; see ``map(sorting:)``.
    case map([Member])

    /// A key of a map with its value.
    public struct Member: Sendable {
        public let name: String
        public let value: DocumentValue

        public init(_ name: String, _ value: DocumentValue) {
            self.name = name
            self.value = value
        }
    }

    /// A map of `members` in any order; nil when two have the same key.
    public static func map(sorting members: [Member]) -> DocumentValue? {
        let sorted = members.sorted { $0.name.precedes($1.name) }
        return zip(sorted, sorted.dropFirst()).allSatisfy { $0.name.precedes($1.name) } ? .map(sorted) : nil
    }

    /// The value at `key` of a map; nil when there is none, or when this is no map.
    public subscript(key: String) -> DocumentValue? {
        guard case .map(let members) = self else { return nil }
        return members.first { $0.name.utf8.elementsEqual(key.utf8) }?.value
    }
}

extension DocumentValue: Hashable {
    public static func == (left: DocumentValue, right: DocumentValue) -> Bool { left.bcs == right.bcs }
    public func hash(into hasher: inout Hasher) { hasher.combine(bcs) }
}

extension DocumentValue: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(variant)
        switch self {
        case .null: break
        case .boolean(let flag): encoder.encode(flag)
        case .integer(let number): encoder.encode(number)
        case .decimal(let decimal): encoder.encode(decimal.text)
        case .text(let text): encoder.encode(text)
        case .list(let values): encoder.encode(values)
        case .map(let members):
            encoder.encodeLength(members.count)
            for member in members {
                encoder.encode(member.name)
                member.value.encode(into: &encoder)
            }
        }
    }

    private var variant: Int {
        switch self {
        case .null: 0
        case .boolean: 1
        case .integer: 2
        case .decimal: 3
        case .text: 4
        case .list: 5
        case .map: 6
        }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) { self = try Self.read(&decoder, depth: 0) }

    private static func read(_ decoder: inout BCSDecoder, depth: Int) throws(BCSError) -> DocumentValue {
        switch try decoder.decodeVariant(count: 7) {
        case 0: return .null
        case 1: return .boolean(try decoder.decode(Bool.self))
        case 2: return .integer(try decoder.decode(Int64.self))
        case 3:
            guard let decimal = DocumentDecimal(try decoder.decodeText(limit: DocumentLimits.decimalBytesMax)) else {
                throw decoder.refuse("a decimal number is not in its shortest form")
            }
            return .decimal(decimal)
        case 4: return .text(try decoder.decodeText(limit: DocumentLimits.valueBytesMax))
        case 5:
            let count = try length(&decoder, depth)
            var values: [DocumentValue] = []
            values.reserveCapacity(min(count, 16))
            for _ in 0..<count { values.append(try read(&decoder, depth: depth + 1)) }
            return .list(values)
        default:
            let count = try length(&decoder, depth)
            var members: [Member] = []
            members.reserveCapacity(min(count, 16))
            for _ in 0..<count {
                let start = decoder.offset
                let key = try decoder.decodeText(limit: DocumentLimits.keyBytesMax)
                guard !key.isEmpty else { throw decoder.refuse("a key of a map is empty") }
                if let last = members.last, !last.name.precedes(key) { throw .keysNotAscending(offset: start) }
                members.append(Member(key, try read(&decoder, depth: depth + 1)))
            }
            return .map(members)
        }
    }

    /// The length of a list or map at `depth`.
    private static func length(_ decoder: inout BCSDecoder, _ depth: Int) throws(BCSError) -> Int {
        guard depth < DocumentLimits.depthMax else { throw .nestedTooDeep(offset: decoder.offset) }
        // Every element takes a byte at least.
        return try decoder.decodeLength(limit: min(DocumentLimits.valueBytesMax, decoder.remaining))
    }
}

/// A number with a decimal point, as text in its one shortest form: an optional minus, digits without a superfluous zero in front, a point,
/// digits without superfluous zeros behind, but at least one. There is no minus zero and no exponent: `-12.5`, `0.0`, `3.0`.
public struct DocumentDecimal: Sendable {
    public let text: String

    /// nil when `text` is not in that form, or longer than ``DocumentLimits/decimalBytesMax``.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= DocumentLimits.decimalBytesMax else { return nil }
        let isNegative = bytes.first == UInt8(ascii: "-")
        let parts = bytes.dropFirst(isNegative ? 1 : 0).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let zero = UInt8(ascii: "0")
        guard parts.count == 2, let first = parts[0].first, let last = parts[1].last,
              parts.allSatisfy({ $0.allSatisfy { (zero...UInt8(ascii: "9")).contains($0) } }),
              first != zero || parts[0].count == 1, last != zero || parts[1].count == 1,
              !(isNegative && parts.allSatisfy { $0.allSatisfy { $0 == zero } }) else { return nil }
        self.text = text
    }
}

extension String {
    /// Whether the bytes of this text sort before those of `other`; the order of Swift depends on its Unicode tables.
    func precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
