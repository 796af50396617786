import Contracts
import Execution
import Interface
import Ledger
import Primitives

/// Intervals as readers see them, from pages of verdicts and readings.
extension TimelineResource {
    init(_ view: Agreements.AgreementView, period: UInt32, from: UInt32, limit: UInt32, _ inquiry: inout Inquiry) throws {
        let number = view.agreement.number, all = view.terms.schedule.periodIntervals, metrics = view.terms.level.metrics
        // At most 256 intervals: they lie in five pages.
        let end = from < all ? from + min(limit, all - from) : from
        var intervals: [TimelineIntervalResource] = [], next = from
        while next < end {
            let page = next / Agreements.pageIntervals, pageEnd = min(end, (page + 1) * Agreements.pageIntervals)
            let verdicts = try inquiry.ask(Agreements.verdicts.reference, number, period, page)
            var readings: [Agreements.ReadingsPage?] = []
            for metric in metrics.indices { readings.append(try inquiry.ask(Agreements.readings.reference, number, period, page, UInt8(metric))) }
            for interval in next..<pageEnd {
                let place = Int(interval % Agreements.pageIntervals)
                intervals.append(TimelineIntervalResource(
                    interval: interval, begin: TimeText(view.start(of: interval, ofPeriod: period)),
                    end: TimeText(view.start(of: interval + 1, ofPeriod: period)),
                    state: IntervalWord(view.state(of: place, verdicts, page: page, period: period)),
                    metrics: metrics.indices.map { metric in
                        TimelineReadingResource(
                            state: IntervalWord(view.state(ofMetric: metric, place, verdicts)),
                            value: readings[metric].flatMap { view.value(ofMetric: metric, place, $0) }.map { NumberText($0) },
                            reports: TimelineReportResource.all(readings[metric], at: place))
                    }))
            }
            next = pageEnd
        }
        self.init(
            agreement: number, period: period, intervalMilliseconds: view.terms.schedule.intervalMilliseconds, periodIntervals: all,
            metrics: metrics.map { TimelineMetricResource($0) }, intervals: intervals, next: end < all ? end : nil)
    }
}

extension TimelineReportResource {
    fileprivate static func all(_ page: Agreements.ReadingsPage?, at place: Int) -> [TimelineReportResource] {
        guard let page else { return [] }
        return page.monitors.enumerated().compactMap { monitor, readings in
            readings[place].map { TimelineReportResource(monitor: UInt8(monitor), value: $0.map { NumberText($0) }) }
        }
    }
}

extension TimelineMetricResource {
    fileprivate init(_ metric: ServiceMetric) {
        let (lowest, highest): (UInt64?, UInt64?) = switch metric.objective {
        case .atLeast(let value): (value, nil)
        case .atMost(let value): (nil, value)
        case .between(let range): (range.lowest, range.highest)
        }
        let kind = switch metric.kind {
        case .binary: "binary"
        case .gauge: "gauge"
        case .counter: "counter"
        }
        self.init(
            name: metric.name.text, unit: metric.unit.text, kind: kind, provider: metric.provider, lowest: lowest.map { NumberText($0) },
            highest: highest.map { NumberText($0) }, window: metric.window)
    }
}

extension IntervalWord {
    fileprivate init(_ state: Agreements.IntervalState) {
        self = switch state {
        case .up: .up
        case .down: .down
        case .unknown: .unknown
        case .disputed: .disputed
        case .excluded: .excluded
        case .open: .open
        }
    }
}
