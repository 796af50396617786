/// A value with exactly one encoding in Binary Canonical Serialization: little-endian fixed-width integers, lengths as
/// minimal ULEB128, fields in declaration order, enum cases by index, maps sorted by encoded key (BCS specification,
/// diem/bcs README). Everything that is hashed, signed, stored or sent between nodes is encoded so.
public protocol BCSCodable: Sendable {
    func encode(into encoder: inout BCSEncoder)
    /// Reads one value and leaves the decoder behind it. It must accept only what ``encode(into:)`` writes.
    init(from decoder: inout BCSDecoder) throws(BCSError)
}

extension BCSCodable {
    /// The canonical bytes.
    @inlinable public var bcs: [UInt8] {
        var encoder = BCSEncoder()
        encode(into: &encoder)
        return encoder.bytes
    }

    /// Decodes a value that fills `bytes` exactly.
    @inlinable public init(bcs bytes: [UInt8]) throws(BCSError) {
        var decoder = BCSDecoder(bytes)
        self = try Self(from: &decoder)
        try decoder.finish()
    }
}

/// Why bytes are not the canonical encoding of a value. `offset` counts bytes from the start of the input.
public enum BCSError: Error, Equatable, Sendable {
    /// The input ends before the value does.
    case truncated(offset: Int, needed: Int, available: Int)
    /// Bytes follow the value.
    case trailingBytes(offset: Int, count: Int)
    /// A ULEB128 number with superfluous zero bytes.
    case lengthNotMinimal(offset: Int)
    /// A ULEB128 number of 2³² or more.
    case lengthTooWide(offset: Int)
    /// A length beyond the limit of its field.
    case lengthOverLimit(offset: Int, length: Int, limit: Int)
    /// A boolean or option tag other than 0 and 1.
    case tagNotBoolean(offset: Int, tag: UInt8)
    /// An enum index that names no case, among them version tags of a later protocol.
    case variantUnknown(offset: Int, variant: UInt32)
    case textNotUTF8(offset: Int)
    /// Map keys that are not strictly ascending in their encoded bytes.
    case keysNotAscending(offset: Int)
    /// Recursive values nested deeper than ``Limits/encodingDepthMax``.
    case nestedTooDeep(offset: Int)
    /// The bytes are canonical, but no value of the type has these fields; `reason` is a fixed text.
    case valueInvalid(offset: Int, reason: StaticReason)
}

extension BCSError: CustomStringConvertible {
    /// Receipts hold it, so that it is the same for every node, whatever built it.
    public var description: String {
        switch self {
        case .truncated(let offset, let needed, let available): "offset \(offset): \(needed) bytes are needed, \(available) are left"
        case .trailingBytes(let offset, let count): "offset \(offset): \(count) bytes follow the value"
        case .lengthNotMinimal(let offset): "offset \(offset): the length has superfluous zero bytes"
        case .lengthTooWide(let offset): "offset \(offset): the length has more than 32 bits"
        case .lengthOverLimit(let offset, let length, let limit): "offset \(offset): a length of \(length), at most \(limit)"
        case .tagNotBoolean(let offset, let tag): "offset \(offset): \(tag) is neither 0 nor 1"
        case .variantUnknown(let offset, let variant): "offset \(offset): there is no case \(variant)"
        case .textNotUTF8(let offset): "offset \(offset): the text is not UTF-8"
        case .keysNotAscending(let offset): "offset \(offset): the keys do not ascend"
        case .nestedTooDeep(let offset): "offset \(offset): values are nested too deep"
        case .valueInvalid(let offset, let reason): "offset \(offset): \(reason)"
        }
    }
}

/// A text of the program itself, never of a peer; comparable, so that errors are.
public struct StaticReason: Equatable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    private let text: StaticString
    public init(stringLiteral value: StaticString) { text = value }
    public var description: String { text.description }
    public static func == (left: Self, right: Self) -> Bool { left.description == right.description }
}
