public import Primitives

/// The bytes of a log's file without a file: for the fuzzer, which would otherwise spend its time in fsync.
@_spi(Fuzzing) public enum LogSegmentBytes {
    /// A segment of `records`, each a group of its own.
    public static func make(_ records: [[UInt8]], first: UInt64, kind: LogKind, chainID: ChainID) -> [UInt8] {
        let identity = RecordFormat.Identity(kind: kind, chainID: chainID)
        var bytes = identity.header(first: first, salt: 1)
        guard case .success(let seed) = identity.seed(bytes, first: first) else { preconditionFailure("a salt that fits no chain") }
        for (number, record) in records.enumerated() {
            RecordFormat.append(record, index: first + UInt64(number), groupIndex: 0, seed: seed, to: &bytes)
        }
        return bytes
    }

    /// The records that opening a log with this segment would keep.
    public static func records(in bytes: [UInt8], first: UInt64, kind: LogKind, chainID: ChainID) -> [[UInt8]] {
        let identity = RecordFormat.Identity(kind: kind, chainID: chainID)
        let header = Array(bytes.prefix(RecordFormat.segmentHeaderBytes))
        guard case .success(let seed) = identity.seed(header, first: first) else { return [] }
        return bytes.withUnsafeBytes { raw in
            SegmentScan(raw, first: first, seed: seed).offsets.compactMap { offset in
                try? RecordFormat.parse(raw, at: Int(offset), seed: seed).map { [UInt8](raw[$0.payload]) }.get()
            }
        }
    }
}
