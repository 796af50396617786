public import Primitives

/// Rebuilds a state from chunks that arrive in any order from any peers. Every chunk is proved against the certified root before
/// anything of it is written; what has been written survives a restart, and the work goes on where it stopped.
public struct SnapshotRestore<Store: KeyValueStore>: Sendable {
    /// The state to arrive at.
    public let height: Height
    public let root: Digest
    /// What has been restored, as disjoint ranges of paths in ascending order that do not touch.
    public private(set) var covered: [ClosedRange<Digest>]
    private let store: Store

    /// Ranges that may lie apart; chunks behind each other merge into one.
    public static var rangesMax: Int { 1024 }

    /// Begins, or goes on with, the restoration of `root` at `height`. The store must be empty or hold an unfinished one of the
    /// same state; anything else is `incompatible`.
    public init(into store: Store, height: Height, root: Digest) throws(StoreError) {
        self.store = store
        self.height = height
        self.root = root
        let snapshot = try store.snapshot()
        if try FlushedState.read(from: snapshot) != nil { throw StoreError(.incompatible, "the store holds a state already") }
        let bytes = try RestoreRecord.key.withRawBytes { (key) throws(StoreError) in
            try snapshot.read(.meta, key) { $0.map { [UInt8]($0) } }
        }
        guard let bytes else {
            covered = []
            return
        }
        let record: RestoreRecord
        do { record = try RestoreRecord(bcs: bytes) } catch { throw StoreError(.corrupt, "restore record: \(error)") }
        guard record.height == height, record.root == root else {
            throw StoreError(.incompatible, "the store holds a part of the state of height \(record.height)")
        }
        covered = record.covered
    }

    /// Whether every path is covered.
    public var isComplete: Bool { covered == [Digest.zero...Digest.last] }

    /// The first path that is missing, where the next request should start; nil when nothing is.
    public var firstGap: Digest? {
        guard let first = covered.first, first.lowerBound == .zero else { return .zero }
        return first.upperBound.next
    }

    /// Why a chunk was not taken.
    public enum Failure: Error, Equatable, Sendable {
        /// It proves nothing: the peer that sent it is to blame.
        case proof(ProofError)
        /// It would leave more than ``rangesMax`` separate ranges.
        case scattered
        case store(StoreError)
    }

    /// Verifies a chunk and writes it durably.
    public mutating func add(_ chunk: StateChunk) throws(Failure) { try add([chunk]) }

    /// Verifies chunks and writes them in one durable batch, all or none. Several chunks a batch cost less, as keys that lie
    /// apart in one chunk share pages of the store with those of others.
    public mutating func add(_ chunks: [StateChunk]) throws(Failure) {
        var verified: [[ClaimedLeaf]] = []
        var merged = covered
        for chunk in chunks {
            do { verified.append(try chunk.verifiedLeaves(root: root)) } catch { throw .proof(error) }
            merged = Self.merge(merged, chunk.from...chunk.through)
        }
        guard merged.count <= Self.rangesMax else { throw .scattered }
        let record = RestoreRecord(height: height, root: root, covered: merged).bcs
        // In the order of keys, for the table of keys.
        let keys = chunks.flatMap { $0.entries.map(\.key.bytes) }.sorted { $0.precedes($1) }
        do {
            try store.write { (writer) throws(StoreError) in
                for (chunk, leaves) in zip(chunks, verified) {
                    for (entry, leaf) in zip(chunk.entries, leaves) { try Self.put(entry, leaf, writer) }
                }
                for key in keys {
                    try key.withRawBytes { (raw) throws(StoreError) in try writer.put(.order, raw, size: 0) { _ in } }
                }
                try RestoreRecord.key.withRawBytes { (key) throws(StoreError) in
                    try writer.put(.meta, key, size: record.count) { $0.copyBytes(from: record) }
                }
            }
        } catch { throw .store(error) }
        covered = merged
    }

    private static func put(_ entry: StateClaim, _ leaf: ClaimedLeaf, _ writer: Store.Writer) throws(StoreError) {
        let key = entry.key.bytes, value = entry.value!
        try withDigest(leaf.path) { (path) throws(StoreError) in
            try writer.put(.leaf, path, size: LeafRecord.size(key: key, value: value)) {
                LeafRecord.write($0, hash: leaf.hash!, key: key, value: value)
            }
        }
    }

    /// Pages written in one batch.
    private static var pagesPerBatch: Int { 4_096 }

    /// Builds the inner pages from the leaves and declares the state flushed. The root must come out as certified.
    public func finish() throws(StoreError) {
        precondition(isComplete)
        let snapshot = try store.snapshot()
        var pending: [(TreePosition, Page)] = []
        let store = store
        func write(_ pages: [(TreePosition, Page)]) throws(StoreError) {
            try store.write { (writer) throws(StoreError) in try Self.put(pages, writer) }
        }
        var builder = TreeBuilder(source: TreeSource(snapshot: snapshot), rehashesLeaves: false) { (position, page) throws(StoreError) in
            pending.append((position, page))
            if pending.count == Self.pagesPerBatch {
                try write(pending)
                pending = []
            }
        }
        let built = TreeHash.root(top: try builder.build().body.hash)
        guard built == root else { throw StoreError(.corrupt, "the restored leaves have root \(built), not \(root)") }
        let state = FlushedState(height: height, root: root, leafCount: builder.leafCount).bcs
        try store.write { (writer) throws(StoreError) in
            try Self.put(pending, writer)
            try RestoreRecord.key.withRawBytes { (key) throws(StoreError) in try writer.remove(.meta, key) }
            try FlushedState.key.withRawBytes { (key) throws(StoreError) in
                try writer.put(.meta, key, size: state.count) { $0.copyBytes(from: state) }
            }
        }
    }

    private static func put(_ pages: [(TreePosition, Page)], _ writer: Store.Writer) throws(StoreError) {
        for (position, page) in pages { try writer.put(page, at: position) }
    }

    /// Adds a range, joining those that overlap or touch.
    static func merge(_ ranges: [ClosedRange<Digest>], _ new: ClosedRange<Digest>) -> [ClosedRange<Digest>] {
        var result: [ClosedRange<Digest>] = []
        for range in (ranges + [new]).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound || last.upperBound.next == range.lowerBound {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}

/// How far a restoration has come; in the store until it is finished.
struct RestoreRecord: BCSCodable {
    static let key = Array("restore".utf8)

    let height: Height
    let root: Digest
    let covered: [ClosedRange<Digest>]

    init(height: Height, root: Digest, covered: [ClosedRange<Digest>]) {
        self.height = height
        self.root = root
        self.covered = covered
    }

    func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        height.encode(into: &encoder)
        root.encode(into: &encoder)
        encoder.encode(covered.flatMap { [$0.lowerBound, $0.upperBound] })
    }

    init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        height = try decoder.decode(Height.self)
        root = try decoder.decode(Digest.self)
        let bounds = try decoder.decodeSequence(of: Digest.self, limit: 2 * 1024)
        guard bounds.count.isMultiple(of: 2), zip(bounds, bounds.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            throw decoder.refuse("covered ranges are out of order")
        }
        covered = stride(from: 0, to: bounds.count, by: 2).map { bounds[$0]...bounds[$0 + 1] }
    }
}
