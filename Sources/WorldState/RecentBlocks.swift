import Primitives

/// The blocks that lie above the store, which knows nothing of them: where they begin, and what each replaced. With them, history
/// reaches without a gap from the store's records up to the newest block.
///
/// Invariants: `base` is at or below the height that the store holds; `undos` ascend and are those of all blocks above `base`.
struct RecentBlocks: Sendable {
    /// The newest block that the store's chain and this one share; nil when the store holds none.
    private(set) var base: Height?
    /// nil where history is not kept.
    private(set) var undos: [BlockUndo]?

    init(above base: Height?, keepsUndos: Bool) {
        self.base = base
        undos = keepsUndos ? [] : nil
    }

    mutating func append(_ undo: BlockUndo) { undos?.append(undo) }

    /// The newest block has been taken back; the store may hold it.
    mutating func revert(to previous: Height) {
        while let last = undos?.last, last.height > previous { undos?.removeLast() }
        base = base.map { min($0, previous) }
    }

    /// The store has been written, and shares blocks up to `base` with this chain.
    mutating func rebase(to base: Height) {
        self.base = base
        undos?.removeAll { $0.height <= base }
    }

    /// Where these blocks begin, without what they replaced.
    var withoutUndos: RecentBlocks { RecentBlocks(above: base, keepsUndos: false) }

    /// What stood at `path` before the first block above `height` that changed it, which is its value after `height`; nil when none did.
    func value(at path: Digest, after height: Height) -> [UInt8]?? {
        guard let undos else { return nil }
        var low = undos.startIndex, high = undos.endIndex
        while low < high {
            let middle = (low + high) / 2
            if undos[middle].height > height { high = middle } else { low = middle + 1 }
        }
        for undo in undos[low...] {
            if let found = undo.value(at: path) { return found }
        }
        return nil
    }
}
