public import Primitives

/// The world state after one block, for as long as somebody holds it: one pinned snapshot of the store and the immutable tree
/// above it. Any thread may read it.
public struct StateView: Sendable {
    /// The block whose effects are the last in this view.
    public let height: Height
    /// As the header of that block has it.
    public let root: Digest
    /// The number of keys.
    public let keyCount: UInt64

    let page: Page
    let source: TreeSource
    let runs: KeyRuns
    /// What leads back from this state to that of `source`.
    let recent: RecentBlocks

    init(height: Height, keyCount: UInt64, page: Page, source: TreeSource, runs: KeyRuns, recent: RecentBlocks) {
        self.height = height
        self.keyCount = keyCount
        self.page = page
        self.source = source
        self.runs = runs
        self.recent = recent
        root = TreeHash.root(top: page.body.hash)
    }

    /// This view for the proof window. It does not lead back, because ``StateHistory`` begins at the newest view: what blocks replaced
    /// is let go of as soon as the store has it.
    var withoutUndos: StateView {
        StateView(height: height, keyCount: keyCount, page: page, source: source, runs: runs, recent: recent.withoutUndos)
    }

    /// The value of `key`, or nil.
    public func value(_ key: StateKey) throws(StoreError) -> [UInt8]? { try value(at: key.path) }

    func value(at path: Digest) throws(StoreError) -> [UInt8]? {
        switch locate(path) {
        case .absent: nil
        case .entry(let entry): entry.value
        case .stored: try source.value(at: path)
        }
    }

    func contains(_ path: Digest) throws(StoreError) -> Bool {
        switch locate(path) {
        case .absent: false
        case .entry: true
        case .stored: try source.value(at: path) != nil
        }
    }

    /// Where the tree in memory says that `path` is.
    private func locate(_ path: Digest) -> Location {
        var page = page
        for depth in 0..<64 {
            let slot = path.nibble(depth)
            switch page.body.slots[slot] {
            case .page(let child): page = child
            case .bottom(let bottom):
                let cell = path.cell(4 * (depth + 1))
                if bottom.marks[cell] == 0 { return .absent }
                if let entry = bottom.cells[cell].entry(at: path) { return .entry(entry) }
                return bottom.cells[cell].leaves?.contains { $0.path == path } == false ? .absent : .stored
            case .stored: return page.body.counts[slot] == 0 ? .absent : .stored
            }
        }
        return .stored
    }

    private enum Location {
        case absent
        case entry(Entry)
        /// In the store, or nowhere.
        case stored
    }

    /// The keys that start with `prefix` in the order of their bytes. Ascending, they begin at `start`, descending before it;
    /// nil begins at the end of the range.
    public func keys(
        prefix: [UInt8], from start: [UInt8]? = nil, _ direction: ScanDirection = .ascending
    ) -> StateKeyCursor { keys(prefix: prefix, from: start, direction, batchSize: 32) }

    func keys(prefix: [UInt8], from start: [UInt8]?, _ direction: ScanDirection = .ascending, batchSize: Int) -> StateKeyCursor {
        let bound: [UInt8]
        switch direction {
        case .ascending: bound = start.map { $0.precedes(prefix) ? prefix : $0 } ?? prefix
        case .descending:
            let end = Self.behind(prefix)
            bound = start.map { end.precedes($0) ? end : $0 } ?? end
        }
        return StateKeyCursor(source.snapshot, runs, prefix: prefix, from: bound, direction, batchSize: batchSize)
    }

    /// The least byte string behind all those that start with `prefix`; for the empty prefix, one behind every key.
    private static func behind(_ prefix: [UInt8]) -> [UInt8] {
        var end = prefix
        while let last = end.last {
            if last < 0xff {
                end[end.count - 1] = last + 1
                return end
            }
            end.removeLast()
        }
        return [UInt8](repeating: 0xff, count: StateKey.byteCountMax + 1)
    }
}
