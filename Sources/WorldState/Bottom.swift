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

/// Leaves of the four cells of a bottom, each counted up to two; two bits a cell, first cell lowest.
struct CellMarks: BitwiseCopyable, Sendable, Equatable {
    private var bits: UInt8 = 0

    /// The setter takes any number of leaves.
    subscript(cell: Int) -> Int {
        get { Int(bits >> UInt8(2 * cell) & 3) }
        set { bits = bits & ~(3 << UInt8(2 * cell)) | UInt8(min(newValue, 2)) << UInt8(2 * cell) }
    }
}

/// What is in memory of a cell: a quarter of a bottom, by the next two bits of the paths.
struct Cell: Sendable {
    /// nil when they have not been read.
    var leaves: [Leaf]?
    /// Those of the leaves that are not as the flushed state has them.
    var entries: [Entry] = []

    /// The value at `path` when it is not as the flushed state has it.
    func entry(at path: Digest) -> Entry? { entries.first { $0.path == path } }
}

/// A subtree of 1 … ``capacity`` leaves, in four cells whose hashes are known. The hashes within a cell are not kept anywhere but
/// computed again from its leaves, which lie side by side on one page of the store.
///
/// Invariants: the paths of a cell's leaves are strictly ascending and share its prefix; those of its entries are strictly
/// ascending and among the leaves. A leaf without an entry is as the flushed state has it.
final class Bottom: Sendable {
    /// The most leaves of a bottom. Larger bottoms cost more hashes per update, smaller ones more pages to write.
    static let capacity = 24

    let hashes: InlineArray<4, Digest>
    let marks: CellMarks
    let cells: InlineArray<4, Cell>
    /// The version of the tree that made it; ``storedVersion`` when there is nothing but hashes of what the store has.
    let version: UInt64

    static let storedVersion: UInt64 = 0

    init(hashes: InlineArray<4, Digest>, marks: CellMarks, cells: InlineArray<4, Cell>, version: UInt64) {
        self.hashes = hashes
        self.marks = marks
        self.cells = cells
        self.version = version
    }

    /// This bottom without what the store holds by now.
    func evicting(through version: UInt64) -> Bottom {
        if self.version <= version {
            guard self.version != Self.storedVersion else { return self }
            return Bottom(hashes: hashes, marks: marks, cells: InlineArray(repeating: Cell()), version: Self.storedVersion)
        }
        // Later blocks have touched it; only what they wrote is not in the store.
        guard holdsEntry(where: { $0.version <= version }) else { return self }
        func recent(_ cell: Cell) -> Cell { Cell(leaves: cell.leaves, entries: cell.entries.filter { $0.version > version }) }
        return Bottom(
            hashes: hashes, marks: marks, cells: [recent(cells[0]), recent(cells[1]), recent(cells[2]), recent(cells[3])], version: self.version)
    }

    private func holdsEntry(where condition: (Entry) -> Bool) -> Bool {
        for cell in 0..<4 where cells[cell].entries.contains(where: condition) { return true }
        return false
    }

    /// The hash of all leaves, unless there is a single one and it is lifted. `count` counts the hashes made.
    func hash(count: inout Int) -> Digest {
        let left = Self.combine(hashes[0], marks[0], hashes[1], marks[1], &count)
        let right = Self.combine(hashes[2], marks[2], hashes[3], marks[3], &count)
        return Self.combine(left.hash, left.multiplicity, right.hash, right.multiplicity, &count).hash
    }

    /// Two sides with their leaves counted up to two: nothing, a single leaf that is lifted, or an inner node.
    static func combine(
        _ left: Digest, _ leftLeaves: Int, _ right: Digest, _ rightLeaves: Int, _ made: inout Int
    ) -> (hash: Digest, multiplicity: Int) {
        switch leftLeaves + rightLeaves {
        case 0: return (.zero, 0)
        case 1: return (leftLeaves == 1 ? left : right, 1)
        default:
            made += 1
            return (TreeHash.inner(left, right), 2)
        }
    }
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
