import Contracts
public import Primitives

/// A span of time from its start up to, and without, its end.
///
/// Invariant: `start < end`.
public struct TimeWindow: Hashable, Sendable, BCSCodable, CustomStringConvertible {
    public let start: Timestamp
    public let end: Timestamp

    public init?(_ start: Timestamp, _ end: Timestamp) {
        guard start < end else { return nil }
        self.start = start
        self.end = end
    }

    fileprivate init(from start: UInt64, to end: UInt64) {
        self.start = Timestamp(start)
        self.end = Timestamp(end)
    }

    public func contains(_ time: Timestamp) -> Bool { start <= time && time < end }
    public func contains(_ other: TimeWindow) -> Bool { start <= other.start && other.end <= end }

    public var description: String { "\(start)..<\(end)" }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(start)
        encoder.encode(end)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        let start = try Timestamp(from: &decoder), end = try Timestamp(from: &decoder)
        guard start < end else { throw decoder.refuse("a window ends before it starts") }
        self.start = start
        self.end = end
    }
}

/// The intervals that the parties of an agreement have agreed on, and when each may be asked for and must be told.
///
/// Interval `i` is the window `[start + i * interval, start + (i + 1) * interval)`, counted from the start of the agreement; it is number
/// `i % periodIntervals` of billing period `i / periodIntervals`. All times are milliseconds.
public struct IntervalSchedule: Hashable, Sendable {
    public let start: Timestamp
    public let interval: UInt64
    /// Intervals of one billing period.
    public let periodIntervals: UInt64
    /// Intervals of the agreement.
    public let count: UInt64
    /// From the end of an interval until its points are believed to be complete. Services show zeros and nothing before.
    public let settle: UInt64
    /// From the end of an interval until the contract takes no measurement of it any more.
    public let late: UInt64

    /// nil when the numbers pass ``MonitoringLimits``.
    public init?(start: Timestamp, interval: UInt64, periodIntervals: UInt32, periods: UInt32, settle: UInt64 = 900_000, late: UInt64 = 87_300_000) {
        // Below 2^27 * 2^32 * 2^32 / 2^27: checked, because the numbers come from a chain or a file.
        let (count, tooMany) = UInt64(periodIntervals).multipliedReportingOverflow(by: UInt64(periods))
        let (length, tooLong) = count.multipliedReportingOverflow(by: interval)
        guard !tooMany, !tooLong, count > 0, MonitoringLimits.intervalMilliseconds.contains(interval), settle < late,
              late <= MonitoringLimits.lateMax, start.rawValue <= MonitoringLimits.timeMax, length <= MonitoringLimits.timeMax - start.rawValue else { return nil }
        self.start = start
        self.interval = interval
        self.periodIntervals = UInt64(periodIntervals)
        self.count = count
        self.settle = settle
        self.late = late
    }

    public var end: Timestamp { Timestamp(start.rawValue + count * interval) }

    /// The window of interval `index`, which must be below ``count``.
    public func window(_ index: UInt64) -> TimeWindow {
        precondition(index < count)
        let begin = start.rawValue + index * interval
        return TimeWindow(from: begin, to: begin + interval)
    }

    /// The interval in which `time` lies: nil before the first; ``count`` after the last.
    public func index(at time: Timestamp) -> UInt64? {
        time < start ? nil : min((time.rawValue - start.rawValue) / interval, count)
    }

    /// When the points of interval `index` can be asked for.
    public func settled(_ index: UInt64) -> Timestamp { Timestamp(window(index).end.rawValue + settle) }

    /// When a measurement of interval `index` is worth nothing any more.
    public func closed(_ index: UInt64) -> Timestamp { Timestamp(window(index).end.rawValue + late) }

    /// The intervals from `index` on that may be told together: up to the end of its page, see `Agreements.Measurement`.
    func page(from index: UInt64) -> Range<UInt64> {
        let period = index / periodIntervals * periodIntervals, size = UInt64(Agreements.pageIntervals)
        return index..<min(period + ((index - period) / size + 1) * size, period + periodIntervals, count)
    }

    /// When a source that does not answer is given up, so that its silence can still be told: after three quarters of the time that is left.
    public func abandoned(_ index: UInt64) -> Timestamp {
        let patience = late - settle
        return Timestamp(settled(index).rawValue + patience / 4 * 3)
    }
}
