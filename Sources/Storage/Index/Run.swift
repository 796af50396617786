import Glibc
import Primitives
import WorldState

/// A sorted run, opened for reading by any thread. The first entry of each page is in memory, 24 bytes for 4,096; a question costs
/// one page, whose checksum is compared before it is believed.
final class Run: Sendable {
    static let suffix = ".run"

    let header: RunFormat.Header
    let path: String
    private let file: File
    private let fences: [IndexEntry]

    /// Opens a run. Throws `corrupt` when header, fences or size are not as written; pages are looked at when they are read.
    init(_ path: String, chainID: ChainID) throws(StoreError) {
        file = try File(path, flags: O_RDONLY)
        self.path = path
        guard let header = try RunFormat.Header.read(try file.read(RunFormat.pageBytes, at: 0), chainID: chainID, path: path) else {
            throw StoreError(.corrupt, "\(path): its header is damaged")
        }
        guard try file.size == header.fileBytes else {
            throw StoreError(.corrupt, "\(path): has \(try file.size) bytes, expected \(header.fileBytes)")
        }
        let bytes = try file.read(header.pageCount * IndexEntry.byteCount, at: header.fencesOffset)
        guard bytes.count == header.pageCount * IndexEntry.byteCount,
              bytes.withUnsafeBytes({ RunFormat.checksum(fences: $0, salt: header.salt) }) == header.fencesChecksum else {
            throw StoreError(.corrupt, "\(path): its fences are damaged")
        }
        fences = bytes.withUnsafeBytes { raw in (0..<header.pageCount).map { raw.loadEntry($0 * IndexEntry.byteCount) } }
        self.header = header
    }

    var heights: ClosedRange<Height> { header.heights }

    /// Appends the places of `key` in `floor ..< bound` to `found`, the highest first, until there are `limit`.
    func newest(_ key: IndexKey, below bound: UInt64, from floor: UInt64, limit: Int, into found: inout [UInt64]) throws(StoreError) {
        let end = IndexEntry(key: key, place: bound)
        var page = fences.count { $0 < end } - 1
        while page >= 0 {
            let goesOn = try withPages(page..<page + 1) { raw in
                var index = Self.lowerBound(raw, header.entries(of: page), end) - 1
                while index >= 0 {
                    let entry = raw.pageEntry(index)
                    guard entry.key == key, entry.place >= floor, found.count < limit else { return false }
                    found.append(entry.place)
                    index -= 1
                }
                return true
            }
            guard goesOn else { return }
            page -= 1
        }
    }

    /// The number of entries of a page before `end`.
    private static func lowerBound(_ raw: UnsafeRawBufferPointer, _ count: Int, _ end: IndexEntry) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if raw.pageEntry(middle) < end { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Reads neighbouring pages, checks them, and calls `body` with their bytes.
    func withPages<Result>(_ pages: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result) throws(StoreError) -> Result {
        let bytes = try file.read(pages.count * RunFormat.pageBytes, at: (1 + pages.lowerBound) * RunFormat.pageBytes)
        return try bytes.withUnsafeBufferPointer { (bytes) throws(StoreError) in
            let raw = UnsafeRawBufferPointer(bytes)
            for page in pages {
                let start = (page - pages.lowerBound) * RunFormat.pageBytes
                guard start + RunFormat.pageBytes <= raw.count,
                      RunFormat.isPage(UnsafeRawBufferPointer(rebasing: raw[start..<start + RunFormat.pageBytes]), number: page, of: header)
                else { throw StoreError(.corrupt, "\(path): page \(page) is damaged") }
            }
            return body(raw)
        }
    }

    /// Reads every page; `corrupt` for the first that is damaged.
    func verify() throws(StoreError) {
        var page = 0
        while page < header.pageCount {
            let next = min(page + RunCursor.pagesMax, header.pageCount)
            try withPages(page..<next) { _ in }
            page = next
        }
    }
}

/// Reads a run from its first entry to its last, some pages at a time.
struct RunCursor {
    /// Pages in memory at once: 256 KiB.
    static let pagesMax = 64

    let run: Run
    private var entries: [IndexEntry] = []
    private var position = 0
    private var nextPage = 0

    init(_ run: Run) throws(StoreError) {
        self.run = run
        try fill()
    }

    /// The entry it stands on; nil behind the last.
    var current: IndexEntry? { position < entries.count ? entries[position] : nil }

    mutating func advance() throws(StoreError) {
        position += 1
        if position == entries.count { try fill() }
    }

    private mutating func fill() throws(StoreError) {
        let pages = nextPage..<min(nextPage + Self.pagesMax, run.header.pageCount)
        entries.removeAll(keepingCapacity: true)
        position = 0
        guard !pages.isEmpty else { return }
        entries = try run.withPages(pages) { [entries, header = run.header] raw in
            var filled = entries
            for page in pages {
                let bytes = UnsafeRawBufferPointer(rebasing: raw[((page - pages.lowerBound) * RunFormat.pageBytes)...])
                for index in 0..<header.entries(of: page) { filled.append(bytes.pageEntry(index)) }
            }
            return filled
        }
        nextPage = pages.upperBound
    }
}

extension Array where Element == IndexEntry {
    /// How many entries at the front fulfil `belongs`, which no entry does behind one that does not.
    fileprivate func count(_ belongs: (IndexEntry) -> Bool) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if belongs(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
