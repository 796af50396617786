import Cryptography
import Primitives

/// A metric that Amazon CloudWatch has kept, with the interval as its period.
public struct CloudWatchSource: MeasurementSource {
    /// The two questions that CloudWatch takes. Both give the same points.
    public enum Form: String, Hashable, Sendable, CaseIterable {
        case data = "GetMetricData"
        case statistics = "GetMetricStatistics"
    }

    public struct Metric: Hashable, Sendable {
        public var namespace: String
        public var name: String
        public var dimensions: [Dimension]
        /// `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, or a percentile as `p99`.
        public var statistic: String

        public init(namespace: String, name: String, dimensions: [Dimension], statistic: String) {
            self.namespace = namespace
            self.name = name
            self.dimensions = dimensions
            self.statistic = statistic
        }
    }

    public struct Dimension: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    static let statistics: Set<String> = ["Average", "Sum", "Minimum", "Maximum", "SampleCount"]

    let metric: Metric
    let form: Form
    let intervalSeconds: UInt64
    let availability: Availability?
    let service: AWSQuery
    private let region: String

    /// - Parameter intervalSeconds: one that ``isPeriod(_:)`` takes; intervals must start at multiples of it.
    public init(_ metric: Metric, form: Form = .data, intervalSeconds: UInt64, availability: Availability? = nil, access: AWSAccess) {
        self.metric = metric
        self.form = form
        self.intervalSeconds = intervalSeconds
        self.availability = availability
        region = access.region
        service = AWSQuery(access: access, service: "monitoring", version: "2010-08-01")
    }

    /// Whether CloudWatch keeps points of that length.
    public static func isPeriod(_ seconds: UInt64) -> Bool { [1, 5, 10, 20, 30].contains(seconds) || (seconds > 0 && seconds.isMultiple(of: 60)) }

    /// How long points of that length are kept before they are made coarser, in milliseconds.
    static func age(_ seconds: UInt64) -> UInt64 {
        let hour: UInt64 = 3_600_000
        switch seconds {
        case ..<60: return 3 * hour
        case ..<300: return 15 * 24 * hour
        case ..<3_600: return 63 * 24 * hour
        default: return 455 * 24 * hour
        }
    }

    public var query: String {
        "cloudwatch\n\(region)\n\(metric.namespace)\n\(metric.name)\n"
            + metric.dimensions.sorted { ($0.name, $0.value) < ($1.name, $1.value) }.map { "\($0.name)=\($0.value)\n" }.joined()
            + "\(metric.statistic) \(intervalSeconds)\n\(availability?.description ?? "value")"
    }

    public var presence: Presence { .history(windows: MonitoringLimits.windowsMax, age: Self.age(intervalSeconds)) }

    public func read(_ windows: [TimeWindow]) async throws(SourceError) -> SourceAnswer {
        guard let first = windows.first, let last = windows.last else { return SourceAnswer([], digest: .zero) }
        let span = [("StartTime", SourceTime.seconds(first.start)), ("EndTime", SourceTime.seconds(last.end))]
        var points: [Timestamp: String] = [:], hasher = SHA256Hasher(), token: String?
        for page in 1... {
            let parameters = form == .data ? dataParameters(token) : statisticsParameters
            let (tree, body) = try await service.ask(form.rawValue, parameters + span)
            hasher.update(body)
            token = try form == .data ? CloudWatchAnswer.data(tree, into: &points) : CloudWatchAnswer.statistics(tree, metric.statistic, into: &points)
            guard token != nil else { break }
            guard page < MonitoringLimits.pagesMax else { throw SourceError(.oversize, "an answer of more than \(page) pages") }
        }
        let outcomes = windows.map { points[$0.start].map { Reading.outcome($0, availability) } ?? .missing(.gap) }
        return SourceAnswer(outcomes, digest: hasher.finalize())
    }

    private func dataParameters(_ token: String?) -> [(name: String, value: String)] {
        let query = "MetricDataQueries.member.1", stat = query + ".MetricStat"
        var parameters = [("ScanBy", "TimestampAscending"), (query + ".Id", "m1"), (query + ".ReturnData", "true")]
        parameters += [(stat + ".Metric.Namespace", metric.namespace), (stat + ".Metric.MetricName", metric.name)]
        parameters += dimensions(stat + ".Metric")
        parameters += [(stat + ".Period", String(intervalSeconds)), (stat + ".Stat", metric.statistic)]
        if let token { parameters.append(("NextToken", token)) }
        return parameters
    }

    private var statisticsParameters: [(name: String, value: String)] {
        let isPlain = Self.statistics.contains(metric.statistic)
        return [("Namespace", metric.namespace), ("MetricName", metric.name)] + dimensions("")
            + [("Period", String(intervalSeconds)), (isPlain ? "Statistics.member.1" : "ExtendedStatistics.member.1", metric.statistic)]
    }

    private func dimensions(_ stem: String) -> [(name: String, value: String)] {
        let stem = stem.isEmpty ? "Dimensions.member" : stem + ".Dimensions.member"
        return metric.dimensions.enumerated().flatMap { [("\(stem).\($0 + 1).Name", $1.name), ("\(stem).\($0 + 1).Value", $1.value)] }
    }
}
