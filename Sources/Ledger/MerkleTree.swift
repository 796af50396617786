import Cryptography
public import Primitives

/// A Merkle tree over a list of byte strings as RFC 6962 §2.1 defines it: a leaf is `SHA-256(0x00 || data)`, an inner node
/// `SHA-256(0x01 || left || right)`, the left subtree of n leaves holds the largest power of two below n, and the empty tree
/// has the hash of the empty string.
///
/// All levels are kept, so that every proof takes a logarithmic number of steps. Where only a root is needed,
/// ``MerkleAccumulator`` keeps one digest per level.
public struct MerkleTree: Sendable {
    /// Level 0 holds the leaf hashes; each level above pairs its neighbours and lifts an odd last node unchanged. The node at
    /// level L, place i, is the RFC's tree hash of leaves `i << L ..< min((i + 1) << L, count)`.
    private let levels: [[Digest]]

    /// The tree over leaves given by their hashes, see ``leafHash(_:)``.
    public init(leafHashes: [Digest]) {
        var levels = [leafHashes]
        while let below = levels.last, below.count > 1 {
            var level: [Digest] = []
            level.reserveCapacity((below.count + 1) / 2)
            for place in stride(from: 0, to: below.count - 1, by: 2) {
                level.append(MerkleTree.nodeHash(below[place], below[place + 1]))
            }
            if !below.count.isMultiple(of: 2) { level.append(below[below.count - 1]) }
            levels.append(level)
        }
        self.levels = levels
    }

    /// The number of leaves.
    public var count: Int { levels[0].count }

    public var root: Digest { count == 0 ? MerkleTree.emptyRoot : levels[levels.count - 1][0] }

    /// The root of the tree without leaves: the SHA-256 of the empty string.
    public static let emptyRoot = SHA256.hash([UInt8]())

    /// `SHA-256(0x00 || data)`.
    public static func leafHash(_ data: [UInt8]) -> Digest {
        var prefixed: [UInt8] = []
        prefixed.reserveCapacity(data.count + 1)
        prefixed.append(0)
        prefixed.append(contentsOf: data)
        return SHA256.hash(prefixed)
    }

    /// `SHA-256(0x00 || BCS(value))`.
    public static func leafHash(of value: some BCSCodable) -> Digest {
        var encoder = BCSEncoder()
        encoder.encode(0 as UInt8)
        value.encode(into: &encoder)
        return SHA256.hash(encoder.bytes)
    }

    /// `SHA-256(0x01 || left || right)`.
    static func nodeHash(_ left: Digest, _ right: Digest) -> Digest { SHA256.node(prefix: 1, left, right) }

    /// Proof that leaf `index` is at its place; nil when there is no such leaf (RFC 6962 §2.1.1).
    public func inclusionProof(of index: Int) -> InclusionProof? {
        guard levels[0].indices.contains(index) else { return nil }
        var path: [Digest] = []
        var place = index
        for level in levels.dropLast() {
            if place ^ 1 < level.count { path.append(level[place ^ 1]) }
            place >>= 1
        }
        return InclusionProof(index: UInt64(index), size: UInt64(count), path: path)
    }

    /// Proof that the tree over the first `size` leaves is a prefix of this one; nil unless `1 <= size <= count`
    /// (RFC 6962 §2.1.2).
    public func consistencyProof(from size: Int) -> ConsistencyProof? {
        guard size >= 1, size <= count else { return nil }
        var path: [Digest] = []
        if size < count {
            // The largest complete subtree that ends where the old tree ends: both roots are reached by walking up from it.
            var level = size.trailingZeroBitCount
            var place = (size >> level) - 1
            // At place 0 it is the old tree itself, whose root the verifier brings.
            if place != 0 { path.append(levels[level][place]) }
            while level < levels.count - 1 {
                if place ^ 1 < levels[level].count { path.append(levels[level][place ^ 1]) }
                place >>= 1
                level += 1
            }
        }
        return ConsistencyProof(oldSize: UInt64(size), newSize: UInt64(count), path: path)
    }
}
