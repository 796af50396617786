public import Execution
public import Ledger
public import Primitives

/// What happens to the service.
extension Agreements {
    /// A monitor posted a measurement.
    public struct Measured: Hashable, ContractEvent {
        public static let name: EventName = "Measured"
        public static let documentation: StaticString = "A monitor posted a measurement."
        public let agreement: UInt64
        public let monitor: Address
        public let metric: UInt8
        public let period: UInt32
        public let first: UInt32
        public let readings: UInt8
        public let evidence: Digest
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("monitor", "Who.") { $0.monitor },
            Field("metric", "The place of the metric.") { $0.metric }, Field("period", "The billing period.") { $0.period },
            Field("first", "The first interval within the period.") { $0.first },
            Field("readings", "For how many intervals.") { $0.readings }, Field("evidence", "What it can show.") { $0.evidence },
            make: { Measured(agreement: $0, monitor: $1, metric: $2, period: $3, first: $4, readings: $5, evidence: $6) })
    }

    /// The service was down.
    public struct Violated: Hashable, ContractEvent {
        public static let name: EventName = "Violated"
        public static let documentation: StaticString = "The service was down."
        public let agreement: UInt64
        public let period: UInt32
        public let page: UInt32
        public let intervals: UInt64
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("period", "The billing period.") { $0.period },
            Field("page", "The page of its intervals.") { $0.page },
            Field("intervals", "Bit i for interval i of the page.") { $0.intervals },
            make: { Violated(agreement: $0, period: $1, page: $2, intervals: $3) })
    }

    /// Monitors disagree.
    public struct Disputed: Hashable, ContractEvent {
        public static let name: EventName = "Disputed"
        public static let documentation: StaticString = "Monitors disagree."
        public let agreement: UInt64
        public let period: UInt32
        public let page: UInt32
        public let intervals: UInt64
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("period", "The billing period.") { $0.period },
            Field("page", "The page of its intervals.") { $0.page },
            Field("intervals", "Bit i for interval i of the page.") { $0.intervals },
            make: { Disputed(agreement: $0, period: $1, page: $2, intervals: $3) })
    }

    /// The arbiter decided what monitors disagree about.
    public struct Ruled: Hashable, ContractEvent {
        public static let name: EventName = "Ruled"
        public static let documentation: StaticString = "The arbiter decided what monitors disagree about."
        public let agreement: UInt64
        public let period: UInt32
        public let first: UInt32
        public let count: UInt8
        public let metric: UInt8
        public let ruling: Ruling
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("period", "The billing period.") { $0.period },
            Field("first", "The first interval within the period.") { $0.first }, Field("count", "How many.") { $0.count },
            Field("metric", "The place of the metric.") { $0.metric }, Field("ruling", "What it was.") { $0.ruling },
            make: { Ruled(agreement: $0, period: $1, first: $2, count: $3, metric: $4, ruling: $5) })
    }

    /// A monitor contradicted itself, and lost its bond and its voice.
    public struct Expelled: Hashable, ContractEvent {
        public static let name: EventName = "Expelled"
        public static let documentation: StaticString = "A monitor contradicted itself, and lost its bond and its voice."
        public let agreement: UInt64
        public let monitor: Address
        public let bond: Amount
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("monitor", "Who.") { $0.monitor },
            Field("bond", "What it lost.") { $0.bond }, make: { Expelled(agreement: $0, monitor: $1, bond: $2) })
    }

    /// A billing period was paid.
    public struct PeriodClosed: Hashable, ContractEvent {
        public static let name: EventName = "PeriodClosed"
        public static let documentation: StaticString = "A billing period was paid."
        public let agreement: UInt64
        public let period: UInt32
        public let availability: UInt32
        public let credit: Amount
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("period", "Which.") { $0.period },
            Field("availability", "Parts per million.") { $0.availability }, Field("credit", "What the consumer got back.") { $0.credit },
            make: { PeriodClosed(agreement: $0, period: $1, availability: $2, credit: $3) })
    }

    /// The chain made no blocks for so long that the time does not count.
    public struct GapRecorded: Hashable, ContractEvent {
        public static let name: EventName = "GapRecorded"
        public static let documentation: StaticString = "The chain made no blocks for so long that the time does not count."
        public let gap: Gap
        public static let fields = Fields(
            Field("gap", "When.") { $0.gap }, make: { GapRecorded(gap: $0) })
    }
}
