import Primitives

/// What a group of blocks does to the history of values: records of what its blocks replaced, and a stretch of old records that is swept
/// away, or put in the order of paths where all are kept. ``HistoryRecord`` says where they lie.
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
    /// Where the work on old records in the order of paths goes on; empty for the beginning.
    let sweepStart: [UInt8]

    /// Records that one group looks at, beside twice as many as it adds: pruning is spread over blocks, and faster than they
    /// write.
    static let sweepMin = 2_000
    /// Where all is kept, a flush dissolves this part of the groups: a path's records lie in as many groups at most, roughly.
    static let stretches = 64

    /// Writes the records, and works on old ones; returns where that goes on.
    func write(_ group: Height, _ writer: some KeyValueWriter, behind snapshot: any KeyValueSnapshot) throws(StoreError) -> [UInt8] {
        let groups = HistoryGroups(snapshot: snapshot)
        let (records, gone) = net
        for undo in gone { try remove(undo, groups, writer) }
        // After a revert the chain may be lower than the newest group; the records then go there, so that groups stay in order.
        let group = try max(group, groups.last ?? 0)
        for record in records {
            try HistoryRecord.withKey(group: group, path: record.path, height: record.height) { (key) throws(StoreError) in
                try writer.put(.replaced, history: key, value: record.value)
            }
        }
        let first = max(try HistoryReach.read(from: snapshot)?.first ?? flushedHeight ?? 0, floor ?? 0)
        try HistoryReach(first: first).write(writer)
        guard let floor else {
            // What has just been removed is still in the snapshot, and must not come back.
            return gone.isEmpty ? try dissolve(groups, writer) : sweepStart
        }
        let countMax = Self.sweepMin + 2 * records.count
        try sweepGroups(to: floor, countMax, writer, behind: snapshot)
        return try sweep(to: floor, countMax, writer, behind: snapshot)
    }

    private struct Record {
        let path: Digest
        let height: Height
        let value: [UInt8]?

        /// In the order of keys.
        static func precedes(_ left: Record, _ right: Record) -> Bool {
            left.path == right.path ? left.height < right.height : left.path < right.path
        }
    }

    /// What is to be written, in the order of keys, and blocks of earlier groups that were taken back.
    private var net: (records: [Record], gone: [BlockUndo]) {
        var kept: [BlockUndo] = [], gone: [BlockUndo] = []
        for step in steps {
            switch step {
            case .applied(let undo): kept.append(undo)
            case .reverted(let undo): if kept.popLast() == nil { gone.append(undo) }
            }
        }
        var records: [Record] = []
        records.reserveCapacity(kept.reduce(0) { $0 + $1.count })
        for undo in kept {
            for (path, value) in undo.records { records.append(Record(path: path, height: undo.height, value: value)) }
        }
        records.sort(by: Record.precedes)
        return (records, gone)
    }

    /// Removes the records of a block that an earlier flush has written.
    private func remove(_ undo: BlockUndo, _ groups: HistoryGroups, _ writer: some KeyValueWriter) throws(StoreError) {
        try groups.forEach(from: undo.height) { (group) throws(StoreError) in
            for (path, _) in undo.records {
                try HistoryRecord.withKey(group: group, path: path, height: undo.height) { (key) throws(StoreError) in try writer.remove(.replaced, key) }
            }
        }
        for (path, _) in undo.records {
            try HistoryRecord.withKey(path: path, height: undo.height) { (key) throws(StoreError) in try writer.remove(.history, key) }
        }
    }

    /// Removes the oldest groups of which nothing is of use any more, at most `countMax` records.
    private func sweepGroups(
        to floor: Height, _ countMax: Int, _ writer: some KeyValueWriter, behind snapshot: any KeyValueSnapshot
    ) throws(StoreError) {
        var stale: [[UInt8]] = []
        try HistoryRecord.withKey(group: 0, path: .zero, height: 0) { (start) throws(StoreError) in
            try snapshot.scan(.replaced, .ascending, from: start) { key, _ in
                guard key.count == HistoryRecord.groupKeySize else { return true }
                if stale.count == countMax || HistoryRecord.group(key) > floor { return false }
                stale.append([UInt8](key))
                return true
            }
        }
        for bytes in stale {
            try bytes.withRawBytes { (key) throws(StoreError) in try writer.remove(.replaced, key) }
        }
    }

    /// Removes old records in the order of paths, from a stretch of at most `countMax`.
    private func sweep(
        to floor: Height, _ countMax: Int, _ writer: some KeyValueWriter, behind snapshot: any KeyValueSnapshot
    ) throws(StoreError) -> [UInt8] {
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

    /// Moves the records of one stretch of paths out of all groups, into the order of paths: of many groups at once, several fall on a page.
    private func dissolve(_ groups: HistoryGroups, _ writer: some KeyValueWriter) throws(StoreError) -> [UInt8] {
        let width = 256 / Self.stretches, first = Int(sweepStart.first ?? 0) / width * width, end = first + width
        var start = Digest.zero
        withUnsafeMutableBytes(of: &start) { $0[0] = UInt8(first) }
        var records: [Record] = []
        try groups.forEach { (group) throws(StoreError) in
            let before = records.count
            var isDamaged = false
            try HistoryRecord.withKey(group: group, path: start, height: 0) { (from) throws(StoreError) in
                try groups.snapshot.scan(.replaced, .ascending, from: from) { key, bytes in
                    guard key.count == HistoryRecord.groupKeySize else { return true }
                    guard HistoryRecord.group(key) == group, Int(key[8]) < end else { return false }
                    guard let value = HistoryRecord.value(bytes) else {
                        isDamaged = true
                        return false
                    }
                    records.append(Record(path: HistoryRecord.path(inGroup: key), height: HistoryRecord.height(key), value: value))
                    return true
                }
            }
            if isDamaged { throw StoreError(.corrupt, "a history record of the blocks up to \(group)") }
            for record in records[before...] {
                try HistoryRecord.withKey(group: group, path: record.path, height: record.height) { (key) throws(StoreError) in
                    try writer.remove(.replaced, key)
                }
            }
        }
        records.sort(by: Record.precedes)
        for record in records {
            try HistoryRecord.withKey(path: record.path, height: record.height) { (key) throws(StoreError) in
                try writer.put(.history, history: key, value: record.value)
            }
        }
        return end < 256 ? [UInt8(end)] : []
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
