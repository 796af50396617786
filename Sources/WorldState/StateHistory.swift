public import Primitives

/// Values at earlier heights, where history is kept: without a gap from the first height of the store's records up to the view that is
/// looked back from. A node without it answers within the proof window only.
///
/// Up to the newest block that the store shares with the view's chain, the store answers: a record (``HistoryRecord``) says what stood before
/// its block, so the first one above a height has the answer, and without one the flushed value has. Above that block, what the blocks in memory
/// replaced says the same, and the view has what none of them changed.
public struct StateHistory: Sendable {
    /// The heights that have answers; nil without history.
    public let heights: ClosedRange<Height>?
    private let view: StateView

    /// Looks back from `view`, which is the newest: an older one knows only what its store does.
    public init(behind view: StateView) throws(StoreError) {
        self.view = view
        let snapshot = view.source.snapshot, keepsRecent = view.recent.undos != nil
        var first = try HistoryReach.read(from: snapshot)?.first
        // Where no group has been written with history yet, it begins at what the store holds.
        if first == nil, keepsRecent { first = try FlushedState.read(from: snapshot)?.height ?? 0 }
        guard let first, let newest = keepsRecent ? view.height : view.recent.base.map({ min($0, view.height) }), first <= newest else {
            heights = nil
            return
        }
        heights = first...newest
    }

    /// The value of `key` after block `height`; `outOfReach` when that is not among ``heights``.
    public func value(_ key: StateKey, at height: Height) throws(StoreError) -> [UInt8]? {
        let path = key.path
        guard let heights, heights.contains(height) else {
            throw StoreError(.outOfReach, "height \(height) is not in \(heights.map { "\($0)" } ?? "a history, which is not kept")")
        }
        if let base = view.recent.base, height <= base { return try storedValue(at: path, after: height) }
        if let found = view.recent.value(at: path, after: height) { return found }
        return try view.value(at: path)
    }

    private func storedValue(at path: Digest, after height: Height) throws(StoreError) -> [UInt8]? {
        guard let above = height.advanced(by: 1) else { return try view.source.value(at: path) }
        // A path's records in the order of paths are older than those in groups.
        if let found = try settled(path, from: above) { return found }
        if let found = try replaced(path, from: above) { return found }
        return try view.source.value(at: path)
    }

    /// The first record of `path` from `height` on among those in the order of paths.
    private func settled(_ path: Digest, from height: Height) throws(StoreError) -> [UInt8]?? {
        try HistoryRecord.withKey(path: path, height: height) { (start) throws(StoreError) in
            try first(.history, from: start, of: path) { key in
                key.count == HistoryRecord.keySize && Digest(reading: key) == path ? .here : .nowhere
            }.value
        }
    }

    /// The same among the groups, each of which is asked once or twice.
    private func replaced(_ path: Digest, from height: Height) throws(StoreError) -> [UInt8]?? {
        var next: Height? = height
        while let group = next {
            let found = try HistoryRecord.withKey(group: group, path: path, height: height) { (start) throws(StoreError) in
                try first(.replaced, from: start, of: path) { key in
                    guard key.count == HistoryRecord.groupKeySize else { return .nowhere }
                    let reached = HistoryRecord.group(key)
                    if reached > group { return .inGroup(reached) }
                    return HistoryRecord.path(inGroup: key) == path ? .here : group.advanced(by: 1).map { .inGroup($0) } ?? .nowhere
                }
            }
            if let value = found.value { return value }
            next = found.nextGroup
        }
        return nil
    }

    private enum Place { case here, nowhere, inGroup(Height) }

    /// Looks at the first entry of `table` at or behind `start`: its value if it is what is sought, or the group to go on with.
    private func first(
        _ table: StateTable, from start: UnsafeRawBufferPointer, of path: Digest, _ judge: (UnsafeRawBufferPointer) -> Place
    ) throws(StoreError) -> (value: [UInt8]??, nextGroup: Height?) {
        var value: [UInt8]??, nextGroup: Height?, isDamaged = false
        try view.source.snapshot.scan(table, .ascending, from: start) { key, record in
            switch judge(key) {
            case .here:
                value = HistoryRecord.value(record)
                isDamaged = value == nil
            case .nowhere: break
            case .inGroup(let group): nextGroup = group
            }
            return false
        }
        if isDamaged { throw StoreError(.corrupt, "history record of \(path)") }
        return (value, nextGroup)
    }
}
