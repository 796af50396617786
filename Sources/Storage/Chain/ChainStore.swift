public import Primitives
public import WorldState

/// Everything a node keeps of its chain, in one directory:
///
///     blocks/    block log: what was decided, the truth
///     journal/   consensus journal: what this node has promised
///     state/     LMDB: the world state up to the flushed height, which is in the same transaction
///
/// A restored snapshot takes the place of state and blocks at once, see ``ChainReplacement``.
///
/// A block is final when it is in the log. The state follows in groups and may be behind, never ahead; after a crash
/// ``replay(above:_:)`` brings it forward. Each part has its own thread and file, so that a slow one does not stop the others.
public final class ChainStore: Sendable {
    public let directory: String
    public let blocks: BlockLog
    /// nil when there is none; then this node may have signed what it does not remember, see ``createJournal(in:chainID:)``.
    public let journal: ConsensusJournal?
    public let state: LMDBStateStore
    private let flushThread = FlushThread()

    public struct Options: Sendable {
        public var blockSegmentBytes = 64 << 20
        public var journalSegmentBytes = 16 << 20
        public var state = StateStoreOptions()
        /// What to do about damage to acknowledged blocks; the journal always refuses.
        public var damage = LogOptions.Damage.refuse
        public init() {}
    }

    /// Makes a store for a chain whose first block is `first`, and opens it. Where one is already, it stays as it is.
    public static func create(
        in directory: String, chainID: ChainID, first: Height = 0, options: Options = Options()
    ) throws(StoreError) -> ChainStore {
        try ChainReplacement.finish(in: directory)
        // The block log comes last: with it the store is there, and a missing journal is a lost one.
        if !exists(in: directory) && !RecordLog.exists(in: directory + "/journal") {
            try createJournal(in: directory, chainID: chainID)
        }
        return try ChainStore(directory, chainID, first: first, options)
    }

    /// Opens the store in `directory`, or throws ``StoreError/Code/incompatible`` when there is none.
    public static func open(
        in directory: String, chainID: ChainID, options: Options = Options()
    ) throws(StoreError) -> ChainStore {
        try ChainReplacement.finish(in: directory)
        guard exists(in: directory) else { throw StoreError(.incompatible, "\(directory) holds no chain") }
        return try ChainStore(directory, chainID, first: 0, options)
    }

    /// True when there is a store in `directory`.
    public static func exists(in directory: String) -> Bool {
        RecordLog.exists(in: directory + "/blocks") || ChainReplacement.isDecided(in: directory)
    }

    /// Makes an empty journal in a store without one. After a loss, only once it is known up to where this node may have signed.
    public static func createJournal(in directory: String, chainID: ChainID) throws(StoreError) {
        try ConsensusJournal.create(directory: directory + "/journal", chainID: chainID).close()
    }

    private init(_ directory: String, _ chainID: ChainID, first: Height, _ options: Options) throws(StoreError) {
        self.directory = directory
        blocks = try BlockLog(
            directory: directory + "/blocks", chainID: chainID, first: first, segmentBytes: options.blockSegmentBytes,
            damage: options.damage)
        state = try LMDBStateStore(directory: directory + "/state", chainID: chainID, options: options.state)
        journal = try ConsensusJournal.open(
            directory: directory + "/journal", chainID: chainID, segmentBytes: options.journalSegmentBytes)
    }

    /// Calls `apply` with every block above `height`, that of the state as it was opened; nil is the state before genesis, which
    /// needs block 0. Refuses a state that is ahead of the log, or behind what the log still has.
    public func replay(
        above height: Height?, _ apply: (Height, BlockRecord) throws(StoreError) -> Void
    ) throws(StoreError) {
        let first = blocks.first, next = blocks.next
        let start = height?.successor ?? 0
        if start > next {
            throw StoreError(
                .corrupt, "\(directory): the state is at height \(start.rawValue - 1), but the block log ends below height \(next): "
                    + "blocks that had been acknowledged are missing")
        }
        if start < first {
            throw StoreError(.corrupt, "\(directory): the state needs block \(start), but the block log begins at \(first)")
        }
        try blocks.scan(from: start) { (height, block) throws(StoreError) in
            try apply(height, block)
            return true
        }
    }

    /// Writes `group` on the flush thread and returns the state behind it. Every block of the group must be durable: the state
    /// must never be ahead of the log.
    public func flush(_ group: FlushGroup) async throws(StoreError) -> StateSnapshot {
        precondition(group.height < blocks.next, "the state would be ahead of the block log")
        let state = state
        return try await flushThread.run { () throws(StoreError) in
            try group.write(to: state)
            return try state.snapshot()
        }
    }

    /// Runs `work` on the flush thread, between groups: indexes, snapshots, pruning.
    public func runBetweenFlushes<Value: Sendable>(
        _ work: @escaping @Sendable () throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await flushThread.run(work)
    }

    /// Ends the threads after what they have accepted, and releases the files; those of the state with its last snapshot.
    public func close() {
        flushThread.close()
        blocks.close()
        journal?.close()
        state.close()
    }
}
