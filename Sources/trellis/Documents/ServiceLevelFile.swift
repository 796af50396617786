import Contracts
import Execution
import Ledger
import Monitoring
import Primitives

/// A service level in a file: `level:` of terms, and each of `levels:` of an offer.
///
/// ```yaml
/// metrics:
///   - {name: availability, kind: binary}
///   - {name: latency, kind: gauge, unit: ms, objective: at most 250, deviation: 20%}
/// rule: all                  # or any, at least 2, weight 5
/// credits:
///   - {below: 99.99%, credit: 10%}
/// outage: {credit: 1%, grace: 2}
/// cap: 100%
/// unknown: 2%
/// maintenance: 10            # intervals of a period
/// ```
enum ServiceLevelFile {
    /// Published levels, by the name that `like:` takes.
    static let published: [(name: String, level: ServiceLevel)] = [
        ("amazon-ec2", .amazonEC2), ("azure-virtual-machine-zones", .azureVirtualMachineZones),
    ]

    static func read(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> ServiceLevel {
        if reader.has("like") {
            let names = published.map(\.name).joined(separator: ", ")
            return try reader.required("like", "write one of: \(names)") { text in published.first { $0.name == text }?.level }
        }
        let metrics: Bounded<8, ServiceMetric> = try reader.items("metrics", metric)
        guard !metrics.isEmpty else { throw reader.error("metrics", "is missing or empty", "write `- {name: availability, kind: binary}`, or `like: amazon-ec2`") }
        let rule = try reader.value("rule", "write all, any, `at least 2` or `weight 5`") { Self.rule($0) } ?? .all
        let tiers: Bounded<8, CreditTier> = try reader.items("credits", tier)
        var incident: IncidentCredit?
        if var outage = try reader.map("outage") {
            let grace = try outage.number("grace", in: 0...UInt64(IncidentCredit.graceIntervalsMax)) ?? 0
            incident = IncidentCredit(ratePartsPerMillion: try outage.requiredShare("credit"), graceIntervals: UInt8(grace))
            try outage.finish()
        }
        return ServiceLevel(
            metrics: metrics, rule: rule, tiers: tiers, incident: incident, capPartsPerMillion: try reader.share("cap") ?? 1_000_000,
            unknownPartsPerMillion: try reader.share("unknown") ?? 20_000,
            maintenanceIntervalsMax: UInt32(try reader.number("maintenance", in: 0...UInt64(Agreements.TermLimits.periodIntervalsMax)) ?? 0))
    }

    private static func tier(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> CreditTier {
        CreditTier(below: try reader.requiredShare("below"), credit: try reader.requiredShare("credit"))
    }

    private static func metric(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> ServiceMetric {
        let kind = try reader.value("kind", "write binary, gauge or counter") { Self.kind(named: $0) } ?? Contracts.MetricKind.binary
        let remedy = "write `at least 99`, `at most 250` or `10 to 250`, in whole units of the metric"
        let objective: MetricObjective
        if kind == .binary {
            objective = .atLeast(1)
            if reader.has("objective") { throw reader.error("objective", "does not suit a binary metric, which is up or down", "remove it") }
        } else {
            objective = try reader.required("objective", remedy) { Self.objective($0) }
        }
        return ServiceMetric(
            name: try reader.requiredBounded("name", example: "availability"), unit: try reader.bounded("unit", ServiceMetric.Unit.self) ?? "", kind: kind,
            objective: objective, window: UInt8(try reader.number("window", in: 1...255) ?? 1), provider: UInt8(try reader.number("provider", in: 0...7) ?? 0),
            weight: UInt16(try reader.number("weight", in: 1...65_535) ?? 1), deviationPartsPerMillion: try reader.share("deviation"),
            missing: try reader.value("missing", "write unknown, or breach where the provider runs the source") { Self.missing(named: $0) } ?? MissingPolicy.unknown)
    }

    // ── Words ──

    static let kinds: [(name: String, kind: Contracts.MetricKind)] = [("binary", .binary), ("gauge", .gauge), ("counter", .counter)]
    private static func kind(named name: String) -> Contracts.MetricKind? { kinds.first { $0.name == name }?.kind }
    private static func missing(named name: String) -> MissingPolicy? { ["unknown": .unknown, "breach": .breach][name] }

    private static func rule(_ text: String) -> ServiceRule? {
        switch text {
        case "all": .all
        case "any": .any
        case _ where text.hasPrefix("at least "): UInt8(text.dropFirst(9)).map { .atLeast($0) }
        case _ where text.hasPrefix("weight "): UInt32(text.dropFirst(7)).map { .weighted($0) }
        default: nil
        }
    }

    static func text(_ rule: ServiceRule) -> String {
        switch rule {
        case .all: "all"
        case .any: "any"
        case .atLeast(let count): "at least \(count)"
        case .weighted(let weight): "weight \(weight)"
        }
    }

    private static func objective(_ text: String) -> MetricObjective? {
        if text.hasPrefix("at least ") { return UInt64(text.dropFirst(9)).map { .atLeast($0) } }
        if text.hasPrefix("at most ") { return UInt64(text.dropFirst(8)).map { .atMost($0) } }
        let ends = text.split(separator: " to ", omittingEmptySubsequences: false)
        guard ends.count == 2, let lowest = UInt64(ends[0]), let highest = UInt64(ends[1]) else { return nil }
        return .between(MetricObjective.Range(lowest: lowest, highest: highest))
    }

    static func text(_ objective: MetricObjective) -> String {
        switch objective {
        case .atLeast(let value): "at least \(value)"
        case .atMost(let value): "at most \(value)"
        case .between(let range): "\(range.lowest) to \(range.highest)"
        }
    }

    // ── Writing ──

    static func value(_ level: ServiceLevel) -> DynamicValue {
        .fields([
            ("metrics", .list(level.metrics.map(value))), ("rule", .text(text(level.rule))),
            ("credits", level.tiers.isEmpty ? nil : .list(level.tiers.map { tier in
                .fields([("below", .text(ShareText.text(tier.belowPartsPerMillion))), ("credit", .text(ShareText.text(tier.creditPartsPerMillion)))])
            })),
            ("outage", level.incident.map { incident in
                .fields([("credit", .text(ShareText.text(incident.ratePartsPerMillion))), ("grace", .number(UInt64(incident.graceIntervals)))])
            }),
            ("cap", .text(ShareText.text(level.capPartsPerMillion))), ("unknown", .text(ShareText.text(level.unknownPartsPerMillion))),
            ("maintenance", .number(UInt64(level.maintenanceIntervalsMax))),
        ])
    }

    /// What is as usual is left out.
    private static func value(_ metric: ServiceMetric) -> DynamicValue {
        .fields([
            ("name", .text(metric.name.text)), ("kind", .text(metric.kind.caseName)), ("unit", metric.unit.text.isEmpty ? nil : .text(metric.unit.text)),
            ("objective", metric.kind == .binary ? nil : .text(text(metric.objective))), ("window", metric.window == 1 ? nil : .number(UInt64(metric.window))),
            ("provider", metric.provider == 0 ? nil : .number(UInt64(metric.provider))), ("weight", metric.weight == 1 ? nil : .number(UInt64(metric.weight))),
            ("deviation", metric.deviationPartsPerMillion.map { .text(ShareText.text($0)) }), ("missing", metric.missing == .unknown ? nil : .text("breach")),
        ])
    }
}
