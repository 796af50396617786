public import Execution
import Ledger
public import Primitives

/// How an agreement moves on when its time comes. Anyone may push it, as often as they like; each step is done once.
extension Agreements {
    /// Steps of one call at most; a step makes pages final or closes a period.
    public static let settleStepsMax: UInt16 = 256
    /// Events that the largest step emits: a period that closes, and the end of the agreement.
    static let stepEventsMax = 96

    public static let settle = Method(
        "settle", """
            Does what time has made due: intervals whose window has closed become final, periods are closed and paid, deposits go back, and what \
            never became active is given back. Anyone may; whoever closes a period gets its keeper fee.
            """,
        Argument("agreement", "Which.", UInt64.self), Argument("steps", "At most so many steps, from 1 to 256.", UInt16.self)
    ) { context, number, steps throws(CallError) in
        var (agreement, terms) = try found(number, context)
        let before = agreement, now = context.block.time
        var isMoved = false
        switch agreement.phase {
        case .offered, .signed:
            if now >= terms.expires {
                try payBack(&agreement, terms, context)
                agreement.phase = .lapsed
                try context.emit(Lapsed(agreement: number))
            }
        case .active:
            if try takeGaps(&agreement, context) {
                try begin(&agreement, terms, context)
                isMoved = try advance(&agreement, terms, steps: Int(max(1, min(steps, settleStepsMax))), context)
            }
        case .closing(let until):
            if now >= until { try finish(&agreement, terms, context) }
        case .settled, .lapsed: break
        }
        try context.require(isMoved || agreement != before, AgreementsRejection.nothingDue)
        return try save(agreement, context)
    }

    public static let award = Method(
        "award", "Gives the consumer a part of what a provider earned and is held back, or deposited. For the arbiter, while the agreement is closing.",
        Argument("agreement", "Which.", UInt64.self), Argument("provider", "The provider's place.", UInt8.self),
        Argument("amount", "Base units.", Amount.self)
    ) { context, number, provider, amount throws(CallError) in
        var (agreement, terms) = try found(number, context)
        try context.require(terms.arbiter == context.caller, AgreementsRejection.notArbiter)
        guard case .closing(let until) = agreement.phase, context.block.time < until else { throw context.rejection(AgreementsRejection.phaseWrong) }
        let place = Int(provider)
        try context.require(place < terms.providers.count, AgreementsRejection.placeUnknown)
        let held = agreement.escrow.amount(.heldBack(place)), deposited = agreement.escrow.amount(.collateral(place))
        guard amount > .zero, let most = held.adding(deposited), let rest = amount.subtracting(min(amount, held)), amount <= most else {
            throw context.rejection(AgreementsRejection.valueWrong, "\(held) is held back, \(deposited) is deposited")
        }
        try pay(min(amount, held), from: .heldBack(place), to: terms.consumer, for: .award, &agreement, context)
        try pay(rest, from: .collateral(place), to: terms.consumer, for: .award, &agreement, context)
        return try save(agreement, context)
    }

    // ── Intervals become final ──

    /// Makes pages final and closes periods in their order; true when a page has changed.
    private static func advance(_ agreement: inout Agreement, _ terms: Terms, steps: Int, _ context: CallContext) throws(CallError) -> Bool {
        var isMoved = false
        for _ in 0..<steps where agreement.closed < min(agreement.ends, agreement.funded) && context.eventsLeft >= stepEventsMax {
            let timeline = Timeline(terms, agreement)
            if agreement.pagesFinal == timeline.periodPages {
                try close(&agreement, terms, context)
                continue
            }
            guard let page = try finalise(&agreement, terms, timeline, context) else { break }
            isMoved = true
            guard page else { break }
        }
        if agreement.closed == agreement.ends && context.eventsLeft >= stepEventsMax {
            agreement.phase = .closing(Timestamp(context.block.time.rawValue + terms.windows.challengeMilliseconds))
            try context.emit(ClosingBegun(agreement: agreement.number, ending: agreement.ending))
            try Agreements.count(active: false, context)
            if terms.windows.challengeMilliseconds == 0 { try finish(&agreement, terms, context) }
        }
        return isMoved
    }

    /// Makes the next page final, or several of which nothing was reported. nil when it is too early; false when it changed and must wait for the
    /// arbiter.
    private static func finalise(
        _ agreement: inout Agreement, _ terms: Terms, _ timeline: Timeline, _ context: CallContext
    ) throws(CallError) -> Bool? {
        let now = context.block.time, period = agreement.closed, page = agreement.pagesFinal
        let places = timeline.places(ofPage: page), last = timeline.interval(places.upperBound - 1, ofPeriod: period)
        guard now >= timeline.closes(last) else { return nil }
        let key = pageKey(agreement.number, period, page)
        guard try context.contains(verdictPages, key) else {
            try skip(from: page, &agreement, terms, timeline, context)
            return true
        }
        var judge = try judge(agreement, terms, timeline, key, context)
        let before = judge.verdicts
        let steps = PageJudge.steps(terms, timeline) + judgeSteps(terms) * UInt64(terms.level.metrics.count)
        try context.charge(GasSchedule.step * steps * UInt64(places.count))
        for (metric, promised) in terms.level.metrics.enumerated() {
            let open = places.indices.map { Int($0 - places.startIndex) }.filter { judge.verdicts.metrics[metric].decided >> UInt64($0) & 1 == 0 }
            guard !open.isEmpty else { continue }
            let readings = try context.read(readingPages, KeyPair(key, UInt8(metric))) ?? ReadingsPage(count: terms.monitors.count)
            let rule = Judgement(metric: promised, totalWeight: totalWeight(agreement, terms))
            for place in open { judge.set(metric, place, rule.verdict(reports(readings, at: place, agreement, terms)) ?? .unknown) }
        }
        let waits = terms.arbiter != nil && now < timeline.rulingCloses(last)
        for place in 0..<places.count { judge.decide(place, isFinal: !waits) }
        let isFinal = judge.verdicts.disputed == 0 || !waits
        guard isFinal || judge.verdicts != before else { return nil }
        try conclude(judge, was: before, &agreement, terms, context)
        if isFinal { agreement.pagesFinal += 1 }
        return isFinal
    }

    /// Passes pages of which nothing was reported: one, or as soon as all windows of the period have closed, as many as there are in a row.
    private static func skip(
        from page: UInt32, _ agreement: inout Agreement, _ terms: Terms, _ timeline: Timeline, _ context: CallContext
    ) throws(CallError) {
        let period = agreement.closed, number = agreement.number, intervals = terms.schedule.periodIntervals
        var next = page + 1
        if context.block.time >= timeline.closes(timeline.interval(intervals - 1, ofPeriod: period)) {
            let found = try context.entries(verdictPages, first: KeyPair(number, period), from: page, limit: 1)
            next = found.first?.key.second ?? timeline.periodPages
        }
        let first = page * pageIntervals, end = min(next * pageIntervals, intervals)
        try context.charge(GasSchedule.step * 2 * timeline.exclusionSteps)
        // At most `end − first`, which is a UInt32.
        let excluded = UInt32(timeline.excluded(in: timeline.interval(first, ofPeriod: period)..<timeline.interval(end, ofPeriod: period)))
        var tally = try tally(agreement, terms, period, context)
        tally.excluded += excluded
        tally.unknown += end - first - excluded
        try context.write(tallies, KeyPair(number, period), tally)
        agreement.pagesFinal = next
    }

    // ── The end ──

    private static func finish(_ agreement: inout Agreement, _ terms: Terms, _ context: CallContext) throws(CallError) {
        try payBack(&agreement, terms, context)
        agreement.phase = .settled
        try context.emit(Settled(agreement: agreement.number))
    }

    /// Gives everything that is left to whom it belongs.
    private static func payBack(_ agreement: inout Agreement, _ terms: Terms, _ context: CallContext) throws(CallError) {
        let escrow = agreement.escrow
        try pay(escrow.advance, from: .advance, to: terms.consumer, for: .refund, &agreement, context)
        for (place, provider) in terms.providers.enumerated() {
            try pay(escrow.heldBack[place], from: .heldBack(place), to: provider.account, for: .fee, &agreement, context)
            try pay(escrow.collateral[place], from: .collateral(place), to: provider.account, for: .deposit, &agreement, context)
        }
        for (place, monitor) in terms.monitors.enumerated() {
            try pay(escrow.bonds[place], from: .bond(place), to: monitor.account, for: .deposit, &agreement, context)
        }
    }
}

extension Agreements.Agreement {
    var isClosing: Bool { if case .closing = phase { true } else { false } }
}
