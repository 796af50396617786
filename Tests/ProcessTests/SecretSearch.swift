import Foundation
import Glibc

/// Looks for a text in files, as it is and as interfaces write bytes: hexadecimal and base 64.
struct SecretSearch {
    private let needles: [Data]

    init(_ bytes: [UInt8]) {
        let hex = bytes.map { String(format: "%02x", $0) }.joined()
        // In base 64 a text looks different at each of three places; its ends mix with what is around it.
        let inside = (0..<3).map { shift -> String in
            let text = Data(repeating: 0, count: shift) + Data(bytes)
            return String(text.base64EncodedString().dropFirst(shift == 0 ? 0 : 4).dropLast(4).prefix((bytes.count - 3) / 3 * 4))
        }
        needles = [Data(bytes), Data(hex.utf8), Data(hex.uppercased().utf8)] + inside.map { Data($0.utf8) }
    }

    func isIn(_ data: Data) -> Bool { needles.contains { data.range(of: $0) != nil } }

    /// The files below a directory that hold it, by their paths within.
    func files(in directory: String, except: Set<String> = []) throws -> [String] {
        let paths = FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []
        return try paths.filter { try !except.contains(directory + "/" + $0) && isIn(file: directory + "/" + $0) }.sorted()
    }

    /// Reads what there is of a file; a database's is full of holes.
    func isIn(file path: String) throws -> Bool {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        // What one piece and the next have in common: longer than any needle.
        let overlap = (needles.map(\.count).max() ?? 0) + 1, piece = 4 << 20
        var place = 0
        while true {
            // Linux's SEEK_DATA.
            place = lseek(descriptor, place, 3)
            guard place >= 0 else { return false }
            var buffer = Data(count: piece)
            let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, piece, place) }
            guard count > 0 else { return false }
            if isIn(buffer.prefix(count)) { return true }
            guard count > overlap else { return false }
            place += count == piece ? count - overlap : count
        }
    }
}
