public import Primitives

/// Values at earlier heights, from a store that keeps history. A node without it answers within the proof window only.
public struct StateHistory: Sendable {
    private let snapshot: any KeyValueSnapshot
    private let current: StateView

    /// Reads behind `current`, which must be a view of the flushed state or newer.
    public init(behind current: StateView) {
        self.current = current
        snapshot = current.source.snapshot
    }

    /// The value of `key` after block `height`, at most the flushed height of the view's snapshot. A record says what stood
    /// before its block, so the first one above `height` has the answer, and without one the current value has.
    public func value(_ key: StateKey, at height: Height) throws(StoreError) -> [UInt8]? {
        let path = key.path
        guard let above = height.advanced(by: 1) else { return try current.value(key) }
        var found: [UInt8]??
        var isDamaged = false
        try HistoryRecord.withKey(path: path, height: above) { (from) throws(StoreError) in
            try snapshot.scan(.history, .ascending, from: from) { key, record in
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
        return try current.source.value(at: path)
    }
}
