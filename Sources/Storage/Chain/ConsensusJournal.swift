public import Primitives
import Synchronization
public import WorldState

/// What consensus must not forget: each record is durable before anything that depends on it leaves the node. Records are opaque
/// and belong to a height; once a height is final, the block log holds what matters, and the files of the journal go.
///
/// A node without its journal must not sign as if it had never signed. Therefore a journal is made by an explicit act, and
/// opening one that is not there answers nil.
public final class ConsensusJournal: Sendable {
    private let log: RecordLog
    /// The first record of each height that is not final; a few entries, as heights are decided one after the other.
    private let firstRecords: Mutex<[(height: Height, index: UInt64)]>

    /// Makes a journal in `directory`, where none may be.
    public static func create(directory: String, chainID: ChainID, segmentBytes: Int = 16 << 20) throws(StoreError) -> ConsensusJournal {
        if RecordLog.exists(in: directory) { throw StoreError(.incompatible, "\(directory) holds a journal already") }
        return try ConsensusJournal(directory: directory, chainID: chainID, segmentBytes: segmentBytes)
    }

    /// Opens the journal in `directory`; nil when there is none: it was lost, or never made.
    public static func open(directory: String, chainID: ChainID, segmentBytes: Int = 16 << 20) throws(StoreError) -> ConsensusJournal? {
        guard RecordLog.exists(in: directory) else { return nil }
        return try ConsensusJournal(directory: directory, chainID: chainID, segmentBytes: segmentBytes)
    }

    private init(directory: String, chainID: ChainID, segmentBytes: Int) throws(StoreError) {
        log = try RecordLog(
            directory: directory, kind: .journal, chainID: chainID, options: LogOptions(segmentBytes: segmentBytes))
        firstRecords = Mutex([])
        try log.scan(from: 0) { (index, bytes) throws(StoreError) in
            note(try Self.split(bytes, index).height, index)
            return true
        }
    }

    /// What was found when the journal was opened.
    public var recovery: RecoveryReport { log.recovery }

    /// Indexes of the records that are there.
    public var bounds: Range<UInt64> { log.bounds }

    /// Appends `records` of `height` and returns when they are durable.
    public func append(_ records: [[UInt8]], height: Height) async throws(StoreError) {
        _ = try await log.append(records.map { Self.join(height, $0) }, at: nil) { [weak self] range in
            if !range.isEmpty { self?.note(height, range.lowerBound) }
        }
    }

    /// As ``append(_:height:)``; `completion` runs on the journal's thread, in the order of submission, and must be short. False
    /// when too much waits; then nothing has been taken.
    public func submit(
        _ records: [[UInt8]], height: Height, _ completion: @escaping @Sendable (Result<Void, StoreError>) -> Void
    ) -> Bool {
        log.submit(records.map { Self.join(height, $0) }) { [weak self] result in
            if case .success(let range) = result, !range.isEmpty { self?.note(height, range.lowerBound) }
            completion(result.map { _ in })
        }
    }

    /// Calls `body` with every record above height `final`, in the order in which they were written; after a crash with
    /// those that were durable but not yet acknowledged, too.
    public func replay(above final: Height?, _ body: (Height, [UInt8]) throws(StoreError) -> Void) throws(StoreError) {
        try log.scan(from: 0) { (index, bytes) throws(StoreError) in
            let (height, payload) = try Self.split(bytes, index)
            if final.map({ height > $0 }) ?? true { try body(height, payload) }
            return true
        }
    }

    /// Records of heights up to `height` are no longer needed. At most one file is removed per call.
    public func finish(_ height: Height) throws(StoreError) {
        // Under the lock, no record can become durable, unknown here, and be left behind by a new file before the files that
        // may go have been chosen: the journal's thread notes a record before it writes anything more.
        let retired = firstRecords.withLock { records in
            records.removeAll { $0.height <= height }
            return log.retire(below: records.map(\.index).min() ?? log.bounds.upperBound)
        }
        if let retired { try log.delete(retired) }
    }

    /// Refuses later appends, waits for those accepted, and releases the files.
    public func close() { log.close() }

    private func note(_ height: Height, _ index: UInt64) {
        firstRecords.withLock { records in
            if let position = records.firstIndex(where: { $0.height == height }) {
                records[position].index = min(records[position].index, index)
            } else {
                records.append((height, index))
            }
        }
    }

    private static func join(_ height: Height, _ record: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + record.count)
        bytes.append(littleEndian: height.rawValue)
        return bytes + record
    }

    private static func split(_ bytes: [UInt8], _ index: UInt64) throws(StoreError) -> (height: Height, payload: [UInt8]) {
        guard bytes.count >= 8 else { throw StoreError(.corrupt, "journal record \(index) has no height") }
        return (Height(bytes.withUnsafeBytes { $0.load64(0) }), Array(bytes[8...]))
    }
}
