import Primitives

/// Whether a source tells what is now, or what was.
public enum Presence: Hashable, Sendable {
    /// It can be asked during the interval alone.
    case live(ProbeEffort)
    /// It keeps points and is asked when an interval has settled, for up to `windows` intervals at once. Points older than `age`
    /// milliseconds are no longer those that everybody would have read.
    case history(windows: Int, age: UInt64?)
}

/// What to do next about a watch, from nothing but its next interval and the time.
///
/// Every interval is decided once, in order: `next` only grows, by the ranges that the steps name.
struct WatchRule: Sendable {
    enum Step: Hashable, Sendable {
        /// All intervals are decided.
        case finished
        case wait(until: Timestamp)
        /// Ask the source for these intervals.
        case read(Range<UInt64>)
        /// Nobody measured these intervals, and nobody can any more: tell so.
        case missed(Range<UInt64>, MissingReason)
        /// Maintenance that was agreed before: nothing is measured and nothing told.
        case excluded(Range<UInt64>)
        /// The contract takes nothing about these intervals any more.
        case closed(Range<UInt64>)
    }

    let schedule: IntervalSchedule
    let presence: Presence
    /// Intervals that lie wholly in maintenance: ascending, and apart from each other.
    let exclusions: [Range<UInt64>]

    /// - Parameter maintenance: in any order; the windows may touch and overlap.
    init(_ schedule: IntervalSchedule, _ presence: Presence, maintenance: [TimeWindow] = []) {
        self.schedule = schedule
        self.presence = presence
        exclusions = Self.merge(maintenance).compactMap { Self.intervals(of: schedule, in: $0) }
    }

    private static func merge(_ windows: [TimeWindow]) -> [TimeWindow] {
        var merged: [TimeWindow] = []
        for window in windows.sorted(by: { $0.start < $1.start }) {
            if let last = merged.last, window.start <= last.end, let joined = TimeWindow(last.start, max(last.end, window.end)) {
                merged[merged.count - 1] = joined
            } else {
                merged.append(window)
            }
        }
        return merged
    }

    private static func intervals(of schedule: IntervalSchedule, in window: TimeWindow) -> Range<UInt64>? {
        let begin = schedule.start.rawValue
        guard window.end.rawValue > begin else { return nil }
        let skipped = window.start.rawValue > begin ? window.start.rawValue - begin : 0
        let first = skipped / schedule.interval + (skipped.isMultiple(of: schedule.interval) ? 0 : 1)
        let end = min((window.end.rawValue - begin) / schedule.interval, schedule.count)
        return first < end ? first..<end : nil
    }

    /// - Parameters:
    ///   - next: the first interval that is not decided.
    ///   - phase: milliseconds into an interval before which a live source is not asked, so that monitors do not all ask at once.
    func step(next: UInt64, now: Timestamp, phase: UInt64 = 0) -> Step {
        guard next < schedule.count else { return .finished }
        if let exclusion = exclusions.first(where: { $0.contains(next) }) { return .excluded(next..<exclusion.upperBound) }
        // No range passes into maintenance.
        let limit = exclusions.first { $0.lowerBound > next }?.lowerBound ?? schedule.count
        if schedule.closed(next) <= now { return .closed(next..<min(limit, passed(schedule.late, at: now))) }
        switch presence {
        case .live(let effort): return live(next, now, limit, phase, effort.budget)
        case .history(let windows, let age): return history(next, now, limit, windows, age)
        }
    }

    private func live(_ next: UInt64, _ now: Timestamp, _ limit: UInt64, _ phase: UInt64, _ budget: UInt64) -> Step {
        let window = schedule.window(next)
        if now >= window.end {
            let end = min(limit, schedule.index(at: now) ?? next, next + UInt64(MonitoringLimits.missedMax))
            return .missed(next..<end, .absent)
        }
        let begin = Timestamp(window.start.rawValue + min(phase, latestPhase))
        if now < begin { return .wait(until: begin) }
        return now.rawValue + budget > window.end.rawValue ? .missed(next..<next + 1, .absent) : .read(next..<next + 1)
    }

    /// Half of the time that attempts leave of an interval.
    var latestPhase: UInt64 {
        guard case .live(let effort) = presence, effort.budget < schedule.interval else { return 0 }
        return (schedule.interval - effort.budget) / 2
    }

    private func history(_ next: UInt64, _ now: Timestamp, _ limit: UInt64, _ windows: Int, _ age: UInt64?) -> Step {
        let settled = schedule.settled(next)
        if now < settled { return .wait(until: settled) }
        let ready = min(limit, passed(schedule.settle, at: now))
        if let age, schedule.window(next).start.rawValue + age < now.rawValue {
            // From the start of the next one that is young enough; the first is not.
            let young = (now.rawValue - age - schedule.start.rawValue - 1) / schedule.interval + 1
            return .missed(next..<min(ready, young, next + UInt64(MonitoringLimits.missedMax)), .aged)
        }
        return .read(next..<min(ready, next + UInt64(max(1, windows))))
    }

    /// The number of intervals that ended at least `delay` milliseconds ago.
    private func passed(_ delay: UInt64, at now: Timestamp) -> UInt64 {
        let (time, before) = now.rawValue.subtractingReportingOverflow(delay)
        return before ? 0 : schedule.index(at: Timestamp(time)) ?? 0
    }
}
