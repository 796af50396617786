public import Primitives

/// What an index finds things by: a tag and the first 15 bytes of a digest or an address. Two things may share a key, by chance
/// or by an adversary's work; whoever asks compares what he finds with what he was looking for.
public struct IndexKey: Hashable, Comparable, Sendable {
    let high: UInt64
    let low: UInt64

    /// `tag` keeps kinds of things apart that share an index.
    @inlinable public init(_ tag: UInt8, _ value: some FixedBytes) {
        self = withUnsafeBytes(of: value) { bytes in
            precondition(bytes.count >= 15)
            var key: (UInt64, UInt64) = (0, 0)
            withUnsafeMutableBytes(of: &key) { raw in
                raw[0] = tag
                UnsafeMutableRawBufferPointer(rebasing: raw[1...]).copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<15]))
            }
            return IndexKey(high: UInt64(bigEndian: key.0), low: UInt64(bigEndian: key.1))
        }
    }

    @usableFromInline init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    @inline(__always)
    public static func < (left: IndexKey, right: IndexKey) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }
}

/// A place in the chain: a block, and something in it by its number from 0.
public struct IndexPosition: Hashable, Comparable, Sendable {
    public let height: Height
    public let index: UInt32

    public init(height: Height, index: UInt32) {
        self.height = height
        self.index = index
    }

    public static func < (left: IndexPosition, right: IndexPosition) -> Bool {
        (left.height, left.index) < (right.height, right.index)
    }
}

/// One fact of an index, 24 bytes on disk: three words of 64 bits, the last of which is the place. Entries are ordered by key,
/// then by place.
struct IndexEntry: Hashable, Comparable, Sendable {
    /// Bits of the number in a block; blocks hold at most ``Limits/blockTransactionsMax``. The 44 bits above it are the height:
    /// 557 years of a thousand blocks a second.
    static let indexBits: UInt64 = 20
    static let byteCount = 24

    let key: IndexKey
    let place: UInt64

    /// The least place of `height`; one behind all that can be named, for heights beyond them.
    static func place(_ height: Height, _ index: UInt32 = 0) -> UInt64 {
        guard height.rawValue < 1 << (64 - indexBits) else { return .max }
        precondition(index < 1 << indexBits, "a block has fewer entries")
        return height.rawValue << indexBits | UInt64(index)
    }

    static func position(_ place: UInt64) -> IndexPosition {
        IndexPosition(height: Height(place >> indexBits), index: UInt32(place & (1 << indexBits - 1)))
    }

    @inline(__always)
    static func < (left: IndexEntry, right: IndexEntry) -> Bool {
        if left.key.high != right.key.high { return left.key.high < right.key.high }
        if left.key.low != right.key.low { return left.key.low < right.key.low }
        return left.place < right.place
    }
}
