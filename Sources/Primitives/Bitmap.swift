/// A set of validators of one epoch, as bits: bit `i` of byte `i / 8`, least significant first, stands for index `i`.
///
/// Invariant: the last byte is not zero, so that each set has one encoding; at most ``Limits/validatorsMax`` bits.
public struct ValidatorBitmap: Hashable, Sendable, BCSCodable {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public init(_ indices: some Sequence<ValidatorIndex>) { for index in indices { insert(index) } }

    public func contains(_ index: ValidatorIndex) -> Bool {
        let position = Int(index.rawValue)
        return position >> 3 < bytes.count && bytes[position >> 3] >> UInt8(position & 7) & 1 == 1
    }

    /// Adds an index below ``Limits/validatorsMax``.
    public mutating func insert(_ index: ValidatorIndex) {
        let position = Int(index.rawValue)
        precondition(position < Limits.validatorsMax)
        while bytes.count <= position >> 3 { bytes.append(0) }
        bytes[position >> 3] |= 1 << UInt8(position & 7)
    }

    /// The members in ascending order.
    public var indices: [ValidatorIndex] {
        (0..<UInt16(bytes.count * 8)).map(ValidatorIndex.init).filter(contains)
    }

    public var count: Int { bytes.reduce(0) { $0 + $1.nonzeroBitCount } }

    public func encode(into encoder: inout BCSEncoder) { encoder.encodeBytes(bytes) }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        bytes = try decoder.decodeBytes(limit: Limits.validatorsMax / 8)
        if bytes.last == 0 { throw decoder.refuse("a bitmap ends in a zero byte") }
    }
}
