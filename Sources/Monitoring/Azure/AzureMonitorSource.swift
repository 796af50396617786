import Primitives

/// A metric that Azure Monitor has kept, with the interval as its grain.
public struct AzureMonitorSource: MeasurementSource {
    public struct Metric: Hashable, Sendable {
        /// The resource's path, `/subscriptions/…/providers/Microsoft.Compute/virtualMachines/…`.
        public var resource: String
        public var name: String
        /// Of metrics that are not the resource's own.
        public var namespace: String?
        public var aggregation: Aggregation

        public init(resource: String, name: String, namespace: String? = nil, aggregation: Aggregation) {
            self.resource = resource
            self.name = name
            self.namespace = namespace
            self.aggregation = aggregation
        }
    }

    public enum Aggregation: String, Hashable, Sendable, CaseIterable { case average, minimum, maximum, total, count }

    static let version = "2024-02-01"
    /// Points are kept for 93 days.
    static let age: UInt64 = 93 * 86_400_000

    let metric: Metric
    let intervalSeconds: UInt64
    let availability: Availability?
    let access: AzureAccess

    /// - Parameter intervalSeconds: one that ``isGrain(_:)`` takes; intervals must start at multiples of it.
    public init(_ metric: Metric, intervalSeconds: UInt64, availability: Availability? = nil, access: AzureAccess) {
        self.metric = metric
        self.intervalSeconds = intervalSeconds
        self.availability = availability
        self.access = access
    }

    /// Whether Azure Monitor has points of that length.
    public static func isGrain(_ seconds: UInt64) -> Bool { duration(seconds) != nil }

    private static func duration(_ seconds: UInt64) -> String? {
        [60: "PT1M", 300: "PT5M", 900: "PT15M", 1_800: "PT30M", 3_600: "PT1H", 21_600: "PT6H", 43_200: "PT12H", 86_400: "P1D"][seconds]
    }

    public var query: String {
        "azure monitor\n\(metric.resource)\n\(metric.namespace ?? "")\n\(metric.name)\n\(metric.aggregation.rawValue) \(intervalSeconds)\n"
            + (availability?.description ?? "value")
    }

    public var presence: Presence { .history(windows: MonitoringLimits.windowsMax, age: Self.age) }

    public func read(_ windows: [TimeWindow]) async throws(SourceError) -> SourceAnswer {
        guard let first = windows.first, let last = windows.last else { return SourceAnswer([], digest: .zero) }
        guard let grain = Self.duration(intervalSeconds) else { throw SourceError(.query, "no metric has a grain of \(intervalSeconds) s") }
        var fields = [
            ("timespan", "\(SourceTime.seconds(first.start))/\(SourceTime.seconds(last.end))"), ("interval", grain), ("metricnames", metric.name),
            ("aggregation", metric.aggregation.rawValue), ("api-version", Self.version),
        ]
        if let namespace = metric.namespace { fields.append(("metricnamespace", namespace)) }
        let path = PercentEncoding.encode(metric.resource, keeping: "/") + "/providers/Microsoft.Insights/metrics?" + PercentEncoding.form(fields)
        let answer = try await access.ask(path)
        let points = try AzureAnswer.points(answer.body, metric.name, metric.aggregation, grain: grain)
        let outcomes = windows.map { points[$0.start].map { Reading.outcome($0, availability) } ?? .missing(.gap) }
        return SourceAnswer(outcomes, digest: answer.digest)
    }
}
