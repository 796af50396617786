import Glibc
import WorldState

/// Opens the segments of a log: finds out what is there, takes a torn tail off its end, and refuses damage that cannot be one.
struct LogRecovery {
    private let directory: SegmentDirectory
    private let policy: LogOptions.Damage
    private(set) var segments: [Segment] = []
    /// Where the records of the last segment begin.
    private(set) var offsets: [UInt32] = []
    private var loss: RecoveryReport.Loss?

    var report: RecoveryReport {
        RecoveryReport(bounds: segments[0].first..<segments[segments.count - 1].end, loss: loss)
    }

    init(_ directory: SegmentDirectory, options: LogOptions) throws(StoreError) {
        self.directory = directory
        policy = options.damage
        var firsts = try directory.list()
        if firsts.isEmpty {
            _ = try directory.create(first: options.firstIndex)
            firsts = [options.firstIndex]
        }
        for (position, first) in firsts.enumerated() {
            if let previous = segments.last, previous.end != first {
                throw StoreError(
                    .corrupt, "\(directory.path): records \(previous.end) to \(first) are missing between two segments")
            }
            if try !open(first, isLast: position == firsts.count - 1, behind: firsts[(position + 1)...]) { break }
        }
        try settleLast()
    }

    /// Adds one segment. False when the segments behind it had to be given up.
    private mutating func open(_ first: UInt64, isLast: Bool, behind: ArraySlice<UInt64>) throws(StoreError) -> Bool {
        let name = directory.logName(first)
        if !isLast {
            let file = try File(directory.logPath(first), flags: O_RDONLY)
            let seed = try directory.seed(first, file)
            if let segment = directory.indexedSegment(first, seed: seed, fileBytes: try file.size) {
                segments.append(segment)
                return true
            }
        }
        let scan = try SegmentScan(directory, first: first)
        segments.append(scan.segment)
        if isLast { offsets = scan.offsets }
        guard let damage = scan.damage else {
            if !isLast { try directory.writeIndex(scan.segment, offsets: scan.offsets) }
            return true
        }
        // A later segment is made only when all before it is durable, therefore nothing in an earlier one can be a torn tail.
        let wasAcknowledged = damage.wasAcknowledged || !isLast
        if wasAcknowledged && policy == .refuse {
            throw StoreError(
                .corrupt, "\(directory.path)/\(name): record \(damage.index) at offset \(damage.offset) is damaged "
                    + "(\(damage.reason.explanation)) although it had been acknowledged; \(damage.recordsBehind) good records follow it there")
        }
        var bytes = try File(directory.logPath(first), flags: O_RDONLY).size - damage.offset
        for later in behind.reversed() {
            bytes += try File(directory.logPath(later), flags: O_RDONLY).size
            try Directory.remove(directory.logPath(later))
            try Directory.removeIfPresent(directory.indexPath(later))
        }
        try Directory.synchronize(directory.path)
        offsets = scan.offsets
        loss = RecoveryReport.Loss(
            file: name, offset: damage.offset, bytes: bytes, index: damage.index, reason: damage.reason,
            recordsBehind: damage.recordsBehind, wasAcknowledged: wasAcknowledged)
        return behind.isEmpty
    }

    /// Cuts the last segment behind its last good record, and makes durable what a crash may have left in memory: the next
    /// group will say that everything before it is.
    private func settleLast() throws(StoreError) {
        let last = segments[segments.count - 1]
        let file = try File(directory.logPath(last.first), flags: O_RDWR)
        if try file.size != last.bytes { try file.truncate(to: last.bytes) }
        try file.synchronizeData()
    }
}
