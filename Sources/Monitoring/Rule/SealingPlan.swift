import Contracts
import Primitives

/// Makes reports of measurements that wait, as soon as the contract takes them and as many at once as may stand in one.
struct SealingPlan: Sendable {
    /// The block time may be behind this machine's clock.
    static let marginMilliseconds: UInt64 = 3_000

    struct Part: Sendable {
        let kind: ReadingKind
        let schedule: IntervalSchedule
    }

    let parts: [WatchKey: Part]
    /// Milliseconds for which a measurement that could be told waits for others of its page.
    let gather: UInt64

    /// The records that seal what is ready at `now`, and discard what is too late.
    func records(_ state: JournalState, now: Timestamp) -> [JournalRecord] {
        var records: [JournalRecord] = [], reports: [Report] = [], sequences = state.sequences
        for (key, part) in parts.sorted(by: { $0.key < $1.key }) {
            guard let watch = state.watches[key], !watch.pending.isEmpty else { continue }
            let late = watch.pending.prefix { part.schedule.closed($0.index) <= now }.count
            if late > 0 { records.append(.discarded(key, UInt32(late))) }
            var start = late
            while state.sealed.count + reports.count < MonitoringLimits.batchMax {
                let run = run(watch, from: start, part.schedule, now)
                guard let first = run.first else { break }
                let sequence = max(sequences[key.agreement, default: 0] + 1, now.rawValue)
                guard let report = Report(
                    key, kind: part.kind, periodIntervals: part.schedule.periodIntervals, sequence: sequence,
                    closes: part.schedule.closed(first.index), measurements: Array(run)) else { break }
                sequences[key.agreement] = sequence
                reports.append(report)
                start += run.count
            }
        }
        if !reports.isEmpty { records.append(.sealed(reports)) }
        return records
    }

    /// The next report's measurements; none while more may join them.
    private func run(_ watch: JournalState.WatchState, from start: Int, _ schedule: IntervalSchedule, _ now: Timestamp) -> ArraySlice<IntervalMeasurement> {
        guard start < watch.pending.count else { return [] }
        let first = watch.pending[start].index, page = schedule.page(from: first)
        var end = start
        while end < watch.pending.count, watch.pending[end].index == first + UInt64(end - start), page.contains(watch.pending[end].index),
              isReady(watch.pending[end].index, schedule, now) { end += 1 }
        guard end > start else { return [] }
        let next = first + UInt64(end - start)
        // Nothing can join: the page is full, or what follows is already known to be another run.
        let isWhole = next >= page.upperBound || (end < watch.pending.count ? watch.pending[end].index != next : watch.next > next)
        let hasWaited = schedule.settled(first).rawValue + Self.marginMilliseconds + gather <= now.rawValue
        return isWhole || hasWaited ? watch.pending[start..<end] : []
    }

    private func isReady(_ index: UInt64, _ schedule: IntervalSchedule, _ now: Timestamp) -> Bool {
        schedule.settled(index).rawValue + Self.marginMilliseconds <= now.rawValue
    }
}
