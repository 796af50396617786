import Glibc
import Primitives

/// A file that is being written beside the place where it will be, under a name of its own. The steps are called in this order:
/// ``write(_:)``, ``synchronize()``, ``publish(replacing:)``, ``synchronizeDirectory(of:)``. One that ends before it is published
/// is removed; a crash leaves it behind, encrypted like the rest and in nobody's way.
struct PendingFile: ~Copyable {
    let temporaryPath: String
    private let path: String
    private let descriptor: Int32

    /// Makes an empty file with mode 600 in the directory of `path`.
    init(for path: String) throws(KeystoreError) {
        // Random, so that writers at the same time never share one; exclusive, so that nobody can have laid one out for us.
        temporaryPath = "\(path).\(Entropy.bytes(8).hex).new"
        self.path = path
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SystemCall.failure("create \(temporaryPath)") }
    }

    deinit {
        close(descriptor)
        // After a replacement there is nothing left under this name.
        unlink(temporaryPath)
    }

    borrowing func write(_ bytes: [UInt8]) throws(KeystoreError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + done, $0.count - done) }
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemCall.failure("write \(temporaryPath)")
            }
            done += count
        }
    }

    /// Returns when the contents survive a loss of power; only then may they get their name.
    borrowing func synchronize() throws(KeystoreError) {
        guard fsync(descriptor) == 0 else { throw SystemCall.failure("synchronize \(temporaryPath)") }
    }

    /// Gives the file its name in one step: by `rename`, which replaces what is there, or by `link`, which refuses to.
    borrowing func publish(replacing: Bool) throws(KeystoreError) {
        let status = replacing ? rename(temporaryPath, path) : link(temporaryPath, path)
        guard status == 0 else { throw SystemCall.failure("name \(path)") }
    }

    /// Returns when the name survives a loss of power.
    static func synchronizeDirectory(of path: String) throws(KeystoreError) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemCall.failure("open \(directory)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw SystemCall.failure("synchronize \(directory)") }
    }
}

/// Turns the operating system's refusals into ``KeystoreError``.
enum SystemCall {
    /// What the system has just said, about `what`.
    static func failure(_ what: String) -> KeystoreError {
        let number = errno, reason = String(cString: strerror(number))
        switch number {
        case ENOENT: return KeystoreError(.notFound, "\(what): \(reason)")
        case EEXIST: return KeystoreError(.alreadyExists, "\(what): \(reason)")
        default: return KeystoreError(.io, "\(what): \(reason)")
        }
    }
}
