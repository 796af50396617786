import Primitives

/// Measures every interval of its watches, writes down what it found, and posts it: each interval once, whatever happens in between.
///
/// The rules decide (``WatchRule``, ``SealingPlan``), the journal remembers, and this does. It ends when everything is told, when its task
/// is cancelled, or when the journal can no longer be trusted.
public struct Monitor: Sendable {
    let watches: [Watch]
    let journal: MeasurementJournal
    let sink: any MeasurementSink
    let clock: any MonitorClock
    let gather: UInt64
    let seed: UInt64
    let report: @Sendable (MonitorEvent) -> Void

    /// nil when there is no watch, more than ``MonitoringLimits`` allow, or two with one key.
    ///
    /// - Parameters:
    ///   - gather: milliseconds for which measurements wait for others that can be posted with them.
    ///   - seed: of pauses and of the moments at which probes are made.
    ///   - report: called from any task, and must be quick.
    public init?(
        _ watches: [Watch], journal: MeasurementJournal, sink: any MeasurementSink, clock: any MonitorClock = SystemClock(), gather: UInt64 = 0,
        seed: UInt64 = .random(in: 0 ... .max), report: @escaping @Sendable (MonitorEvent) -> Void = { _ in }
    ) {
        guard (1...MonitoringLimits.watchesMax).contains(watches.count), Set(watches.map(\.key)).count == watches.count else { return nil }
        self.watches = watches
        self.journal = journal
        self.sink = sink
        self.clock = clock
        self.gather = min(gather, 86_400_000)
        self.seed = seed
        self.report = report
    }

    public func run() async throws(JournalError) {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, watch) in watches.enumerated() {
                    group.addTask {
                        var observer = Observer(self, watch, seed: seed &+ UInt64(number))
                        try await observer.run()
                    }
                }
                group.addTask {
                    var delivery = Delivery(self)
                    try await delivery.run()
                }
                try await group.waitForAll()
            }
        } catch let error as JournalError { throw error } catch { throw JournalError(.io, "the monitor ended: \(error)") }
    }

    /// Tries again what the journal refuses for lack of room; everything else ends the monitor.
    func written<Value>(
        _ pauses: inout RetryPauses, _ write: () async throws(JournalError) -> Value
    ) async throws(JournalError) -> Value? {
        do throws(JournalError) {
            return try await write()
        } catch {
            guard error.code == .full else { throw error }
            let pause = pauses.next()
            report(.unwritten(error, pause: pause))
            await clock.sleep(for: pause)
            return nil
        }
    }
}
