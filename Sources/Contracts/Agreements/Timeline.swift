public import Execution
public import Primitives

extension Agreements {
    /// A time in which the chain made no blocks, or in which the contract was paused: nobody could report, pay or decide anything.
    public struct Gap: Hashable, Record {
        public let from: Timestamp
        public let until: Timestamp

        public static let fields = Fields(
            Field("from", "Time of the last block before it.") { $0.from }, Field("until", "Time of the first block behind it.") { $0.until },
            make: { Gap(from: $0, until: $1) })
    }

    /// Intervals that do not count, because that was said on the chain before they began.
    public struct Exclusion: Hashable, Record {
        /// The first interval, counted from the start of the agreement.
        public let first: UInt64
        /// The first interval that counts again; none while the consumer's stop lasts.
        public internal(set) var end: UInt64?
        public let reason: Reason

        /// Why intervals do not count.
        public enum Reason: Hashable, Choice {
            case maintenance, stop

            public static let cases: [Case<Reason>] = [
                Case("maintenance", "A provider announced it.", .maintenance), Case("stop", "The consumer stopped the service.", .stop),
            ]
        }

        public static let fields = Fields(
            Field("first", "The first interval, counted from the start of the agreement.") { $0.first },
            Field("end", "The first interval that counts again; none while a stop lasts.") { $0.end }, Field("reason", "Why.") { $0.reason },
            make: { Exclusion(first: $0, end: $1, reason: $2) })
    }

    /// When everything of one agreement happens: pure arithmetic on its terms and what has been excluded.
    ///
    /// Terms were validated, so that no sum here comes near 2⁶⁴.
    struct Timeline {
        let schedule: Schedule
        let windows: Windows
        let gaps: [Gap]
        let exclusions: [Exclusion]

        init(_ terms: Terms, _ agreement: Agreement) {
            self.init(schedule: terms.schedule, windows: terms.windows, gaps: agreement.gaps.elements, exclusions: agreement.exclusions.elements)
        }

        init(schedule: Schedule, windows: Windows, gaps: [Gap], exclusions: [Exclusion]) {
            self.schedule = schedule
            self.windows = windows
            self.gaps = gaps
            self.exclusions = exclusions
        }

        // ── Periods, pages and intervals ──

        var periodMilliseconds: UInt64 { schedule.intervalMilliseconds * UInt64(schedule.periodIntervals) }
        /// Pages of one period; the last may be short.
        var periodPages: UInt32 { (schedule.periodIntervals + pageIntervals - 1) / pageIntervals }

        func start(ofPeriod period: UInt32) -> Timestamp { Timestamp(schedule.start.rawValue + UInt64(period) * periodMilliseconds) }

        /// Periods that have begun at `now`.
        func periodsBegun(at now: Timestamp) -> UInt64 {
            now < schedule.start ? 0 : (now.rawValue - schedule.start.rawValue) / periodMilliseconds + 1
        }

        /// The paid period that runs at `now`, or ran last; nil before the first.
        func period(at now: Timestamp, of agreement: Agreement) -> UInt32? {
            let begun = min(periodsBegun(at: now), UInt64(min(agreement.ends, agreement.funded)))
            return begun == 0 ? nil : UInt32(begun - 1)
        }

        /// Counted from the start of the agreement.
        func interval(_ place: UInt32, ofPeriod period: UInt32) -> UInt64 {
            UInt64(period) * UInt64(schedule.periodIntervals) + UInt64(place)
        }

        /// The intervals of a page, counted within the period.
        func places(ofPage page: UInt32) -> Range<UInt32> {
            let first = page * pageIntervals
            return first..<min(first + pageIntervals, schedule.periodIntervals)
        }

        func start(of interval: UInt64) -> UInt64 { schedule.start.rawValue + interval * schedule.intervalMilliseconds }
        func end(of interval: UInt64) -> UInt64 { start(of: interval) + schedule.intervalMilliseconds }

        /// The first interval that begins at `now` or later.
        func firstInterval(from now: Timestamp) -> UInt64 {
            guard now > schedule.start else { return 0 }
            return (now.rawValue - schedule.start.rawValue + schedule.intervalMilliseconds - 1) / schedule.intervalMilliseconds
        }

        // ── Windows ──

        /// When `interval` may first be reported.
        func opens(_ interval: UInt64) -> Timestamp { Timestamp(end(of: interval) + windows.settleMilliseconds) }

        /// When it may no longer be reported.
        func closes(_ interval: UInt64) -> Timestamp {
            extended(from: end(of: interval), to: end(of: interval) + windows.settleMilliseconds + windows.lateMilliseconds)
        }

        /// When the arbiter may no longer rule about it.
        func rulingCloses(_ interval: UInt64) -> Timestamp {
            extended(
                from: end(of: interval),
                to: end(of: interval) + windows.settleMilliseconds + windows.lateMilliseconds + windows.rulingMilliseconds)
        }

        /// From when on the payment for a period is overdue.
        func fundingDue(period: UInt32) -> Timestamp {
            let start = self.start(ofPeriod: period).rawValue
            return Timestamp(start - min(start, windows.graceMilliseconds))
        }

        /// Until when a period can be paid for: its start, or as much later as gaps took of the period before.
        func fundingCloses(period: UInt32) -> Timestamp {
            extended(from: gapsMatter(fromPeriod: period).rawValue, to: start(ofPeriod: period).rawValue)
        }

        /// The end of a window that every gap in it makes longer.
        private func extended(from: UInt64, to: UInt64) -> Timestamp {
            var end = to
            for gap in gaps where gap.from.rawValue <= end && gap.until.rawValue > from {
                end += gap.until.rawValue - max(gap.from.rawValue, from)
            }
            return Timestamp(end)
        }

        /// Before this time gaps have nothing to do any more with periods from `period` on.
        func gapsMatter(fromPeriod period: UInt32) -> Timestamp {
            let start = self.start(ofPeriod: period).rawValue
            return Timestamp(start - min(start, periodMilliseconds))
        }

        // ── Exclusions ──

        func isExcluded(_ interval: UInt64) -> Bool {
            exclusions.contains { interval >= $0.first && interval < $0.end ?? .max } || gaps.contains { gap in
                start(of: interval) < gap.until.rawValue && end(of: interval) > gap.from.rawValue
            }
        }

        /// How many of `intervals` are excluded.
        func excluded(in intervals: Range<UInt64>) -> UInt64 {
            let announced = exclusions.map { ($0.first, $0.end ?? .max) }
            let silent = gaps.compactMap { gap -> (UInt64, UInt64)? in
                guard gap.until > schedule.start else { return nil }
                let from = max(gap.from, schedule.start).rawValue - schedule.start.rawValue
                return (from / schedule.intervalMilliseconds, firstInterval(from: gap.until))
            }
            var count: UInt64 = 0, reached = intervals.lowerBound
            for (first, end) in (announced + silent).sorted(by: { $0 < $1 }) {
                let low = max(first, reached), high = min(end, intervals.upperBound)
                guard low < high else { continue }
                count += high - low
                reached = high
            }
            return count
        }

        /// Steps of ``isExcluded(_:)`` and ``excluded(in:)``.
        var exclusionSteps: UInt64 { UInt64(gaps.count + exclusions.count) + 1 }
    }
}
