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
    /// nil where no history is kept.
    let history: HistoryBatch?
    private(set) var sweepEnd: [UInt8] = []

    init(
        view: StateView, height: Height, version: UInt64, floor: UInt64, bytes: Int, changes: Int, movedKeys: [[UInt8]],
        removedPaths: [Digest], removedPages: [TreePosition], history: HistoryBatch?
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
        self.history = history
    }

    /// Writes the group in one durable batch, the height inside it.
    public func write(to store: some KeyValueStore) throws(StoreError) {
        try store.write { (writer) throws(StoreError) in
            for position in removedPages {
                try position.withKey { (key) throws(StoreError) in try writer.remove(.page, key) }
            }
            // Those that came back are written again below.
            for path in removedPaths {
                try withDigest(path) { (key) throws(StoreError) in try writer.remove(.leaf, key) }
            }
            var pages: [[(TreePosition, Page)]] = []
            try writeLeaves(under: view.page, at: .root, pages: &pages, writer)
            for level in pages {
                for (position, page) in level { try writer.put(page, at: position) }
            }
            try writeOrder(writer)
            if let history {
                sweepEnd = try history.write(height, writer, behind: view.source.snapshot)
            } else {
                // History that goes on later would not tell of this group.
                try HistoryReach.key.withRawBytes { (key) throws(StoreError) in try writer.remove(.meta, key) }
            }
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
        // A page holds the version of the newest change below it.
        guard page.version > floor else { return }
        while pages.count <= position.depth { pages.append([]) }
        pages[position.depth].append((position, page))
        for slot in 0..<16 {
            switch page.body.slots[slot] {
            case .stored: break
            case .page(let child): try writeLeaves(under: child, at: position.child(slot), pages: &pages, writer)
            case .bottom(let bottom) where bottom.version > floor:
                for cell in 0..<4 {
                    for entry in bottom.cells[cell].entries where entry.version > floor { try writer.put(entry) }
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
}

extension KeyValueWriter {
    fileprivate func put(_ entry: Entry) throws(StoreError) {
        try withDigest(entry.path) { (key) throws(StoreError) in
            try put(.leaf, key, size: LeafRecord.size(key: entry.key, value: entry.value)) {
                LeafRecord.write($0, hash: entry.hash, key: entry.key, value: entry.value)
            }
        }
    }

    func put(_ page: Page, at position: TreePosition) throws(StoreError) {
        let size = PageRecord.size(page)
        try position.withKey { (key) throws(StoreError) in try put(.page, key, size: size) { PageRecord.write($0, page) } }
    }
}
