import Execution
import Primitives

/// Who gets what of a period.
extension Agreements {
    /// Pays the consumer what is due of a period and was not paid yet: out of its fee, then out of the collateral of the providers at fault.
    static func payCredit(
        _ period: UInt32, _ tally: inout Tally, _ agreement: inout Agreement, _ terms: Terms, isFinal: Bool, _ context: CallContext
    ) throws(CallError) {
        let rule = creditRule(terms)
        guard let paid = tally.feeCredit.adding(tally.collateralCredit), let open = rule.due(tally, isFinal: isFinal).subtracting(paid),
              let unspent = terms.payment.fee.subtracting(tally.feeCredit) else { return }
        let fromFee = min(open, unspent)
        try pay(fromFee, from: .advance, to: terms.consumer, for: .credit, &agreement, context)
        guard let feeCredit = tally.feeCredit.adding(fromFee), var rest = open.subtracting(fromFee) else { throw context.failure(.stateMalformed) }
        tally.feeCredit = feeCredit
        guard rest != .zero else { return }
        let blame = blame(tally, terms), parts = divided(rest, by: blame)
        // Its own part of each provider at fault first; then what one of them lacks, of the others.
        for limits in [parts, parts.map { _ in .supplyMax }] {
            for place in terms.providers.indices where blame[place] > 0 {
                let amount = min(rest, limits[place], agreement.escrow.amount(.collateral(place)))
                try pay(amount, from: .collateral(place), to: terms.consumer, for: .credit, &agreement, context)
                guard let left = rest.subtracting(amount), let credit = tally.collateralCredit.adding(amount) else { throw context.failure(.stateMalformed) }
                rest = left
                tally.collateralCredit = credit
            }
        }
    }

    static func creditRule(_ terms: Terms) -> CreditRule {
        CreditRule(level: terms.level, fee: terms.payment.fee, intervals: terms.schedule.periodIntervals)
    }

    /// How credits are divided: by the intervals in whose failure each provider had a part; by their shares when nobody had.
    private static func blame(_ tally: Tally, _ terms: Terms) -> [UInt128] {
        tally.faults.contains { $0 > 0 } ? tally.faults.map { UInt128($0) } : terms.providers.map { UInt128($0.sharePartsPerMillion) }
    }

    /// Pays a period whose intervals are all final.
    static func close(_ agreement: inout Agreement, _ terms: Terms, _ context: CallContext) throws(CallError) {
        let period = agreement.closed, payment = terms.payment
        var tally = try tally(agreement, terms, period, context)
        try payCredit(period, &tally, &agreement, terms, isFinal: true, context)
        try payMonitors(tally, &agreement, terms, context)
        try pay(payment.keeperFee, from: .advance, to: context.caller, for: .keeping, &agreement, context)
        try payProviders(tally, &agreement, terms, context)
        tally.isClosed = true
        try context.write(tallies, KeyPair(agreement.number, period), tally)
        agreement.closed += 1
        agreement.pagesFinal = 0
        let timeline = Timeline(terms, agreement)
        let first = timeline.interval(0, ofPeriod: agreement.closed), matter = timeline.gapsMatter(fromPeriod: agreement.closed)
        guard let exclusions = Bounded<32, Exclusion>(agreement.exclusions.filter { $0.end ?? .max > first }),
              let gaps = Bounded<32, Gap>(agreement.gaps.filter { $0.until > matter }) else { throw context.failure(.stateMalformed) }
        agreement.exclusions = exclusions
        agreement.gaps = gaps
        try context.emit(PeriodClosed(
            agreement: agreement.number, period: period, availability: creditRule(terms).availability(tally, isFinal: true),
            credit: tally.feeCredit.adding(tally.collateralCredit) ?? .zero))
    }

    /// Each monitor earns the part of its fee for which it reported; the consumer gets the rest back.
    private static func payMonitors(_ tally: Tally, _ agreement: inout Agreement, _ terms: Terms, _ context: CallContext) throws(CallError) {
        let whole = UInt128(terms.schedule.periodIntervals) * UInt128(terms.level.metrics.count), fee = terms.payment.monitorFee
        var unearned = Amount.zero
        for (place, monitor) in terms.monitors.enumerated() {
            // Below 2⁹⁶ · 2²³.
            let part = agreement.monitors[place].isExpelled ? 0 : fee.units * UInt128(tally.reports[place]) / whole
            let earned = min(fee, Amount(part))
            try pay(earned, from: .advance, to: monitor.account, for: .monitoring, &agreement, context)
            guard let rest = fee.subtracting(earned), let sum = unearned.adding(rest) else { throw context.failure(.stateMalformed) }
            unearned = sum
        }
        try pay(unearned, from: .advance, to: terms.consumer, for: .refund, &agreement, context)
    }

    /// The providers share what credits left of the fee: each its own share, less what it is to blame for. Where that is more than a
    /// share, the others bear it together.
    private static func payProviders(_ tally: Tally, _ agreement: inout Agreement, _ terms: Terms, _ context: CallContext) throws(CallError) {
        guard let left = terms.payment.fee.subtracting(tally.feeCredit) else { throw context.failure(.stateMalformed) }
        let shares = divided(terms.payment.fee, by: terms.providers.map { UInt128($0.sharePartsPerMillion) })
        let blamed = divided(tally.feeCredit, by: blame(tally, terms))
        let parts = divided(left, by: zip(shares, blamed).map { $0.subtracting($1)?.units ?? 0 })
        for (place, provider) in terms.providers.enumerated() {
            guard let kept = parts[place].share(partsPerMillion: terms.payment.holdBackPartsPerMillion, rounding: .down),
                  let paid = parts[place].subtracting(kept), agreement.escrow.shift(kept, from: .advance, to: .heldBack(place)) else {
                throw context.failure(.stateMalformed)
            }
            try pay(paid, from: .advance, to: provider.account, for: .fee, &agreement, context)
        }
    }
}
