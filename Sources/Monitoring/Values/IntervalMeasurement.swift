import Cryptography
public import Primitives

/// Why an interval has no value. The names are stable: they are posted, logged and counted.
@frozen public enum MissingReason: UInt8, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// The monitor did not run, or not long enough, while the interval could be measured.
    case absent = 0
    /// The source answered and has no point for the interval.
    case gap = 1
    /// The source did not answer, or refused to, for as long as there was time.
    case source = 2
    /// The source answered something that is not understood or not unique.
    case answer = 3
    /// The source says that it does not know: a check that is still being set up, a number that is none.
    case unknown = 4
    /// The thing was not running, and the source does not say at whose wish.
    case stopped = 5
    /// The monitor's own network was down: its control targets did not answer either.
    case control = 6
    /// The source keeps points of that age no longer as they were.
    case aged = 7

    public var description: String {
        switch self {
        case .absent: "missing.absent"
        case .gap: "missing.gap"
        case .source: "missing.source"
        case .answer: "missing.answer"
        case .unknown: "missing.unknown"
        case .stopped: "missing.stopped"
        case .control: "missing.control"
        case .aged: "missing.aged"
        }
    }
}

/// What is known of one interval: a number, or that there is none. Nothing else is ever put in the place of a number.
public enum Outcome: Hashable, Sendable, BCSCodable, CustomStringConvertible {
    case value(MeasuredValue)
    /// Where a counter stood at both ends.
    case counter(from: MeasuredValue, to: MeasuredValue)
    case missing(MissingReason)

    public func encode(into encoder: inout BCSEncoder) {
        switch self {
        case .value(let value):
            encoder.encodeVariant(0)
            encoder.encode(value)
        case .counter(let from, let to):
            encoder.encodeVariant(1)
            encoder.encode(from)
            encoder.encode(to)
        case .missing(let reason):
            encoder.encodeVariant(2)
            encoder.encode(reason.rawValue)
        }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        switch try decoder.decodeVariant(count: 3) {
        case 0: self = .value(try MeasuredValue(from: &decoder))
        case 1:
            let from = try MeasuredValue(from: &decoder)
            self = .counter(from: from, to: try MeasuredValue(from: &decoder))
        default:
            guard let reason = MissingReason(rawValue: try decoder.decode(UInt8.self)) else { throw decoder.refuse("an unknown reason") }
            self = .missing(reason)
        }
    }

    public var description: String {
        switch self {
        case .value(let value): "\(value)"
        case .counter(let from, let to): "\(from) to \(to)"
        case .missing(let reason): "\(reason)"
        }
    }
}

/// What is watched: one metric of one agreement.
public struct WatchKey: Hashable, Comparable, Sendable, BCSCodable, CustomStringConvertible {
    /// The agreement's number.
    public let agreement: UInt64
    /// The metric's place in the agreement's service level.
    public let metric: UInt8

    public init(agreement: UInt64, metric: UInt8) {
        self.agreement = agreement
        self.metric = metric
    }

    public static func < (left: Self, right: Self) -> Bool { (left.agreement, left.metric) < (right.agreement, right.metric) }
    public var description: String { "\(agreement)/\(metric)" }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(agreement)
        encoder.encode(metric)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        agreement = try decoder.decode(UInt64.self)
        metric = try decoder.decode(UInt8.self)
    }
}

/// What a monitor found out about one interval, once and for ever: it is written down before it is told, and told again as it is.
public struct IntervalMeasurement: Hashable, Sendable, BCSCodable {
    public let key: WatchKey
    /// The number of the interval in its agreement.
    public let index: UInt64
    public let window: TimeWindow
    public let outcome: Outcome
    /// The hash of the question: whoever asks the same has the same.
    public let query: Digest
    /// The hash of the source's answer as it came; zero where there was none.
    public let answer: Digest
    /// When the answer was there.
    public let readAt: Timestamp

    public init(_ key: WatchKey, index: UInt64, window: TimeWindow, outcome: Outcome, query: Digest, answer: Digest, readAt: Timestamp) {
        self.key = key
        self.index = index
        self.window = window
        self.outcome = outcome
        self.query = query
        self.answer = answer
        self.readAt = readAt
    }

    /// What was asked about when: `SHA-256("trellis/measurement-window/1" || BCS(query, window))`.
    public var windowDigest: Digest {
        var encoder = BCSEncoder(reserving: 96)
        encoder.append(Array("trellis/measurement-window/1".utf8))
        encoder.encode(query)
        encoder.encode(window)
        return SHA256.hash(encoder.bytes)
    }

    /// The hash of a question: `SHA-256("trellis/measurement-query/1" || text)`.
    public static func digest(ofQuery text: String) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(Array("trellis/measurement-query/1".utf8))
        hasher.update(Array(text.utf8))
        return hasher.finalize()
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(key)
        encoder.encode(index)
        encoder.encode(window)
        encoder.encode(outcome)
        encoder.encode(query)
        encoder.encode(answer)
        encoder.encode(readAt)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        key = try WatchKey(from: &decoder)
        index = try decoder.decode(UInt64.self)
        window = try TimeWindow(from: &decoder)
        outcome = try Outcome(from: &decoder)
        query = try Digest(from: &decoder)
        answer = try Digest(from: &decoder)
        readAt = try Timestamp(from: &decoder)
    }
}
