public import Execution
public import Primitives

extension Agreements {
    /// What has become of one billing period so far.
    ///
    /// Invariants: `up + down + excluded + unknown` ≤ intervals of the period, with equality once closed; `credit` never falls.
    public struct Tally: Hashable, Record {
        public internal(set) var up: UInt32
        public internal(set) var down: UInt32
        public internal(set) var excluded: UInt32
        public internal(set) var unknown: UInt32
        /// Intervals of outages behind the grace of each.
        public internal(set) var incident: UInt32
        /// Intervals announced as maintenance.
        public internal(set) var maintenance: UInt32
        /// Intervals that were down with a metric of each provider down.
        public internal(set) var faults: Bounded<8, UInt32>
        /// Readings of each monitor.
        public internal(set) var reports: Bounded<16, UInt32>
        /// Base units paid back to the consumer: out of the fee …
        public internal(set) var feeCredit: Amount
        /// … and out of providers' collateral.
        public internal(set) var collateralCredit: Amount
        public internal(set) var isClosed: Bool

        init(providers: Int, monitors: Int) {
            self.init(
                up: 0, down: 0, excluded: 0, unknown: 0, incident: 0, maintenance: 0,
                faults: Bounded(Array(repeating: 0, count: providers)) ?? Bounded(), reports: Bounded(Array(repeating: 0, count: monitors)) ?? Bounded(),
                feeCredit: .zero, collateralCredit: .zero, isClosed: false)
        }

        private init(
            up: UInt32, down: UInt32, excluded: UInt32, unknown: UInt32, incident: UInt32, maintenance: UInt32, faults: Bounded<8, UInt32>,
            reports: Bounded<16, UInt32>, feeCredit: Amount, collateralCredit: Amount, isClosed: Bool
        ) {
            self.up = up
            self.down = down
            self.excluded = excluded
            self.unknown = unknown
            self.incident = incident
            self.maintenance = maintenance
            self.faults = faults
            self.reports = reports
            self.feeCredit = feeCredit
            self.collateralCredit = collateralCredit
            self.isClosed = isClosed
        }

        public static let fields = Fields(
            Field("up", "Intervals that were up.") { $0.up }, Field("down", "Intervals that were down.") { $0.down },
            Field("excluded", "Intervals that do not count.") { $0.excluded }, Field("unknown", "Intervals of which nothing is known.") { $0.unknown },
            Field("incident", "Intervals of outages behind the grace of each.") { $0.incident },
            Field("maintenance", "Intervals announced as maintenance.") { $0.maintenance },
            Field("faults", "Intervals that were down, for each provider that had a part in it.") { $0.faults },
            Field("reports", "Readings of each monitor.") { $0.reports }, Field("feeCredit", "Paid back out of the fee.") { $0.feeCredit },
            Field("collateralCredit", "Paid back out of collateral.") { $0.collateralCredit }, Field("isClosed", "Whether it is paid.") { $0.isClosed },
            make: {
                Tally(
                    up: $0, down: $1, excluded: $2, unknown: $3, incident: $4, maintenance: $5, faults: $6, reports: $7, feeCredit: $8,
                    collateralCredit: $9, isClosed: $10)
            })
    }

    /// What a period owes the consumer. As long as it is open, every interval that is not decided counts as up, so that the amount can only
    /// rise; each credit is computed for the whole period, and what was paid already is taken off, so that asking again changes
    /// nothing.
    struct CreditRule {
        let level: ServiceLevel
        let fee: Amount
        let intervals: UInt32

        /// Uptime of what counts, in parts per million, rounded down: A = 10⁶ · (N − E − D) / (N − E), with N all intervals, E those that are
        /// excluded or may be unknown, and D those that were down, to which half of the other unknown ones are added at the close.
        func availability(_ tally: Tally, isFinal: Bool) -> UInt32 {
            let all = UInt64(intervals), whole = UInt64(ServiceLevel.whole)
            // Below 2²⁰ · 2²⁰.
            let tolerated = min(UInt64(tally.unknown), all * UInt64(level.unknownPartsPerMillion) / whole)
            let counting = all - min(all, UInt64(tally.excluded) + (isFinal ? tolerated : 0))
            guard counting > 0 else { return ServiceLevel.whole }
            let down = 2 * UInt64(tally.down) + (isFinal ? UInt64(tally.unknown) - tolerated : 0)
            return UInt32(whole * (2 * counting - min(2 * counting, down)) / (2 * counting))
        }

        func due(_ tally: Tally, isFinal: Bool) -> Amount {
            let availability = availability(tally, isFinal: isFinal)
            let tier = level.tiers.last { availability < $0.belowPartsPerMillion }?.creditPartsPerMillion ?? 0
            let cap = share(level.capPartsPerMillion)
            let incident = share(level.incident?.ratePartsPerMillion ?? 0).multiplied(by: UInt64(tally.incident))
            guard let due = incident?.adding(share(tier)) else { return cap }
            return min(due, cap)
        }

        /// Rounded in the consumer's favour; terms were validated, so that nothing overflows.
        private func share(_ partsPerMillion: UInt32) -> Amount { fee.share(partsPerMillion: partsPerMillion, rounding: .up) ?? .zero }
    }

    /// Divides `amount` by weights, rounding down; what is left goes to the first that has weight. All of it is divided when there is any weight.
    static func divided(_ amount: Amount, by weights: [UInt128]) -> [Amount] {
        let total = weights.reduce(UInt128(0)) { $0 + $1 }
        guard total > 0 else { return weights.map { _ in .zero } }
        var parts = weights.map { weight in
            // A product of full width, as both may be amounts.
            let product = amount.units.multipliedFullWidth(by: weight)
            return total.dividingFullWidth(product).quotient
        }
        let rest = amount.units - parts.reduce(UInt128(0)) { $0 + $1 }
        if let first = weights.firstIndex(where: { $0 > 0 }) { parts[first] += rest }
        return parts.map { Amount($0) }
    }
}
