public import Primitives

/// The head of the world state. It belongs to the one owner of execution; what others read are ``StateView``s.
///
/// Blocks are applied in memory, each leaving an immutable version of the tree that shares what it did not touch. From time to
/// time a group of blocks is frozen with ``beginFlush()``, written by another thread with ``FlushGroup/write(to:)``, and
/// dropped from memory with ``finishFlush(_:snapshot:)``, while blocks go on being applied.
///
/// Invariants: everything written after the flushed version is in memory; what memory calls stored is in the pinned snapshot.
public final class WorldState {
    /// How much stays in memory.
    public struct Options: Sendable {
        /// The number of flushed states that old views may pin. A pinned state keeps its pages from being reused, so that the
        /// store's file grows; under a load that flushes more often, the proof window shrinks to what these cover.
        public var pinnedStatesMax = 8
        /// Bytes that older views may hold beside the newest one; under a load that changes more, the proof window shrinks as well.
        public var heldBytesMax = 128 << 20
        /// Pages above this depth stay in memory once read: depths 0 … 3 are at most 4,369 pages of about 1.2 KiB, with a quarter
        /// of that for the hashes of each bottom's cells: 20 MiB in all.
        public var cachedDepth = 4
        /// Bytes of keys and values in memory above which ``WorldState/mustWait`` is true.
        public var pendingBytesMax = 64 << 20
        /// Whether the value before each change is kept for ever, or for ``historyWindow``.
        public var keepsHistory = false
        /// With history, the number of heights it reaches back; nil keeps all.
        public var historyWindow: UInt64?
        public init() {}
    }

    public let options: Options
    /// Blocks behind the newest whose views stay available, if the bounds of ``Options`` allow. What the network asks of its nodes is one of
    /// its parameters; the state depends on it in nothing.
    public var proofWindow = 64 { didSet { trimWindow() } }
    /// The last block applied; nil before genesis.
    public private(set) var height: Height?
    /// The height whose state the store holds; nil before the first flush.
    public private(set) var flushedHeight: Height?
    /// Bytes of keys and values that wait to be flushed; with history, also of those that they replaced.
    public private(set) var pendingBytes = 0
    /// Whether so much waits to be flushed that no block should be proposed until the store has caught up.
    public var mustWait: Bool { pendingBytes > options.pendingBytesMax }
    /// Changes that wait to be flushed.
    public private(set) var pendingChanges = 0

    /// Hashes made for the tree since the state was opened.
    public private(set) var hashCount = 0

    private var page: Page
    private var source: TreeSource
    private var version: UInt64 = 1
    private var flushedVersion: UInt64 = 0
    private var keyCount: UInt64
    private var runs = KeyRuns()
    private var removedPaths: [Digest] = []
    private var removedPages: [TreePosition] = []
    /// What history has to take up; empty where none is kept.
    private var historySteps: [HistoryBatch.Step] = []
    private var recent: RecentBlocks
    private var window: [Kept] = []
    /// Versions up to this one are being flushed.
    private var frozenVersion: UInt64?
    /// The newest block of the group being flushed that has not been taken back since.
    private var frozenHeight: Height?
    private var historySweep: [UInt8] = []

    /// Opens the state that `snapshot` holds; an empty store is the state before genesis.
    public init(opening snapshot: any KeyValueSnapshot, options: Options = Options()) throws(StoreError) {
        self.options = options
        source = TreeSource(snapshot: snapshot)
        guard let flushed = try FlushedState.read(from: snapshot) else {
            page = Page(version: 0, body: PageBody())
            keyCount = 0
            recent = RecentBlocks(above: nil, keepsUndos: options.keepsHistory)
            return
        }
        page = try source.page(at: .root, version: 0)
        guard TreeHash.root(top: page.body.hash) == flushed.root else {
            throw StoreError(.corrupt, "the root page does not have the root of height \(flushed.height)")
        }
        height = flushed.height
        flushedHeight = flushed.height
        keyCount = flushed.leafCount
        recent = RecentBlocks(above: flushed.height, keepsUndos: options.keepsHistory)
        window = [Kept(view: view.withoutUndos, bytes: 0)]
    }

    /// A view of the proof window, and about how many bytes of the tree were copied for it.
    private struct Kept {
        var view: StateView
        let bytes: Int
    }

    /// The state root.
    public var root: Digest { TreeHash.root(top: page.body.hash) }

    /// The newest state.
    public var view: StateView {
        StateView(height: height ?? 0, keyCount: keyCount, page: page, source: source, runs: runs, recent: recent)
    }

    /// The state after block `height`, while that is within the proof window.
    public func view(at height: Height) -> StateView? { window.last { $0.view.height == height }?.view }

    /// The heights of ``view(at:)``.
    public var viewHeights: [Height] { window.map(\.view.height) }

    /// Applies the changes of block `height`, in any order but each key once, and returns what they replaced. On an error
    /// nothing has changed.
    public func apply(_ changes: [StateChange], height: Height) throws(StoreError) -> BlockUndo {
        precondition(self.height.map { height > $0 } ?? true)
        let undo = try advance(changes, height: height)
        recent.append(undo)
        remember(.applied(undo))
        return undo
    }

    /// Takes back block `undo.height`, which must be the newest, and returns to the state and root before it.
    public func revert(_ undo: BlockUndo, to previous: Height) throws(StoreError) {
        precondition(undo.height == height && previous < undo.height)
        _ = try advance(undo.inverse, height: previous)
        recent.revert(to: previous)
        frozenHeight = frozenHeight.map { min($0, previous) }
        remember(.reverted(undo))
    }

    private func remember(_ step: HistoryBatch.Step) {
        guard options.keepsHistory else { return }
        historySteps.append(step)
        pendingBytes += step.undo.byteCount
    }

    private func advance(_ changes: [StateChange], height: Height) throws(StoreError) -> BlockUndo {
        let next = version + 1
        var prepared: [PreparedChange] = []
        prepared.reserveCapacity(changes.count)
        for change in changes { prepared.append(PreparedChange(change, version: next)) }
        prepared.sort { $0.path < $1.path }
        precondition(zip(prepared, prepared.dropFirst()).allSatisfy { $0.path != $1.path }, "a key is changed twice in one block")
        var update = TreeUpdate(source: source, version: next, changes: prepared)
        let newPage = try update.apply(to: page)

        var undo = BlockUndo(height: height)
        undo.reserve(prepared.count)
        var moved: [(key: [UInt8], exists: Bool)] = [], gonePaths: [Digest] = []
        var bytes = 0, keyCount = keyCount
        for (change, previous) in zip(prepared, update.previous) {
            switch previous {
            case .absent:
                undo.append(path: change.path, key: change.key, value: nil)
                if change.entry != nil {
                    moved.append((change.key, true))
                    keyCount += 1
                }
            case .value(let value):
                undo.append(path: change.path, key: change.key, value: value)
                if change.entry == nil {
                    moved.append((change.key, false))
                    gonePaths.append(change.path)
                    keyCount -= 1
                }
            }
            bytes += change.key.count + (change.entry?.value.count ?? 0)
        }
        var runs = runs
        runs.append(moved, version: next, mergingAfter: frozenVersion ?? flushedVersion)
        if !gonePaths.isEmpty {
            let newView = StateView(height: height, keyCount: keyCount, page: newPage, source: source, runs: runs, recent: recent.withoutUndos)
            let gone = moved.filter { !$0.exists }.map(\.key).sorted { $0.precedes($1) }
            runs.gaps.add(try newView.gaps(around: gone, version: next))
        }
        // Nothing fails from here on.
        self.keyCount = keyCount
        self.runs = runs
        pendingBytes += bytes
        pendingChanges += prepared.count
        removedPaths.append(contentsOf: gonePaths)
        removedPages.append(contentsOf: update.removedPages)
        hashCount += update.hashCount
        page = newPage
        version = next
        self.height = height
        // After a revert the heights above, and the older view of this one, are another chain's.
        window.removeAll { $0.view.height >= height }
        window.append(Kept(view: view.withoutUndos, bytes: update.copiedBytes + (moved.isEmpty ? 0 : runs.gaps.byteCount)))
        trimWindow()
        return undo
    }

    /// Drops the oldest views beyond what the window may hold; the newest stays.
    private func trimWindow() {
        var held = window.reduce(0) { $0 + $1.bytes }, excess = 0
        while excess < window.count - 1, window.count - excess > proofWindow + 1 || held > options.heldBytesMax {
            held -= window[excess].bytes
            excess += 1
        }
        window.removeFirst(excess)
    }

    /// Freezes what has been applied since the last flush; nil when that is nothing. One group is under way at a time.
    public func beginFlush() -> FlushGroup? {
        precondition(frozenVersion == nil)
        guard let height, version > max(flushedVersion, 1) else { return nil }
        let group = FlushGroup(
            view: view, height: height, version: version, floor: flushedVersion, bytes: pendingBytes, changes: pendingChanges,
            movedKeys: runs.keys(after: flushedVersion), removedPaths: removedPaths.sorted(), removedPages: removedPages,
            history: options.keepsHistory ? HistoryBatch(
                steps: historySteps, flushedHeight: flushedHeight, floor: historyFloor(at: height), sweepStart: historySweep) : nil)
        frozenVersion = version
        frozenHeight = height
        removedPaths = []
        removedPages = []
        historySteps = []
        return group
    }

    /// Lets go of what `group` has written. `snapshot` pins the store behind it.
    public func finishFlush(_ group: FlushGroup, snapshot: any KeyValueSnapshot) {
        precondition(frozenVersion == group.version)
        recent.rebase(to: frozenHeight!)
        source = TreeSource(snapshot: snapshot)
        page = page.evicting(through: group.version, depth: 0, cachedDepth: options.cachedDepth)
        runs.drop(through: group.version)
        flushedVersion = group.version
        flushedHeight = group.height
        frozenVersion = nil
        frozenHeight = nil
        pendingBytes -= group.bytes
        pendingChanges -= group.changes
        historySweep = group.sweepEnd
        if let last = window.indices.last { window[last].view = view.withoutUndos }
        unpinOldest()
    }

    /// Takes a group back that could not be written; a later flush covers it.
    public func abandonFlush(_ group: FlushGroup) {
        precondition(frozenVersion == group.version)
        frozenVersion = nil
        frozenHeight = nil
        removedPaths = group.removedPaths + removedPaths
        removedPages = group.removedPages + removedPages
        historySteps = (group.history?.steps ?? []) + historySteps
    }

    /// Drops the oldest views until the rest pin at most as many states of the store as allowed.
    private func unpinOldest() {
        var pinned = 0
        var newer: (any KeyValueSnapshot)?
        for index in window.indices.reversed() {
            let snapshot = window[index].view.source.snapshot
            if newer.map({ $0 !== snapshot }) ?? true {
                pinned += 1
                newer = snapshot
            }
            if pinned > options.pinnedStatesMax {
                window.removeFirst(index + 1)
                return
            }
        }
    }

    private func historyFloor(at height: Height) -> Height? {
        guard let span = options.historyWindow, height.rawValue > span else { return nil }
        return Height(height.rawValue - span)
    }
}

extension Page {
    /// This page without what the store holds by now: entries, bottoms and pages up to `version`, except the pages above
    /// `cachedDepth`.
    fileprivate func evicting(through version: UInt64, depth: Int, cachedDepth: Int) -> Page {
        // Most pages have something to let go of or nothing at all; a copy is made only when it is needed.
        var copy: Page?
        for slot in 0..<16 {
            let replacement: Slot
            switch body.slots[slot] {
            case .stored: continue
            case .bottom(let bottom):
                let kept = bottom.evicting(through: version)
                if kept === bottom { continue }
                replacement = .bottom(kept)
            case .page(let child):
                let kept = child.evicting(through: version, depth: depth + 1, cachedDepth: cachedDepth)
                if kept.version <= version, depth + 1 >= cachedDepth, kept.isStored {
                    replacement = .stored
                } else if kept !== child {
                    replacement = .page(kept)
                } else {
                    continue
                }
            }
            let page = copy ?? Page(version: self.version, body: body)
            page.body.replace(slot, replacement)
            copy = page
        }
        return copy ?? self
    }

    /// Whether nothing below is held in memory but hashes.
    private var isStored: Bool {
        for slot in 0..<16 {
            switch body.slots[slot] {
            case .stored: continue
            case .bottom(let bottom) where bottom.version == Bottom.storedVersion: continue
            case .bottom, .page: return false
            }
        }
        return true
    }
}

extension FlushedState {
    static func read(from snapshot: any KeyValueSnapshot) throws(StoreError) -> FlushedState? {
        let bytes = try key.withRawBytes { (key) throws(StoreError) in
            try snapshot.read(.meta, key) { $0.map { [UInt8]($0) } }
        }
        guard let bytes else { return nil }
        do { return try FlushedState(bcs: bytes) } catch { throw StoreError(.corrupt, "flushed state record: \(error)") }
    }
}
