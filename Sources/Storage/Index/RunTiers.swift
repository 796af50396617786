import Primitives

/// Which runs to merge. A run's tier is the number of times its size has been multiplied by the width; in the order of heights,
/// tiers fall, and fewer than the width of neighbours share one. So there are at most `(width - 1) · tiers` runs, and each entry is
/// written once for each tier.
enum RunTiers {
    /// Neighbours to merge next; nil when none need it.
    static func merge(_ runs: [Run], _ options: SortedRuns.Options) -> [Run]? {
        let tiers = runs.map { tier($0.header.count, options) }
        var start = runs.endIndex
        while start > 0 {
            // The longest row of neighbours without a gap that share a tier and end before `start`.
            var first = start - 1
            while first > 0, tiers[first - 1] == tiers[start - 1], areNeighbours(runs[first - 1], runs[first]) { first -= 1 }
            // The oldest of them: a newer one may wait for its equals, while an older one would stand before a larger one.
            if start - first >= options.mergeWidth { return Array(runs[first..<min(first + 2 * options.mergeWidth, start)]) }
            // A small run before a larger one: it filled a gap.
            if first > 0, tiers[first - 1] < tiers[first], areNeighbours(runs[first - 1], runs[first]) {
                return Array(runs[(first - 1)...first])
            }
            start = first
        }
        return nil
    }

    private static func areNeighbours(_ left: Run, _ right: Run) -> Bool {
        left.heights.upperBound.successor == right.heights.lowerBound
    }

    private static func tier(_ count: Int, _ options: SortedRuns.Options) -> Int {
        var tier = 0
        var size = options.tableEntriesMax * 2
        while count > size {
            size *= options.mergeWidth
            tier += 1
        }
        return tier
    }
}
