import Cryptography
import Primitives

/// One change of what a monitor knows, as it is written down.
enum JournalRecord: Hashable, Sendable, BCSCodable {
    /// A watch begins, or stood here when the journal was written anew.
    case opened(WatchKey, schedule: Digest, next: UInt64)
    /// Intervals of one watch are decided; `next` is the first one that is not.
    case decided([IntervalMeasurement], next: UInt64)
    /// Intervals are passed over.
    case advanced(WatchKey, next: UInt64)
    /// The first measurements that wait have become reports.
    case sealed([Report])
    /// The first reports are done with: posted, or refused for good.
    case told(UInt32)
    /// The first measurements that wait came too late.
    case discarded(WatchKey, UInt32)
    /// The last number of a report of an agreement.
    case numbered(agreement: UInt64, sequence: UInt64)

    func encode(into encoder: inout BCSEncoder) {
        switch self {
        case .opened(let key, let schedule, let next):
            encoder.encodeVariant(0)
            encoder.encode(key)
            encoder.encode(schedule)
            encoder.encode(next)
        case .decided(let measurements, let next):
            encoder.encodeVariant(1)
            encoder.encode(measurements)
            encoder.encode(next)
        case .advanced(let key, let next):
            encoder.encodeVariant(2)
            encoder.encode(key)
            encoder.encode(next)
        case .sealed(let reports):
            encoder.encodeVariant(3)
            encoder.encode(reports)
        case .told(let count):
            encoder.encodeVariant(4)
            encoder.encode(count)
        case .discarded(let key, let count):
            encoder.encodeVariant(5)
            encoder.encode(key)
            encoder.encode(count)
        case .numbered(let agreement, let sequence):
            encoder.encodeVariant(6)
            encoder.encode(agreement)
            encoder.encode(sequence)
        }
    }

    init(from decoder: inout BCSDecoder) throws(BCSError) {
        switch try decoder.decodeVariant(count: 7) {
        case 0:
            let key = try WatchKey(from: &decoder), schedule = try Digest(from: &decoder)
            self = .opened(key, schedule: schedule, next: try decoder.decode(UInt64.self))
        case 1:
            let limit = max(MonitoringLimits.missedMax, MonitoringLimits.windowsMax)
            let measurements = try decoder.decodeSequence(of: IntervalMeasurement.self, limit: limit)
            self = .decided(measurements, next: try decoder.decode(UInt64.self))
        case 2:
            let key = try WatchKey(from: &decoder)
            self = .advanced(key, next: try decoder.decode(UInt64.self))
        case 3: self = .sealed(try decoder.decodeSequence(of: Report.self, limit: MonitoringLimits.batchMax))
        case 4: self = .told(try decoder.decode(UInt32.self))
        case 5:
            let key = try WatchKey(from: &decoder)
            self = .discarded(key, try decoder.decode(UInt32.self))
        default:
            let agreement = try decoder.decode(UInt64.self)
            self = .numbered(agreement: agreement, sequence: try decoder.decode(UInt64.self))
        }
    }

    /// Length, the first eight bytes of the SHA-256 of the encoding, and the encoding.
    var frame: [UInt8] {
        let body = bcs
        precondition(body.count <= MonitoringLimits.recordBytesMax)
        var encoder = BCSEncoder(reserving: body.count + Self.headBytes)
        encoder.encode(UInt32(body.count))
        encoder.append(Array(SHA256.hash(body).bytes.prefix(8)))
        encoder.append(body)
        return encoder.bytes
    }

    static let headBytes = 12

    /// The record that a frame at `position` holds, and where it ends; nil when there is no whole one.
    static func read(_ bytes: [UInt8], at position: Int) -> (record: JournalRecord, end: Int)? {
        guard bytes.count - position >= headBytes else { return nil }
        let length = (0..<4).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
        guard length <= MonitoringLimits.recordBytesMax, length <= bytes.count - position - headBytes else { return nil }
        let end = position + headBytes + length, body = Array(bytes[(position + headBytes)..<end])
        guard SHA256.hash(body).bytes.prefix(8).elementsEqual(bytes[(position + 4)..<(position + headBytes)]),
              let record = try? JournalRecord(bcs: body) else { return nil }
        return (record, end)
    }
}
