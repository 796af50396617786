import Client
import Interface
import Ledger
import Primitives
import Synchronization

/// Listens at one validator: counts what is final, and knows how long payments to the marked account took since they were sent.
final class MarkWatch: Sendable {
    private struct Marks {
        var sent: [TransactionID: ContinuousClock.Instant] = [:]
        var latencies: [Double] = []
        var committed = 0
        var failure: (any Error)?
    }

    private let network: LocalNetwork
    private let marks = Mutex(Marks())
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(_ network: LocalNetwork) { self.network = network }

    /// Begins to listen at the first validator.
    func start() async throws {
        var selection = EventSelection()
        selection.types = ["Transferred"]
        selection.subject = network.marked.text(on: try await network.clients[0].networkKind())
        selection.blocks = true
        selection.from = try await network.clients[0].head().height + 1
        let client = network.clients[0], chosen = selection
        task.withLock { task in
            task = Task.detached { [self] in
                do {
                    for try await item in client.events(chosen) {
                        if case .block(let block) = item { marks.withLock { $0.committed += Int(block.transactionCount) } }
                        guard case .event(let event) = item, let id = event.transaction?.value else { continue }
                        let now = ContinuousClock.now
                        marks.withLock { marks in
                            guard let since = marks.sent.removeValue(forKey: id) else { return }
                            marks.latencies.append((now - since).milliseconds)
                        }
                    }
                } catch { marks.withLock { $0.failure = error } }
            }
        }
        // The stream is open when its request has gone through.
        try await Task.sleep(for: .milliseconds(200))
    }

    func sent(_ id: TransactionID, at instant: ContinuousClock.Instant = .now) { marks.withLock { $0.sent[id] = instant } }
    /// It was refused: nobody waits for it.
    func forget(_ id: TransactionID) { marks.withLock { _ = $0.sent.removeValue(forKey: id) } }
    /// Transactions in blocks since the start.
    var committedCount: Int { marks.withLock { $0.committed } }
    var waitingCount: Int { marks.withLock { $0.sent.count } }

    /// Until every marked transfer was seen.
    func waitUntilNoneIsLeft(seconds: Int) async throws {
        let patience = ContinuousClock.now + .seconds(seconds)
        while waitingCount > 0 {
            if let failure = marks.withLock({ $0.failure }) { throw failure }
            guard ContinuousClock.now < patience else { throw NetworkFailure(description: "\(waitingCount) marked transfers had no commit event within \(seconds) s") }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    var latencies: [Double] { marks.withLock { $0.latencies } }
    func stop() { task.withLock { $0?.cancel() } }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
    var milliseconds: Double { inSeconds * 1e3 }
}
