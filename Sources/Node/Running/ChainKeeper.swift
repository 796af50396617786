import API
import Consensus
import Execution
import Ledger
import Logging
import Primitives
import Storage
import Verification
import WorldState

/// Owns the executor, the block log and the flushing of state: everything that a decided block goes through.
///
/// Invariants: blocks enter the log in order; the state is written only up to a block that is durable in the log; a block is published
/// when it is decided, executed and, by the journal, durable.
final class ChainKeeper {
    let chain: ChainExecutor
    let stores: NodeStores
    private let snapshots: SnapshotServer
    let published: Published
    private var store: ChainStore { stores.chain }
    private let log: Logger
    /// Set once, before anything else is posted; alive while anything is done here.
    weak var owner: Owner<ChainKeeper>!
    var failed: @Sendable (NodeError) -> Void = { _ in }
    private var writer: OrderedWriter<(Height, BlockRecord)>!
    private var atStart: [(Height, BlockRecord)] = []
    /// A group that is frozen and waits for its newest block to be durable, or is being written.
    private var flushing: FlushGroup?
    private var isWriting = false
    /// The end of an epoch whose state is offered with the next flush.
    private var snapshotHeight: Height?
    /// Ends of epochs that wait to be kept.
    private var endings: [LightBlock] = []
    private var isKeeping = false
    /// The index lags, and its next piece of work is posted.
    private var isIndexing = false
    private var durable: Height
    private let retainedBlocks: UInt64?
    /// Blocks between two looks at what can be pruned.
    private let pruneBlocks: UInt64
    private let snapshotMilliseconds: UInt64
    /// Seconds that executing took, for people.
    private(set) var figures = ChainFigures()

    private let flushSchedule: FlushSchedule
    /// Files of blocks that one look takes away: four gigabytes, more than is written between two looks.
    private static let prunedFilesMax = 64

    init(chain: ChainExecutor, stores: NodeStores, snapshots: SnapshotServer, published: Published, settings: NodeConfiguration.StorageSettings, flushSchedule: FlushSchedule, log: Logger) {
        self.chain = chain
        self.flushSchedule = flushSchedule
        self.stores = stores
        self.snapshots = snapshots
        self.published = published
        retainedBlocks = settings.retainedBlocks
        pruneBlocks = settings.pruneBlocks
        snapshotMilliseconds = settings.snapshotMilliseconds
        self.log = log
        durable = Height(max(stores.chain.blocks.next.rawValue, 1) - 1)
        writer = OrderedWriter(groupMax: 1) { [unowned self] group in
            let (height, record) = group[0], owner = self.owner!
            return store.blocks.submit(record, at: height) { result in
                owner.post { $0.written(result.map { _ in }) }
            }
        }
    }

    // ── What the replica asks ──

    func check(_ question: ProposalCheck, _ bodies: [SignedTransaction]) -> ProposalVerdict? {
        do { return try chain.check(question, bodies: bodies) } catch {
            fail(.storeFailed, "checking block \(question.proposal.draft.height): \(error)")
            return nil
        }
    }

    func execute(_ request: ExecutionRequest, _ bodies: [SignedTransaction]) -> ExecutedProposal? {
        let clock = ContinuousClock(), start = clock.now
        do {
            let executed = try chain.execute(request, bodies: bodies)
            figures.executed(bodies.count, in: clock.now - start)
            return executed
        } catch {
            fail(error, at: request.proposal.draft.height)
            return nil
        }
    }

    /// Makes a decided block part of the chain, tells the readers, and sees to its being written.
    func deliver(_ block: CertifiedBlock, _ bodies: [SignedTransaction]) -> ChainExecutor.Delivered? {
        let delivered: ChainExecutor.Delivered
        do { delivered = try chain.deliver(block, bodies: bodies) } catch {
            fail(error, at: block.height)
            return nil
        }
        let stored = StoredBlock(
            header: block.header, certificate: block.certificate, transactions: bodies, receipts: delivered.receipts, events: delivered.events)
        let hash = block.header.digest
        publish(FinalBlock(stored, hash: hash), block.header, hash, delivered.parameters)
        writer.append((block.height, stored.record))
        noteIndex()
        if block.header.endsEpoch { noteBoundary(block) }
        freeze()
        figures.delivered(transactions: bodies.count, gas: block.header.result.gasUsed)
        if let retainedBlocks, block.height.rawValue % pruneBlocks == 0, block.height.rawValue > retainedBlocks {
            // A start replays what the state has not seen: the blocks from its height on stay, however few are wanted.
            prune(below: min(Height(block.height.rawValue - retainedBlocks), chain.flushedHeight ?? 0))
        }
        return delivered
    }

    private func publish(_ block: FinalBlock, _ header: Header, _ hash: Digest, _ parameters: NetworkParameters) {
        let head = ChainHead(chain, hash: hash, oldestBlock: store.blocks.first)
        published.publish(block, Published.Newest(head: head, view: chain.committedView, parameters: parameters))
    }

    /// A decided block that the journal holds and the log does not, before anything runs; it is written by ``retry()``.
    func deliverAtStart(_ block: CertifiedBlock, _ bodies: [SignedTransaction]) -> Bool {
        guard let delivered = try? chain.deliver(block, bodies: bodies) else { return false }
        let stored = StoredBlock(
            header: block.header, certificate: block.certificate, transactions: bodies, receipts: delivered.receipts, events: delivered.events)
        let hash = block.header.digest
        publish(FinalBlock(stored, hash: hash), block.header, hash, delivered.parameters)
        atStart.append((block.height, stored.record))
        if block.header.endsEpoch { addEnding(block) }
        return true
    }

    /// Writes what ``deliverAtStart(_:_:)`` brought, now that there is an owner for the answers.
    func writeWaiting() {
        for item in atStart { writer.append(item) }
        atStart = []
        keepEndings()
    }

    // ── The log and the state ──

    private func written(_ result: Result<Void, StoreError>) {
        do {
            for (height, _) in try writer.finished(result) { durable = height }
            if writer.isStalled { log.error("the disk is full; blocks wait to be written", metadata: ["code": "store.full"]) }
        } catch { return fail(.storeFailed, "the block log: \(error)") }
        write()
    }

    /// Called every now and then.
    func retry() {
        noteIndex()
        if writer.isStalled { writer.retry() }
        write()
    }

    var isStalled: Bool { writer.isStalled }

    /// Freezes what is to be written, while no speculative block lies above it.
    private func freeze() {
        guard flushing == nil else { return }
        let behind = chain.committed.height.rawValue - (chain.flushedHeight?.rawValue ?? 0)
        guard flushSchedule.isDue(blocks: behind, bytes: chain.pendingBytes) || snapshotHeight != nil else { return }
        flushing = chain.beginFlush()
        write()
    }

    private func write() {
        guard let group = flushing, !isWriting, group.height <= durable else { return }
        isWriting = true
        let store = store, owner = owner!
        Task {
            do throws(StoreError) {
                let snapshot = try await store.flush(group)
                owner.post { $0.flushed(group, .success(snapshot)) }
            } catch {
                owner.post { $0.flushed(group, .failure(error)) }
            }
        }
    }

    private func flushed(_ group: FlushGroup, _ result: Result<StateSnapshot, StoreError>) {
        isWriting = false
        switch result {
        case .success(let snapshot):
            flushing = nil
            chain.finishFlush(group, snapshot: snapshot)
            figures.flushes += 1
            offerSnapshot(behind: group.height)
            let view = chain.committedView, oldest = chain.oldestState
            published.refresh { newest in
                guard newest.head.height == view.height else { return }
                newest.view = view
                newest.head = newest.head.with(oldestState: oldest)
            }
        // It stays frozen and is tried again.
        case .failure(let error) where error.code == .full:
            log.error("the disk is full; the state waits to be written", metadata: ["code": "store.full"])
        case .failure(let error): fail(.storeFailed, "the state's store: \(error)")
        }
    }

    // ── What is made from blocks ──

    /// Blocks that the index takes in one piece of work: more would keep proposals waiting.
    private static let indexedAtOnce = 16

    /// Brings the index up to the chain, a few blocks at a time and then whatever else is to be done.
    private func noteIndex() {
        for loss in stores.index.takeLosses() { log.warning("a part of the index was damaged and is made again: \(loss)") }
        guard takeIntoIndex(Self.indexedAtOnce), !isIndexing else { return }
        isIndexing = true
        owner.post { keeper in
            keeper.isIndexing = false
            keeper.noteIndex()
        }
    }

    /// Brings the index up to the chain before anybody can ask: what is final must not be unknown because of a crash.
    func completeIndex() {
        let first = stores.index.next
        if first.rawValue + 1_000 < chain.committed.height.rawValue { log.notice("making the index", metadata: ["from": "\(first)", "to": "\(chain.committed.height)"]) }
        while takeIntoIndex(Self.indexedAtOnce) {}
    }

    /// False when there is no more to take, or when it cannot go on now.
    private func takeIntoIndex(_ count: Int) -> Bool {
        for _ in 0..<count {
            let height = stores.index.next
            guard height <= chain.committed.height else { return false }
            do {
                guard let block = try StoredBlock.read(height, in: store, or: published),
                      stores.index.note(height, hash: block.header.digest, transactions: block.indexed) else { return false }
            } catch {
                log.error("the index stops at block \(height): \(error)")
                return false
            }
        }
        return true
    }

    /// The end of an epoch is kept with its voters, and its state is offered to those who catch up.
    private func noteBoundary(_ block: CertifiedBlock) {
        let previous = (try? stores.boundaries.newest)?.header.draft.time ?? 0
        if SnapshotSchedule.offers(block.header.draft.time, after: endings.last?.header.draft.time ?? previous, each: snapshotMilliseconds) { snapshotHeight = block.height }
        addEnding(block)
        keepEndings()
    }

    private func addEnding(_ block: CertifiedBlock) {
        guard let voters = try? ChainRecords.validatorSet(of: block.header.draft.epoch, in: chain.committedView) else {
            return log.error("the state has no voters of epoch \(block.header.draft.epoch), whose end is not kept")
        }
        endings.append(LightBlock(header: block.header, certificate: block.certificate, validators: voters))
    }

    /// One task at a time, so that epochs are kept in order.
    private func keepEndings() {
        guard !isKeeping, !endings.isEmpty else { return }
        isKeeping = true
        let batch = endings, stores = stores, log = log, owner = owner!
        endings = []
        Task {
            do throws(StoreError) {
                for block in batch { try await stores.boundaries.append(block) }
            } catch { log.error("keeping the end of an epoch: \(error)") }
            owner.post { keeper in
                keeper.isKeeping = false
                keeper.keepEndings()
            }
        }
    }

    /// A state that has just been written pins the least.
    private func offerSnapshot(behind flushed: Height) {
        guard let height = snapshotHeight, height <= flushed else { return }
        snapshotHeight = nil
        if let view = chain.view(at: height) { snapshots.offer(view) }
    }

    /// Writes everything that is decided, for an orderly end. The log must have been given its time before.
    func finalGroup() -> FlushGroup? {
        guard flushing == nil, !isWriting, durable == chain.committed.height else { return nil }
        return chain.beginFlush()
    }

    var isSettled: Bool { writer.isIdle && !isWriting }

    private func prune(below height: Height) {
        let store = store, log = log, published = published, filesMax = Self.prunedFilesMax
        Task {
            do throws(StoreError) {
                let first = try await store.runBetweenFlushes { () throws(StoreError) in
                    // All files at once: under load a thousand blocks fill several.
                    try store.blocks.prune(below: height, filesMax: filesMax)
                    return store.blocks.first
                }
                published.refresh { $0.head = $0.head.with(oldestBlock: first) }
            } catch { log.warning("pruning blocks: \(error)") }
        }
    }

    // ── Failures ──

    private func fail(_ code: NodeError.Code, _ reason: String) { failed(NodeError(code, reason, remedy: "look at the disk and the system's log, then start the node again")) }

    private func fail(_ failure: ChainExecutor.Failure, at height: Height) {
        switch failure {
        case .state(let error): fail(.storeFailed, "block \(height): \(error)")
        case .diverged(let certified, let own):
            failed(NodeError(
                .diverged, "block \(height): the network decided on the state \(certified.stateRoot), and this node computed \(own.stateRoot)",
                remedy: "restore the state from a snapshot of the network, and tell the developers"))
        case .execution(let failure): failed(NodeError(.executionFailed, "block \(height): \(failure)"))
        case .outOfOrder(let committed, let block): failed(NodeError(.executionFailed, "block \(block) came behind \(committed)"))
        }
    }
}

/// What the chain has done since the node began.
struct ChainFigures: Sendable {
    var blocks: UInt64 = 0
    var transactions: UInt64 = 0
    var gas: UInt64 = 0
    var executions: UInt64 = 0
    var executionNanoseconds: UInt64 = 0
    var flushes: UInt64 = 0

    mutating func executed(_ count: Int, in duration: Duration) {
        executions += 1
        let (seconds, attoseconds) = duration.components
        executionNanoseconds &+= UInt64(max(0, seconds)) &* 1_000_000_000 &+ UInt64(max(0, attoseconds) / 1_000_000_000)
    }

    mutating func delivered(transactions count: Int, gas used: Gas) {
        blocks += 1
        transactions += UInt64(count)
        gas &+= used.rawValue
    }
}

extension ChainHead {
    /// The head of `chain`.
    init(_ chain: ChainExecutor, hash: Digest, oldestBlock: Height) {
        self.init(header: chain.committed, hash: hash, oldestBlock: oldestBlock, oldestState: chain.oldestState)
        self = with()
    }

    /// The same head with answers from elsewhere on. A state is read with the header of its block, and goes with it.
    func with(oldestBlock: Height? = nil, oldestState: Height? = nil) -> ChainHead {
        let block = oldestBlock ?? self.oldestBlock, state = oldestState ?? self.oldestState
        return ChainHead(header: header, hash: hash, oldestBlock: block, oldestState: min(max(state, block), height))
    }
}
