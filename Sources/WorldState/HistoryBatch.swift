import Primitives

/// What a group of blocks does to the history of values: records of what its blocks replaced, and a stretch of old records
/// that is swept away.
struct HistoryBatch: Sendable {
    enum Step: Sendable {
        case applied(BlockUndo)
        /// The records of a block that was taken back would speak for blocks of the same height that follow it.
        case reverted(BlockUndo)

        var undo: BlockUndo {
            switch self {
            case .applied(let undo), .reverted(let undo): undo
            }
        }
    }

    /// In the order in which they happened.
    let steps: [Step]
    /// The height that the store holds before the group; nil when it is empty.
    let flushedHeight: Height?
    /// Records up to this height are of no use; nil keeps all.
    let floor: Height?
    /// The key of the record with which the sweep goes on; empty for the first.
    let sweepStart: [UInt8]

    /// Records that one group looks at, beside twice as many as it adds: pruning is spread over blocks, and faster than they
    /// write.
    static let sweepMin = 2_000

    /// Writes the records and sweeps; returns where the next sweep starts.
    func write(_ writer: some KeyValueWriter, behind snapshot: any KeyValueSnapshot) throws(StoreError) -> [UInt8] {
        var added = 0
        for step in steps {
            let height = step.undo.height
            for (path, value) in step.undo.records {
                try HistoryRecord.withKey(path: path, height: height) { (key) throws(StoreError) in
                    if case .reverted = step { return try writer.remove(.history, key) }
                    try writer.put(.history, key, size: 1 + (value?.count ?? 0)) { target in
                        target[0] = value == nil ? 0 : 1
                        if let value { UnsafeMutableRawBufferPointer(rebasing: target[1...]).copyBytes(from: value) }
                    }
                }
                added += 1
            }
        }
        let first = max(try HistoryReach.read(from: snapshot)?.first ?? flushedHeight ?? 0, floor ?? 0)
        try HistoryReach(first: first).write(writer)
        return try sweep(Self.sweepMin + 2 * added, writer, behind: snapshot)
    }

    /// Removes old history from a stretch of at most `countMax` records.
    private func sweep(
        _ countMax: Int, _ writer: some KeyValueWriter, behind snapshot: any KeyValueSnapshot
    ) throws(StoreError) -> [UInt8] {
        guard let floor else { return sweepStart }
        var stale: [[UInt8]] = []
        var visited = 0
        var end: [UInt8] = []
        try sweepStart.withRawBytes { (start) throws(StoreError) in
            try snapshot.scan(.history, .ascending, from: start) { key, _ in
                guard key.count == HistoryRecord.keySize else { return true }
                if visited == countMax {
                    end = [UInt8](key)
                    return false
                }
                visited += 1
                if HistoryRecord.height(key) <= floor { stale.append([UInt8](key)) }
                return true
            }
        }
        for bytes in stale {
            try bytes.withRawBytes { (key) throws(StoreError) in try writer.remove(.history, key) }
        }
        return end
    }
}

/// The first height that the store's history answers for; in the store only while it keeps history without a gap.
struct HistoryReach {
    static let key = Array("history".utf8)

    let first: Height

    func write(_ writer: some KeyValueWriter) throws(StoreError) {
        let record = first.bcs
        try Self.key.withRawBytes { (key) throws(StoreError) in
            try writer.put(.meta, key, size: record.count) { $0.copyBytes(from: record) }
        }
    }

    static func read(from snapshot: any KeyValueSnapshot) throws(StoreError) -> HistoryReach? {
        let record = try key.withRawBytes { (key) throws(StoreError) in
            try snapshot.read(.meta, key) { $0.map { [UInt8]($0) } }
        }
        guard let record else { return nil }
        do { return HistoryReach(first: try Height(bcs: record)) } catch { throw StoreError(.corrupt, "history reach: \(error)") }
    }
}
