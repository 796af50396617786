import NIOHTTP1
import Primitives

/// What a probe makes of an attempt.
public enum ProbeMeasure: String, Hashable, Sendable, CaseIterable {
    /// 1 or 0.
    case availability
    /// Milliseconds until the answer was complete; nothing when there was none.
    case latency

    func answer(_ duration: Duration, digest: Digest) -> SourceAnswer {
        let (seconds, fraction) = duration.components
        let microseconds = seconds.multipliedReportingOverflow(by: 1_000_000).partialValue + fraction / 1_000_000_000_000
        switch self {
        case .availability: return SourceAnswer([.value(.one)], digest: digest)
        case .latency: return SourceAnswer([.value(MeasuredValue(millionths: microseconds.multipliedReportingOverflow(by: 1_000).partialValue))], digest: digest)
        }
    }

    func answer(_ fault: SourceError, digest: Digest = .zero) -> SourceAnswer {
        switch self {
        case .availability: SourceAnswer([.value(.zero)], digest: digest, fault: fault)
        case .latency: SourceAnswer([.missing(fault.reason)], digest: digest, fault: fault)
        }
    }
}

/// How long a live source may take: `attempts` of `seconds` each, with pauses of `pauseMilliseconds`, jitter included.
public struct ProbeEffort: Hashable, Sendable {
    public let attempts: Int
    public let seconds: Int
    public let pauseMilliseconds: UInt64

    public init(attempts: Int = 2, seconds: Int = 5, pauseMilliseconds: UInt64 = 1_000) {
        self.attempts = max(1, attempts)
        self.seconds = max(1, seconds)
        self.pauseMilliseconds = pauseMilliseconds
    }

    /// Milliseconds of all attempts, and of one more for the control targets.
    public var budget: UInt64 { UInt64(attempts + 1) * UInt64(seconds) * 1_000 + UInt64(attempts - 1) * pauseMilliseconds + 250 }
}

/// Asks a web server as a new user would: a connection of its own, and an answer that must be complete.
public struct HTTPProbe: MeasurementSource {
    let url: String
    let method: HTTPMethod
    let statuses: ClosedRange<Int>
    /// A text that the body must hold.
    let content: String?
    let measure: ProbeMeasure
    let effort: ProbeEffort
    let authorityFile: String?

    /// - Parameter method: `GET` or `HEAD`.
    public init(
        _ url: String, method: String = "GET", statuses: ClosedRange<Int> = 200...399, content: String? = nil, measure: ProbeMeasure = .availability,
        effort: ProbeEffort = ProbeEffort(), authorityFile: String? = nil
    ) {
        self.url = url
        self.method = HTTPMethod(rawValue: method)
        self.statuses = statuses
        self.content = content
        self.measure = measure
        self.effort = effort
        self.authorityFile = authorityFile
    }

    public var query: String {
        "http\n\(method.rawValue) \(url)\nstatus \(statuses.lowerBound)-\(statuses.upperBound)\ncontent \(content ?? "")\n\(measure.rawValue)"
            + "\nattempts \(effort.attempts) of \(effort.seconds) s"
    }

    public var presence: Presence { .live(effort) }

    public func read(_ windows: [TimeWindow]) async throws(SourceError) -> SourceAnswer {
        let question = HTTPQuestion(method: method, url: url, seconds: effort.seconds, authorityFile: authorityFile, isAlone: true)
        let start = ContinuousClock.now
        do throws(SourceError) {
            let answer = try await HTTPFetcher.fetch(question)
            let duration = ContinuousClock.now - start
            guard statuses.contains(answer.status) else {
                return measure.answer(SourceError(.status, "the status \(answer.status)"), digest: answer.digest)
            }
            if let content, method != .HEAD, answer.body.firstRange(of: Array(content.utf8)) == nil {
                return measure.answer(SourceError(.content, "the body does not hold the text"), digest: answer.digest)
            }
            return measure.answer(duration, digest: answer.digest)
        } catch {
            // What is wrong here says nothing about the server.
            if error.code == .credentials { throw error }
            return measure.answer(error)
        }
    }
}
