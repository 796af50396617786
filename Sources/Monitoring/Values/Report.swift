public import Contracts
import Cryptography
public import Primitives

/// What is posted at once: measurements of consecutive intervals of one metric, sealed under a number of their own. A sealed report never
/// changes, so that posting it twice says the same thing twice.
public struct Report: Hashable, Sendable, BCSCodable {
    public let key: WatchKey
    public let kind: ReadingKind
    /// Intervals of one billing period.
    public let periodIntervals: UInt64
    /// The monitor's count of what it says of the agreement, strictly ascending.
    public let sequence: UInt64
    /// When the contract refuses it.
    public let closes: Timestamp
    /// At least one; their indexes follow each other and lie in one page.
    public let measurements: [IntervalMeasurement]

    init?(
        _ key: WatchKey, kind: ReadingKind, periodIntervals: UInt64, sequence: UInt64, closes: Timestamp, measurements: [IntervalMeasurement]
    ) {
        guard let first = measurements.first, measurements.count <= Int(Agreements.pageIntervals), periodIntervals > 0,
              first.index / periodIntervals <= UInt64(UInt32.max), periodIntervals <= UInt64(UInt32.max),
              measurements.allSatisfy({ $0.key == key }),
              zip(measurements, measurements.dropFirst()).allSatisfy({ $0.index < $1.index && $1.index - $0.index == 1 }) else { return nil }
        self.key = key
        self.kind = kind
        self.periodIntervals = periodIntervals
        self.sequence = sequence
        self.closes = closes
        self.measurements = measurements
    }

    public var first: UInt64 { measurements[0].index }

    /// `SHA-256("trellis/measurement-evidence/1" || …)` over question, window, outcome, answer and time of every measurement.
    public var evidence: Digest {
        var encoder = BCSEncoder(reserving: 160 * measurements.count)
        encoder.append(Array("trellis/measurement-evidence/1".utf8))
        for measurement in measurements {
            encoder.encode(measurement.windowDigest)
            encoder.encode(measurement.outcome)
            encoder.encode(measurement.answer)
            encoder.encode(measurement.readAt)
        }
        return SHA256.hash(encoder.bytes)
    }

    /// As the contract takes it.
    public var posted: Agreements.Measurement {
        guard let readings = Bounded<64, Agreements.Reading>(measurements.map { kind.reading($0.outcome) }) else {
            preconditionFailure("a report has at most \(Agreements.pageIntervals) measurements")
        }
        return Agreements.Measurement(
            agreement: key.agreement, metric: key.metric, period: UInt32(first / periodIntervals), first: UInt32(first % periodIntervals),
            readings: readings, evidence: evidence, sequence: sequence)
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(key)
        encoder.encode(kind)
        encoder.encode(periodIntervals)
        encoder.encode(sequence)
        encoder.encode(closes)
        encoder.encode(measurements)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        let key = try WatchKey(from: &decoder), kind = try ReadingKind(from: &decoder)
        let periodIntervals = try decoder.decode(UInt64.self), sequence = try decoder.decode(UInt64.self), closes = try Timestamp(from: &decoder)
        let measurements = try decoder.decodeSequence(of: IntervalMeasurement.self, limit: Int(Agreements.pageIntervals))
        guard let report = Report(
            key, kind: kind, periodIntervals: periodIntervals, sequence: sequence, closes: closes, measurements: measurements)
        else { throw decoder.refuse("a report that is not one run") }
        self = report
    }
}
