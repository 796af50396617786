public import Primitives
public import WorldState

/// What the block log keeps of a height. The log does not look inside.
public struct BlockRecord: Equatable, Sendable, BCSCodable {
    public let header: [UInt8]
    public let certificate: [UInt8]
    /// Transactions and receipts.
    public let bodies: [UInt8]

    public init(header: [UInt8], certificate: [UInt8], bodies: [UInt8]) {
        self.header = header
        self.certificate = certificate
        self.bodies = bodies
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        encoder.encodeBytes(header)
        encoder.encodeBytes(certificate)
        encoder.encodeBytes(bodies)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        header = try decoder.decodeBytes(limit: RecordLog.Bounds.recordBytesMax)
        certificate = try decoder.decodeBytes(limit: RecordLog.Bounds.recordBytesMax)
        bodies = try decoder.decodeBytes(limit: RecordLog.Bounds.recordBytesMax)
    }
}

/// The chain as it was decided: one record per height, without gaps, appended in order. It is the truth from which the state
/// can be made again; nothing that was acknowledged is ever taken back.
public final class BlockLog: Sendable {
    private let log: RecordLog

    /// Opens the log in `directory`, and makes one that begins at `first` if there is none.
    public init(
        directory: String, chainID: ChainID, first: Height = 0, segmentBytes: Int = 64 << 20, damage: LogOptions.Damage = .refuse
    ) throws(StoreError) {
        log = try RecordLog(
            directory: directory, kind: .blocks, chainID: chainID,
            options: LogOptions(firstIndex: first.rawValue, segmentBytes: segmentBytes, damage: damage))
    }

    /// What was found when the log was opened.
    public var recovery: RecoveryReport { log.recovery }

    /// The lowest height that has not been pruned; while the log is empty, the height it begins with.
    public var first: Height { Height(log.bounds.lowerBound) }

    /// The height to append next: one above the last that is durable.
    public var next: Height { Height(log.bounds.upperBound) }

    /// Appends a block and returns when it is durable. Its height must be the one behind the block appended before, whether
    /// that is durable yet or not; if that one is refused, this one is.
    public func append(_ block: BlockRecord, at height: Height) async throws(StoreError) {
        try await log.append([block.bcs], at: height.rawValue)
    }

    /// As ``append(_:at:)``; `completion` runs on the log's thread and must be short. False when too much waits.
    public func submit(
        _ block: BlockRecord, at height: Height, _ completion: @escaping @Sendable (Result<Height, StoreError>) -> Void
    ) -> Bool {
        log.submit([block.bcs], at: height.rawValue) { completion($0.map { Height($0.lowerBound) }) }
    }

    /// The block at `height`, or nil when it is pruned or not durable yet.
    public func read(_ height: Height) throws(StoreError) -> BlockRecord? {
        guard let bytes = try log.read(height.rawValue) else { return nil }
        return try Self.decode(bytes, height.rawValue)
    }

    /// Calls `body` with the durable blocks from `height` on until it returns false.
    public func scan(from height: Height, _ body: (Height, BlockRecord) throws(StoreError) -> Bool) throws(StoreError) {
        try log.scan(from: height.rawValue) { (index, bytes) throws(StoreError) in
            try body(Height(index), try Self.decode(bytes, index))
        }
    }

    /// Removes files of blocks below `height`, at most `filesMax` of them; blocks at and above it stay, and some below may.
    @discardableResult
    public func prune(below height: Height, filesMax: Int = 1) throws(StoreError) -> Int {
        try log.prune(below: height.rawValue, segmentsMax: filesMax)
    }

    /// Reads the whole log and refuses the first damage.
    public func verify() throws(StoreError) { try log.verify() }

    /// Refuses later appends, waits for those accepted, and releases the files.
    public func close() { log.close() }

    private static func decode(_ bytes: [UInt8], _ index: UInt64) throws(StoreError) -> BlockRecord {
        do { return try BlockRecord(bcs: bytes) } catch { throw StoreError(.corrupt, "block record \(index): \(error)") }
    }
}
