public import Execution
import Ledger
public import Primitives

/// What a service promises, and what the consumer gets back when it fails: the part of an agreement that names no party and no price,
/// so that an offer can show it as a template.
///
/// All shares are parts per million (ppm), those of money of the fee of one billing period.
public struct ServiceLevel: Hashable, Record {
    public let metrics: Bounded<8, ServiceMetric>
    /// How the metrics together decide whether an interval was up.
    public let rule: ServiceRule
    /// Credits by availability; thresholds strictly descending, credits strictly ascending.
    public let tiers: Bounded<8, CreditTier>
    public let incident: IncidentCredit?
    /// The most that one period can cost the providers; above 1,000,000 it reaches their collateral.
    public let capPartsPerMillion: UInt32
    /// Intervals of a period of which nothing is known and that nobody answers for; more of them count half as down.
    public let unknownPartsPerMillion: UInt32
    /// Intervals of one period that providers may announce as maintenance.
    public let maintenanceIntervalsMax: UInt32

    public init(
        metrics: Bounded<8, ServiceMetric>, rule: ServiceRule = .all, tiers: Bounded<8, CreditTier>, incident: IncidentCredit? = nil,
        capPartsPerMillion: UInt32 = 1_000_000, unknownPartsPerMillion: UInt32 = 20_000, maintenanceIntervalsMax: UInt32 = 0
    ) {
        self.metrics = metrics
        self.rule = rule
        self.tiers = tiers
        self.incident = incident
        self.capPartsPerMillion = capPartsPerMillion
        self.unknownPartsPerMillion = unknownPartsPerMillion
        self.maintenanceIntervalsMax = maintenanceIntervalsMax
    }

    public static let fields = Fields(
        Field("metrics", "What is measured.") { $0.metrics }, Field("rule", "When an interval was up.") { $0.rule },
        Field("tiers", "Credits by availability.") { $0.tiers }, Field("incident", "Credits for each outage; none for none.") { $0.incident },
        Field("capPartsPerMillion", "The most that one period can cost, of its fee.") { $0.capPartsPerMillion },
        Field("unknownPartsPerMillion", "Intervals of which nothing is known that nobody answers for.") { $0.unknownPartsPerMillion },
        Field("maintenanceIntervalsMax", "Intervals of a period that may be maintenance.") { $0.maintenanceIntervalsMax },
        make: {
            ServiceLevel(
                metrics: $0, rule: $1, tiers: $2, incident: $3, capPartsPerMillion: $4, unknownPartsPerMillion: $5, maintenanceIntervalsMax: $6)
        })

    public static let capPartsPerMillionMax: UInt32 = 10_000_000
    static let whole: UInt32 = 1_000_000

    /// What is wrong with it among so many providers; nil when it can be judged.
    public func fault(providers: Int) -> StaticString? {
        guard !metrics.isEmpty else { return "nothing is measured" }
        for (place, metric) in metrics.enumerated() {
            guard TextRule.isToken(metric.name.text), metric.unit.text.isEmpty || TextRule.isReadable(metric.unit.text) else { return "a metric's name or unit is no token" }
            guard !metrics[..<place].contains(where: { $0.name == metric.name }) else { return "two metrics have one name" }
            guard Int(metric.provider) < providers else { return "a metric is of a provider that there is not" }
            guard metric.weight > 0, metric.window > 0 else { return "a metric has no weight or no window" }
            switch (metric.kind, metric.objective) {
            case (.binary, .atLeast(1)): break
            case (.binary, _): return "the objective of a binary metric is at least 1"
            case (_, .between(let range)) where range.lowest > range.highest: return "an objective that nothing meets"
            default: break
            }
        }
        guard rule.threshold(of: metrics.elements) != nil else { return "the rule asks for more than all metrics, or for none" }
        var previous: CreditTier?
        for tier in tiers {
            guard tier.belowPartsPerMillion > 0, tier.belowPartsPerMillion <= Self.whole, tier.creditPartsPerMillion > 0,
                  tier.creditPartsPerMillion <= Self.capPartsPerMillionMax else { return "a tier is out of bounds" }
            if let previous {
                guard tier.belowPartsPerMillion < previous.belowPartsPerMillion, tier.creditPartsPerMillion > previous.creditPartsPerMillion else {
                    return "thresholds of tiers descend and their credits ascend"
                }
            }
            previous = tier
        }
        if let incident {
            guard incident.ratePartsPerMillion > 0, incident.ratePartsPerMillion <= Self.capPartsPerMillionMax,
                  incident.graceIntervals <= IncidentCredit.graceIntervalsMax else { return "the incident credit is out of bounds" }
        }
        guard !tiers.isEmpty || incident != nil else { return "nothing is credited" }
        guard capPartsPerMillion > 0, capPartsPerMillion <= Self.capPartsPerMillionMax else { return "the cap is out of bounds" }
        guard unknownPartsPerMillion <= Self.whole else { return "more than all intervals may be unknown" }
        return nil
    }

    /// Steps that ``fault(providers:)`` takes at most: bytes of texts, pairs of metrics, tiers.
    static let checkSteps: UInt64 = 8 * 48 + 64 + 16
}

/// When an interval was up, by its metrics.
public enum ServiceRule: Hashable, Choice {
    /// Each metric met its objective.
    case all
    /// One did.
    case any
    /// So many did.
    case atLeast(UInt8)
    /// Metrics of so much weight did.
    case weighted(UInt32)

    public static let cases: [Case<ServiceRule>] = [
        Case("all", "Each metric met its objective.", .all), Case("any", "One metric met its objective.", .any),
        Case("atLeast", "So many metrics met their objectives.", ServiceRule.atLeast) { if case .atLeast(let count) = $0 { count } else { nil } },
        Case("weighted", "Metrics of so much weight met their objectives.", ServiceRule.weighted) {
            if case .weighted(let weight) = $0 { weight } else { nil }
        },
    ]

    /// What a metric counts.
    func weight(of metric: ServiceMetric) -> UInt32 { if case .weighted = self { UInt32(metric.weight) } else { 1 } }

    /// What metrics that met their objectives must count together; nil when nothing, or never.
    func threshold(of metrics: [ServiceMetric]) -> UInt32? {
        let total = metrics.reduce(0) { $0 + weight(of: $1) }
        let threshold: UInt32 = switch self {
        case .all: total
        case .any: 1
        case .atLeast(let count): UInt32(count)
        case .weighted(let weight): weight
        }
        return threshold > 0 && threshold <= total ? threshold : nil
    }
}

/// So much comes back when availability is below a threshold.
public struct CreditTier: Hashable, Record {
    public let belowPartsPerMillion: UInt32
    public let creditPartsPerMillion: UInt32

    public init(below belowPartsPerMillion: UInt32, credit creditPartsPerMillion: UInt32) {
        self.belowPartsPerMillion = belowPartsPerMillion
        self.creditPartsPerMillion = creditPartsPerMillion
    }

    public static let fields = Fields(
        Field("belowPartsPerMillion", "Availability below this …") { $0.belowPartsPerMillion },
        Field("creditPartsPerMillion", "… gives so much of the fee back.") { $0.creditPartsPerMillion },
        make: { CreditTier(below: $0, credit: $1) })
}

/// What each outage costs: a run of intervals that were down, without the first few of them.
public struct IncidentCredit: Hashable, Record {
    /// Of the fee, for each interval behind the grace.
    public let ratePartsPerMillion: UInt32
    /// Intervals of each outage that cost nothing.
    public let graceIntervals: UInt8

    public init(ratePartsPerMillion: UInt32, graceIntervals: UInt8 = 0) {
        self.ratePartsPerMillion = ratePartsPerMillion
        self.graceIntervals = graceIntervals
    }

    /// An outage can be told from its neighbours by looking at one page on either side.
    public static let graceIntervalsMax: UInt8 = 60

    public static let fields = Fields(
        Field("ratePartsPerMillion", "Of the fee, for each interval.") { $0.ratePartsPerMillion },
        Field("graceIntervals", "Intervals of each outage that cost nothing.") { $0.graceIntervals },
        make: { IncidentCredit(ratePartsPerMillion: $0, graceIntervals: $1) })
}
