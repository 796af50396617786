import Glibc
import WorldState

/// An open file, closed when the value ends.
struct File: ~Copyable, @unchecked Sendable {
    let descriptor: Int32
    let path: String

    init(_ path: String, flags: Int32) throws(StoreError) {
        descriptor = try SystemCall.check("open \(path)") { open(path, flags | O_CLOEXEC, 0o640) }
        self.path = path
    }

    deinit { _ = Glibc.close(descriptor) }

    var size: Int {
        get throws(StoreError) {
            var status = stat()
            try SystemCall.check("stat \(path)") { fstat(descriptor, &status) }
            return Int(status.st_size)
        }
    }

    /// Writes all of `bytes` at `offset`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) {
        var done = 0
        while done < bytes.count {
            done += try SystemCall.check("write \(path)") {
                pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
            }
        }
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(StoreError) {
        try bytes.withUnsafeBufferPointer { raw throws(StoreError) in try write(UnsafeRawBufferPointer(raw), at: offset) }
    }

    /// Reads up to `bytes.count` bytes from `offset` and returns how many there were; fewer only at the end of the file.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(StoreError) -> Int {
        var done = 0
        while done < bytes.count {
            let count = try SystemCall.check("read \(path)") {
                pread(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Reads up to `count` bytes from `offset`.
    func read(_ count: Int, at offset: Int) throws(StoreError) -> [UInt8] {
        var failure: StoreError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(StoreError) {
                initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Returns when what has been written survives a loss of power, with as much of the file's size as reading it needs.
    func synchronizeData() throws(StoreError) { try SystemCall.check("fdatasync \(path)") { fdatasync(descriptor) } }

    func truncate(to size: Int) throws(StoreError) {
        try SystemCall.check("truncate \(path)") { ftruncate(descriptor, off_t(size)) }
    }
}

/// Names in the file system.
enum Directory {
    /// Makes `path` and the directories above it, and makes new names durable.
    static func create(_ path: String) throws(StoreError) {
        if access(path, F_OK) == 0 { return }
        let parent = self.parent(of: path)
        try create(parent)
        if mkdir(path, 0o750) != 0 && errno != EEXIST { throw SystemCall.error(errno, "make directory \(path)") }
        try synchronize(parent)
    }

    /// Makes the names in `path` durable: a file that has been made, renamed or removed.
    static func synchronize(_ path: String) throws(StoreError) {
        let directory = try File(path, flags: O_RDONLY | O_DIRECTORY)
        try SystemCall.check("fsync \(path)") { fsync(directory.descriptor) }
    }

    /// Writes `bytes` as a whole under `path`: a crash leaves the old file or the new one.
    static func replace(_ path: String, with bytes: [UInt8]) throws(StoreError) {
        let temporary = path + temporarySuffix
        do throws(StoreError) {
            let file = try File(temporary, flags: O_WRONLY | O_CREAT | O_TRUNC)
            try file.write(bytes, at: 0)
            try file.synchronizeData()
        } catch {
            unlink(temporary)
            throw error
        }
        try SystemCall.check("rename \(temporary)") { rename(temporary, path) }
        try synchronize(parent(of: path))
    }

    static func remove(_ path: String) throws(StoreError) { try SystemCall.check("remove \(path)") { unlink(path) } }

    static func removeIfPresent(_ path: String) throws(StoreError) {
        if unlink(path) != 0 && errno != ENOENT { throw SystemCall.error(errno, "remove \(path)") }
    }

    /// Removes `path` with everything in it, if it is there. After a crash in between, a part is left.
    static func removeTree(_ path: String) throws(StoreError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw SystemCall.error(errno, "inspect \(path)")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return try remove(path) }
        for name in try names(in: path) { try removeTree(path + "/" + name) }
        try SystemCall.check("remove directory \(path)") { rmdir(path) }
    }

    /// What ``replace(_:with:)`` writes to before it renames; a crash may leave one behind.
    static let temporarySuffix = ".new"

    /// The names in `path`, sorted by their bytes.
    static func names(in path: String) throws(StoreError) -> [String] {
        guard let stream = opendir(path) else { throw SystemCall.error(errno, "list \(path)") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
