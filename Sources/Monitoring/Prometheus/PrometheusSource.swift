import NIOHTTP1
import Primitives

/// A metric that a Prometheus server, or one that speaks its query interface, has kept.
///
/// An interval's value is the expression's at the end of the interval; a counter is read at both ends. One value is asked for by an
/// instant query, several by a range query with the interval as its step; both give the same.
public struct PrometheusSource: MeasurementSource {
    /// In expressions, the length of an interval, such as `60s`.
    public static let intervalMark = "$interval"

    let address: String
    let expression: String
    let availability: Availability?
    let isCounter: Bool
    let authorization: PrometheusAuthorization?
    let seconds: Int
    let authorityFile: String?

    /// - Parameters:
    ///   - address: where `/api/v1/query` is found, as `http://127.0.0.1:9090`.
    ///   - expression: with ``intervalMark``; ``isBound(_:)`` says why.
    public init(
        _ address: String, expression: String, availability: Availability? = nil, isCounter: Bool = false,
        authorization: PrometheusAuthorization? = nil, seconds: Int = 15, authorityFile: String? = nil
    ) {
        self.address = address.hasSuffix("/") ? String(address.dropLast()) : address
        self.expression = expression
        self.availability = availability
        self.isCounter = isCounter
        self.authorization = authorization
        self.seconds = max(1, seconds)
        self.authorityFile = authorityFile
    }

    /// Whether an expression looks at the interval alone. A selector without a range would be answered with a point of up to five minutes
    /// before, and a missing interval with its predecessor's value.
    public static func isBound(_ expression: String) -> Bool { expression.contains("[" + intervalMark) }

    public var query: String { "prometheus\n\(address)\n\(expression)\n\(isCounter ? "counter" : availability?.description ?? "value")" }
    public var presence: Presence { .history(windows: MonitoringLimits.windowsMax, age: nil) }

    public func read(_ windows: [TimeWindow]) async throws(SourceError) -> SourceAnswer {
        guard let first = windows.first, let last = windows.last else { return SourceAnswer([], digest: .zero) }
        let interval = first.end.rawValue - first.start.rawValue
        let duration = interval.isMultiple(of: 1_000) ? "\(interval / 1_000)s" : "\(interval)ms"
        let text = expression.replacing(Self.intervalMark, with: duration)
        var fields = [("query", text), ("timeout", "\(seconds)s")], path = "/api/v1/query"
        if windows.count == 1, !isCounter {
            fields.append(("time", SourceTime.unix(first.end)))
        } else {
            path = "/api/v1/query_range"
            fields += [("start", SourceTime.unix(isCounter ? first.start : first.end)), ("end", SourceTime.unix(last.end)), ("step", duration)]
        }
        var question = HTTPQuestion(method: .POST, url: address + path, seconds: seconds, authorityFile: authorityFile)
        question.headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        if let authorization { question.headers.append(("Authorization", try authorization.header())) }
        question.body = Array(PercentEncoding.form(fields).utf8)
        let answer = try await HTTPFetcher.fetch(question)
        guard (200..<300).contains(answer.status) else {
            throw HTTPFetcher.refusal(answer, words: PrometheusAnswer.refusal(answer.body))
        }
        let points = try PrometheusAnswer.points(answer.body)
        return SourceAnswer(windows.map { outcome($0, points) }, digest: answer.digest)
    }

    private func outcome(_ window: TimeWindow, _ points: [Timestamp: String]) -> Outcome {
        guard let end = points[window.end] else { return .missing(.gap) }
        guard isCounter else { return Reading.outcome(end, availability) }
        guard let start = points[window.start] else { return .missing(.gap) }
        guard let from = MeasuredValue(decimal: start), let to = MeasuredValue(decimal: end) else { return .missing(.unknown) }
        return .counter(from: from, to: to)
    }
}

/// How a server is told who asks; read anew for each question, so that a changed secret is used at once.
public enum PrometheusAuthorization: Hashable, Sendable {
    case bearer(SecretPlace)
    case basic(user: String, password: SecretPlace)

    func header() throws(SourceError) -> String {
        switch self {
        case .bearer(let place): "Bearer " + (try place.headerText())
        case .basic(let user, let password): "Basic " + Base64.encode(Array((user + ":" + (try password.headerText())).utf8))
        }
    }
}
