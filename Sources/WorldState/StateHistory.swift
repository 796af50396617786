public import Primitives

/// Values at earlier heights, where history is kept: without a gap from the first height of the store's records up to the view that is
/// looked back from. A node without it answers within the proof window only.
///
/// Up to the newest block that the store shares with the view's chain, the store answers: a record says what stood before its block, so
/// the first one above a height has the answer, and without one the flushed value has. Above that block, what the blocks in memory
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
        var found: [UInt8]??
        var isDamaged = false
        try HistoryRecord.withKey(path: path, height: above) { (from) throws(StoreError) in
            try view.source.snapshot.scan(.history, .ascending, from: from) { key, record in
                guard key.count == HistoryRecord.keySize, Digest(reading: key) == path else { return false }
                guard let mark = record.first, mark <= 1 else {
                    isDamaged = true
                    return false
                }
                found = .some(mark == 1 ? [UInt8](record.dropFirst()) : nil)
                return false
            }
        }
        if isDamaged { throw StoreError(.corrupt, "history record of \(path)") }
        if let found { return found }
        return try view.source.value(at: path)
    }
}
