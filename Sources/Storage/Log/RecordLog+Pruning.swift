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
            guard let oldest = retire(below: index) else { break }
            try delete(oldest)
            removed += 1
        }
        return removed
    }

    /// Takes the oldest segment out of the log if it holds only records below `index`; its files stay for ``delete(_:)``.
    func retire(below index: UInt64) -> Segment? {
        files.state.withLock { catalogue in
            guard catalogue.segments.count > 1, catalogue.segments[0].end <= index else { return nil }
            return catalogue.segments.removeFirst()
        }
    }

    func delete(_ segment: Segment) throws(StoreError) {
        readers.withLock { open in open.removeAll { $0.first == segment.first } }
        try Directory.removeIfPresent(directory.indexPath(segment.first))
        try Directory.removeIfPresent(directory.logPath(segment.first))
        // A crash must not bring back an older segment without a newer one: that would look like a gap.
        try Directory.synchronize(directory.path)
    }
}
