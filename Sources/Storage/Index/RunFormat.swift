import CChecksum
import Primitives
import WorldState

/// The bytes of a sorted run on disk; all integers are little-endian. A run is a file of pages of 4,096 bytes and a list of
/// fences; it is written once, whole, and never changed.
///
/// The first page is the header:
///
///     0  magic "TRLSRUN\n"    8  version u32      12 kind "indx"       16 chain id
///     48 generation u64       56 first height u64 64 last height u64   72 entries u64
///     80 salt u32             84 CRC-32C of the fences, from the salt  4092 CRC-32C of the bytes before
///
/// Each page behind it holds up to 170 entries in ascending order:
///
///     0  CRC-32C, from the salt, of the bytes behind    4  entries u32    8  number of the page u64, from 0    16 entries
///
/// The fences are the first entry of each page. An entry is its key and its place, three u64. The salt is random: a page of
/// another file, or one that a stranger made up, does not pass.
enum RunFormat {
    static let version: UInt32 = 1
    static let pageBytes = 4096
    static let pageHeaderBytes = 16
    static let entriesPerPage = (pageBytes - pageHeaderBytes) / IndexEntry.byteCount
    private static let magic = UInt64(littleEndian: 0x0a4e_5552_534c_5254)
    private static let kind = LogKind("indx").code

    struct Header: Equatable, Sendable {
        /// Grows with every run: where two overlap, the later one was made from the other.
        let generation: UInt64
        let heights: ClosedRange<Height>
        let count: Int
        let salt: UInt32
        let fencesChecksum: UInt32

        var pageCount: Int { (count + entriesPerPage - 1) / entriesPerPage }
        var fencesOffset: Int { (1 + pageCount) * pageBytes }
        var fileBytes: Int { fencesOffset + pageCount * IndexEntry.byteCount }

        func bytes(chainID: ChainID) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(pageBytes)
            bytes.append(littleEndian: magic)
            bytes.append(littleEndian: version)
            bytes.append(littleEndian: kind)
            bytes += chainID.bytes
            bytes.append(littleEndian: generation)
            bytes.append(littleEndian: heights.lowerBound.rawValue)
            bytes.append(littleEndian: heights.upperBound.rawValue)
            bytes.append(littleEndian: UInt64(count))
            bytes.append(littleEndian: salt)
            bytes.append(littleEndian: fencesChecksum)
            bytes += [UInt8](repeating: 0, count: pageBytes - 4 - bytes.count)
            bytes.append(littleEndian: bytes.withUnsafeBytes { RecordFormat.checksum($0) })
            return bytes
        }

        /// Reads a header. Nil when it is damaged; throws when it is whole and of another version or chain.
        static func read(_ bytes: [UInt8], chainID: ChainID, path: String) throws(StoreError) -> Header? {
            try bytes.withUnsafeBufferPointer { (bytes) throws(StoreError) in
                let raw = UnsafeRawBufferPointer(bytes)
                guard raw.count == pageBytes, raw.load64(0) == magic, raw.load32(12) == kind,
                      raw.load32(pageBytes - 4) == RecordFormat.checksum(UnsafeRawBufferPointer(rebasing: raw[..<(pageBytes - 4)]))
                else { return nil }
                guard raw.load32(8) == version else {
                    throw StoreError(.incompatible, "\(path) has version \(raw.load32(8)), expected \(version)")
                }
                guard ChainID(reading: UnsafeRawBufferPointer(rebasing: raw[16..<48])) == chainID else {
                    throw StoreError(.incompatible, "\(path) belongs to another chain than \(chainID)")
                }
                let first = raw.load64(56), last = raw.load64(64), count = raw.load64(72)
                guard first <= last, last < 1 << 44, count < 1 << 40 else { return nil }
                return Header(
                    generation: raw.load64(48), heights: Height(first)...Height(last), count: Int(count), salt: raw.load32(80),
                    fencesChecksum: raw.load32(84))
            }
        }
    }

    /// Completes the page at `raw`, whose entries are in place: its header, and zeros behind the entries.
    static func sealPage(_ raw: UnsafeMutableRawBufferPointer, number: Int, count: Int, salt: UInt32) {
        let end = pageHeaderBytes + count * IndexEntry.byteCount
        UnsafeMutableRawBufferPointer(rebasing: raw[end...]).initializeMemory(as: UInt8.self, repeating: 0)
        raw.storeBytes(of: UInt32(count).littleEndian, toByteOffset: 4, as: UInt32.self)
        raw.storeBytes(of: UInt64(number).littleEndian, toByteOffset: 8, as: UInt64.self)
        raw.storeBytes(of: trellis_crc32c(salt, raw.baseAddress! + 4, pageBytes - 4).littleEndian, as: UInt32.self)
    }

    /// Whether the bytes are page `number` of the run with `header`, as it was written.
    static func isPage(_ raw: UnsafeRawBufferPointer, number: Int, of header: Header) -> Bool {
        raw.count == pageBytes && raw.load32(0) == trellis_crc32c(header.salt, raw.baseAddress! + 4, pageBytes - 4)
            && raw.load64(8) == UInt64(number) && Int(raw.load32(4)) == header.entries(of: number)
    }

    static func checksum(fences: UnsafeRawBufferPointer, salt: UInt32) -> UInt32 {
        trellis_crc32c(salt, fences.baseAddress, fences.count)
    }
}

extension RunFormat.Header {
    /// Entries of a page: all pages but the last are full.
    func entries(of page: Int) -> Int { min(RunFormat.entriesPerPage, count - page * RunFormat.entriesPerPage) }
}

extension UnsafeRawBufferPointer {
    /// The entry at byte `offset`.
    @inline(__always)
    func loadEntry(_ offset: Int) -> IndexEntry {
        IndexEntry(key: IndexKey(high: load64(offset), low: load64(offset + 8)), place: load64(offset + 16))
    }

    /// Entry `index` of the page that this is.
    @inline(__always)
    func pageEntry(_ index: Int) -> IndexEntry { loadEntry(RunFormat.pageHeaderBytes + index * IndexEntry.byteCount) }
}

extension UnsafeMutableRawBufferPointer {
    @inline(__always)
    func store(_ entry: IndexEntry, at offset: Int) {
        storeBytes(of: entry.key.high.littleEndian, toByteOffset: offset, as: UInt64.self)
        storeBytes(of: entry.key.low.littleEndian, toByteOffset: offset + 8, as: UInt64.self)
        storeBytes(of: entry.place.littleEndian, toByteOffset: offset + 16, as: UInt64.self)
    }
}
