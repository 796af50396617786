import Glibc

/// Key files in the file system: for their owner's eyes only, and never half there.
extension KeyFile {
    /// Reads a key file. Refuses one that others may read or write, as ssh does, because its key must then be considered known,
    /// and everything that is not a regular file. A symbolic link is followed; what counts is the file behind it.
    public static func read(_ path: String) throws(KeystoreError) -> KeyFile {
        // Without O_NONBLOCK, a pipe in the place of a file would hang the program.
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemCall.failure("open \(path)") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemCall.failure("examine \(path)") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw KeystoreError(.damaged, "\(path) is not a regular file") }
        guard status.st_mode & 0o077 == 0 else {
            throw KeystoreError(.permissionsTooWide, """
                \(path) has mode \(String(status.st_mode & 0o777, radix: 8)); others must have no access: chmod 600
                """)
        }
        // One byte more than may be there shows a file that is too long, and one that grows.
        var bytes = [UInt8](repeating: 0, count: jsonBytesMax + 1), count = 0
        while count < bytes.count {
            let found = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count) }
            if found == 0 { break }
            if found < 0 {
                if errno == EINTR { continue }
                throw SystemCall.failure("read \(path)")
            }
            count += found
        }
        do throws(KeystoreError) {
            return try KeyFile(json: Array(bytes.prefix(count)))
        } catch {
            throw KeystoreError(error.code, "\(path): \(error.context)")
        }
    }

    /// Writes the file with mode 600. At every moment, also of a crash or a loss of power, `path` names nothing, the whole old file,
    /// or the whole new one; when this returns, the new one survives. Unless `replacing`, an existing file is left as it is and
    /// ``KeystoreError/Code/alreadyExists`` thrown, whoever else may be writing at the same time.
    public func write(to path: String, replacing: Bool = false) throws(KeystoreError) {
        let file = try PendingFile(for: path)
        try file.write(json)
        try file.synchronize()
        try file.publish(replacing: replacing)
        try PendingFile.synchronizeDirectory(of: path)
    }
}
