import CChecksum
import Glibc
import Primitives

/// The bytes of a record log on disk; all integers are little-endian.
///
/// A segment is a file of consecutive records behind a header of 64 bytes:
///
///     0  magic "TRLSLOG\n"    8  version u32    12  kind, four ASCII bytes    16  chain id
///     48 first index u64      56 salt u32       60  CRC-32C of bytes 0 ..< 60: the segment's seed
///
/// A record is a header of 24 bytes and its payload:
///
///     0  the segment's seed   4  CRC-32C, from the segment's seed, of bytes 8 ..< 24 and the payload
///     8  payload length u32   12 u32 records of the same group before this one      16  index u64
///
/// The seed, which is never zero, keeps zeros from being a record; index and seed keep out a record of another place or file. A
/// group is what one fsync covered; everything before the group of a record was durable when that record was written. A good
/// record behind a bad one therefore tells whether the bad one had been acknowledged.
///
/// The salt is random and never leaves the node. Without it a stranger could place bytes in a transaction that look like
/// records of this log, for recovery to find behind a torn one.
enum RecordFormat {
    static let version: UInt32 = 1
    static let segmentHeaderBytes = 64
    static let recordHeaderBytes = 24
    private static let magic = UInt64(littleEndianBytes: "TRLSLOG\n")

    /// What makes one log's segments its own.
    struct Identity: Sendable {
        let kind: LogKind
        let chainID: ChainID

        /// The header of the segment whose first record has index `first`.
        func header(first: UInt64, salt: UInt32) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.append(littleEndian: magic)
            bytes.append(littleEndian: version)
            bytes.append(littleEndian: kind.code)
            bytes += chainID.bytes
            bytes.append(littleEndian: first)
            bytes.append(littleEndian: salt)
            bytes.append(littleEndian: bytes.withUnsafeBytes { checksum($0) })
            return bytes
        }

        enum Mismatch: Error, Equatable { case damaged, otherVersion(UInt32), otherKind, otherChain, misplaced(first: UInt64) }

        /// The seed of the segment that begins with `bytes`, if that is the header which belongs into the file named after `first`.
        func seed(_ bytes: [UInt8], first: UInt64) -> Result<UInt32, Mismatch> {
            bytes.withUnsafeBytes { raw in
                guard raw.count == segmentHeaderBytes, raw.load64(0) == magic, raw.load32(60) != 0,
                      raw.load32(60) == checksum(UnsafeRawBufferPointer(rebasing: raw[..<60])) else { return .failure(.damaged) }
                if raw.load32(8) != version { return .failure(.otherVersion(raw.load32(8))) }
                if raw.load32(12) != kind.code { return .failure(.otherKind) }
                if ChainID(reading: UnsafeRawBufferPointer(rebasing: raw[16..<48])) != chainID { return .failure(.otherChain) }
                return raw.load64(48) == first ? .success(raw.load32(60)) : .failure(.misplaced(first: raw.load64(48)))
            }
        }
    }

    /// Appends a record to `buffer`; `groupIndex` is its position in its group.
    static func append(_ payload: [UInt8], index: UInt64, groupIndex: Int, seed: UInt32, to buffer: inout [UInt8]) {
        let start = buffer.count
        buffer.append(littleEndian: seed)
        buffer.append(littleEndian: UInt32(0))
        buffer.append(littleEndian: UInt32(payload.count))
        buffer.append(littleEndian: UInt32(groupIndex))
        buffer.append(littleEndian: index)
        buffer.append(contentsOf: payload)
        buffer.withUnsafeMutableBytes { raw in
            let covered = UnsafeRawBufferPointer(rebasing: raw[(start + 8)...])
            raw.storeBytes(of: trellis_crc32c(seed, covered.baseAddress, covered.count).littleEndian, toByteOffset: start + 4, as: UInt32.self)
        }
    }

    /// A record whose checksum is right.
    struct Record {
        let index: UInt64
        /// The index of the first record of its group.
        let groupFirst: UInt64
        /// Where its payload lies.
        let payload: Range<Int>
    }

    /// Reads the record at `offset`, whatever its index.
    static func parse(_ bytes: UnsafeRawBufferPointer, at offset: Int, seed: UInt32) -> Result<Record, DamageReason> {
        guard bytes.count - offset >= recordHeaderBytes else { return .failure(.headerCutShort) }
        guard bytes.load32(offset) == seed else { return .failure(.notARecord) }
        let length = Int(bytes.load32(offset + 8))
        guard length <= RecordLog.Bounds.recordBytesMax else { return .failure(.lengthImpossible) }
        guard bytes.count - offset - recordHeaderBytes >= length else { return .failure(.payloadCutShort) }
        let end = offset + recordHeaderBytes + length
        let covered = UnsafeRawBufferPointer(rebasing: bytes[(offset + 8)..<end])
        guard trellis_crc32c(seed, covered.baseAddress, covered.count) == bytes.load32(offset + 4) else {
            return .failure(.checksumWrong)
        }
        let index = bytes.load64(offset + 16), groupIndex = UInt64(bytes.load32(offset + 12))
        guard groupIndex <= index else { return .failure(.indexWrong) }
        return .success(Record(
            index: index, groupFirst: index - groupIndex, payload: (offset + recordHeaderBytes)..<end))
    }

    /// The next place at or behind `offset` where a record may begin, or nil.
    static func nextMark(_ bytes: UnsafeRawBufferPointer, seed: UInt32, from offset: Int) -> Int? {
        var position = offset
        while position + recordHeaderBytes <= bytes.count {
            let found = memchr(bytes.baseAddress! + position, Int32(seed & 0xff), bytes.count - position)
            guard let found else { return nil }
            position = UnsafeRawPointer(found) - bytes.baseAddress!
            if position + recordHeaderBytes <= bytes.count && bytes.load32(position) == seed { return position }
            position += 1
        }
        return nil
    }

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 { trellis_crc32c(0, bytes.baseAddress, bytes.count) }
}

/// What a log holds: four ASCII characters in the header of its files, so that one log is never read as another.
public struct LogKind: Hashable, Sendable {
    let code: UInt32

    /// `name` must be four ASCII characters.
    public init(_ name: StaticString) {
        precondition(name.utf8CodeUnitCount == 4 && name.isASCII)
        code = UnsafeRawBufferPointer(start: name.utf8Start, count: 4).load32(0)
    }

    public static let blocks = LogKind("blok")
    public static let journal = LogKind("jrnl")
    public static let undo = LogKind("undo")
    public static let boundaries = LogKind("bdry")
}

extension UInt64 {
    fileprivate init(littleEndianBytes text: StaticString) {
        self = UnsafeRawBufferPointer(start: text.utf8Start, count: 8).load64(0)
    }
}

extension [UInt8] {
    mutating func append<Integer: FixedWidthInteger & BitwiseCopyable>(littleEndian value: Integer) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}

extension UnsafeRawBufferPointer {
    func load32(_ offset: Int) -> UInt32 { UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
    func load64(_ offset: Int) -> UInt64 { UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
}
