public import Primitives
import Synchronization
public import WorldState

/// Where things are in the chain: transactions by identifier, the transactions of an account, blocks by hash. It is made from final
/// blocks, beside the store and behind it; what it lacks is read again from the block log:
///
///     while index.next <= head, let block = try blocks.read(index.next) {
///         guard index.note(…) else { break }                      // its disk is slow: go on later
///     }
///
/// That loop is all: it follows the head, brings a new index or one that lags up to it, and fills what was lost. Answers are
/// candidates; whoever asks reads the block and compares. Any thread may ask; one at a time notes.
public final class ChainIndex: Sendable {
    private let runs: SortedRuns
    private let thread: WriterThread<Work>
    private let failing: Failing

    private enum Work: Sendable {
        case maintain
        case seal(@Sendable (Result<Void, StoreError>) -> Void)
        case verify(@Sendable () -> Void)
    }

    /// The tags of keys.
    private enum Tag {
        static let transaction: UInt8 = 0, account: UInt8 = 1, block: UInt8 = 2
    }

    /// Opens the index in `directory`, and makes an empty one if there is none. Blocks below `first` do not count: the lowest block
    /// that is kept.
    public init(directory: String, chainID: ChainID, first: Height, options: SortedRuns.Options = SortedRuns.Options()) throws(StoreError) {
        let runs = try SortedRuns(directory: directory, chainID: chainID, first: first, options: options)
        let failing = Failing()
        self.runs = runs
        self.failing = failing
        thread = WriterThread(
            name: "index", weightMax: 1,
            work: { messages in
                for message in messages {
                    switch message {
                    case .maintain: failing.note(Result { () throws(StoreError) in try runs.maintain() })
                    case .seal(let completion):
                        let result = Result { () throws(StoreError) in try runs.seal() }
                        failing.note(result)
                        completion(result)
                    case .verify(let completion):
                        runs.verify()
                        completion()
                    }
                }
            },
            end: {
                failing.note(Result { () throws(StoreError) in try runs.seal() })
                runs.close()
            })
    }

    // MARK: Noting

    /// The block to note next: the lowest that is missing.
    public var next: Height { runs.next }

    /// The lowest block that is missing on disk; after a crash, ``next`` is here.
    public var nextDurable: Height { runs.nextDurable }

    /// Notes a final block, with its transactions in their order and, for each, the accounts that it is a matter of. False, and
    /// nothing is noted, when it is not ``next`` any more or when too much waits to be written.
    public func note(_ height: Height, hash: Digest, transactions: [(id: Digest, accounts: [Address])]) -> Bool {
        var entries: [(key: IndexKey, index: UInt32)] = [(IndexKey(Tag.block, hash), 0)]
        entries.reserveCapacity(1 + 3 * transactions.count)
        for (index, transaction) in transactions.enumerated() {
            entries.append((IndexKey(Tag.transaction, transaction.id), UInt32(index)))
            for account in transaction.accounts { entries.append((IndexKey(Tag.account, account), UInt32(index))) }
        }
        let isTaken = runs.add(height, entries)
        // One message waits at most: it does whatever there is to do.
        if runs.hasWork { _ = thread.post(.maintain, weight: 1) }
        return isTaken
    }

    /// Blocks below `height` do not count any more; what was noted of them goes by and by.
    public func prune(below height: Height) {
        runs.prune(below: height)
        _ = thread.post(.maintain, weight: 1)
    }

    /// Returns when everything noted so far is on disk.
    public func seal() async throws(StoreError) {
        let result: Result<Void, StoreError> = await withCheckedContinuation { continuation in
            Task {
                if await !thread.send(.seal { continuation.resume(returning: $0) }, weight: 1) {
                    continuation.resume(returning: .failure(StoreError(.closed, runs.directory)))
                }
            }
        }
        try result.get()
    }

    /// Reads all of the index and drops what is damaged, so that ``next`` falls back to it. It may take seconds; nobody waits for it
    /// but the caller.
    public func verify() async {
        await withCheckedContinuation { continuation in
            Task { if await !thread.send(.verify { continuation.resume() }, weight: 1) { continuation.resume() } }
        }
    }

    /// Why what waits could not be written last time; nil when it could. It is tried again with every block.
    public var failure: StoreError? { failing.last }

    /// Parts that were found damaged and dropped, since the last call: for the log.
    public func takeLosses() -> [StoreError] { runs.takeLosses() }

    /// Writes what has been noted and releases the files.
    public func close() { thread.close() }

    // MARK: Asking

    /// Where the transaction may be, the newest first. Beside it there may be others that share the beginning of its identifier.
    public func transaction(_ id: Digest) throws(StoreError) -> [IndexPosition] {
        try runs.candidates(IndexKey(Tag.transaction, id), limit: Self.candidatesMax)
    }

    /// Transactions that are a matter of the account, the newest first, below `bound`; at most `limit`.
    public func transactions(of account: Address, below bound: IndexPosition? = nil, limit: Int) throws(StoreError) -> [IndexPosition] {
        try runs.candidates(IndexKey(Tag.account, account), below: bound, limit: limit)
    }

    /// Heights of blocks that may have this hash.
    public func block(_ hash: Digest) throws(StoreError) -> [Height] {
        try runs.candidates(IndexKey(Tag.block, hash), limit: Self.candidatesMax).map(\.height)
    }

    /// To make two digests begin alike in 15 bytes takes 2⁶⁰ attempts, to find one that begins like a given one 2¹²⁰.
    private static let candidatesMax = 8
}

/// The last failure of a thread that works alone.
private final class Failing: Sendable {
    private let state = Mutex<StoreError?>(nil)

    var last: StoreError? { state.withLock { $0 } }

    func note(_ result: Result<Void, StoreError>) {
        state.withLock { last in
            switch result {
            case .success: last = nil
            case .failure(let error): last = error
            }
        }
    }
}
