import Glibc
import Synchronization
import WorldState

/// What readers and the writer of a log share.
struct LogCatalogue: Sendable {
    /// Ascending and without gaps; the last one is being written. Only durable records are counted.
    var segments: [Segment]
    /// Where the durable records of the last segment begin.
    var offsets: [UInt32]

    var bounds: Range<UInt64> { segments[0].first..<segments[segments.count - 1].end }

    /// The segment that holds the record at `index`, or nil.
    func segment(holding index: UInt64) -> Segment? {
        guard bounds.contains(index) else { return nil }
        var low = 0, high = segments.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if segments[middle].first <= index { low = middle } else { high = middle - 1 }
        }
        return segments[low]
    }
}

/// Records that are acknowledged together.
struct LogBatch: Sendable {
    let records: [[UInt8]]
    let bytes: Int
    /// The index that the first record must get, or nil for whatever comes next.
    let expected: UInt64?
    let completion: @Sendable (Result<Range<UInt64>, StoreError>) -> Void
}

/// The end of a log that grows. It belongs to the log's thread: everything that waits is written at once, made durable by one
/// fdatasync, and acknowledged in order.
///
/// Sound to send: after its making it is touched by that thread alone.
final class LogWriter: @unchecked Sendable {
    private let directory: SegmentDirectory
    private let segmentBytesMax: Int
    private let catalogue: LogFiles
    private var lock: DirectoryLock?
    private var file: File?
    private var segment: Segment
    private var offsets: [UInt32]
    private var buffer: [UInt8] = []
    /// Set when it is no longer known what the file holds; only opening the log again can tell.
    private var failure: StoreError?
    /// The last reason to refuse: what a batch hears that was to follow a refused one.
    private var refusal: StoreError?

    init(_ directory: SegmentDirectory, options: LogOptions, catalogue: LogFiles, lock: consuming DirectoryLock) throws(StoreError) {
        self.directory = directory
        segmentBytesMax = options.segmentBytes
        self.catalogue = catalogue
        self.lock = consume lock
        let (last, offsets) = catalogue.state.withLock { ($0.segments[$0.segments.count - 1], $0.offsets) }
        segment = last
        self.offsets = offsets
        file = try File(directory.logPath(last.first), flags: O_RDWR)
    }

    /// Releases the files.
    func end() {
        file = nil
        lock = nil
    }

    /// Writes all batches, in as few groups as memory allows.
    func write(_ batches: [LogBatch]) {
        var position = 0
        while position < batches.count {
            let start = position
            var groupBytes = 0
            repeat {
                groupBytes += batches[position].bytes
                position += 1
            } while position < batches.count && groupBytes + batches[position].bytes <= RecordLog.Bounds.groupBytesMax
            do throws(StoreError) {
                try writeGroup(batches[start..<position])
            } catch {
                refusal = error
                for batch in batches[start...] { batch.completion(.failure(error)) }
                return
            }
        }
    }

    private func writeGroup(_ batches: ArraySlice<LogBatch>) throws(StoreError) {
        if let failure { throw failure }
        if segment.bytes >= segmentBytesMax { try rotate() }
        buffer.removeAll(keepingCapacity: true)
        buffer.reserveCapacity(batches.reduce(0) { $0 + $1.bytes })
        var added: [UInt32] = []
        var acknowledgements: [Result<Range<UInt64>, StoreError>] = []
        for batch in batches {
            let first = segment.end + UInt64(added.count)
            if let expected = batch.expected, expected != first {
                acknowledgements.append(.failure(refusal
                    ?? StoreError(.io, "\(directory.path): record \(expected) was offered where \(first) follows")))
                continue
            }
            for record in batch.records {
                added.append(UInt32(segment.bytes + buffer.count))
                RecordFormat.append(
                    record, index: segment.end + UInt64(added.count - 1), groupIndex: added.count - 1, seed: segment.seed, to: &buffer)
            }
            acknowledgements.append(.success(first..<first + UInt64(batch.records.count)))
        }
        if !added.isEmpty {
            try append()
            refusal = nil
            segment.count += added.count
            segment.bytes += buffer.count
            offsets += added
            catalogue.state.withLock { shared in
                shared.segments[shared.segments.count - 1] = segment
                shared.offsets += added
            }
        }
        if buffer.capacity > RecordLog.Bounds.groupBytesMax { buffer = [] }
        for (batch, acknowledgement) in zip(batches, acknowledgements) { batch.completion(acknowledgement) }
    }

    /// Makes the buffer durable at the end of the segment, or leaves the segment as it was.
    private func append() throws(StoreError) {
        do throws(StoreError) {
            try file!.write(buffer, at: segment.bytes)
        } catch {
            try takeBack(after: error)
            throw error
        }
        do throws(StoreError) {
            try file!.synchronizeData()
        } catch {
            // After a failed fsync the kernel may call pages clean that never reached the disk. Only for a full disk is it
            // known what happened; then the file must be durable without the group.
            if error.code == .full {
                try takeBack(after: error)
                do throws(StoreError) { try file!.synchronizeData() } catch { failure = error }
            } else {
                failure = error
            }
            throw error
        }
    }

    private func takeBack(after cause: StoreError) throws(StoreError) {
        do throws(StoreError) {
            try file!.truncate(to: segment.bytes)
        } catch {
            failure = StoreError(.io, "\(cause.context); then \(error.context)")
        }
    }

    /// Ends the segment and begins the next one.
    private func rotate() throws(StoreError) {
        try directory.writeIndex(segment, offsets: offsets)
        let next = try directory.create(first: segment.end)
        file = try File(directory.logPath(next.first), flags: O_RDWR)
        segment = next
        offsets = []
        catalogue.state.withLock { shared in
            shared.segments.append(next)
            shared.offsets = []
        }
    }
}

/// The shared description of a log's files, as a reference.
final class LogFiles: Sendable {
    let state: Mutex<LogCatalogue>
    init(_ catalogue: LogCatalogue) { state = Mutex(catalogue) }
}
