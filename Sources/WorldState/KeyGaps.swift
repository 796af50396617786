import Primitives

/// Stretches of keys in which nothing exists any more though the store, or a run of recent keys, still names much: a scan steps over
/// each of them at once. What it costs to find the next key therefore does not grow with what was removed before it.
///
/// Invariants: gaps are disjoint and ascending; no key of the view lies within one; between two keys of the view that follow each
/// other there are fewer than ``countMin`` keys that have gone and gaps, or one gap and nothing else.
struct KeyGaps: Sendable {
    /// What lies between two keys that exist, without them; nil is the end of all keys.
    struct Gap: Sendable {
        let low: [UInt8]?
        let high: [UInt8]?
        /// When the last key within it went.
        let version: UInt64

        func contains(_ key: [UInt8]) -> Bool { (low.map { $0.precedes(key) } ?? true) && (high.map { key.precedes($0) } ?? true) }
    }

    /// Fewer are stepped over one by one.
    static let countMin = 4

    private(set) var gaps: [Gap] = []

    /// The gap around `key`, which does not exist.
    func gap(around key: [UInt8]) -> Gap? {
        let index = firstIndex(endingBehind: key)
        return index < gaps.count && gaps[index].contains(key) ? gaps[index] : nil
    }

    /// The first gap that does not end at or before `key`.
    private func firstIndex(endingBehind key: [UInt8]) -> Int {
        var low = 0, high = gaps.count
        while low < high {
            let middle = (low + high) / 2
            if gaps[middle].high.map({ key.precedes($0) }) ?? true { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Takes note of keys that exist again; `keys` are strictly ascending.
    mutating func insert(_ keys: [[UInt8]]) {
        guard !gaps.isEmpty else { return }
        for key in keys {
            let index = firstIndex(endingBehind: key)
            guard index < gaps.count, gaps[index].contains(key) else { continue }
            let gap = gaps[index]
            gaps.replaceSubrange(index...index, with: [
                Gap(low: gap.low, high: key, version: gap.version), Gap(low: key, high: gap.high, version: gap.version),
            ])
        }
    }

    /// Takes up gaps, ascending and disjoint, in place of those that lie within them.
    mutating func add(_ wider: [Gap]) {
        guard !wider.isEmpty else { return }
        var merged: [Gap] = []
        merged.reserveCapacity(gaps.count + wider.count)
        var rest = gaps[...]
        for gap in wider {
            while let next = rest.first, Self.ends(next, before: gap) {
                merged.append(next)
                rest.removeFirst()
            }
            // No key lies within a gap and this one ends at keys, so that another lies beside it or within it as a whole.
            while let next = rest.first, !Self.ends(gap, before: next) { rest.removeFirst() }
            merged.append(gap)
        }
        gaps = merged + rest
    }

    private static func ends(_ gap: Gap, before other: Gap) -> Bool {
        guard let high = gap.high, let low = other.low else { return false }
        return !low.precedes(high)
    }

    /// Forgets the gaps that the store has itself by now.
    mutating func drop(through version: UInt64) { gaps.removeAll { $0.version <= version } }
}

extension StateView {
    /// The gaps around keys of this view that have just gone, strictly ascending.
    func gaps(around gone: [[UInt8]], version: UInt64) throws(StoreError) -> [KeyGaps.Gap] {
        var result: [KeyGaps.Gap] = []
        var reached: KeyGaps.Gap?
        for key in gone {
            if let reached, reached.contains(key) { continue }
            var before = keys(prefix: [], from: key, .descending, batchSize: 2), behind = keys(prefix: [], from: key, batchSize: 2)
            let gap = KeyGaps.Gap(low: try before.next()?.bytes, high: try behind.next()?.bytes, version: version)
            reached = gap
            if before.skipped + behind.skipped >= KeyGaps.countMin { result.append(gap) }
        }
        return result
    }
}
