import Execution
public import Ledger
public import Primitives

/// For those who read an agreement and its pages: what its verdicts and readings mean, by the contract's own rules.
extension Agreements {
    /// What is known of an interval, or of a metric in it.
    public enum IntervalState: String, Hashable, Sendable, CaseIterable {
        case up, down
        /// Nothing is known, for good.
        case unknown
        /// Monitors disagree, and nobody has ruled.
        case disputed
        /// It does not count.
        case excluded
        /// It is to come, or further reports could decide it.
        case open
    }
}

extension Agreements {
    /// The account of the agreement that an event tells of; nil for an event of another contract, or of no agreement. An index of
    /// transactions that notes it finds all that became of an agreement.
    public static func account(of event: Event) -> Address? {
        // Each event but one begins with the number of its agreement.
        guard event.contract == address, event.name != GapRecorded.name, event.data.count >= 8 else { return nil }
        return .subaccount(event.data[..<8].reversed().reduce(0) { $0 << 8 | UInt64($1) }, of: address)
    }
}

extension Agreements.AgreementView {
    private var timeline: Agreements.Timeline { Agreements.Timeline(terms, agreement) }

    /// When the period begins.
    public func start(ofPeriod period: UInt32) -> Timestamp { timeline.start(ofPeriod: period) }

    /// When an interval of a period begins; it ends with the beginning of the next one.
    public func start(of place: UInt32, ofPeriod period: UInt32) -> Timestamp {
        let timeline = timeline
        return Timestamp(timeline.start(of: timeline.interval(place, ofPeriod: period)))
    }

    /// The period that runs at `now`, or ran last; nil before the first.
    public func period(at now: Timestamp) -> UInt32? { timeline.period(at: now, of: agreement) }

    /// What the page says of its interval `place`; a page of which nothing was reported is nil.
    public func state(of place: Int, _ verdicts: Agreements.VerdictPage?, page: UInt32, period: UInt32) -> Agreements.IntervalState {
        let bit: UInt64 = 1 << UInt64(place)
        if let verdicts {
            if verdicts.up & bit != 0 { return .up }
            if verdicts.down & bit != 0 { return .down }
            if verdicts.excluded & bit != 0 { return .excluded }
            if verdicts.unknown & bit != 0 { return .unknown }
        }
        let timeline = timeline
        if timeline.isExcluded(timeline.interval(page * Agreements.pageIntervals + UInt32(place), ofPeriod: period)) { return .excluded }
        guard Agreements.isOpen(agreement, period, page) else { return .unknown }
        return (verdicts?.disputed ?? 0) & bit != 0 ? .disputed : .open
    }

    /// What the page says of a metric in its interval `place`.
    public func state(ofMetric metric: Int, _ place: Int, _ verdicts: Agreements.VerdictPage?) -> Agreements.IntervalState {
        guard let bits = verdicts?.metrics[metric] else { return .open }
        let bit: UInt64 = 1 << UInt64(place)
        if bits.up & bit != 0 { return .up }
        if bits.down & bit != 0 { return .down }
        if bits.unknown & bit != 0 { return .unknown }
        return bits.disputed & bit != 0 ? .disputed : .open
    }

    /// What monitors' readings of a metric say together: the value of a quorum; nil when no quorum agrees on one.
    public func value(ofMetric metric: Int, _ place: Int, _ readings: Agreements.ReadingsPage) -> UInt64? {
        Agreements.Judgement(metric: terms.level.metrics[metric], totalWeight: Agreements.totalWeight(agreement, terms))
            .value(Agreements.reports(readings, at: place, agreement, terms))
    }
}
