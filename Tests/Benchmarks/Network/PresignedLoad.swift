import Client
import Foundation
import Interface
import Ledger
import Synchronization

/// Submits transactions that were signed before, in rounds of one for each account, to all validators alike.
struct PresignedLoad {
    struct Outcome: Sendable {
        var rates: [Double] = []
        var perSecond = 0.0
        var cpuMicroseconds = 0.0
    }

    private static let batch = 100
    private let network: LocalNetwork
    private let watch: MarkWatch
    private let offered = Counter()

    private final class Counter: Sendable {
        let accepted = Mutex(0)
    }

    init(_ network: LocalNetwork) {
        self.network = network
        watch = MarkWatch(network)
    }

    func run(_ rounds: [[SignedTransaction]]) async throws -> Outcome {
        let total = rounds.reduce(0) { $0 + $1.count }
        try await watch.start()
        defer { watch.stop() }
        let meters = (network.processes + [getpid()]).map(ProcessMeter.init), begin = ContinuousClock.now
        var outcome = Outcome()
        outcome.rates = try await withThrowingTaskGroup(of: [Double].self) { group in
            for (part, client) in network.clients.enumerated() {
                // An account's transactions all go to one validator, in their order.
                let own = rounds.map { round in stride(from: part, to: round.count, by: network.clients.count).map { round[$0] } }
                group.addTask {
                    try await submit(own, client)
                    return []
                }
            }
            group.addTask { try await count(to: total) }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        outcome.perSecond = Double(total) / (ContinuousClock.now - begin).inSeconds
        outcome.cpuMicroseconds = meters.map(\.secondsSince).reduce(0, +) / Double(total) * 1e6
        return outcome
    }

    private func submit(_ rounds: [[SignedTransaction]], _ client: Client) async throws {
        let patience = ContinuousClock.now + .seconds(300)
        for round in rounds {
            var rest = round[...]
            while !rest.isEmpty {
                guard ContinuousClock.now < patience else { throw NetworkFailure(description: "\(rest.count) measurements were not taken in time") }
                guard offered.accepted.withLock({ $0 }) - watch.committedCount < TransferLoad.windowStandard else {
                    try await Task.sleep(for: .milliseconds(2))
                    continue
                }
                let part = Array(rest.prefix(Self.batch))
                let items: [BatchItemResource]
                do throws(ClientError) { items = try await client.submit(part) } catch {
                    guard error.code == "node.busy" else { throw error }
                    try await Task.sleep(for: .milliseconds(50))
                    continue
                }
                // What was refused comes again, before what follows it.
                let left = zip(part, items).filter { $1.state != .accepted && $1.state != .committed }.map(\.0)
                offered.accepted.withLock { $0 += part.count - left.count }
                rest = (left + rest.dropFirst(part.count))[...]
                if left.count == part.count { try await Task.sleep(for: .milliseconds(20)) }
            }
        }
    }

    /// The rate of every second until all are in blocks.
    private func count(to total: Int) async throws -> [Double] {
        var rates: [Double] = [], since = ContinuousClock.now, last = 0
        while watch.committedCount < total {
            try await Task.sleep(for: .milliseconds(10))
            let elapsed = (ContinuousClock.now - since).inSeconds
            guard elapsed >= 1 else { continue }
            let now = watch.committedCount
            rates.append(Double(now - last) / elapsed)
            (last, since) = (now, .now)
            guard rates.count < 600 else { throw NetworkFailure(description: "\(now) of \(total) measurements were committed in \(rates.count) s") }
        }
        return rates.isEmpty ? [Double(total) / (ContinuousClock.now - since).inSeconds] : rates
    }
}
