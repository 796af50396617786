import Primitives
import WorldState

/// Blocks and flushes as a script of bytes, and the root from the tree's definition beside it. The tree that is optimized to
/// its last cycle is tried here as it is released; tests run it without the optimizer.
enum StateScript {
    private static let keys: [StateKey] = (0..<1024).map { StateKey(contract: Sample.fixed(7), UInt64($0).bcs)! }
    private static let paths = keys.map(\.path)
    /// Positions of `keys` in the order of their paths.
    private static let order = keys.indices.sorted { paths[$0] < paths[$1] }
    /// The most blocks of one script, each of which is compared.
    private static let blocksMax = 24

    /// Blocks that grow over the whole space of keys, change it here and there, and shrink it again.
    static let sample: [UInt8] = {
        var script: [UInt8] = []
        for step in 0..<16 { script += [0xfd, UInt8(16 * step), step % 4 == 3 ? 0xff : 0xfe] }
        for step in 0..<60 { script += [UInt8(4 * step), UInt8(37 * step & 255)] }
        script.append(0xff)
        for step in 0..<6 { script += [0xfc, UInt8(40 * step), 0xfe] }
        return script
    }()

    /// 0xff ends a block and flushes, 0xfe ends it; 0xfd and 0xfc write or remove 64 keys from four times the next byte on;
    /// any other byte changes the key of its two low bits and the next byte, or removes it with the third bit.
    static func run(_ input: [UInt8]) throws -> String? {
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot())
        var expected = [[UInt8]?](repeating: nil, count: keys.count)
        var changed: Set<Int> = []
        var height: UInt64 = 0
        var bytes = input.makeIterator()
        while height < blocksMax, let code = bytes.next() {
            switch code {
            case 0xfe, 0xff:
                height += 1
                _ = try state.apply(changed.map { StateChange(key: keys[$0], value: expected[$0]) }, height: Height(height))
                changed = []
                let leaves: [(path: Digest, hash: Digest)] = order.compactMap { index in
                    guard let value = expected[index] else { return nil }
                    return (paths[index], TreeHash.leaf(path: paths[index], valueHash: TreeHash.value(value)))
                }
                guard state.root == TreeHash.root(top: top(leaves[...], 0)) else { return "has another root at height \(height)" }
                guard code == 0xff, let group = state.beginFlush() else { continue }
                try group.write(to: store)
                state.finishFlush(group, snapshot: store.snapshot())
            default:
                guard let low = bytes.next() else { return nil }
                let isRange = code >= 0xfc
                let first = isRange ? 4 * Int(low) : Int(code & 3) << 8 | Int(low)
                let isRemoval = isRange ? code == 0xfc : code & 4 != 0
                for index in first..<min(first + (isRange ? 64 : 1), keys.count) {
                    expected[index] = isRemoval ? nil : [code, low]
                    changed.insert(index)
                }
            }
        }
        return nil
    }

    private static func top(_ leaves: ArraySlice<(path: Digest, hash: Digest)>, _ depth: Int) -> Digest {
        if leaves.count < 2 { return leaves.first?.hash ?? TreeHash.empty }
        let middle = leaves.firstIndex { $0.path.bit(depth) } ?? leaves.endIndex
        return TreeHash.inner(top(leaves[..<middle], depth + 1), top(leaves[middle...], depth + 1))
    }
}
