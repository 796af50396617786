public import Primitives

/// Computes the root of an RFC 6962 tree while its leaves arrive, in constant time per leaf on average and with one digest of
/// memory per level.
///
/// Invariant: `peaks` holds the roots of complete subtrees in leaf order, one for each 1 bit of `count`, the largest first.
public struct MerkleAccumulator: Sendable {
    private var peaks: [Digest] = []
    public private(set) var count: UInt64 = 0

    public init() {}

    public mutating func append(leafHash: Digest) {
        var node = leafHash
        // Two complete subtrees of one size become one of twice the size, as a binary counter carries.
        for _ in 0..<(~count).trailingZeroBitCount {
            guard let left = peaks.popLast() else { preconditionFailure("fewer peaks than bits in the count") }
            node = MerkleTree.nodeHash(left, node)
        }
        peaks.append(node)
        count += 1
    }

    /// The root over the leaves so far.
    public var root: Digest {
        guard var root = peaks.last else { return MerkleTree.emptyRoot }
        for peak in peaks.dropLast().reversed() { root = MerkleTree.nodeHash(peak, root) }
        return root
    }

    /// The root over `leafHashes`.
    public static func root(of leafHashes: some Sequence<Digest>) -> Digest {
        var accumulator = MerkleAccumulator()
        for leaf in leafHashes { accumulator.append(leafHash: leaf) }
        return accumulator.root
    }
}
