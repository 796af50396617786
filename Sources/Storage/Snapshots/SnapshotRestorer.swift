public import Primitives
import Synchronization
public import WorldState

/// Restores a state from chunks of any peers beside the one that the node has, on a thread of its own. Every chunk is proved before it is
/// written; what has been written survives a restart. At the end the new state takes the place of the old one, see
/// ``ChainReplacement``.
///
///     let covered = try await restorer.open(height: boundary.height, root: boundary.stateRoot)
///     let range = try await restorer.judge(height: …, from: …, bytes)      // nil: the sender is to blame
///     if try await restorer.finish() {                                      // decided: now close the store and open it again
///         store.close()
///         store = try ChainStore.open(…)
///     }
///
/// Errors are those of this node's own disk; what was done before stays, and opening again goes on there.
public final class SnapshotRestorer: Sendable {
    /// Chunks that wait to be judged; beyond them the caller suspends.
    static let waitingMax = 16

    private let directory: String
    private let chainID: ChainID
    private let options: StateStoreOptions
    private let thread: WriterThread<Work>

    private enum Work: Sendable {
        case open(height: Height, root: Digest, @Sendable (Result<[ClosedRange<Digest>], StoreError>) -> Void)
        case judge(Offer)
        case finish(@Sendable (Result<Bool, StoreError>) -> Void)
        case abandon(@Sendable (Result<Void, StoreError>) -> Void)
    }

    /// A chunk that a peer sent in answer to a request.
    private struct Offer: Sendable {
        let height: Height
        let from: Digest
        let bytes: [UInt8]
        let completion: @Sendable (Result<ClosedRange<Digest>?, StoreError>) -> Void
    }

    /// `directory` is that of the ``ChainStore`` whose state is to be replaced.
    public init(directory: String, chainID: ChainID, options: StateStoreOptions = StateStoreOptions()) {
        self.directory = directory
        self.chainID = chainID
        self.options = options
        let session = Session(directory: directory, chainID: chainID, options: options)
        thread = WriterThread(
            name: "restore", weightMax: Self.waitingMax,
            work: { messages in
                var offers: [Offer] = []
                func judgeAll() {
                    session.judge(offers.map { ($0.height, $0.from, $0.bytes, $0.completion) })
                    offers = []
                }
                for message in messages {
                    if case .judge(let offer) = message {
                        offers.append(offer)
                        continue
                    }
                    judgeAll()
                    switch message {
                    case .open(let height, let root, let completion):
                        completion(Result { () throws(StoreError) in try session.open(height, root) })
                    case .judge: break
                    case .finish(let completion): completion(Result { () throws(StoreError) in try session.finish() })
                    case .abandon(let completion): completion(Result { () throws(StoreError) in try session.abandon() })
                    }
                }
                judgeAll()
            },
            end: { session.close() })
    }

    /// Makes ready to restore the state with `root` behind block `height`, and returns what an earlier attempt at the same one has left.
    /// Another unfinished one is forgotten.
    public func open(height: Height, root: Digest) async throws(StoreError) -> [ClosedRange<Digest>] {
        try await send { .open(height: height, root: root, $0) }
    }

    /// Verifies and writes the chunk that was asked for from path `from`, and returns the range that it proved; nil when it is not
    /// such a chunk, which is its sender's fault. Chunks that wait are written together.
    public func judge(height: Height, from: Digest, _ bytes: [UInt8]) async throws(StoreError) -> ClosedRange<Digest>? {
        try await send { .judge(Offer(height: height, from: from, bytes: bytes, completion: $0)) }
    }

    /// Builds the tree over the chunks, which must be complete, and decides for the new state. False when nothing was opened or the
    /// tree does not have the root; then everything is forgotten.
    public func finish() async throws(StoreError) -> Bool { try await send { .finish($0) } }

    /// Forgets an unfinished restoration.
    public func abandon() async throws(StoreError) { try await send { .abandon($0) } as Void }

    /// Ends the thread after what it has accepted. What was written stays for the next time.
    public func close() { thread.close() }

    private func send<Value: Sendable>(
        _ work: @escaping @Sendable (@escaping @Sendable (Result<Value, StoreError>) -> Void) -> Work
    ) async throws(StoreError) -> Value {
        let closed = StoreError(.closed, directory)
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            let message = work { continuation.resume(returning: $0) }
            switch thread.post(message, weight: 1) {
            case .accepted: return
            case .closed: continuation.resume(returning: .failure(closed))
            case .full: Task { if await !thread.send(message, weight: 1) { continuation.resume(returning: .failure(closed)) } }
            }
        }
        return try result.get()
    }
}

/// What the restorer's thread has open.
///
/// Sound to send: after its making it is touched by that thread alone.
private final class Session: @unchecked Sendable {
    private let directory: String
    private let chainID: ChainID
    private let options: StateStoreOptions
    private var restore: SnapshotRestore<LMDBStateStore>?
    /// Set when the tree has been built: an earlier attempt came so far, or this one.
    private var built: (height: Height, root: Digest)?

    private static let everything = [Digest.zero...Digest([UInt8](repeating: 0xff, count: Digest.byteCount))!]

    init(directory: String, chainID: ChainID, options: StateStoreOptions) {
        self.directory = directory
        self.chainID = chainID
        self.options = options
    }

    func close() { (restore, built) = (nil, nil) }

    func open(_ height: Height, _ root: Digest) throws(StoreError) -> [ClosedRange<Digest>] {
        close()
        if ChainReplacement.isDecided(in: directory) {
            throw StoreError(.incompatible, "\(directory): a restored state waits for the store to be opened again")
        }
        do throws(StoreError) {
            try begin(height, root)
        } catch {
            // It is of another state, or it cannot be read: then it is worth nothing.
            guard error.code == .incompatible || error.code == .corrupt else { throw error }
            try ChainReplacement.abandon(in: directory)
            try begin(height, root)
        }
        return restore?.covered ?? Self.everything
    }

    private func begin(_ height: Height, _ root: Digest) throws(StoreError) {
        let store = try LMDBStateStore(directory: ChainReplacement.place(in: directory) + "/state", chainID: chainID, options: options)
        let state = try WorldState(opening: try store.snapshot())
        if state.flushedHeight == height, state.root == root {
            built = (height, root)
        } else {
            restore = try SnapshotRestore(into: store, height: height, root: root)
        }
    }

    typealias Completion = @Sendable (Result<ClosedRange<Digest>?, StoreError>) -> Void

    func judge(_ offers: [(height: Height, from: Digest, bytes: [UInt8], completion: Completion)]) {
        var chunks: [(chunk: StateChunk, completion: Completion)] = []
        for offer in offers {
            if offer.height == restore?.height, let chunk = try? StateChunk(bcs: offer.bytes), chunk.from == offer.from {
                chunks.append((chunk, offer.completion))
            } else {
                offer.completion(.success(nil))
            }
        }
        guard restore != nil, !chunks.isEmpty else { return }
        if chunks.count > 1, (try? restore!.add(chunks.map(\.chunk))) != nil {
            for (chunk, completion) in chunks { completion(.success(chunk.from...chunk.through)) }
            return
        }
        // One of them is bad, or there is only one.
        for (chunk, completion) in chunks {
            do {
                try restore!.add(chunk)
                completion(.success(chunk.from...chunk.through))
            } catch {
                switch error {
                case .proof, .scattered: completion(.success(nil))
                case .store(let error): completion(.failure(error))
                }
            }
        }
    }

    func finish() throws(StoreError) -> Bool {
        if let restore {
            guard restore.isComplete else { return false }
            do throws(StoreError) {
                try restore.finish()
            } catch {
                guard error.code == .corrupt else { throw error }
                try abandon()
                return false
            }
            built = (restore.height, restore.root)
            self.restore = nil
        }
        guard let (height, _) = built else { return false }
        try ChainReplacement.decide(in: directory, chainID: chainID, height: height)
        close()
        return true
    }

    func abandon() throws(StoreError) {
        close()
        try ChainReplacement.abandon(in: directory)
    }
}
