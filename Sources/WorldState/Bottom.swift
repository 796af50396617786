import Primitives

/// A value that was written after the flushed state, with its key. Shared by every version of the tree that holds it.
final class Entry: Sendable {
    let path: Digest
    /// The leaf hash.
    let hash: Digest
    let key: [UInt8]
    let value: [UInt8]
    /// The version of the tree that wrote it.
    let version: UInt64

    init(path: Digest, key: [UInt8], value: [UInt8], version: UInt64) {
        self.path = path
        hash = TreeHash.leaf(path: path, valueHash: TreeHash.value(value))
        self.key = key
        self.value = value
        self.version = version
    }
}

/// One leaf as the hashes above it need it. Trivially copyable: bottoms are copied with every change, and counting references
/// of what has not changed would cost more than the hashing.
struct Leaf: BitwiseCopyable, Sendable {
    let path: Digest
    let hash: Digest
}

/// A subtree of at most ``capacity`` leaves in memory, in four *cells* by the next two bits of their paths. A cell's own hash
/// stands in its page; the hashes within a cell are not kept anywhere but computed again from its leaves, which lie side by
/// side on one page of the store.
///
/// Invariants: the paths of a cell's leaves are strictly ascending and share its prefix; those of `entries` are strictly
/// ascending and among the leaves. A leaf without an entry is as the flushed state has it.
final class Bottom: Sendable {
    /// The most leaves of a bottom. Larger bottoms cost more hashes per update, smaller ones more pages to write.
    static let capacity = 24

    /// nil for a cell that has not been read.
    let cells: InlineArray<4, [Leaf]?>
    let entries: [Entry]
    let version: UInt64

    init(cells: InlineArray<4, [Leaf]?>, entries: [Entry], version: UInt64) {
        self.cells = cells
        self.entries = entries
        self.version = version
    }

    /// The value at `path` when it is not as the flushed state has it.
    func entry(at path: Digest) -> Entry? {
        var low = 0, high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].path < path { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].path == path ? entries[low] : nil
    }

    /// Whether there is a leaf at `path`, which belongs to `cell`; nil when the cell has not been read.
    func contains(_ path: Digest, in cell: Int) -> Bool? { cells[cell]?.contains { $0.path == path } }
}

/// The hash of a stretch of leaves.
enum LeafHash {
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

    /// The hash of the subtree of `leaves`, whose paths agree in their first `depth` bits. `count` counts the hashes made.
    static func hash(_ leaves: [Leaf], depth: Int, count: inout Int) -> Digest {
        leaves.withUnsafeBufferPointer { hash($0, 0..<$0.count, depth: depth, count: &count) }
    }

    static func hash(_ leaves: [Leaf], depth: Int) -> Digest {
        var count = 0
        return hash(leaves, depth: depth, count: &count)
    }
}
