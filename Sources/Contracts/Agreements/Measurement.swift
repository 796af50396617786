public import Execution
public import Primitives

extension Agreements {
    /// What a monitor says of one metric in a run of intervals, as it posts it.
    ///
    /// Intervals are counted within their billing period: interval `i` of period `p` lasts from `start + (p · N + i) · interval` up to, and
    /// without, the start of the next one; N intervals are a period. They are kept in pages of ``pageIntervals``, counted from the start of the
    /// period, and one measurement stays within one page. It can be posted from the end of its last interval plus the settle delay on, until
    /// the window of its first interval closes.
    ///
    /// The transaction that posts it is its signature. The same monitor saying something else of the same interval is a proof against it.
    public struct Measurement: Hashable, Record {
        /// The agreement's number.
        public let agreement: UInt64
        /// The place of the metric in the agreement's service level.
        public let metric: UInt8
        /// The billing period, from 0.
        public let period: UInt32
        /// The first interval within the period, from 0.
        public let first: UInt32
        /// One for each interval from `first` on.
        public let readings: Bounded<64, Reading>
        /// What the monitor can show later: the SHA-256 of its query, its time window and the answer of the source.
        public let evidence: Digest
        /// The monitor's own count of what it says of this agreement, strictly ascending.
        public let sequence: UInt64

        public init(
            agreement: UInt64, metric: UInt8, period: UInt32, first: UInt32, readings: Bounded<64, Reading>, evidence: Digest, sequence: UInt64
        ) {
            self.agreement = agreement
            self.metric = metric
            self.period = period
            self.first = first
            self.readings = readings
            self.evidence = evidence
            self.sequence = sequence
        }

        public static let fields = Fields(
            Field("agreement", "The agreement's number.") { $0.agreement },
            Field("metric", "The place of the metric in the agreement's service level.") { $0.metric },
            Field("period", "The billing period, from 0.") { $0.period },
            Field("first", "The first interval within the period, from 0.") { $0.first },
            Field("readings", "One for each interval from the first on.") { $0.readings },
            Field("evidence", "The SHA-256 of query, time window and answer of the source.") { $0.evidence },
            Field("sequence", "The monitor's count of what it says of this agreement, strictly ascending.") { $0.sequence },
            make: { Measurement(agreement: $0, metric: $1, period: $2, first: $3, readings: $4, evidence: $5, sequence: $6) })
    }

    /// What a monitor read for one interval. The case must suit the kind of the metric; `missing` suits all.
    public enum Reading: Hashable, Choice {
        /// The source answered, and had nothing to say of this interval.
        case missing
        /// Of a binary metric: whether the service was as it should be.
        case state(Bool)
        /// Of a gauge: the aggregate over the interval, in the metric's unit.
        case value(UInt64)
        /// Of a counter: where it stood.
        case counter(Count)

        public static let cases: [Case<Reading>] = [
            Case("missing", "The source had nothing to say of this interval.", .missing),
            Case("state", "Whether the service was as it should be.", Reading.state) { if case .state(let value) = $0 { value } else { nil } },
            Case("value", "The aggregate over the interval, in the metric's unit.", Reading.value) { if case .value(let value) = $0 { value } else { nil } },
            Case("counter", "Where the counter stood.", Reading.counter) { if case .counter(let value) = $0 { value } else { nil } },
        ]
    }

    /// A counter at both ends of an interval.
    public struct Count: Hashable, Record {
        public let from: UInt64
        public let to: UInt64

        public init(from: UInt64, to: UInt64) {
            self.from = from
            self.to = to
        }

        /// What was counted. A counter that went down was reset meanwhile, and counts from zero.
        public var delta: UInt64 { to >= from ? to - from : to }

        public static let fields = Fields(
            Field("from", "At the start of the interval.") { $0.from }, Field("to", "At its end.") { $0.to },
            make: { Count(from: $0, to: $1) })
    }

    /// Intervals that are kept together, and the most that one measurement tells of.
    public static let pageIntervals: UInt32 = 64
}
