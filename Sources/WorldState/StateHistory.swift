public import Primitives

/// Values at earlier heights, from a store that keeps history. A node without it answers within the proof window only.
public struct StateHistory: Sendable {
    /// The heights that have answers, up to the flushed height of the view's snapshot; nil without history.
    public let heights: ClosedRange<Height>?
    private let source: TreeSource

    /// Reads the store behind `view`.
    public init(behind view: StateView) throws(StoreError) {
        source = view.source
        guard let flushed = try FlushedState.read(from: source.snapshot), let first = try HistoryReach.read(from: source.snapshot)?.first,
              first <= flushed.height else {
            heights = nil
            return
        }
        heights = first...flushed.height
    }

    /// The value of `key` after block `height`; `outOfReach` when that is not among ``heights``. A record says what stood
    /// before its block, so the first one above `height` has the answer, and without one the flushed value has.
    public func value(_ key: StateKey, at height: Height) throws(StoreError) -> [UInt8]? {
        let path = key.path
        guard let heights, heights.contains(height), let above = height.advanced(by: 1) else {
            throw StoreError(.outOfReach, "height \(height) is not in \(heights.map { "\($0)" } ?? "a history, which is not kept")")
        }
        var found: [UInt8]??
        var isDamaged = false
        try HistoryRecord.withKey(path: path, height: above) { (from) throws(StoreError) in
            try source.snapshot.scan(.history, .ascending, from: from) { key, record in
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
        return try source.value(at: path)
    }
}
