import Primitives
@_spi(Fuzzing) import Storage

extension FuzzTargets {
    static let storage: [FuzzTarget] = [
        .canonical("block-record", BlockRecord.self, samples: [
            BlockRecord(header: [1, 2, 3], certificate: [], bodies: [UInt8](repeating: 7, count: 200)),
            BlockRecord(header: [], certificate: [9], bodies: []),
        ]),
        // Whatever happens to a file of records, those that are read are those that were written, from the first one on.
        FuzzTarget(name: "log-segment", samples: [segment, Array(segment.dropLast(9))]) { input in
            let read = LogSegmentBytes.records(in: input, first: 5, kind: .journal, chainID: ChainID())
            return records.starts(with: read) || !input.starts(with: segment.prefix(64)) ? nil : "reads \(read.count) records that were not written"
        },
    ]

    private static let records: [[UInt8]] = (0..<6).map { [UInt8](repeating: UInt8($0), count: 7 * $0) }
    private static let segment = LogSegmentBytes.make(records, first: 5, kind: .journal, chainID: ChainID())
}
