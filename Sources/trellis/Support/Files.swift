import Execution
import Foundation
import Glibc

/// Files that the user names, with failures that say what to do.
enum Files {
    /// Reads a whole file, or stdin for `-`, of at most `max` bytes.
    static func read(_ path: String, max: Int = 8 << 20) throws(CommandFailure) -> [UInt8] {
        let handle: FileHandle
        if path == "-" {
            handle = .standardInput
        } else {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
                throw CommandFailure(code: "file.not-found", what: "there is no file \(path)", next: "ls \(directory(of: path))", status: .notFound)
            }
            guard !isDirectory.boolValue, let opened = FileHandle(forReadingAtPath: path) else {
                throw CommandFailure(code: "file.unreadable", what: "\(path) cannot be read", next: "ls -l \(path)")
            }
            handle = opened
        }
        let data: Data
        do { data = try handle.read(upToCount: max + 1) ?? Data() } catch {
            throw CommandFailure(code: "file.unreadable", what: "\(path) cannot be read", why: "\(error)", next: "ls -l \(path)")
        }
        guard data.count <= max else { throw CommandFailure(code: "file.too-large", what: "\(path) is larger than \(max) bytes") }
        return [UInt8](data)
    }

    /// Reads a JSON document.
    static func json(_ path: String) throws(CommandFailure) -> DynamicValue {
        let bytes = try read(path)
        do throws(JSONReader.Failure) { return try JSONReader.value(bytes) } catch {
            throw CommandFailure(code: "file.not-json", what: "\(path) is not JSON", why: error.description)
        }
    }

    /// Writes a whole file at once; refuses to replace one unless told to.
    static func write(_ bytes: [UInt8], to path: String, replacing: Bool = false) throws(CommandFailure) {
        if !replacing, FileManager.default.fileExists(atPath: path) {
            throw CommandFailure(code: "file.exists", what: "\(path) exists already", next: "Choose another path, or move the file away.")
        }
        do { try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw CommandFailure(code: "file.unwritable", what: "\(path) cannot be written", next: "ls -ld \(directory(of: path))")
        }
    }

    /// Writes a file that only its owner can read, from its first byte on.
    static func writeSecret(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            if errno == EEXIST { throw CommandFailure(code: "file.exists", what: "\(path) exists already", next: "Choose another path, or move the file away.") }
            throw CommandFailure(code: "file.unwritable", what: "\(path) cannot be written", next: "ls -ld \(directory(of: path))")
        }
        let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        do { try handle.write(contentsOf: bytes) } catch {
            throw CommandFailure(code: "file.unwritable", what: "\(path) cannot be written", why: "\(error)", next: "df \(directory(of: path))")
        }
    }

    /// Makes a directory that only its owner may enter, unless it is there.
    static func makeDirectory(_ path: String) throws(CommandFailure) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(code: "file.unwritable", what: "the directory \(path) cannot be made", next: "ls -ld \(directory(of: path))")
        }
    }

    static func directory(of path: String) -> String {
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        return parent.isEmpty ? "." : parent
    }
}
