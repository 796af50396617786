public import Execution
public import Primitives

extension Agreements {
    /// What one monitor reported of one metric in a page of intervals.
    ///
    /// Invariant: a value for each bit of `seen`, in their order.
    public struct MonitorReadings: Hashable, Record {
        /// Bit `i` for the page's interval `i`.
        public private(set) var seen: UInt64
        public private(set) var values: Bounded<64, UInt64?>

        init() {
            seen = 0
            values = Bounded()
        }

        private init?(seen: UInt64, values: Bounded<64, UInt64?>) {
            guard values.count == seen.nonzeroBitCount else { return nil }
            self.seen = seen
            self.values = values
        }

        /// nil when nothing was reported of the page's interval `place`; a value of nil when the source had nothing to say.
        public subscript(place: Int) -> UInt64?? { has(place) ? .some(values[rank(place)]) : nil }

        func has(_ place: Int) -> Bool { seen >> UInt64(place) & 1 == 1 }

        private func rank(_ place: Int) -> Int { (seen & (1 << UInt64(place) - 1)).nonzeroBitCount }

        /// Adds a reading where there is none.
        mutating func add(_ value: UInt64?, at place: Int) {
            precondition(!has(place))
            var list = values.elements
            list.insert(value, at: rank(place))
            guard let longer = Bounded<64, UInt64?>(list) else { preconditionFailure("more readings than intervals of a page") }
            values = longer
            seen |= 1 << UInt64(place)
        }

        public static let fields = Fields(
            Field("seen", "Bit i for interval i of the page.") { $0.seen },
            Field("values", "A value for each bit; none where the source had nothing to say.") { $0.values },
            make: { MonitorReadings(seen: $0, values: $1) })
    }

    /// What all monitors reported of one metric in a page of intervals, by their place in the terms.
    public struct ReadingsPage: Hashable, Record {
        public var monitors: Bounded<16, MonitorReadings>

        init(monitors: Bounded<16, MonitorReadings>) { self.monitors = monitors }

        init(count: Int) { monitors = Bounded(Array(repeating: MonitorReadings(), count: count)) ?? Bounded() }

        public static let fields = Fields(
            Field("monitors", "By their place in the terms.") { $0.monitors }, make: { ReadingsPage(monitors: $0) })
    }

    /// What was decided of one metric; bit `i` for the page's interval `i`.
    ///
    /// Invariant: no bit is in two of `up`, `down`, `unknown` and `disputed`.
    public struct MetricBits: Hashable, Record {
        public internal(set) var up: UInt64 = 0
        public internal(set) var down: UInt64 = 0
        public internal(set) var unknown: UInt64 = 0
        /// Monitors disagree, and nobody has ruled.
        public internal(set) var disputed: UInt64 = 0

        /// Where nothing more can be reported that counts.
        var decided: UInt64 { up | down | unknown | disputed }

        mutating func set(_ verdict: MetricVerdict, _ bit: UInt64) {
            switch verdict {
            case .up: up |= bit
            case .down: down |= bit
            case .unknown: unknown |= bit
            case .disputed: disputed |= bit
            }
        }

        public static let fields = Fields(
            Field("up", "It met its objective.") { $0.up }, Field("down", "It did not.") { $0.down }, Field("unknown", "Nothing is known.") { $0.unknown },
            Field("disputed", "Monitors disagree.") { $0.disputed }, make: { MetricBits(up: $0, down: $1, unknown: $2, disputed: $3) })
    }

    /// What was decided in a page of intervals; bit `i` for the page's interval `i`.
    ///
    /// Invariant: no bit is in two of `up`, `down`, `excluded` and `unknown`; a bit never goes.
    public struct VerdictPage: Hashable, Record {
        public internal(set) var metrics: Bounded<8, MetricBits>
        public internal(set) var up: UInt64
        public internal(set) var down: UInt64
        public internal(set) var excluded: UInt64
        public internal(set) var unknown: UInt64

        init(metrics: Bounded<8, MetricBits>, up: UInt64 = 0, down: UInt64 = 0, excluded: UInt64 = 0, unknown: UInt64 = 0) {
            self.metrics = metrics
            self.up = up
            self.down = down
            self.excluded = excluded
            self.unknown = unknown
        }

        init(metrics count: Int) { self.init(metrics: Bounded(Array(repeating: MetricBits(), count: count)) ?? Bounded()) }

        var decided: UInt64 { up | down | excluded | unknown }
        /// Intervals that are open because monitors disagree on a metric.
        var disputed: UInt64 { metrics.reduce(0) { $0 | $1.disputed } & ~decided }

        public static let fields = Fields(
            Field("metrics", "By their place in the service level.") { $0.metrics }, Field("up", "The service was up.") { $0.up },
            Field("down", "It was down.") { $0.down }, Field("excluded", "It did not matter.") { $0.excluded },
            Field("unknown", "Nothing is known.") { $0.unknown },
            make: { VerdictPage(metrics: $0, up: $1, down: $2, excluded: $3, unknown: $4) })
    }
}

extension Bounded {
    /// The same with another element at `place`.
    func replacing(_ place: Int, _ element: Element) -> Bounded {
        var list = elements
        list[place] = element
        guard let same = Bounded(list) else { preconditionFailure("a list of the same length above its limit") }
        return same
    }
}
