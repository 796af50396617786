import Foundation
import Glibc

/// Facts about the machine and the process, for a report's set-up and its figures.
enum Machine {
    static var processor: String {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = info.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line.flatMap { $0.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } } ?? "unknown"
    }

    /// Resident memory of this process.
    static var residentBytes: Int {
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ").dropFirst().first
        return (pages.flatMap { Int($0) } ?? 0) * Int(getpagesize())
    }

    /// Bytes that this process has passed to write calls. The kernel's own count of dirtied storage is no use here: it counts
    /// large folios whole.
    static var bytesWritten: Int {
        let io = (try? String(contentsOfFile: "/proc/self/io", encoding: .utf8)) ?? ""
        let line = io.split(separator: "\n").first { $0.hasPrefix("wchar") }
        return line.flatMap { Int($0.split(separator: " ").last!) } ?? 0
    }
}

/// A directory that goes with its owner.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array((FileManager.default.temporaryDirectory.path + "/trellis-benchmark-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The kind of file system, from the longest mount point that holds the directory.
    var fileSystem: String {
        let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        let fields = mounts.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.count > 2 }
        let holding = fields.filter { path.hasPrefix($0[1] == "/" ? "/" : $0[1] + "/") }
        return holding.max { $0[1].count < $1[1].count }.map { String($0[2]) } ?? "unknown"
    }
}

/// How far a long measurement has come, on standard error.
enum Progress {
    /// The next part begins.
    static func line(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    /// One line that replaces itself, on a terminal only.
    static func show(_ text: String) {
        guard isatty(2) == 1 else { return }
        FileHandle.standardError.write(Data("\r\u{1b}[K\(text)".utf8))
    }
}
