import Client
import Foundation
import Interface
import Ledger
import Primitives
import Synchronization

/// What a load did to the network.
struct LoadOutcome: Sendable {
    /// Committed in a second, over two seconds each.
    var rates: [Double] = []
    var committedPerSecond = 0.0
    var latencies: [Double] = []
    /// µs of CPU per transaction: what of the validators and of the client it went to.
    var stages: [(name: String, microseconds: Double)] = []
    /// MiB resident of each validator.
    var memory: [Double] = []
    var ownMemory: [Double] = []
    /// Per transaction, on one validator.
    var diskBytes = 0.0
    /// Per transaction, all validators together.
    var wireBytes = 0.0
    var refused: [String: Int] = [:]
    var refusedShare = 0.0
}

/// Transfers between many accounts, each signed when its turn comes, submitted in batches to all validators alike.
struct TransferLoad {
    /// How long a load lasts.
    enum Extent {
        case seconds(Int)
        /// Until each account has paid once. An account's first transaction registers its key, which costs a check more.
        case once
    }

    /// Somewhat less than half a second of what two cores can do.
    static let windowStandard = 1_600
    private static let batch = 100
    /// One of this many is marked, and its commit event awaited.
    private static let markEvery = 50

    private let network: LocalNetwork
    /// The payers of each client; their numbers go on with the next load.
    private let book: PayerBook
    /// Transactions that are under way at most.
    private let window: Int
    private let tally = Tally()
    private let watch: MarkWatch

    /// What the submitters share.
    private final class Tally: Sendable {
        struct Counts {
            var offered = 0, accepted = 0, committed = 0
            var refused: [String: Int] = [:]
        }
        let counts = Mutex(Counts())
        var underway: Int { counts.withLock { $0.accepted - $0.committed } }
    }

    init(_ network: LocalNetwork, _ book: PayerBook, window: Int = Self.windowStandard) {
        (self.network, self.book, self.window) = (network, book, window)
        watch = MarkWatch(network)
    }

    func run(_ extent: Extent) async throws -> LoadOutcome {
        var outcome = LoadOutcome()
        try await watch.start()
        defer { watch.stop() }
        let meters = network.processes.map(ProcessMeter.init), own = ProcessMeter(getpid()), stages = try await StageMeter(network)
        let disk = try network.diskBytes(), wire = try await network.wireBytes()
        let base = watch.committedCount
        let begin = ContinuousClock.now, end: ContinuousClock.Instant? = if case .seconds(let seconds) = extent { begin + .seconds(seconds) } else { nil }
        outcome.rates = try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, client) in network.clients.enumerated() { group.addTask { try await submit(client, index, until: end) } }
            let counting = Task { try await count(from: base) }
            try await group.waitForAll()
            counting.cancel()
            return try await counting.value
        }
        let wall = (ContinuousClock.now - begin).inSeconds
        let committed = Double(watch.committedCount - base)
        outcome.committedPerSecond = committed / wall
        let spent = meters.map(\.secondsSince).reduce(0, +), client = own.secondsSince
        outcome.stages = try await StageMeter(network).since(stages, whole: spent).map { ($0.name, $0.seconds / committed * 1e6) }
        outcome.stages.append(("client", client / committed * 1e6))
        outcome.memory = meters.map(\.mebibytes.resident)
        outcome.ownMemory = meters.map(\.mebibytes.own)
        outcome.wireBytes = (try await network.wireBytes() - wire) / committed
        // What is under way comes to its end, so that its latency counts as well and the next load begins in quiet.
        try await watch.waitUntilNoneIsLeft(seconds: 60)
        outcome.latencies = watch.latencies
        outcome.diskBytes = Double(try network.diskBytes() - disk) / Double(watch.committedCount - base) / Double(network.clients.count)
        let counts = tally.counts.withLock { $0 }
        outcome.refused.merge(counts.refused) { $0 + $1 }
        outcome.refusedShare = Double(counts.offered - counts.accepted) / Double(max(1, counts.offered))
        return outcome
    }

    /// Signs and submits transfers of `payers` in turn, as long as not too many are under way; without an end, one of each.
    private func submit(_ client: Client, _ part: Int, until end: ContinuousClock.Instant?) async throws {
        var payers = book.take(part), next = 0, turn = 0
        defer { book.give(back: payers, part) }
        while end.map({ ContinuousClock.now < $0 }) ?? (turn < payers.count) {
            guard tally.underway < window else {
                try await Task.sleep(for: .milliseconds(2))
                continue
            }
            var places: [Int] = [], batch: [SignedTransaction] = [], marks: Set<Int> = []
            for _ in 0..<min(Self.batch, payers.count) {
                if payers[next].nonce == .max { payers[next].nonce = try await client.account(payers[next].address).nextNonce }
                let isMarked = turn.isMultiple(of: Self.markEvery)
                let signed = try network.transfer(payers[next], to: isMarked ? network.marked : payers[(next + 1) % payers.count].address)
                if isMarked { marks.insert(batch.count) }
                places.append(next)
                batch.append(signed)
                next = (next + 1) % payers.count
                turn += 1
            }
            let now = ContinuousClock.now
            for mark in marks { watch.sent(batch[mark].id, at: now) }
            tally.counts.withLock { $0.offered += batch.count }
            var accepted = 0, refused: [String: Int] = [:]
            do {
                for (index, item) in try await client.submit(batch).enumerated() {
                    switch item.state {
                    case .accepted, .committed:
                        payers[places[index]].nonce += 1
                        accepted += 1
                    default:
                        refused[item.code ?? "unknown", default: 0] += 1
                        if marks.contains(index) { watch.forget(batch[index].id) }
                        // What it was numbered may be taken, or free again.
                        if item.state != .busy { payers[places[index]].nonce = .max }
                    }
                }
            } catch {
                refused[error.code, default: 0] += batch.count
                for mark in marks { watch.forget(batch[mark].id) }
                try await Task.sleep(for: .milliseconds(20))
            }
            let (more, codes) = (accepted, refused)
            tally.counts.withLock { counts in
                counts.accepted += more
                counts.refused.merge(codes) { $0 + $1 }
            }
        }
    }

    /// Counts what is final, and tells the submitters, until it is cancelled; returns the rate of every two seconds.
    private func count(from base: Int) async throws -> [Double] {
        var rates: [Double] = [], since = ContinuousClock.now, last = base
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(20))
            let now = watch.committedCount
            tally.counts.withLock { $0.committed = now - base }
            let elapsed = (ContinuousClock.now - since).inSeconds
            if elapsed >= 2 {
                rates.append(Double(now - last) / elapsed)
                (last, since) = (now, .now)
            }
        }
        return rates
    }
}
