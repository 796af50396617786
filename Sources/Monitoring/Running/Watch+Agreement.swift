public import Contracts
public import Primitives

/// Holds watches against what the chain says of their agreements, so that a file that is wrong is noticed before anything is posted.
extension Watch {
    /// The same watch, passing over the maintenance that the chain knows of, too.
    ///
    /// - Parameters:
    ///   - view: of the watch's agreement.
    ///   - account: who is to post.
    public func agreed(_ view: Agreements.AgreementView, by account: Address) throws(MonitorConfigurationError) -> Watch {
        let terms = view.terms, place = "agreement \(key.agreement)"
        guard terms.monitors.contains(where: { $0.account == account }) else {
            throw MonitorConfigurationError(place, "does not name the account as a monitor", "sign with the key of one of its monitors")
        }
        guard Int(key.metric) < terms.level.metrics.count else {
            throw MonitorConfigurationError(place, "has \(terms.level.metrics.count) metrics, and none at place \(key.metric)", "count metrics from 0")
        }
        let metric = terms.level.metrics[Int(key.metric)]
        guard metric.kind == kind.metric else {
            throw MonitorConfigurationError(place, "says that metric \(key.metric) is a \(metric.kind)", "write `kind: \(metric.kind)` and a source that suits it")
        }
        guard metric.window == 1 else {
            throw MonitorConfigurationError(place, "wants metric \(key.metric) over \(metric.window) intervals", "measure it by another program: this one tells single intervals")
        }
        let agreed = IntervalSchedule(
            start: terms.schedule.start, interval: terms.schedule.intervalMilliseconds, periodIntervals: terms.schedule.periodIntervals,
            periods: terms.schedule.periods, settle: terms.windows.settleMilliseconds,
            late: terms.windows.settleMilliseconds + terms.windows.lateMilliseconds)
        guard agreed == schedule else {
            throw MonitorConfigurationError(
                place, "runs by another schedule",
                "write `start: \(SourceTime.seconds(terms.schedule.start))`, `interval-seconds: \(terms.schedule.intervalMilliseconds / 1_000)`, "
                    + "`period-intervals: \(terms.schedule.periodIntervals)`, `periods: \(terms.schedule.periods)`, "
                    + "`settle-seconds: \(terms.windows.settleMilliseconds / 1_000)`, `late-seconds: \(terms.windows.lateMilliseconds / 1_000)`")
        }
        return Watch(key, kind: kind, schedule: schedule, source: source, maintenance: maintenance + known(view.agreement), controls: controls)
    }

    /// What has been announced until now. A stop that lasts is not known to its end; its intervals are measured, and the contract passes over them.
    private func known(_ agreement: Agreements.Agreement) -> [TimeWindow] {
        agreement.exclusions.compactMap { exclusion in
            guard let end = exclusion.end, exclusion.first < end, end <= schedule.count else { return nil }
            return TimeWindow(schedule.window(exclusion.first).start, schedule.window(end - 1).end)
        }
    }
}

extension ReadingKind {
    /// As terms name it.
    var metric: Contracts.MetricKind {
        switch self {
        case .binary: .binary
        case .gauge: .gauge
        case .counter: .counter
        }
    }
}
