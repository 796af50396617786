import Cryptography
import Primitives

/// One metric of one agreement, with the source that answers for it.
public struct Watch: Sendable {
    public let key: WatchKey
    public let kind: ReadingKind
    public let schedule: IntervalSchedule
    public let source: any MeasurementSource
    /// Maintenance that was announced in time: intervals that lie wholly in it are passed over.
    public let maintenance: [TimeWindow]
    /// Targets that are known to be up. When a probe fails and all of these do, it is the monitor that is cut off.
    public let controls: [any MeasurementSource]

    public init(
        _ key: WatchKey, kind: ReadingKind, schedule: IntervalSchedule, source: any MeasurementSource, maintenance: [TimeWindow] = [],
        controls: [any MeasurementSource] = []
    ) {
        self.key = key
        self.kind = kind
        self.schedule = schedule
        self.source = source
        self.maintenance = maintenance
        self.controls = controls
    }

    var rule: WatchRule { WatchRule(schedule, source.presence, maintenance: maintenance) }
    var queryDigest: Digest { IntervalMeasurement.digest(ofQuery: source.query) }

    /// By which the journal knows that intervals are still the same.
    var scheduleDigest: Digest {
        var encoder = BCSEncoder(reserving: 64)
        encoder.append(Array("trellis/measurement-schedule/1".utf8))
        encoder.encode(schedule.start)
        for number in [schedule.interval, schedule.periodIntervals, schedule.count] { encoder.encode(number) }
        return SHA256.hash(encoder.bytes)
    }

    func measurement(_ index: UInt64, _ outcome: Outcome, answer: Digest = .zero, query: Digest, at time: Timestamp) -> IntervalMeasurement {
        IntervalMeasurement(key, index: index, window: schedule.window(index), outcome: outcome, query: query, answer: answer, readAt: time)
    }
}
