import Foundation
import Glibc

/// The files below a directory. Links are followed only while they stay below it.
public struct DirectoryFiles: FileSource, Sendable {
    private let root: String

    /// nil when there is no such directory.
    public init?(_ path: String) {
        guard let real = Self.real(path) else { return nil }
        root = real
    }

    public func bytes(of path: FilePath) throws(Problem) -> [UInt8]? { try bytes(of: path, max: TemplateLimits.archiveFileBytesMax) }

    /// The same for a file that may be an archive, and so larger than one of its files.
    public func bytes(of path: FilePath, max: Int) throws(Problem) -> [UInt8]? {
        guard let real = try place(path) else { return nil }
        // Opened without waiting, since a named pipe would make the reader wait for a writer.
        let descriptor = open(real, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw refused(path, "cannot be read") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw refused(path, "is not a file") }
        guard let data = try? handle.read(upToCount: max + 1) else { throw refused(path, "cannot be read") }
        guard data.count <= max else { throw refused(path, "is larger than \(max) bytes") }
        return [UInt8](data)
    }

    public func contains(_ path: FilePath) -> Bool { (try? place(path)) != nil }

    /// The true place of a file; nil when there is none.
    private func place(_ path: FilePath) throws(Problem) -> String? {
        guard let real = Self.real(root + "/" + path.description) else { return nil }
        guard real.hasPrefix(root == "/" ? "/" : root + "/") else { throw refused(path, "is a link that leads out of the directory") }
        return real
    }

    private func refused(_ path: FilePath, _ reason: String) -> Problem {
        Problem(.fileRefused, "\(path) \(reason)", remedy: "name a regular file below the document's directory", place: Place(file: path.description))
    }

    private static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
