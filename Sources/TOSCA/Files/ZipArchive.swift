import CZlib

/// Reads ZIP archives (APPNOTE 6.3) as far as CSAR files use them: stored and deflated entries of one disk without encryption.
///
/// What the central directory says is checked against the data: sizes are bounds for unpacking, never promises; names are checked like
/// those of a document, and must be distinct.
struct ZipArchive {
    struct Entry {
        let path: FilePath
        let method: UInt16
        let checksum: UInt32
        let packed: Range<Int>
        let size: Int
    }

    let entries: [String: Entry]
    /// Names in the order of the directory.
    let names: [String]
    private let bytes: [UInt8]

    init(_ bytes: [UInt8], file: String) throws(Problem) {
        func damaged(_ what: String) -> Problem {
            Problem(.archiveDamaged, "the archive \(what)", remedy: "pack it again with zip", place: Place(file: file))
        }
        func refused(_ what: String) -> Problem {
            Problem(.archiveRefused, "the archive \(what)", remedy: "pack it again: plain names, each once, stored or deflated", place: Place(file: file))
        }
        guard bytes.count <= TemplateLimits.archiveBytesMax else { throw refused("has more than \(TemplateLimits.archiveBytesMax) bytes") }
        self.bytes = bytes
        guard let end = Self.endRecord(bytes) else { throw damaged("has no end record") }
        guard let count = bytes.number16(end + 10), let disk = bytes.number16(end + 4), let size = bytes.number32(end + 12), let offset = bytes.number32(end + 16),
              disk == 0, bytes.number16(end + 6) == 0, bytes.number16(end + 8) == count else { throw refused("is split over disks") }
        guard count <= TemplateLimits.archiveFilesMax else { throw refused("has \(count) files; at most \(TemplateLimits.archiveFilesMax)") }
        guard Int(offset) + Int(size) == end else { throw damaged("has a directory that does not end where it says") }
        var entries: [String: Entry] = [:], names: [String] = [], position = Int(offset), total = 0
        for _ in 0..<count {
            guard bytes.number32(position) == 0x0201_4b50, let flags = bytes.number16(position + 8), let method = bytes.number16(position + 10),
                  let checksum = bytes.number32(position + 16), let packed = bytes.number32(position + 20), let unpacked = bytes.number32(position + 24),
                  let nameLength = bytes.number16(position + 28), let extraLength = bytes.number16(position + 30), let commentLength = bytes.number16(position + 32),
                  let attributes = bytes.number32(position + 38), let local = bytes.number32(position + 42) else { throw damaged("has a damaged directory") }
            let nameStart = position + 46, next = nameStart + Int(nameLength) + Int(extraLength) + Int(commentLength)
            guard next <= end else { throw damaged("has a damaged directory") }
            position = next
            guard let name = String(validating: bytes[nameStart..<nameStart + Int(nameLength)], as: UTF8.self) else { throw refused("names a file that is not UTF-8") }
            guard flags & 0x2041 == 0 else { throw refused("is encrypted") }
            guard name.utf8.count <= 1_024, let path = FilePath(name), path.description + (name.hasSuffix("/") ? "/" : "") == name else {
                throw refused("names a file outside of itself: \(name.prefix(80))")
            }
            // The upper half holds what Unix calls the mode; a link would be a way out.
            guard attributes >> 28 != 0xa else { throw refused("holds a link: \(name.prefix(80))") }
            guard entries[path.description] == nil else { throw refused("has two files of the name \(name.prefix(80))") }
            guard method == 0 || method == 8 else { throw refused("packs \(name.prefix(80)) by method \(method)") }
            guard Int(unpacked) <= TemplateLimits.archiveFileBytesMax else { throw refused("holds \(name.prefix(80)) of \(unpacked) bytes") }
            total += Int(unpacked)
            guard total <= TemplateLimits.archiveBytesMax else { throw refused("unpacks to more than \(TemplateLimits.archiveBytesMax) bytes") }
            guard bytes.number32(Int(local)) == 0x0403_4b50, let localName = bytes.number16(Int(local) + 26), let localExtra = bytes.number16(Int(local) + 28) else {
                throw damaged("has no data for \(name.prefix(80))")
            }
            let start = Int(local) + 30 + Int(localName) + Int(localExtra)
            guard start + Int(packed) <= Int(offset) else { throw damaged("has no data for \(name.prefix(80))") }
            guard Int(localName) == Int(nameLength), bytes[Int(local) + 30..<Int(local) + 30 + Int(localName)].elementsEqual(bytes[nameStart..<nameStart + Int(nameLength)]) else {
                throw refused("calls \(name.prefix(80)) differently in two places")
            }
            if name.hasSuffix("/") { continue }
            entries[path.description] = Entry(path: path, method: method, checksum: checksum, packed: start..<start + Int(packed), size: Int(unpacked))
            names.append(path.description)
        }
        guard position == end else { throw damaged("has a damaged directory") }
        self.entries = entries
        self.names = names
    }

    /// The bytes of an entry, unpacked and compared with their checksum.
    func unpack(_ entry: Entry) throws(Problem) -> [UInt8] {
        let unpacked = entry.method == 0 ? Array(bytes[entry.packed]) : Deflate.inflate(bytes, entry.packed, size: entry.size)
        guard let unpacked, unpacked.count == entry.size, Deflate.checksum(unpacked) == entry.checksum else {
            throw Problem(.archiveDamaged, "\(entry.path) in the archive is damaged", remedy: "pack it again with zip", place: Place(file: entry.path.description))
        }
        return unpacked
    }

    /// The last record that ends where the file ends.
    private static func endRecord(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 22 else { return nil }
        for start in stride(from: bytes.count - 22, through: max(0, bytes.count - 22 - 0xffff), by: -1) where bytes[start] == 0x50 && bytes.number32(start) == 0x0605_4b50 {
            if let comment = bytes.number16(start + 20), start + 22 + Int(comment) == bytes.count { return start }
        }
        return nil
    }
}

/// zlib, behind two functions.
enum Deflate {
    /// What a deflated range is when unpacked; nil when it is damaged or has another size than `size`.
    static func inflate(_ bytes: [UInt8], _ range: Range<Int>, size: Int) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        // One more than the size, so that more is noticed.
        var output = [UInt8](repeating: 0, count: size + 1)
        // zlib reads and writes within the two buffers, whose counts it is given, and both outlive the call.
        let status = bytes[range].withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return CZlib.inflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END, stream.avail_in == 0, stream.avail_out == 1 else { return nil }
        output.removeLast()
        return output
    }

    static func checksum(_ bytes: [UInt8]) -> UInt32 { UInt32(truncatingIfNeeded: crc32(0, bytes, UInt32(bytes.count))) }
}

extension [UInt8] {
    fileprivate func number16(_ offset: Int) -> UInt16? {
        guard offset >= 0, offset + 2 <= count else { return nil }
        return UInt16(self[offset]) | UInt16(self[offset + 1]) << 8
    }

    fileprivate func number32(_ offset: Int) -> UInt32? {
        guard let low = number16(offset), let high = number16(offset + 2) else { return nil }
        return UInt32(low) | UInt32(high) << 16
    }
}
