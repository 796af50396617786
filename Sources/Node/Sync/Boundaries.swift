public import Gossip
public import Ledger
public import Primitives
public import Storage
import Synchronization
public import WorldState

/// The boundaries of epochs that this node knows, as light blocks: its own and those that it walked along. They begin with the chain, or
/// where its operator told it what to believe.
public final class Boundaries: Sendable {
    private let directory: String
    private let chainID: ChainID
    private let log: Mutex<BoundaryLog>

    /// Opens those in `directory`, and makes it if there is none.
    public init(directory: String, chainID: ChainID) throws(StoreError) {
        self.directory = directory
        self.chainID = chainID
        log = Mutex(try BoundaryLog(directory: directory, chainID: chainID))
    }

    /// What was found when they were opened.
    public var recovery: RecoveryReport { log.withLock { $0.recovery } }

    /// The epoch whose last block is the next to append.
    public var next: Epoch { log.withLock { $0.next } }

    /// Appends the last block of an epoch and returns when it is durable. One that is known does nothing; one beyond the next begins
    /// anew, because nobody could walk over the gap. One task at a time appends.
    public func append(_ block: LightBlock) async throws(StoreError) {
        precondition(block.header.endsEpoch)
        let epoch = block.header.draft.epoch
        if epoch < next { return }
        if epoch > next { try beginAnew(at: epoch) }
        try await log.withLock { $0 }.append(BoundaryLog.Boundary(epoch: epoch, height: block.height, bytes: block.bcs))
    }

    private func beginAnew(at epoch: Epoch) throws(StoreError) {
        try log.withLock { (log) throws(StoreError) in
            log.close()
            try BoundaryLog.remove(directory)
            log = try BoundaryLog(directory: directory, chainID: chainID, first: epoch)
        }
    }

    /// The newest one.
    public var newest: LightBlock? {
        get throws(StoreError) { try log.withLock { $0 }.newest.map { (boundary) throws(StoreError) in try Self.decode(boundary) } }
    }

    /// The boundary at `height`, or nil.
    public func block(at height: Height) throws(StoreError) -> LightBlock? {
        guard let boundary = try log.withLock({ $0 }).boundary(at: height) else { return nil }
        return try Self.decode(boundary)
    }

    /// The last block of an epoch, or nil.
    public func block(of epoch: Epoch) throws(StoreError) -> LightBlock? {
        guard let boundary = try log.withLock({ $0 }).boundary(of: epoch) else { return nil }
        return try Self.decode(boundary)
    }

    /// What a peer asked for, as much as one message holds. `other` reads a block that ends no epoch.
    public func answer(_ request: LightRequest, other: (Height) throws(StoreError) -> LightBlock?) throws(StoreError) -> [LightBlock] {
        switch request {
        case .boundaries(let height):
            let found = try log.withLock { $0 }.boundaries(
                above: height, limit: GossipLimits.lightBlocksMax, bytesMax: GossipLimits.blocksBytesMax)
            var blocks: [LightBlock] = []
            for boundary in found { blocks.append(try Self.decode(boundary)) }
            return blocks
        case .block(let height):
            if let block = try block(at: height) { return [block] }
            return try other(height).map { [$0] } ?? []
        }
    }

    private static func decode(_ boundary: BoundaryLog.Boundary) throws(StoreError) -> LightBlock {
        do { return try LightBlock(bcs: boundary.bytes) } catch {
            throw StoreError(.corrupt, "the boundary of epoch \(boundary.epoch): \(error)")
        }
    }

    /// Ends the thread behind it and releases the files.
    public func close() { log.withLock { $0.close() } }
}

/// Which boundaries are served as snapshots: some minutes apart, the same ones on every node, so that a restoration finds several peers
/// that serve one and has the time to end.
public enum SnapshotSchedule {
    /// A snapshot is served until the second one after it, therefore at least this long.
    public static let milliseconds: UInt64 = 300_000

    /// Whether the state behind a boundary is served, from its time and that of the boundary before: the first in each stretch of time is.
    public static func offers(_ boundary: Timestamp, after previous: Timestamp, each milliseconds: UInt64 = milliseconds) -> Bool {
        boundary.rawValue / milliseconds != previous.rawValue / milliseconds
    }
}
