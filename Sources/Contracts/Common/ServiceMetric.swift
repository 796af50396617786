public import Execution
public import Ledger
import Primitives

/// Something that is measured in each interval, and what it should be.
public struct ServiceMetric: Hashable, Record {
    public enum NameBound: TextBound { public static var bytesMax: Int { 32 } }
    public enum UnitBound: TextBound { public static var bytesMax: Int { 16 } }
    public typealias Name = BoundedText<NameBound>
    public typealias Unit = BoundedText<UnitBound>

    /// A token.
    public let name: Name
    /// Of its values, for people and monitors.
    public let unit: Unit
    public let kind: MetricKind
    public let objective: MetricObjective
    /// Intervals over which a monitor takes the aggregate that it reports for the last of them.
    public let window: UInt8
    /// Whose service it tells of: the provider's place in the agreement.
    public let provider: UInt8
    /// What it counts under a weighted rule.
    public let weight: UInt16
    /// How far from the median monitors may be and still agree with it; none for any distance. Of gauges and counters.
    public let deviationPartsPerMillion: UInt32?
    /// What it means when the source has nothing to say.
    public let missing: MissingPolicy

    public init(
        name: Name, unit: Unit = "", kind: MetricKind = .binary, objective: MetricObjective = .atLeast(1), window: UInt8 = 1,
        provider: UInt8 = 0, weight: UInt16 = 1, deviationPartsPerMillion: UInt32? = nil, missing: MissingPolicy = .unknown
    ) {
        self.name = name
        self.unit = unit
        self.kind = kind
        self.objective = objective
        self.window = window
        self.provider = provider
        self.weight = weight
        self.deviationPartsPerMillion = deviationPartsPerMillion
        self.missing = missing
    }

    public static let fields = Fields(
        Field("name", "A token.") { $0.name }, Field("unit", "Of its values.") { $0.unit }, Field("kind", "What its values are.") { $0.kind },
        Field("objective", "What they should be.") { $0.objective },
        Field("window", "Intervals over which a monitor takes the aggregate that it reports for the last of them.") { $0.window },
        Field("provider", "Whose service it tells of.") { $0.provider }, Field("weight", "What it counts under a weighted rule.") { $0.weight },
        Field("deviationPartsPerMillion", "How far from the median monitors may be; none for any distance.") { $0.deviationPartsPerMillion },
        Field("missing", "What it means when the source has nothing to say.") { $0.missing },
        make: {
            ServiceMetric(
                name: $0, unit: $1, kind: $2, objective: $3, window: $4, provider: $5, weight: $6, deviationPartsPerMillion: $7, missing: $8)
        })
}

/// What the values of a metric are.
public enum MetricKind: Hashable, Choice {
    /// Up or down. Monitors of two thirds of the weight decide.
    case binary
    /// A number of each interval. The lower weighted median decides.
    case gauge
    /// A number that only rises, but for resets. The median of what was counted in the interval decides.
    case counter

    public static let cases: [Case<MetricKind>] = [
        Case("binary", "Up or down.", .binary), Case("gauge", "A number of each interval.", .gauge),
        Case("counter", "A number that only rises, but for resets.", .counter),
    ]
}

/// What the values of a metric should be.
public enum MetricObjective: Hashable, Choice {
    case atLeast(UInt64)
    case atMost(UInt64)
    case between(Range)

    public struct Range: Hashable, Record {
        public let lowest: UInt64
        public let highest: UInt64

        public init(lowest: UInt64, highest: UInt64) {
            self.lowest = lowest
            self.highest = highest
        }

        public static let fields = Fields(
            Field("lowest", "The lowest value that meets it.") { $0.lowest }, Field("highest", "The highest.") { $0.highest },
            make: { Range(lowest: $0, highest: $1) })
    }

    public static let cases: [Case<MetricObjective>] = [
        Case("atLeast", "This or more.", MetricObjective.atLeast) { if case .atLeast(let value) = $0 { value } else { nil } },
        Case("atMost", "This or less.", MetricObjective.atMost) { if case .atMost(let value) = $0 { value } else { nil } },
        Case("between", "Within bounds.", MetricObjective.between) { if case .between(let range) = $0 { range } else { nil } },
    ]

    public func isMet(by value: UInt64) -> Bool {
        switch self {
        case .atLeast(let least): value >= least
        case .atMost(let most): value <= most
        case .between(let range): value >= range.lowest && value <= range.highest
        }
    }
}

/// What it means when a quorum of monitors says that the source had nothing to say. Silence of the monitors themselves is never held
/// against a provider.
public enum MissingPolicy: Hashable, Choice {
    /// The provider runs the source, and whoever withholds data has failed.
    case breach
    /// The source is independent: the interval is unknown.
    case unknown

    public static let cases: [Case<MissingPolicy>] = [
        Case("breach", "The provider runs the source: the metric was down.", .breach), Case("unknown", "The source is independent: nothing is known.", .unknown),
    ]
}
