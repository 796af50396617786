public import Primitives

/// Proof that a leaf stands at `index` in the tree of `size` leaves with a known root (RFC 6962 §2.1.1). The root alone does
/// not fix `size`: whoever relies on the place must know it otherwise. Where only membership matters, ``MerklePath`` says
/// nothing more than it proves.
public struct InclusionProof: Hashable, Sendable, BCSCodable {
    public let index: UInt64
    public let size: UInt64
    /// Sibling hashes from the leaf upwards.
    public let path: [Digest]

    /// Levels of a tree: leaves are counted by 64 bits.
    public static let pathMax = 64

    public init(index: UInt64, size: UInt64, path: [Digest]) {
        self.index = index
        self.size = size
        self.path = path
    }

    /// Whether the tree of ``size`` leaves with this `root` has `leafHash` at ``index`` (RFC 9162 §2.1.3.2).
    public func verifies(leafHash: Digest, root: Digest) -> Bool {
        guard let path = merklePath else { return false }
        return path.root(leafHash: leafHash) == root
    }

    /// The path with the side of each sibling, or nil when `index`, `size` and the path's length do not belong together.
    public var merklePath: MerklePath? {
        guard index < size, path.count <= InclusionProof.pathMax else { return nil }
        var place = index
        var last = size - 1
        var lefts: UInt64 = 0
        for step in path.indices {
            guard last != 0 else { return nil }
            if place & 1 == 1 || place == last {
                lefts |= 1 << UInt64(step)
                // A last node without a sibling is lifted until it is a right child.
                while place & 1 == 0 && place != 0 {
                    place >>= 1
                    last >>= 1
                }
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 ? MerklePath(siblings: path, lefts: lefts) : nil
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(index)
        encoder.encode(size)
        encoder.encode(path)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        index = try decoder.decode(UInt64.self)
        size = try decoder.decode(UInt64.self)
        path = try decoder.decodeSequence(of: Digest.self, limit: InclusionProof.pathMax)
    }
}

/// The way from a leaf to the root of an RFC 6962 tree: each sibling with its side. It proves that the leaf is in the tree and
/// nothing about its place. Unlike index and size, of which several pairs take the same way, every bit of it counts.
///
/// Invariant: at most 64 siblings; no bit of `lefts` at or above their number is set.
public struct MerklePath: Hashable, Sendable, BCSCodable {
    /// From the leaf upwards.
    public let siblings: [Digest]
    /// Bit i is set when sibling i stands on the left.
    public let lefts: UInt64

    init(siblings: [Digest], lefts: UInt64) {
        self.siblings = siblings
        self.lefts = lefts
    }

    /// The root that the tree has if `leafHash` is in it.
    public func root(leafHash: Digest) -> Digest {
        var node = leafHash
        for (step, sibling) in siblings.enumerated() {
            let isLeft = lefts >> UInt64(step) & 1 == 1
            node = isLeft ? MerkleTree.nodeHash(sibling, node) : MerkleTree.nodeHash(node, sibling)
        }
        return node
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(siblings)
        encoder.encode(lefts)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        siblings = try decoder.decodeSequence(of: Digest.self, limit: InclusionProof.pathMax)
        lefts = try decoder.decode(UInt64.self)
        guard siblings.count == 64 || lefts >> UInt64(siblings.count) == 0 else {
            throw decoder.refuse("a Merkle path names the side of a sibling that it lacks")
        }
    }
}
