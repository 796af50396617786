public import Primitives

/// A frozen group of blocks on its way to the store. Any one thread may write it; the owner of the state goes on meanwhile.
public final class FlushGroup: @unchecked Sendable {
    // Sound: everything but `sweepEnd` is immutable, and that is written by the one thread that runs `write` and read by the
    // owner after that thread has answered.

    /// The last block of the group: the store holds its state afterwards.
    public let height: Height
    /// The state root after that block.
    public var root: Digest { view.root }
    /// Bytes of keys and values.
    public let bytes: Int
    /// Changes of all blocks together, before later ones override earlier ones.
    public let changes: Int

    let view: StateView
    let version: UInt64
    let floor: UInt64
    let movedKeys: [[UInt8]]
    let removedPaths: [Digest]
    let removedPages: [TreePosition]
    let undone: [BlockUndo]
    let historySweep: Digest
    let historyFloor: Height?
    private(set) var sweepEnd: Digest?

    /// History records that one group removes at most, so that pruning is spread over blocks.
    static let sweepMax = 2_000

    init(
        view: StateView, height: Height, version: UInt64, floor: UInt64, bytes: Int, changes: Int, movedKeys: [[UInt8]],
        removedPaths: [Digest], removedPages: [TreePosition], undone: [BlockUndo], historySweep: Digest, historyFloor: Height?
    ) {
        self.view = view
        self.height = height
        self.version = version
        self.floor = floor
        self.bytes = bytes
        self.changes = changes
        self.movedKeys = movedKeys
        self.removedPaths = removedPaths
        self.removedPages = removedPages
        self.undone = undone
        self.historySweep = historySweep
        self.historyFloor = historyFloor
    }

    /// Writes the group in one durable batch, the height inside it.
    public func write(to store: some KeyValueStore) throws(StoreError) {
        try store.write { (writer) throws(StoreError) in
            for position in removedPages {
                try position.withKey { (key) throws(StoreError) in try writer.remove(.page, key) }
            }
            for path in removedPaths where try !view.contains(path) {
                try withDigest(path) { (key) throws(StoreError) in try writer.remove(.leaf, key) }
            }
            var pages: [[(TreePosition, Page)]] = []
            try writeLeaves(under: view.page, at: .root, pages: &pages, writer)
            for level in pages {
                for (position, page) in level { try writer.put(page, at: position) }
            }
            try writeOrder(writer)
            try writeHistory(writer)
            let state = FlushedState(height: height, root: root, leafCount: view.keyCount).bcs
            try FlushedState.key.withRawBytes { (key) throws(StoreError) in
                try writer.put(.meta, key, size: state.count) { $0.copyBytes(from: state) }
            }
        }
    }

    /// Writes the leaves in the order of their paths and collects the pages by depth.
    private func writeLeaves(
        under page: Page, at position: TreePosition, pages: inout [[(TreePosition, Page)]], _ writer: some KeyValueWriter
    ) throws(StoreError) {
        // A page holds the version of the newest change below it. The root page of an empty state is written once.
        guard page.version > floor || (position.depth == 0 && floor == 0) else { return }
        while pages.count <= position.depth { pages.append([]) }
        pages[position.depth].append((position, page))
        for slot in 0..<16 {
            switch page.body.slots[slot] {
            case .stored: break
            case .page(let child): try writeLeaves(under: child, at: position.child(slot), pages: &pages, writer)
            case .bottom(let bottom) where bottom.version > floor:
                for entry in bottom.entries where entry.version > floor {
                    try withDigest(entry.path) { (key) throws(StoreError) in
                        try writer.put(.leaf, key, size: LeafRecord.size(key: entry.key, value: entry.value)) {
                            LeafRecord.write($0, hash: entry.hash, key: entry.key, value: entry.value)
                        }
                    }
                }
            case .bottom: break
            }
        }
    }

    private func writeOrder(_ writer: some KeyValueWriter) throws(StoreError) {
        for bytes in movedKeys {
            let exists = try view.contains(StateKey(bytes)!.path)
            try bytes.withRawBytes { (key) throws(StoreError) in
                if exists { try writer.put(.order, key, size: 0) { _ in } } else { try writer.remove(.order, key) }
            }
        }
    }

    private func writeHistory(_ writer: some KeyValueWriter) throws(StoreError) {
        for undo in undone {
            for (bytes, value) in undo.entries {
                try HistoryRecord.withKey(path: StateKey(bytes)!.path, height: undo.height) { (key) throws(StoreError) in
                    try writer.put(.history, key, size: 1 + (value?.count ?? 0)) { target in
                        target[0] = value == nil ? 0 : 1
                        if let value { UnsafeMutableRawBufferPointer(rebasing: target[1...]).copyBytes(from: value) }
                    }
                }
            }
        }
        if let floor = historyFloor { try sweepHistory(below: floor, writer) }
    }

    /// Removes old history from a bounded stretch of paths; the next group goes on behind it.
    private func sweepHistory(below floor: Height, _ writer: some KeyValueWriter) throws(StoreError) {
        var stale: [[UInt8]] = []
        var visited = 0
        var end: Digest?
        try withDigest(historySweep) { (start) throws(StoreError) in
            try view.source.snapshot.scan(.history, .ascending, from: start) { key, _ in
                guard key.count == HistoryRecord.keySize else { return true }
                if visited == Self.sweepMax {
                    end = Digest(reading: key)
                    return false
                }
                visited += 1
                if HistoryRecord.height(key) <= floor { stale.append([UInt8](key)) }
                return true
            }
        }
        for bytes in stale {
            try bytes.withRawBytes { (key) throws(StoreError) in try writer.remove(.history, key) }
        }
        sweepEnd = end ?? .zero
    }
}

extension KeyValueWriter {
    func put(_ page: Page, at position: TreePosition) throws(StoreError) {
        let size = PageRecord.size(page)
        try position.withKey { (key) throws(StoreError) in try put(.page, key, size: size) { PageRecord.write($0, page) } }
    }
}
