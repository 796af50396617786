import Glibc

/// The system's calls for one file, with their refusals as ``JournalError``.
enum JournalFile {
    static func makeDirectory(_ path: String) throws(JournalError) {
        guard mkdir(path, 0o750) != 0 else { return try synchronizeDirectory(parent(of: path)) }
        guard errno == EEXIST else { throw failure("make the directory \(path)") }
    }

    /// Keeps a directory to one monitor; the system drops the lock with the process. A child that was forked just now shares it until it
    /// becomes another program, therefore a moment is waited.
    static func lock(_ directory: String) throws(JournalError) -> Int32 {
        let descriptor = try check("open \(directory)/LOCK") { Glibc.open(directory + "/LOCK", O_RDWR | O_CREAT | O_CLOEXEC, 0o640) }
        for _ in 0..<30 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
            usleep(10_000)
        }
        close(descriptor)
        throw JournalError(.locked, "another monitor works with \(directory)")
    }

    static func open(_ path: String) throws(JournalError) -> Int32 { try check("open \(path)") { Glibc.open(path, O_RDWR | O_CLOEXEC) } }

    static func read(_ path: String, max: Int) throws(JournalError) -> [UInt8] {
        let descriptor = try open(path)
        defer { close(descriptor) }
        var status = stat()
        _ = try check("inspect \(path)") { fstat(descriptor, &status) }
        guard status.st_size <= max else { throw JournalError(.corrupt, "\(path) has \(status.st_size) bytes") }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size)), done = 0
        while done < bytes.count {
            let start = done
            let count = try check("read \(path)") { bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress! + start, $0.count - start, off_t(start)) } }
            guard count > 0 else { break }
            done += count
        }
        return Array(bytes.prefix(done))
    }

    static func write(_ descriptor: Int32, _ bytes: [UInt8], at offset: Int) throws(JournalError) {
        var done = 0
        while done < bytes.count {
            let start = done
            done += try check("write the journal") {
                bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress! + start, $0.count - start, off_t(offset + start)) }
            }
        }
    }

    /// What a failed call leaves behind is not known; it is never tried again.
    static func synchronize(_ descriptor: Int32) throws(JournalError) {
        guard fdatasync(descriptor) == 0 else { throw JournalError(.io, "make the journal durable: \(String(cString: strerror(errno)))") }
    }

    static func cut(_ descriptor: Int32, to size: Int) throws(JournalError) {
        _ = try check("cut the journal") { ftruncate(descriptor, off_t(size)) }
        try synchronize(descriptor)
    }

    /// Writes a whole file: a crash leaves the old one or the new one.
    static func replace(_ path: String, with bytes: [UInt8]) throws(JournalError) {
        let temporary = path + ".new"
        let descriptor = try check("make \(temporary)") { Glibc.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640) }
        do throws(JournalError) {
            defer { close(descriptor) }
            try write(descriptor, bytes, at: 0)
            try synchronize(descriptor)
        } catch {
            unlink(temporary)
            throw error
        }
        _ = try check("rename \(temporary)") { rename(temporary, path) }
        try synchronizeDirectory(parent(of: path))
    }

    private static func synchronizeDirectory(_ path: String) throws(JournalError) {
        let descriptor = try check("open \(path)") { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(descriptor) }
        _ = try check("make names in \(path) durable") { fsync(descriptor) }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func check<Number: SignedInteger>(_ what: String, _ call: () -> Number) throws(JournalError) -> Number {
        while true {
            let result = call()
            if result >= 0 { return result }
            if errno != EINTR { throw failure(what) }
        }
    }

    private static func failure(_ what: String) -> JournalError {
        let code = errno
        return JournalError([ENOSPC, EDQUOT, EFBIG].contains(code) ? .full : .io, "\(what): \(String(cString: strerror(code)))")
    }
}
