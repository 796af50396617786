/// A SHA-256 digest, or a position in a tree keyed by one: 32 bytes.
@frozen public struct Digest: FixedBytes {
    public var words: (UInt64, UInt64, UInt64, UInt64)
    @inlinable public init() { words = (0, 0, 0, 0) }

    /// 32 zero bytes: the parent of the first block, and the root of an empty subtree.
    @inlinable public static var zero: Digest { Digest() }

    @inlinable public static func == (left: Digest, right: Digest) -> Bool {
        (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1)
            | (left.words.2 ^ right.words.2) | (left.words.3 ^ right.words.3) == 0
    }

    @inlinable public static func < (left: Digest, right: Digest) -> Bool {
        if left.words.0 != right.words.0 { return left.words.0.bigEndian < right.words.0.bigEndian }
        if left.words.1 != right.words.1 { return left.words.1.bigEndian < right.words.1.bigEndian }
        if left.words.2 != right.words.2 { return left.words.2.bigEndian < right.words.2.bigEndian }
        return left.words.3.bigEndian < right.words.3.bigEndian
    }

    /// Bit `index` of the byte string, the most significant bit of the first byte being bit 0.
    @inlinable public func bit(_ index: Int) -> Bool {
        withUnsafeBytes(of: self) { $0[index >> 3] >> UInt8(7 - index & 7) & 1 == 1 }
    }

    /// The number of leading bits in which the two agree, 0 … 256.
    @inlinable public func commonPrefixLength(with other: Digest) -> Int {
        let a = (words.0 ^ other.words.0).bigEndian
        if a != 0 { return a.leadingZeroBitCount }
        let b = (words.1 ^ other.words.1).bigEndian
        if b != 0 { return 64 + b.leadingZeroBitCount }
        let c = (words.2 ^ other.words.2).bigEndian
        if c != 0 { return 128 + c.leadingZeroBitCount }
        return 192 + (words.3 ^ other.words.3).bigEndian.leadingZeroBitCount
    }
}

/// The identity of a network: the hash of its genesis document. Every signature covers it.
@frozen public struct ChainID: FixedBytes {
    public var words: (UInt64, UInt64, UInt64, UInt64)
    @inlinable public init() { words = (0, 0, 0, 0) }
}

/// One value of the randomness beacon: the chained hash of the proposers' VRF outputs.
@frozen public struct Beacon: FixedBytes {
    public var words: (UInt64, UInt64, UInt64, UInt64)
    @inlinable public init() { words = (0, 0, 0, 0) }
}
