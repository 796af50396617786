public import Primitives

/// Proof that the tree of `oldSize` leaves is a prefix of the tree of `newSize` leaves: nothing was taken out, changed or put
/// in between (RFC 6962 §2.1.2). As with ``InclusionProof``, roots alone do not fix sizes: the same nodes may prove it for
/// several, and whoever relies on a size must know it with its root.
public struct ConsistencyProof: Hashable, Sendable, BCSCodable {
    public let oldSize: UInt64
    public let newSize: UInt64
    public let path: [Digest]

    /// One node to start from and one sibling per level.
    public static let pathMax = InclusionProof.pathMax + 1

    public init(oldSize: UInt64, newSize: UInt64, path: [Digest]) {
        self.oldSize = oldSize
        self.newSize = newSize
        self.path = path
    }

    /// Whether the trees with these roots are prefix and whole (RFC 9162 §2.1.4.2).
    public func verifies(oldRoot: Digest, newRoot: Digest) -> Bool {
        guard oldSize >= 1, oldSize <= newSize, path.count <= ConsistencyProof.pathMax else { return false }
        if oldSize == newSize { return path.isEmpty && oldRoot == newRoot }
        // An old tree that is complete is itself the first node.
        let nodes = oldSize & (oldSize - 1) == 0 ? [oldRoot] + path : path
        guard let first = nodes.first else { return false }
        var place = oldSize - 1
        var last = newSize - 1
        let complete = UInt64((~place).trailingZeroBitCount)
        place >>= complete
        last >>= complete
        var old = first
        var new = first
        for node in nodes.dropFirst() {
            guard last != 0 else { return false }
            if place & 1 == 1 || place == last {
                old = MerkleTree.nodeHash(node, old)
                new = MerkleTree.nodeHash(node, new)
                while place & 1 == 0 && place != 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                new = MerkleTree.nodeHash(new, node)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && old == oldRoot && new == newRoot
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(oldSize)
        encoder.encode(newSize)
        encoder.encode(path)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        oldSize = try decoder.decode(UInt64.self)
        newSize = try decoder.decode(UInt64.self)
        path = try decoder.decodeSequence(of: Digest.self, limit: ConsistencyProof.pathMax)
    }
}
