import Primitives

/// A value that was written after the flushed state, with its key. Shared by every version of the tree that holds it.
final class Entry: Sendable {
    let key: [UInt8]
    let value: [UInt8]
    /// The version of the tree that wrote it.
    let version: UInt64

    init(key: [UInt8], value: [UInt8], version: UInt64) {
        self.key = key
        self.value = value
        self.version = version
    }
}

/// One leaf as a bottom holds it.
struct Leaf: Sendable {
    let path: Digest
    let hash: Digest
    /// nil while key and value are those of the flushed state.
    let entry: Entry?
}

/// A subtree of at most ``capacity`` leaves in memory. Its inner hashes are not kept anywhere: they are computed again from
/// the leaf hashes, which lie side by side on one page of the store.
///
/// Invariant: paths are strictly ascending and share the prefix of the slot that holds the bottom.
final class Bottom: Sendable {
    /// The most leaves of a bottom. Larger bottoms cost more hashes per update, smaller ones more pages to write.
    static let capacity = 24

    let leaves: [Leaf]
    let version: UInt64

    init(leaves: [Leaf], version: UInt64) {
        self.leaves = leaves
        self.version = version
    }

    /// The position of `path`, or of the first leaf behind it.
    func position(of path: Digest) -> Int {
        var low = 0, high = leaves.count
        while low < high {
            let middle = (low + high) / 2
            if leaves[middle].path < path { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func leaf(at path: Digest) -> Leaf? {
        let position = position(of: path)
        return position < leaves.count && leaves[position].path == path ? leaves[position] : nil
    }

    /// The hash of the subtree of `leaves`, whose paths agree in their first `depth` bits. `count` counts the hashes made.
    private static func hash(
        _ leaves: UnsafeBufferPointer<Leaf>, _ range: Range<Int>, depth: Int, count: inout Int
    ) -> Digest {
        switch range.count {
        case 0: return TreeHash.empty
        case 1: return leaves[range.lowerBound].hash
        default:
            // The first bit in which the outermost paths differ is where the subtree branches; above it, each level has one
            // empty side.
            let branch = leaves[range.lowerBound].path.commonPrefixLength(with: leaves[range.upperBound - 1].path)
            var split = range.lowerBound + 1
            while !leaves[split].path.bit(branch) { split += 1 }
            var hash = TreeHash.inner(
                Self.hash(leaves, range.lowerBound..<split, depth: branch + 1, count: &count),
                Self.hash(leaves, split..<range.upperBound, depth: branch + 1, count: &count))
            count += 1 + branch - depth
            let path = leaves[range.lowerBound].path
            var bit = branch - 1
            while bit >= depth {
                hash = path.bit(bit) ? TreeHash.inner(TreeHash.empty, hash) : TreeHash.inner(hash, TreeHash.empty)
                bit -= 1
            }
            return hash
        }
    }

    /// The hash of a subtree below `depth` bits, and how many hashes it took.
    static func hash(_ leaves: [Leaf], depth: Int, count: inout Int) -> Digest {
        leaves.withUnsafeBufferPointer { hash($0, 0..<$0.count, depth: depth, count: &count) }
    }

    static func hash(_ leaves: [Leaf], depth: Int) -> Digest {
        var count = 0
        return hash(leaves, depth: depth, count: &count)
    }
}
