public import Primitives
public import WorldState

/// The last block of each epoch, as much of it as whoever catches up needs to believe the next one: header, certificate, voters. One
/// record per epoch without gaps, kept when blocks are pruned; the bytes are opaque here.
///
/// A boundary that a crash has cut off is appended again from the block log: ``next`` says which.
public final class BoundaryLog: Sendable {
    private let log: RecordLog

    /// What is kept of an epoch.
    public struct Boundary: Equatable, Sendable {
        public let epoch: Epoch
        /// The last height of the epoch.
        public let height: Height
        public let bytes: [UInt8]

        public init(epoch: Epoch, height: Height, bytes: [UInt8]) {
            self.epoch = epoch
            self.height = height
            self.bytes = bytes
        }
    }

    /// Opens the log in `directory`, and makes one that begins with `first` if there is none. One that begins later than epoch 0
    /// is of a node that was told by its operator what to believe.
    public init(directory: String, chainID: ChainID, first: Epoch = 0, segmentBytes: Int = 16 << 20) throws(StoreError) {
        log = try RecordLog(
            directory: directory, kind: .boundaries, chainID: chainID,
            options: LogOptions(firstIndex: first.rawValue, segmentBytes: segmentBytes))
    }

    /// What was found when the log was opened.
    public var recovery: RecoveryReport { log.recovery }

    /// The epochs that are there.
    public var epochs: Range<Epoch> { Epoch(log.bounds.lowerBound)..<Epoch(log.bounds.upperBound) }

    /// The epoch to append next.
    public var next: Epoch { epochs.upperBound }

    /// Appends the boundary of epoch ``next`` and returns when it is durable. Its height must be above the one before.
    public func append(_ boundary: Boundary) async throws(StoreError) {
        if let last = try newest, last.height >= boundary.height {
            throw StoreError(.incompatible, "epoch \(boundary.epoch) ends at \(boundary.height), epoch \(last.epoch) at \(last.height)")
        }
        var record: [UInt8] = []
        record.reserveCapacity(8 + boundary.bytes.count)
        record.append(littleEndian: boundary.height.rawValue)
        try await log.append([record + boundary.bytes], at: boundary.epoch.rawValue)
    }

    /// The boundary of an epoch, or nil.
    public func boundary(of epoch: Epoch) throws(StoreError) -> Boundary? {
        guard let record = try log.read(epoch.rawValue) else { return nil }
        guard record.count >= 8 else { throw StoreError(.corrupt, "boundary record \(epoch) has no height") }
        return Boundary(epoch: epoch, height: Height(record.withUnsafeBytes { $0.load64(0) }), bytes: Array(record[8...]))
    }

    public var newest: Boundary? {
        get throws(StoreError) {
            guard let last = next.predecessor else { return nil }
            return try boundary(of: last)
        }
    }

    /// The boundary at `height`, or nil when no epoch ends there.
    public func boundary(at height: Height) throws(StoreError) -> Boundary? {
        guard let boundary = try firstBoundary(notBelow: height), boundary.height == height else { return nil }
        return boundary
    }

    /// The boundaries that follow `height`, one behind the other, at most `limit` and `bytesMax` bytes of them, but one at least. Empty
    /// when it is not known which is the next: `height` lies before the log begins.
    public func boundaries(above height: Height, limit: Int, bytesMax: Int = .max) throws(StoreError) -> [Boundary] {
        guard limit > 0, let above = height.advanced(by: 1), let first = try firstBoundary(notBelow: above) else { return [] }
        guard first.epoch > epochs.lowerBound || first.epoch == 0 else { return [] }
        var found = [first]
        var bytes = first.bytes.count
        while found.count < limit, let boundary = try boundary(of: found[found.count - 1].epoch.successor) {
            bytes += boundary.bytes.count
            if bytes > bytesMax { break }
            found.append(boundary)
        }
        return found
    }

    /// The first boundary at or above `height`: heights ascend with epochs, therefore a few reads find it.
    private func firstBoundary(notBelow height: Height) throws(StoreError) -> Boundary? {
        var low = log.bounds.lowerBound, high = log.bounds.upperBound
        var found: Boundary?
        while low < high {
            let middle = low + (high - low) / 2
            guard let boundary = try boundary(of: Epoch(middle)) else { return nil }
            if boundary.height < height { low = middle + 1 } else { (high, found) = (middle, boundary) }
        }
        return found
    }

    /// Refuses later appends, waits for those accepted, and releases the files.
    public func close() { log.close() }

    /// Removes the log in `directory`, which must not be open: to begin another one later in the chain. After a crash in between, an
    /// older part of it is left.
    public static func remove(_ directory: String) throws(StoreError) {
        guard RecordLog.exists(in: directory) else { return }
        for name in try Directory.names(in: directory).reversed() { try Directory.remove(directory + "/" + name) }
        try Directory.synchronize(directory)
    }
}
