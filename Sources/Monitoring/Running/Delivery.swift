import Primitives

/// Seals what is ready, and posts what is sealed, in the order of its numbers.
struct Delivery {
    private let monitor: Monitor
    private let plan: SealingPlan
    private var pauses: RetryPauses
    private var diskPauses: RetryPauses
    /// Reports of one transaction. It is halved while a transaction is refused, until the one report is found that the chain does not take.
    private var batch = MonitoringLimits.batchMax

    init(_ monitor: Monitor) {
        self.monitor = monitor
        let parts = monitor.watches.map { ($0.key, SealingPlan.Part(kind: $0.kind, schedule: $0.schedule)) }
        plan = SealingPlan(parts: Dictionary(parts) { first, _ in first }, gather: monitor.gather)
        pauses = RetryPauses(first: 1_000, last: 60_000, seed: monitor.seed &+ 0x5eed)
        diskPauses = RetryPauses(first: 1_000, last: 60_000, seed: monitor.seed &+ 0xd15c)
    }

    /// Ends when all intervals of all watches are decided and told.
    mutating func run() async throws(JournalError) {
        let journal = monitor.journal, plan = plan, clock = monitor.clock
        while !Task.isCancelled {
            let now = clock.now
            let sealing: Void? = try await monitor.written(&diskPauses) { () async throws(JournalError) in
                try await journal.seal { plan.records($0, now: now) }
            }
            if sealing != nil { diskPauses.reset() }
            let sealed = journal.sealed
            if sealed.isEmpty {
                if isOver { return }
                await clock.sleep(for: .seconds(1))
            } else {
                try await post(Array(sealed.prefix(batch)), now)
            }
        }
    }

    /// The journal may hold measurements of watches that are no longer set up; they wait.
    private var isOver: Bool { monitor.watches.allSatisfy { monitor.journal.isDone($0.key, $0.schedule.count) } }

    private mutating func post(_ reports: [Report], _ now: Timestamp) async throws(JournalError) {
        if let first = reports.first, first.closes <= now {
            monitor.report(.refused(first, SinkError(isPassing: false, code: "monitor.closed", text: "it can no longer be told")))
            return try await told(1)
        }
        do throws(SinkError) {
            let place = try await monitor.sink.post(reports)
            monitor.report(.posted(reports: reports.count, place: place))
        } catch { return try await failed(reports, error) }
        pauses.reset()
        // What was too much for one transaction would be too much again.
        batch = min(batch * 2, MonitoringLimits.batchMax)
        try await told(reports.count)
    }

    private mutating func failed(_ reports: [Report], _ error: SinkError) async throws(JournalError) {
        if error.isPassing {
            let pause = pauses.next()
            if !Task.isCancelled { monitor.report(.waiting(error, pause: pause)) }
            await monitor.clock.sleep(for: pause)
        } else if reports.count > 1 {
            batch = reports.count / 2
        } else {
            monitor.report(.refused(reports[0], error))
            batch = min(batch * 2, MonitoringLimits.batchMax)
            try await told(1)
        }
    }

    /// The journal must hear it, or the same would be posted until it does.
    private mutating func told(_ count: Int) async throws(JournalError) {
        let journal = monitor.journal
        while try await monitor.written(&diskPauses, { () async throws(JournalError) in try await journal.told(count) }) == nil, !Task.isCancelled {}
    }
}
