public import Execution
import Ledger
import Primitives

/// Measurements, and what they decide: a violation pays in the block of the measurement that proves it.
extension Agreements {
    public static let measure = Method(
        "measure", """
            Posts a measurement. Each interval counts once for each monitor: the same value again changes nothing, another value expels the \
            monitor. For enlisted monitors.
            """,
        Argument("measurement", "What it says.", Measurement.self)
    ) { context, measurement throws(CallError) in
        var (agreement, terms) = try opened(measurement.agreement, context)
        let place = try monitor(context.caller, of: terms, context)
        try context.require(agreement.phase == .active, AgreementsRejection.phaseWrong)
        try context.require(!agreement.monitors[place].isExpelled, AgreementsRejection.monitorExpelled)
        let timeline = Timeline(terms, agreement)
        let values = try checked(measurement, agreement, terms, timeline, context)
        try context.require(
            agreement.monitors[place].sequence.map { measurement.sequence > $0 } ?? true, AgreementsRejection.sequenceStale)
        let interval = timeline.interval(measurement.first, ofPeriod: measurement.period), now = context.block.time
        let opens = timeline.opens(interval + UInt64(values.count - 1)), closes = timeline.closes(interval)
        try context.require(now >= opens, AgreementsRejection.measurementEarly, "it can be posted from block time \(opens) on")
        try context.require(now < closes, AgreementsRejection.measurementLate, "it could be posted before block time \(closes)")

        let key = pageKey(agreement.number, measurement.period, measurement.first / pageIntervals)
        let first = Int(measurement.first % pageIntervals), metric = Int(measurement.metric)
        var readings = try context.read(readingPages, KeyPair(key, measurement.metric)) ?? ReadingsPage(count: terms.monitors.count)
        var own = readings.monitors[place]
        if contradicts(own, values, first) {
            try expel(place, reporter: nil, &agreement, terms, context)
            return try save(agreement, context)
        }
        var added: [Int] = []
        for (offset, value) in values.enumerated() where !own.has(first + offset) {
            own.add(value, at: first + offset)
            added.append(first + offset)
        }
        readings.monitors = readings.monitors.replacing(place, own)
        var state = agreement.monitors[place]
        state.sequence = measurement.sequence
        agreement.monitors = agreement.monitors.replacing(place, state)
        var judge = try judge(agreement, terms, timeline, key, context)
        judge.count(reports: added.count, of: place)
        let before = judge.verdicts
        let steps = PageJudge.steps(terms, timeline) + judgeSteps(terms)
        try context.charge(GasSchedule.step * steps * UInt64(added.count))
        let rule = Judgement(metric: terms.level.metrics[metric], totalWeight: totalWeight(agreement, terms))
        for place in added where judge.verdicts.metrics[metric].decided >> UInt64(place) & 1 == 0 {
            guard let verdict = rule.verdict(reports(readings, at: place, agreement, terms)) else { continue }
            judge.set(metric, place, verdict)
        }
        for place in added { judge.decide(place, isFinal: false) }
        try context.write(readingPages, KeyPair(key, measurement.metric), readings)
        try context.emit(Measured(
            agreement: agreement.number, monitor: context.caller, metric: measurement.metric, period: measurement.period, first: measurement.first,
            readings: UInt8(values.count), evidence: measurement.evidence))
        try conclude(judge, was: before, &agreement, terms, context)
        return try save(agreement, context)
    }

    public static let rule = Method(
        "rule", "Decides intervals in which monitors disagree about a metric. For the arbiter, until its window closes.",
        Argument("agreement", "Which.", UInt64.self), Argument("period", "The billing period.", UInt32.self),
        Argument("first", "The first interval within the period.", UInt32.self), Argument("count", "How many, within one page.", UInt8.self),
        Argument("metric", "The place of the metric.", UInt8.self), Argument("ruling", "What it was.", Ruling.self)
    ) { context, number, period, first, length, metric, ruling throws(CallError) in
        var (agreement, terms) = try opened(number, context)
        try context.require(terms.arbiter == context.caller, AgreementsRejection.notArbiter)
        try context.require(agreement.phase == .active, AgreementsRejection.phaseWrong)
        let timeline = Timeline(terms, agreement)
        try requirePlace(agreement, terms, metric: metric, period: period, first: first, count: Int(length), context)
        let place = Int(first % pageIntervals), page = first / pageIntervals
        try context.require(
            isOpen(agreement, period, page) && context.block.time < timeline.rulingCloses(timeline.interval(first, ofPeriod: period)),
            AgreementsRejection.measurementLate)
        var judge = try judge(agreement, terms, timeline, pageKey(number, period, page), context)
        let before = judge.verdicts
        try context.charge(GasSchedule.step * PageJudge.steps(terms, timeline) * UInt64(length))
        for place in place..<(place + Int(length)) {
            try context.require(before.metrics[Int(metric)].disputed >> UInt64(place) & 1 == 1, AgreementsRejection.notDisputed)
            judge.set(Int(metric), place, ruling.verdict)
            judge.decide(place, isFinal: false)
        }
        try context.emit(Ruled(agreement: number, period: period, first: first, count: length, metric: metric, ruling: ruling))
        try conclude(judge, was: before, &agreement, terms, context)
        return try save(agreement, context)
    }

    /// What an arbiter can say of a metric.
    public enum Ruling: Hashable, Choice {
        case up, down, unknown

        public static let cases: [Case<Ruling>] = [
            Case("up", "It met its objective.", .up), Case("down", "It did not.", .down), Case("unknown", "Nobody can tell.", .unknown),
        ]

        var verdict: MetricVerdict {
            switch self {
            case .up: .up
            case .down: .down
            case .unknown: .unknown
            }
        }
    }

    // ── Rules ──

    /// The values of a measurement that fits its agreement; its place in time is not looked at.
    static func checked(
        _ measurement: Measurement, _ agreement: Agreement, _ terms: Terms, _ timeline: Timeline, _ context: CallContext
    ) throws(CallError) -> [UInt64?] {
        try requirePlace(
            agreement, terms, metric: measurement.metric, period: measurement.period, first: measurement.first, count: measurement.readings.count, context)
        let kind = terms.level.metrics[Int(measurement.metric)].kind
        var values: [UInt64?] = []
        for reading in measurement.readings {
            guard let value = reading.value(of: kind) else { throw context.rejection(AgreementsRejection.readingWrong) }
            values.append(value)
        }
        return values
    }

    private static func requirePlace(
        _ agreement: Agreement, _ terms: Terms, metric: UInt8, period: UInt32, first: UInt32, count: Int, _ context: CallContext
    ) throws(CallError) {
        try context.require(Int(metric) < terms.level.metrics.count && period < min(agreement.ends, agreement.funded), AgreementsRejection.placeUnknown)
        try context.require(first < terms.schedule.periodIntervals && count > 0, AgreementsRejection.placeUnknown)
        try context.require(count <= Int(terms.schedule.periodIntervals - first), AgreementsRejection.placeUnknown)
        try context.require(Int(first % pageIntervals) + count <= Int(pageIntervals), AgreementsRejection.pageCrossed)
    }

    /// Whether a page is not final yet.
    static func isOpen(_ agreement: Agreement, _ period: UInt32, _ page: UInt32) -> Bool {
        (agreement.closed, agreement.pagesFinal) <= (period, page)
    }

    /// Whether `values` say something else than the readings. Having found nothing, before or later, contradicts nothing.
    static func contradicts(_ readings: MonitorReadings, _ values: [UInt64?], _ first: Int) -> Bool {
        values.enumerated().contains { offset, value in
            if case .some(.some(let kept)) = readings[first + offset], let value { kept != value } else { false }
        }
    }

    static func totalWeight(_ agreement: Agreement, _ terms: Terms) -> UInt32 {
        zip(agreement.monitors, terms.monitors).reduce(0) { $1.0.isExpelled ? $0 : $0 + UInt32($1.1.weight) }
    }

    static func reports(_ page: ReadingsPage, at place: Int, _ agreement: Agreement, _ terms: Terms) -> [Report] {
        terms.monitors.indices.compactMap { monitor in
            guard !agreement.monitors[monitor].isExpelled, let value = page.monitors[monitor][place] else { return nil }
            return Report(weight: UInt32(terms.monitors[monitor].weight), value: value)
        }
    }

    static func judgeSteps(_ terms: Terms) -> UInt64 { 8 * UInt64(terms.monitors.count) + 8 }

    static func judge(
        _ agreement: Agreement, _ terms: Terms, _ timeline: Timeline, _ key: PageKey, _ context: CallContext
    ) throws(CallError) -> PageJudge {
        let number = agreement.number, period = key.first.second, page = key.second
        let looksAround = terms.level.incident.map { $0.graceIntervals > 0 } ?? false
        func down(_ page: UInt32) throws(CallError) -> UInt64 {
            guard looksAround, page < timeline.periodPages else { return 0 }
            return try context.read(verdictPages, pageKey(number, period, page))?.down ?? 0
        }
        return PageJudge(
            terms, timeline, period: period, page: page,
            verdicts: try context.read(verdictPages, key) ?? VerdictPage(metrics: terms.level.metrics.count),
            tally: try tally(agreement, terms, period, context), downBefore: page == 0 ? 0 : try down(page - 1), downAfter: try down(page + 1))
    }

    /// Writes what a judge decided, tells of violations and disputes, and pays what is due now.
    static func conclude(
        _ judge: PageJudge, was before: VerdictPage, _ agreement: inout Agreement, _ terms: Terms, _ context: CallContext
    ) throws(CallError) {
        // Also when nothing was decided: a page of verdicts says that something was reported.
        try context.write(verdictPages, pageKey(agreement.number, judge.period, judge.page), judge.verdicts)
        var tally = judge.tally
        let down = judge.verdicts.down & ~before.down, disputed = judge.verdicts.disputed & ~before.disputed
        if down != 0 { try context.emit(Violated(agreement: agreement.number, period: judge.period, page: judge.page, intervals: down)) }
        if disputed != 0 { try context.emit(Disputed(agreement: agreement.number, period: judge.period, page: judge.page, intervals: disputed)) }
        if down != 0 || judge.verdicts.excluded != before.excluded {
            try payCredit(judge.period, &tally, &agreement, terms, isFinal: false, context)
        }
        try context.write(tallies, KeyPair(agreement.number, judge.period), tally)
    }
}

extension Agreements.Reading {
    /// What counts of it for a metric of `kind`: none for a missing one; nil when it does not suit the kind.
    func value(of kind: MetricKind) -> UInt64?? {
        switch (self, kind) {
        case (.missing, _): .some(nil)
        case (.state(let isUp), .binary): .some(isUp ? 1 : 0)
        case (.value(let value), .gauge): .some(value)
        case (.counter(let count), .counter): .some(count.delta)
        default: nil
        }
    }
}
