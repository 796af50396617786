import Glibc
public import Primitives
import Synchronization
public import WorldState

/// An append-only sequence of records on disk, numbered without gaps. One thread writes: everything that waits goes out with
/// one write and one fdatasync (group commit), and only then is acknowledged. A crash can cut the last group and nothing else.
///
/// Records are opaque bytes of at most ``Bounds/recordBytesMax``. Reading never waits for the writer, and sees only what is durable.
public final class RecordLog: Sendable {
    public enum Bounds {
        /// Bytes of one record: a block of 2 MiB with its receipts and a certificate of 1,024 votes, several times over.
        public static let recordBytesMax = 16 << 20
        /// Bytes that one fdatasync covers. More would delay the first of them; a single batch may be larger.
        static let groupBytesMax = 4 << 20
        /// Bytes of batches that wait. Beyond this the disk is too slow, and whoever appends has to slow down.
        static let waitingBytesMax = 64 << 20
        /// Segments that stay open for reading, with the offsets of their records in memory.
        static let readersMax = 8
    }

    /// What was found when the log was opened.
    public let recovery: RecoveryReport
    let directory: SegmentDirectory
    let files: LogFiles
    let readers = Mutex<[SegmentReader]>([])
    private let thread: WriterThread<LogBatch>

    /// Opens the log in `directory`, and makes an empty one if there is none.
    public init(directory path: String, kind: LogKind, chainID: ChainID, options: LogOptions = LogOptions()) throws(StoreError) {
        precondition(options.segmentBytes >= 4096 && options.segmentBytes <= 1 << 30)
        try Directory.create(path)
        let lock = try DirectoryLock(path)
        directory = SegmentDirectory(path: path, identity: RecordFormat.Identity(kind: kind, chainID: chainID))
        let found = try LogRecovery(directory, options: options)
        recovery = found.report
        files = LogFiles(LogCatalogue(segments: found.segments, offsets: found.offsets))
        let writer = try LogWriter(directory, options: options, catalogue: files, lock: lock)
        thread = WriterThread(
            name: "log \(path.split(separator: "/").last ?? "")", weightMax: Bounds.waitingBytesMax,
            work: { writer.write($0) }, end: { writer.end() })
    }

    /// True when there is a log in `directory`.
    public static func exists(in directory: String) -> Bool {
        (try? Directory.names(in: directory).contains { $0.hasSuffix(SegmentDirectory.logSuffix) }) ?? false
    }

    /// Indexes of the durable records.
    public var bounds: Range<UInt64> { files.state.withLock { $0.bounds } }

    /// Appends `records` and returns their indexes once they are durable; suspends while too much waits. They are acknowledged
    /// together, but after a crash the first of them can be there without the last. With `index`, it fails unless the first
    /// record gets that index: so a record never takes the place of one before it that was refused. Tasks that are suspended
    /// may overtake one another; whoever needs an order awaits one append before the next, or submits.
    @discardableResult
    public func append(_ records: [[UInt8]], at index: UInt64? = nil) async throws(StoreError) -> Range<UInt64> {
        try await append(records, at: index) { _ in }
    }

    /// As ``append(_:at:)``, and tells `onDurable` on the log's thread before it writes anything more.
    func append(
        _ records: [[UInt8]], at index: UInt64?, onDurable: @escaping @Sendable (Range<UInt64>) -> Void
    ) async throws(StoreError) -> Range<UInt64> {
        let result = await withCheckedContinuation { continuation in
            let batch = Self.batch(records, index) { result in
                if case .success(let range) = result { onDurable(range) }
                continuation.resume(returning: result)
            }
            switch thread.post(batch, weight: batch.bytes) {
            case .accepted: return
            case .closed: batch.completion(.failure(closed))
            case .full: Task { if await !thread.send(batch, weight: batch.bytes) { batch.completion(.failure(closed)) } }
            }
        }
        return try result.get()
    }

    /// As ``append(_:at:)`` for callers that do not suspend: `completion` runs on the log's thread, in the order of submission, and
    /// must be short. False when too much waits; then nothing has been taken, and the caller offers it again later.
    public func submit(
        _ records: [[UInt8]], at index: UInt64? = nil,
        _ completion: @escaping @Sendable (Result<Range<UInt64>, StoreError>) -> Void
    ) -> Bool {
        let batch = Self.batch(records, index, completion)
        switch thread.post(batch, weight: batch.bytes) {
        case .accepted: return true
        case .full: return false
        case .closed:
            completion(.failure(closed))
            return true
        }
    }

    /// Refuses later appends, waits for those accepted, and releases the files. Must not be called by a completion.
    public func close() { thread.close() }

    private var closed: StoreError { StoreError(.closed, directory.path) }

    private static func batch(
        _ records: [[UInt8]], _ index: UInt64?, _ completion: @escaping @Sendable (Result<Range<UInt64>, StoreError>) -> Void
    ) -> LogBatch {
        var bytes = 0
        for record in records {
            precondition(record.count <= Bounds.recordBytesMax)
            bytes += RecordFormat.recordHeaderBytes + record.count
        }
        precondition(bytes < 1 << 30)
        return LogBatch(records: records, bytes: bytes, expected: index, completion: completion)
    }
}

/// How a log is opened.
public struct LogOptions: Sendable {
    /// The index of the first record of a log that is new.
    public var firstIndex: UInt64
    /// A segment ends with the group that brings it to this many bytes: 4 KiB to 1 GiB.
    public var segmentBytes: Int
    public var damage: Damage

    public enum Damage: Sendable {
        /// A torn tail is cut off and reported; damage to acknowledged records is refused as ``StoreError/Code/corrupt``.
        case refuse
        /// The log is cut before the first damaged record, whatever follows. For an operator who can get the rest from peers.
        case discard
    }

    public init(firstIndex: UInt64 = 0, segmentBytes: Int = 64 << 20, damage: Damage = .refuse) {
        self.firstIndex = firstIndex
        self.segmentBytes = segmentBytes
        self.damage = damage
    }
}
