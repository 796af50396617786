import Primitives

/// Keys that appeared or went since the flushed state, in sorted runs: what a scan by prefix needs beside the store's own
/// order of keys. Values that change under an existing key are not here.
///
/// A block adds one run. Neighbouring runs merge when the older is at most twice the size of the newer, so that there are
/// logarithmically many; runs are immutable, so that views share them.
struct KeyRuns: Sendable {
    struct Run: Sendable {
        /// Strictly ascending.
        let keys: [[UInt8]]
        /// Parallel to `keys`: whether the key exists after this run.
        let exists: [Bool]
        /// The last version in the run.
        let version: UInt64
    }

    /// Oldest first; a newer run overrides an older one.
    private(set) var runs: [Run] = []
    /// Where a scan need not look.
    var gaps = KeyGaps()

    /// `changes` in any order, each key once.
    mutating func append(_ changes: [(key: [UInt8], exists: Bool)], version: UInt64, mergingAfter floor: UInt64) {
        guard !changes.isEmpty else { return }
        let sorted = changes.sorted { $0.key.precedes($1.key) }
        gaps.insert(sorted.compactMap { $0.exists ? $0.key : nil })
        var run = Run(keys: sorted.map(\.key), exists: sorted.map(\.exists), version: version)
        // Runs up to `floor` are being flushed and will be dropped whole; merging into them would keep them for ever.
        while let last = runs.last, last.version > floor, last.keys.count <= 2 * run.keys.count {
            runs.removeLast()
            run = Self.merge(last, run)
        }
        runs.append(run)
    }

    /// Forgets what the store holds by now.
    mutating func drop(through version: UInt64) {
        runs.removeAll { $0.version <= version }
        gaps.drop(through: version)
    }

    /// Keys written after `floor`, each once, ascending.
    func keys(after floor: UInt64) -> [[UInt8]] {
        let recent = runs.filter { $0.version > floor }
        guard var merged = recent.first else { return [] }
        for run in recent.dropFirst() { merged = Self.merge(merged, run) }
        return merged.keys
    }

    private static func merge(_ older: Run, _ newer: Run) -> Run {
        var keys: [[UInt8]] = [], exists: [Bool] = []
        keys.reserveCapacity(older.keys.count + newer.keys.count)
        exists.reserveCapacity(older.keys.count + newer.keys.count)
        var position = 0
        for index in newer.keys.indices {
            let key = newer.keys[index]
            while position < older.keys.count, older.keys[position].precedes(key) {
                keys.append(older.keys[position])
                exists.append(older.exists[position])
                position += 1
            }
            if position < older.keys.count, older.keys[position] == key { position += 1 }
            keys.append(key)
            exists.append(newer.exists[index])
        }
        keys.append(contentsOf: older.keys[position...])
        exists.append(contentsOf: older.exists[position...])
        return Run(keys: keys, exists: exists, version: newer.version)
    }
}

/// Walks the merged runs in one direction from a key on.
struct KeyRunCursor {
    private let runs: [KeyRuns.Run]
    private let direction: ScanDirection
    /// The next position in each run.
    private var positions: [Int]

    /// Ascending: keys at or behind `start`. Descending: keys before it.
    init(_ runs: KeyRuns, _ direction: ScanDirection, from start: [UInt8]) {
        self.runs = runs.runs
        self.direction = direction
        positions = runs.runs.map { run in
            let table = SortedTable(keys: run.keys, values: [])
            let position = table.position(of: start)
            return direction == .ascending ? position : position - 1
        }
    }

    /// The next key and whether it exists; nil at the end.
    mutating func next() -> (key: [UInt8], exists: Bool)? {
        var best: (key: [UInt8], exists: Bool)?
        for (run, position) in zip(runs, positions) where run.keys.indices.contains(position) {
            let key = run.keys[position]
            guard let candidate = best else {
                best = (key, run.exists[position])
                continue
            }
            // A newer run, visited later, overrides an older one at the same key.
            let precedes = direction == .ascending
                ? key.precedes(candidate.key) : candidate.key.precedes(key)
            if precedes || key == candidate.key { best = (key, run.exists[position]) }
        }
        guard let result = best else { return nil }
        for index in runs.indices {
            let position = positions[index]
            if runs[index].keys.indices.contains(position), runs[index].keys[position] == result.key {
                positions[index] += direction == .ascending ? 1 : -1
            }
        }
        return result
    }
}
