import API
import Ledger
import Primitives
import Synchronization
import WorldState

/// What the rest of the node tells its readers: written by the owner of the chain, read by any thread.
final class Published: Sendable {
    struct Newest: Sendable {
        var head: ChainHead
        var view: StateView
        var parameters: NetworkParameters
    }

    /// Blocks that are decoded already, and may be not yet in the log: a second or more of a busy chain.
    static let recentMax = 32
    static let recentBytesMax = 32 << 20
    /// Epochs whose voters are remembered: nearly every answer tells of the newest ones.
    static let votersMax = 8
    /// Transactions that left the pool without being committed and are remembered with the reason.
    static let droppedMax = 16 * 1024

    fileprivate struct State {
        var newest: Newest
        var recent: [FinalBlock] = []
        var recentBytes = 0
        var places: [TransactionID: TransactionPosition] = [:]
        var dropped: [TransactionID: String] = [:]
        var droppedOrder: [TransactionID] = []
        var waiters: [UInt64: (above: Height, continuation: CheckedContinuation<Height, Never>)] = [:]
        var nextWaiter: UInt64 = 0
        var voters: [Epoch: ValidatorSet] = [:]
        var settling: [TransactionID: [UInt64: CheckedContinuation<Void, Never>]] = [:]
        var isEnded = false
    }

    private let state: Mutex<State>

    init(_ newest: Newest) { state = Mutex(State(newest: newest)) }

    var newest: Newest { state.withLock { $0.newest } }

    // ── The owner's side ──

    func publish(_ block: FinalBlock, _ newest: Newest) {
        let (waiters, settled) = state.withLock { state in
            state.newest = newest
            var settled: [CheckedContinuation<Void, Never>] = []
            state.recent.append(block)
            state.recentBytes += block.byteCount
            for (index, transaction) in block.transactions.enumerated() {
                state.places[transaction.id] = TransactionPosition(height: block.header.height, index: UInt32(index))
                state.dropped[transaction.id] = nil
                settled += state.takeSettling(transaction.id)
            }
            while state.recent.count > Self.recentMax || (state.recentBytes > Self.recentBytesMax && state.recent.count > 1) {
                let oldest = state.recent.removeFirst()
                state.recentBytes -= oldest.byteCount
                for transaction in oldest.transactions where state.places[transaction.id]?.height == oldest.header.height { state.places[transaction.id] = nil }
            }
            return (state.takeWaiters { $0 < newest.head.height }, settled)
        }
        for waiter in waiters { waiter.resume(returning: newest.head.height) }
        for waiter in settled { waiter.resume() }
    }

    /// The same height in another shape: flushed, or with older blocks pruned.
    func refresh(_ change: (inout Newest) -> Void) { state.withLock { change(&$0.newest) } }

    /// The voters of an epoch, who do not change once it has begun.
    func remember(_ voters: ValidatorSet, of epoch: Epoch) {
        state.withLock { state in
            guard epoch <= state.newest.head.header.draft.epoch else { return }
            state.voters[epoch] = voters
            while state.voters.count > Self.votersMax, let oldest = state.voters.keys.min() { state.voters[oldest] = nil }
        }
    }

    /// Transactions that are offered again: that they left the pool once says nothing any more.
    func offered(_ transactions: [SignedTransaction]) {
        state.withLock { state in
            guard !state.dropped.isEmpty else { return }
            for transaction in transactions { state.dropped[transaction.id] = nil }
        }
    }

    func drop(_ id: TransactionID, code: String) {
        let settled = state.withLock { state in
            if state.dropped.updateValue(code, forKey: id) == nil { state.droppedOrder.append(id) }
            while state.droppedOrder.count > Self.droppedMax { state.dropped[state.droppedOrder.removeFirst()] = nil }
            return state.takeSettling(id)
        }
        for waiter in settled { waiter.resume() }
    }

    /// Nothing more will come: whoever waits is answered.
    func end() {
        let (waiters, settled, height) = state.withLock { state in
            state.isEnded = true
            return (state.takeWaiters { _ in true }, Array(state.settling.keys).flatMap { state.takeSettling($0) }, state.newest.head.height)
        }
        for waiter in waiters { waiter.resume(returning: height) }
        for waiter in settled { waiter.resume() }
    }

    // ── The readers' side ──

    func recent(_ height: Height) -> FinalBlock? { state.withLock { $0.recent.last { $0.header.height == height } } }
    func recent(hash: Digest) -> FinalBlock? { state.withLock { $0.recent.last { $0.hash == hash } } }
    func voters(of epoch: Epoch) -> ValidatorSet? { state.withLock { $0.voters[epoch] } }
    func place(of id: TransactionID) -> TransactionPosition? { state.withLock { $0.places[id] } }
    /// Tasks that wait for a transaction, and what is remembered of drops: for tests.
    var settlingCount: Int { state.withLock { $0.settling.values.reduce(0) { $0 + $1.count } } }
    var droppedCount: Int { state.withLock { $0.droppedOrder.count } }
    func reasonForDropping(_ id: TransactionID) -> String? { state.withLock { $0.dropped[id] } }

    func height(above height: Height) async -> Height {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Height? = state.withLock { state in
                    let newest = state.newest.head.height
                    if newest > height || state.isEnded || Task.isCancelled { return newest }
                    state.waiters[number] = (height, continuation)
                    return nil
                }
                if let answer { continuation.resume(returning: max(answer, height)) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume(returning: height)
        }
    }

    /// Returns as soon as the transaction is in a block or has left the pool, and when the task is cancelled or nothing more will come. Blocks
    /// without it wake nobody.
    func settled(_ id: TransactionID) async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.places[id] != nil || state.dropped[id] != nil || state.isEnded || Task.isCancelled { return true }
                    state.settling[id, default: [:]][number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.settling[id]?.removeValue(forKey: number)
                if state.settling[id]?.isEmpty ?? false { state.settling[id] = nil }
                return waiter
            }
            waiter?.resume()
        }
    }
}

fileprivate extension Published.State {
    mutating func takeWaiters(_ isDue: (Height) -> Bool) -> [CheckedContinuation<Height, Never>] {
        let due = waiters.filter { isDue($0.value.above) }
        for number in due.keys { waiters[number] = nil }
        return due.values.map(\.continuation)
    }

    mutating func takeSettling(_ id: TransactionID) -> [CheckedContinuation<Void, Never>] { settling.removeValue(forKey: id).map { Array($0.values) } ?? [] }
}

extension FinalBlock {
    init(_ stored: StoredBlock, hash: Digest) {
        self.init(
            header: stored.header, hash: hash, certificate: stored.certificate, transactions: stored.transactions, receipts: stored.receipts,
            events: stored.events)
    }

    /// About how much memory it takes.
    var byteCount: Int {
        2_048 + transactions.reduce(0) { $0 + 2 * $1.envelope.count + 256 } + receipts.count * 192 + events.reduce(0) { $0 + $1.event.data.count + 192 }
    }
}
