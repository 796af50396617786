import Glibc
import Primitives
import WorldState

/// Writes a run from entries in ascending order. It is there whole and durable, or not at all: its name is given last. A writer
/// that is let go before ``finish()`` leaves nothing.
///
/// It belongs to one thread and holds 256 KiB and the fences.
final class RunWriter {
    private static let bufferPages = 64
    /// After so many bytes the disk is waited for, so that a large merge does not hold up everybody's next fsync.
    private static let bytesPerSync = 8 << 20

    private let path: String
    private let chainID: ChainID
    private let generation: UInt64
    private let heights: ClosedRange<Height>
    private let salt = UInt32.random(in: 1 ... .max)
    private let file: File
    private let buffer: UnsafeMutableRawBufferPointer
    private var fences: [UInt8] = []
    private var count = 0
    private var last: IndexEntry?
    private var hasFinished = false

    init(directory: String, chainID: ChainID, generation: UInt64, heights: ClosedRange<Height>) throws(StoreError) {
        path = directory + "/" + Self.name(generation)
        self.chainID = chainID
        self.generation = generation
        self.heights = heights
        file = try File(path + Directory.temporarySuffix, flags: O_RDWR | O_CREAT | O_TRUNC)
        buffer = .allocate(byteCount: Self.bufferPages * RunFormat.pageBytes, alignment: 8)
    }

    deinit {
        buffer.deallocate()
        if !hasFinished { unlink(path + Directory.temporarySuffix) }
    }

    static func name(_ generation: UInt64) -> String {
        let digits = String(generation)
        return String(repeating: "0", count: 20 - digits.count) + digits + Run.suffix
    }

    func append(_ entry: IndexEntry) throws(StoreError) {
        precondition(last.map { $0 < entry } ?? true, "entries are distinct and ascend")
        last = entry
        let page = count / RunFormat.entriesPerPage, index = count % RunFormat.entriesPerPage
        let start = page % Self.bufferPages * RunFormat.pageBytes
        if index == 0 { withUnsafeBytes(of: (entry.key.high.littleEndian, entry.key.low.littleEndian, entry.place.littleEndian)) { fences += $0 } }
        buffer.store(entry, at: start + RunFormat.pageHeaderBytes + index * IndexEntry.byteCount)
        count += 1
        if index == RunFormat.entriesPerPage - 1 { try endPage(page, entries: RunFormat.entriesPerPage) }
    }

    private func endPage(_ page: Int, entries: Int) throws(StoreError) {
        let slot = page % Self.bufferPages
        let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[(slot * RunFormat.pageBytes)..<((slot + 1) * RunFormat.pageBytes)])
        RunFormat.sealPage(bytes, number: page, count: entries, salt: salt)
        if slot == Self.bufferPages - 1 { try write(through: page) }
    }

    /// Writes the pages of the buffer, of which `page` is the last.
    private func write(through page: Int) throws(StoreError) {
        let slot = page % Self.bufferPages
        let offset = (1 + page - slot) * RunFormat.pageBytes
        let end = (slot + 1) * RunFormat.pageBytes
        try file.write(UnsafeRawBufferPointer(rebasing: buffer[..<end]), at: offset)
        if (offset + end) / Self.bytesPerSync != offset / Self.bytesPerSync { try file.synchronizeData() }
    }

    /// Completes the file, makes it durable, gives it its name, and opens it.
    func finish() throws(StoreError) -> Run {
        let pages = (count + RunFormat.entriesPerPage - 1) / RunFormat.entriesPerPage
        let rest = count % RunFormat.entriesPerPage
        if rest > 0 { try endPage(pages - 1, entries: rest) }
        if pages % Self.bufferPages != 0 { try write(through: pages - 1) }
        let header = RunFormat.Header(
            generation: generation, heights: heights, count: count, salt: salt,
            fencesChecksum: fences.withUnsafeBytes { RunFormat.checksum(fences: $0, salt: salt) })
        try file.write(fences, at: header.fencesOffset)
        try file.write(header.bytes(chainID: chainID), at: 0)
        try file.synchronizeData()
        try SystemCall.check("rename \(path)") { rename(path + Directory.temporarySuffix, path) }
        hasFinished = true
        try Directory.synchronize(Directory.parent(of: path))
        return try Run(path, chainID: chainID)
    }
}
