import WorldState

/// One file of a record log, described: its records are `first ..< first + count`.
struct Segment: Sendable {
    let first: UInt64
    /// What its records begin with, and their checksums.
    let seed: UInt32
    var count = 0
    /// Bytes of the file up to the end of its last record.
    var bytes = RecordFormat.segmentHeaderBytes

    var end: UInt64 { first + UInt64(count) }
}

/// Names and files of the segments in one directory.
struct SegmentDirectory: Sendable {
    let path: String
    let identity: RecordFormat.Identity

    func name(_ first: UInt64, _ suffix: String) -> String {
        let digits = String(first)
        return String(repeating: "0", count: 20 - digits.count) + digits + suffix
    }

    static let logSuffix = ".log"
    static let indexSuffix = ".index"

    func logName(_ first: UInt64) -> String { name(first, Self.logSuffix) }
    func logPath(_ first: UInt64) -> String { path + "/" + logName(first) }
    func indexPath(_ first: UInt64) -> String { path + "/" + name(first, Self.indexSuffix) }

    /// The first indexes of the segments, ascending. Files that a crash left half made are removed.
    func list() throws(StoreError) -> [UInt64] {
        var firsts: [UInt64] = []
        for name in try Directory.names(in: path) {
            if name.hasSuffix(Directory.temporarySuffix) {
                try Directory.remove(path + "/" + name)
            } else if name.hasSuffix(Self.logSuffix), let first = UInt64(name.dropLast(Self.logSuffix.count)) {
                firsts.append(first)
            }
        }
        return firsts
    }

    /// Makes an empty segment; it is there whole or not at all.
    func create(first: UInt64) throws(StoreError) -> Segment {
        while true {
            let header = identity.header(first: first, salt: .random(in: 0 ... .max))
            // One salt of 2³² makes the seed zero.
            guard case .success(let seed) = identity.seed(header, first: first) else { continue }
            try Directory.replace(logPath(first), with: header)
            return Segment(first: first, seed: seed)
        }
    }

    /// The seed of a segment. Refuses one whose header is not the one that belongs there.
    func seed(_ first: UInt64, _ file: borrowing File) throws(StoreError) -> UInt32 {
        let mismatch: RecordFormat.Identity.Mismatch
        switch identity.seed(try file.read(RecordFormat.segmentHeaderBytes, at: 0), first: first) {
        case .success(let seed): return seed
        case .failure(let found): mismatch = found
        }
        switch mismatch {
        case .damaged: throw StoreError(.corrupt, "\(file.path): its header is damaged")
        case .misplaced(let other): throw StoreError(.corrupt, "\(file.path) begins with record \(other)")
        case .otherVersion(let version):
            throw StoreError(.incompatible, "\(file.path) has version \(version), expected \(RecordFormat.version)")
        case .otherKind: throw StoreError(.incompatible, "\(file.path) holds something else")
        case .otherChain: throw StoreError(.incompatible, "\(file.path) belongs to another chain than \(identity.chainID)")
        }
    }

    // MARK: Index files

    private static let indexMagic: [UInt8] = Array("TRLSIDX\n".utf8)
    private static let indexHeaderBytes = 32

    /// Writes where the records of a sealed segment begin: magic, seed u32, checksum of the offsets u32, count u64, file size
    /// u32, checksum of the header u32, then an offset u32 for each. It can always be made again from the segment.
    func writeIndex(_ segment: Segment, offsets: [UInt32]) throws(StoreError) {
        var body: [UInt8] = []
        body.reserveCapacity(4 * offsets.count)
        for offset in offsets { body.append(littleEndian: offset) }
        var bytes = Self.indexMagic
        bytes.append(littleEndian: segment.seed)
        bytes.append(littleEndian: body.withUnsafeBytes { RecordFormat.checksum($0) })
        bytes.append(littleEndian: UInt64(offsets.count))
        bytes.append(littleEndian: UInt32(segment.bytes))
        bytes.append(littleEndian: bytes.withUnsafeBytes { RecordFormat.checksum($0) })
        try Directory.replace(indexPath(segment.first), with: bytes + body)
    }

    /// The size of a sealed segment as its index file tells, or nil when that file is missing or wrong.
    func indexedSegment(_ first: UInt64, seed: UInt32, fileBytes: Int) -> Segment? {
        guard let file = try? File(indexPath(first), flags: 0), let head = try? file.read(Self.indexHeaderBytes, at: 0),
              let size = try? file.size else { return nil }
        return segment(first, seed, indexHead: head, indexBytes: size, fileBytes: fileBytes)
    }

    /// Where the records of a sealed segment begin, or nil when the index file is missing or wrong.
    func offsets(of segment: Segment) -> [UInt32]? {
        guard let file = try? File(indexPath(segment.first), flags: 0), let size = try? file.size,
              let bytes = try? file.read(size, at: 0), bytes.count >= Self.indexHeaderBytes,
              self.segment(
                  segment.first, segment.seed, indexHead: Array(bytes.prefix(Self.indexHeaderBytes)), indexBytes: size,
                  fileBytes: segment.bytes)?.count == segment.count else { return nil }
        return bytes.withUnsafeBytes { raw in
            let body = UnsafeRawBufferPointer(rebasing: raw[Self.indexHeaderBytes...])
            guard RecordFormat.checksum(body) == raw.load32(12) else { return nil }
            return (0..<segment.count).map { body.load32(4 * $0) }
        }
    }

    private func segment(
        _ first: UInt64, _ seed: UInt32, indexHead head: [UInt8], indexBytes: Int, fileBytes: Int
    ) -> Segment? {
        guard head.count == Self.indexHeaderBytes, head.starts(with: Self.indexMagic) else { return nil }
        return head.withUnsafeBytes { raw in
            guard raw.load32(28) == RecordFormat.checksum(UnsafeRawBufferPointer(rebasing: raw[..<28])),
                  raw.load32(8) == seed, raw.load32(24) == fileBytes,
                  let count = Int(exactly: raw.load64(16)), count <= fileBytes / RecordFormat.recordHeaderBytes,
                  indexBytes == Self.indexHeaderBytes + 4 * count else { return nil }
            return Segment(first: first, seed: seed, count: count, bytes: fileBytes)
        }
    }
}
