import Primitives

/// Walks the keys of a view that start with a prefix, in the order of their bytes. It reads the store a few keys at a time and
/// holds nothing of it in between, so that it may rest between two calls for as long as its view lives.
public struct StateKeyCursor: Sendable {
    /// Keys read from the store at once.
    private let batchSize: Int
    /// Keys that have gone and were stepped over one by one.
    private(set) var skipped = 0

    private let snapshot: any KeyValueSnapshot
    private let runs: KeyRuns
    private let prefix: [UInt8]
    private let direction: ScanDirection
    private var recent: KeyRunCursor
    private var pendingRecent: (key: [UInt8], exists: Bool)?
    /// Keys of the store in reverse order of delivery.
    private var stored: [[UInt8]] = []
    /// Where the store is read next; nil at its end.
    private var resume: [UInt8]?

    init(
        _ snapshot: any KeyValueSnapshot, _ runs: KeyRuns, prefix: [UInt8], from bound: [UInt8], _ direction: ScanDirection, batchSize: Int
    ) {
        self.batchSize = batchSize
        self.snapshot = snapshot
        self.runs = runs
        self.prefix = prefix
        self.direction = direction
        recent = KeyRunCursor(runs, direction, from: bound)
        pendingRecent = recent.next()
        resume = bound
    }

    /// The next key, or nil at the end.
    public mutating func next() throws(StoreError) -> StateKey? {
        while true {
            if stored.isEmpty { try refill() }
            var candidate = stored.last
            var exists = true
            if let newer = pendingRecent, candidate.map({ !precedes($0, newer.key) }) ?? true {
                // A recent change of the same key overrides the store.
                if candidate == newer.key { stored.removeLast() }
                candidate = newer.key
                exists = newer.exists
                pendingRecent = recent.next()
            } else if candidate != nil {
                stored.removeLast()
            }
            guard let bytes = candidate, bytes.starts(with: prefix) else { return nil }
            if exists {
                guard let key = StateKey(bytes) else { throw StoreError(.corrupt, "a key of \(bytes.count) bytes") }
                return key
            }
            skipped += 1
            guard let gap = runs.gaps.gap(around: bytes) else { continue }
            // Ascending, a scan begins at its bound; descending, before it.
            guard let end = direction == .ascending ? gap.high : gap.low.map({ $0 + [0] }) else { return nil }
            recent = KeyRunCursor(runs, direction, from: end)
            pendingRecent = recent.next()
            stored = []
            resume = end
        }
    }

    private func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        direction == .ascending ? left.precedes(right) : right.precedes(left)
    }

    private mutating func refill() throws(StoreError) {
        guard let from = resume else { return }
        var batch: [[UInt8]] = []
        try from.withRawBytes { (raw) throws(StoreError) in
            try snapshot.scan(.order, direction, from: raw) { key, _ in
                guard key.starts(with: prefix) else { return false }
                batch.append([UInt8](key))
                return batch.count < batchSize
            }
        }
        // Ascending, the next batch starts behind the last key: its least successor is the key and a zero byte.
        resume = batch.count < batchSize ? nil : direction == .ascending ? batch.last! + [0] : batch.last!
        stored = batch.reversed()
    }
}
