public import Primitives

/// One holder's part of a shared secret: the value of the dealer's polynomial at the holder's index.
public struct SecretShare: Sendable {
    /// 1 … ``SecretSharing/holdersMax``.
    public let index: UInt16
    private let value: SecretBytes

    /// Bytes of ``encoded``.
    public static let encodedBytes = 34

    init(index: UInt16, scalar: Scalar) {
        self.index = index
        value = SecretBytes(scalar: scalar)
    }

    /// Reads ``encoded``; nil when the index is out of range or the value is no canonical scalar.
    public init?(encoded: SecretBytes) {
        guard encoded.count == SecretShare.encodedBytes else { return nil }
        let index = encoded.withUnsafeBytes { UInt16(littleEndian: $0.loadUnaligned(as: UInt16.self)) }
        var scalar = encoded.withUnsafeBytes { Scalar(reading: UnsafeRawBufferPointer(rebasing: $0[2...])) }
        defer { scalar.wipe() }
        guard (1...SecretSharing.holdersMax).contains(Int(index)), scalar.isCanonical else { return nil }
        self.init(index: index, scalar: scalar)
    }

    /// Index (little-endian, 2 bytes) and value, for the sealed box to its holder.
    public var encoded: SecretBytes {
        SecretBytes(count: SecretShare.encodedBytes) { bytes in
            bytes.storeBytes(of: index.littleEndian, as: UInt16.self)
            value.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: bytes[2...]).copyMemory(from: $0) }
        }
    }

    var scalar: Scalar { value.withUnsafeBytes { Scalar(reading: $0) } }
}

/// A point that belongs to a share: `share · B`, or a commitment to a coefficient.
@frozen public struct PublicShare: FixedBytes {
    public var words: (UInt64, UInt64, UInt64, UInt64)
    public init() { words = (0, 0, 0, 0) }

    init(_ point: EdwardsPoint) { words = point.words }

    var point: EdwardsPoint {
        var point = EdwardsPoint()
        point.words = words
        return point
    }
}

/// What a dealer publishes: `cᵢ · B` for each coefficient of its polynomial, the secret's first.
///
/// Invariants: 1 … ``SecretSharing/holdersMax`` points, each of prime order. They are checked when the value is made.
public struct ShareCommitments: Hashable, Sendable, BCSCodable {
    public let points: [PublicShare]

    /// nil when an invariant does not hold.
    public init?(_ points: [PublicShare]) {
        guard (1...SecretSharing.holdersMax).contains(points.count), points.allSatisfy(\.point.isValid) else { return nil }
        self.points = points
    }

    init(checked points: [PublicShare]) { self.points = points }

    /// Shares that recover the secret.
    public var threshold: Int { points.count }

    /// `secret · B`: the group's public key.
    public var groupKey: PublicShare { points[0] }

    /// `share · B` of holder `index`, computed from the commitments by Horner's rule. nil for index 0, and when a partial sum is
    /// the neutral element, which a dealer can arrange but chance does not: such a dealing is unusable.
    public func publicShare(of index: UInt16) -> PublicShare? {
        guard index > 0 else { return nil }
        let x = Scalar(UInt64(index))
        var sum = points[points.count - 1].point
        for commitment in points.dropLast().reversed() {
            guard let product = sum.multiplied(by: x), let next = product.adding(commitment.point) else { return nil }
            sum = next
        }
        return sum.isValid ? PublicShare(sum) : nil
    }

    /// Whether `share` is the dealer's value for its index.
    public func accepts(_ share: SecretShare) -> Bool {
        var scalar = share.scalar
        defer { scalar.wipe() }
        guard let expected = publicShare(of: share.index), let found = EdwardsPoint.base(times: scalar) else { return false }
        return PublicShare(found) == expected
    }

    public func encode(into encoder: inout BCSEncoder) { encoder.encode(points) }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        let points = try decoder.decodeSequence(of: PublicShare.self, limit: SecretSharing.holdersMax)
        guard let value = ShareCommitments(points) else { throw decoder.refuse("a commitment is not of prime order") }
        self = value
    }
}
