/// What was found when a log was opened. A loss is never silent: whoever opens a log shows or records its report.
public struct RecoveryReport: Equatable, Sendable, CustomStringConvertible {
    /// Indexes of the records that are there.
    public let bounds: Range<UInt64>
    /// nil when the log ended as it had been closed.
    public let loss: Loss?

    /// Bytes that were taken off the end of the log.
    public struct Loss: Equatable, Sendable {
        /// The name of the segment.
        public let file: String
        /// Where the first bad record began; the log goes on from here.
        public let offset: Int
        /// Bytes dropped from there on, in this segment and those behind it.
        public let bytes: Int
        /// The index of the first record that was dropped.
        public let index: UInt64
        public let reason: DamageReason
        /// Good records that lay behind the bad one and were dropped with it.
        public let recordsBehind: Int
        /// True when records were dropped that had been acknowledged; only an operator can ask for that. When false, the bytes
        /// belong to the last group written: a crash may cut it before anyone has been told that it was durable.
        public let wasAcknowledged: Bool
    }

    public var description: String {
        let found = bounds.isEmpty ? "no records yet; the next is \(bounds.lowerBound)"
            : "records \(bounds.lowerBound) to \(bounds.upperBound - 1)"
        guard let loss else { return "\(found), nothing lost" }
        return "\(found); dropped \(loss.bytes) bytes of \(loss.file) from offset \(loss.offset), where record \(loss.index) begins: "
            + "\(loss.reason.explanation); \(loss.recordsBehind) good records behind it; "
            + (loss.wasAcknowledged ? "ACKNOWLEDGED RECORDS WERE LOST" : "they belong to the last group written, which a crash may cut")
    }
}

/// Why bytes are not the record that should be there.
public enum DamageReason: Error, Equatable, Sendable {
    case headerCutShort, payloadCutShort, zeros, notARecord, lengthImpossible, checksumWrong, indexWrong

    public var explanation: String {
        switch self {
        case .headerCutShort: "the file ends inside its header"
        case .payloadCutShort: "the file ends inside its payload"
        case .zeros: "there are only zeros"
        case .notARecord: "there is no record"
        case .lengthImpossible: "its length is impossible"
        case .checksumWrong: "its checksum is wrong"
        case .indexWrong: "it is a record of another place"
        }
    }
}
