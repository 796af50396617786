import Synchronization
public import WorldState

extension RecordLog {
    /// Removes segments that hold only records below `index`, the oldest first and at most `segmentsMax` of them, so that the
    /// work of pruning is spread over many calls. The last segment always stays, therefore so does the next index. Returns how
    /// many segments were removed.
    @discardableResult
    public func prune(below index: UInt64, segmentsMax: Int = 1) throws(StoreError) -> Int {
        var removed = 0
        while removed < segmentsMax {
            let oldest = files.state.withLock { catalogue -> Segment? in
                guard catalogue.segments.count > 1, catalogue.segments[0].end <= index else { return nil }
                return catalogue.segments.removeFirst()
            }
            guard let oldest else { break }
            readers.withLock { open in open.removeAll { $0.first == oldest.first } }
            try Directory.removeIfPresent(directory.indexPath(oldest.first))
            try Directory.removeIfPresent(directory.logPath(oldest.first))
            // A crash must not bring back an older segment without a newer one: that would look like a gap.
            try Directory.synchronize(directory.path)
            removed += 1
        }
        return removed
    }
}
