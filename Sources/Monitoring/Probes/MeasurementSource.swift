public import Primitives

/// What answers for a metric: a probe, or a service that keeps measurements.
public protocol MeasurementSource: Sendable {
    /// The question in full, the same for everybody who asks it, and without anything secret.
    var query: String { get }
    var presence: Presence { get }
    /// One outcome for each of `windows`, which ascend without gaps. A live source is asked for one, while it lasts.
    func read(_ windows: [TimeWindow]) async throws(SourceError) -> SourceAnswer
}

/// What a source said, and the hash of how it said it.
public struct SourceAnswer: Hashable, Sendable {
    public let outcomes: [Outcome]
    public let digest: Digest
    /// Of a live source: why the outcome is not the best that there could be. Another attempt may fare better.
    public let fault: SourceError?

    public init(_ outcomes: [Outcome], digest: Digest, fault: SourceError? = nil) {
        self.outcomes = outcomes
        self.digest = digest
        self.fault = fault
    }
}

/// Why a source gave no answer.
public struct SourceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable names, for logs and counters.
    @frozen public enum Code: String, Hashable, Sendable, CaseIterable {
        case resolve = "source.resolve"
        case unreachable = "source.unreachable"
        case tls = "source.tls"
        case timeout = "source.timeout"
        /// The answer is larger than it may be.
        case oversize = "source.oversize"
        /// A status that is not the expected one.
        case status = "source.status"
        case throttled = "source.throttled"
        /// The credentials are not accepted, or do not suffice.
        case denied = "source.denied"
        /// The credentials cannot be read here.
        case credentials = "source.credentials"
        /// The question itself is refused.
        case query = "source.query"
        /// Not an answer of such a service.
        case answer = "source.answer"
        /// More than one series where one was asked for.
        case ambiguous = "source.ambiguous"
        /// The body does not hold what it should.
        case content = "source.content"
    }

    public let code: Code
    public let text: String

    public init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }

    public var description: String { "\(code.rawValue): \(text)" }

    /// What an interval is told to lack when this is all that its source had to say.
    public var reason: MissingReason {
        switch code {
        case .answer, .ambiguous, .content, .oversize: .answer
        default: .source
        }
    }

    /// A server's words, fit for a line of a log: bounded, without control characters.
    static func words(_ bytes: some Sequence<UInt8>) -> String {
        let text = String(decoding: Array(bytes.prefix(MonitoringLimits.wordsMax)), as: UTF8.self)
        return String(text.map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : $0 })
    }
}

/// When a measured number means that a thing is available: `= 0`, `>= 1`. It turns a number into 1 or 0.
public struct Availability: Hashable, Sendable, CustomStringConvertible {
    enum Comparison: String, CaseIterable, Sendable {
        // The longer ones first: a reader takes the first that fits.
        case atMost = "<=", atLeast = ">=", below = "<", above = ">", equal = "="
    }

    let comparison: Comparison
    let bound: MeasuredValue

    /// nil for what is no comparison with a number.
    public init?(_ text: some StringProtocol) {
        let text = String(text.filter { $0 != " " })
        guard let comparison = Comparison.allCases.first(where: { text.hasPrefix($0.rawValue) }),
              let bound = MeasuredValue(decimal: text.dropFirst(comparison.rawValue.count)) else { return nil }
        self.comparison = comparison
        self.bound = bound
    }

    func outcome(_ value: MeasuredValue) -> MeasuredValue {
        let isUp = switch comparison {
        case .atMost: value <= bound
        case .atLeast: value >= bound
        case .below: value < bound
        case .above: value > bound
        case .equal: value == bound
        }
        return isUp ? .one : .zero
    }

    public var description: String { "\(comparison.rawValue) \(bound)" }
}

/// A number as a service wrote it, made an outcome.
enum Reading {
    /// What is no number is unknown, and never a zero.
    static func outcome(_ text: some StringProtocol, _ availability: Availability?) -> Outcome {
        guard let value = MeasuredValue(decimal: text) else { return .missing(.unknown) }
        return .value(availability?.outcome(value) ?? value)
    }
}
