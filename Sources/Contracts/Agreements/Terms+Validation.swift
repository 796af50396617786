import Execution
import Ledger
public import Primitives

extension Agreements {
    /// Bounds of what terms may say, wide enough for contracts of years by the second and narrow enough that no number computed from
    /// them can overflow.
    public enum TermLimits {
        static let day: UInt64 = 86_400_000
        public static let intervalMilliseconds = 1_000...day
        public static let periodIntervalsMax: UInt32 = 1 << 20
        public static let periodsMax: UInt32 = 1_200
        public static let durationMillisecondsMax: UInt64 = 20 * 366 * day
        public static let startAheadMillisecondsMax: UInt64 = 2 * 366 * day
        public static let settleMillisecondsMax: UInt64 = 7 * day
        public static let lateMilliseconds = 1_000...30 * day
        public static let rulingMillisecondsMax: UInt64 = 30 * day
        public static let challengeMillisecondsMax: UInt64 = 90 * day
        public static let noticeMillisecondsMax: UInt64 = 366 * day
        public static let monitorWeightMax: UInt16 = 1_000
    }
}

extension Agreements.Terms {
    private typealias Bounds = Agreements.TermLimits

    /// What one period costs the consumer: the fee, and all that monitors and a keeper may earn. nil when it is no possible amount.
    public func periodCost() -> Amount? {
        payment.monitorFee.multiplied(by: UInt64(monitors.count))?.adding(payment.keeperFee)?.adding(payment.fee)
    }

    /// Why these terms cannot become an agreement at `now`; nil when they can.
    public func fault(at now: Timestamp) -> StaticString? {
        partiesFault ?? level.fault(providers: providers.count) ?? scheduleFault(at: now) ?? moneyFault ?? windowsFault
    }

    private var partiesFault: StaticString? {
        guard TextRule.isToken(service.text) else { return "the service key is no token" }
        let parties = parties
        guard !providers.isEmpty, !monitors.isEmpty else { return "there is no provider, or no monitor" }
        guard !parties.contains(Address()), Set(parties).count == parties.count else { return "a party is nobody, or twice there" }
        let watchers = monitors.map(\.account)
        guard !watchers.contains(Address()), Set(watchers).count == watchers.count else { return "a monitor is nobody, or twice there" }
        guard monitors.allSatisfy({ $0.weight > 0 && $0.weight <= Bounds.monitorWeightMax && TextRule.isToken($0.source.text) }) else {
            return "a monitor's weight or source is out of bounds"
        }
        guard arbiter != Address() else { return "the arbiter is nobody" }
        if !partiesMayMonitor {
            let judges = Set(watchers + [arbiter].compactMap(\.self))
            guard parties.allSatisfy({ !judges.contains($0) }) else { return "a party may monitor or arbitrate only where all say so" }
        }
        return nil
    }

    private func scheduleFault(at now: Timestamp) -> StaticString? {
        guard Bounds.intervalMilliseconds.contains(schedule.intervalMilliseconds) else { return "an interval lasts from a second to a day" }
        guard schedule.periodIntervals > 0, schedule.periodIntervals <= Bounds.periodIntervalsMax, schedule.periods > 0,
              schedule.periods <= Bounds.periodsMax else { return "periods or their intervals are out of bounds" }
        // Below 2²⁷ · 2²¹ · 2¹¹, far from overflow.
        let duration = schedule.intervalMilliseconds * UInt64(schedule.periodIntervals) * UInt64(schedule.periods)
        guard duration <= Bounds.durationMillisecondsMax else { return "an agreement lasts 20 years at most" }
        guard expires > now, schedule.start >= expires, schedule.start.rawValue - now.rawValue <= Bounds.startAheadMillisecondsMax else {
            return "it must expire later than this block, and start then or within two years"
        }
        return nil
    }

    private var moneyFault: StaticString? {
        guard payment.fee > .zero, payment.fee < .supplyMax, payment.monitorFee < .supplyMax, payment.keeperFee < .supplyMax,
              payment.monitorBond < .supplyMax else { return "an amount is out of bounds" }
        guard let total = periodCost()?.multiplied(by: UInt64(schedule.periods)), total < .supplyMax else { return "all periods cost more than there is" }
        guard payment.prepaidPeriods > 0, payment.prepaidPeriods <= schedule.periods else { return "prepaid periods are out of bounds" }
        guard payment.holdBackPartsPerMillion <= ServiceLevel.whole else { return "more than all is held back" }
        // At most eight shares below 2³².
        guard providers.reduce(UInt64(0), { $0 + UInt64($1.sharePartsPerMillion) }) == UInt64(ServiceLevel.whole) else {
            return "the providers' shares are not the whole"
        }
        guard providers.allSatisfy({ $0.collateral < .supplyMax }), let collateral = Amount.sum(providers.map(\.collateral)),
              let cap = payment.fee.share(partsPerMillion: level.capPartsPerMillion, rounding: .up), let cover = collateral.adding(payment.fee) else {
            return "an amount is out of bounds"
        }
        return cap <= cover ? nil : "fee and collateral do not cover the most that a period can cost"
    }

    private var windowsFault: StaticString? {
        guard windows.settleMilliseconds <= Bounds.settleMillisecondsMax, Bounds.lateMilliseconds.contains(windows.lateMilliseconds),
              windows.rulingMilliseconds <= Bounds.rulingMillisecondsMax, windows.challengeMilliseconds <= Bounds.challengeMillisecondsMax,
              windows.noticeMilliseconds <= Bounds.noticeMillisecondsMax, windows.graceMilliseconds <= Bounds.noticeMillisecondsMax,
              windows.maintenanceNoticeMilliseconds <= Bounds.noticeMillisecondsMax else { return "a delay is out of bounds" }
        guard arbiter != nil || (windows.rulingMilliseconds == 0 && windows.challengeMilliseconds == 0) else {
            return "without an arbiter there is nothing to wait for"
        }
        return nil
    }

    /// Steps that ``fault(at:)`` takes at most.
    static let checkSteps: UInt64 = ServiceLevel.checkSteps + 16 * 40 + 256
}
