import CLMDB
import Glibc
import Primitives
import Synchronization
import WorldState

/// One LMDB database file with its named tables: one writer at a time, any number of readers that never wait for it.
///
/// Sound to send: `handle` and `tables` never change, LMDB's own locks guard the rest, and ``readers`` guards what must not
/// run beside a change of the map.
final class Environment: @unchecked Sendable {
    /// Bounds that only this room needs.
    enum Bounds {
        /// Read transactions that can be open at once. A slot costs 64 bytes of the lock file.
        static let readersMax: UInt32 = 1024
        /// Read transactions that wait for reuse. To begin one anew costs an allocation and a slot in the lock file.
        static let readersSpareMax = 32
        /// The smallest map that is worth a start.
        static let mapBytesMin = 16 << 20
        /// How long a change of the map waits for readers that are still open. They are short by contract; one that is
        /// not must not stop the node.
        static let growthWaitMilliseconds = 2_000
    }

    private struct Readers {
        var live = 0
        /// Ended transactions that keep their slot and can be renewed.
        var spare: [UInt] = []
        var isResizing = false
        var isClosed = false
        /// The environment has been closed; its handle is no more.
        var isReleased = false

        /// True once, when nothing uses the environment any more.
        mutating func mayRelease() -> Bool {
            guard isClosed, live == 0, !isReleased else { return false }
            isReleased = true
            return true
        }
    }

    let handle: OpaquePointer
    let directory: String
    let tables: [MDB_dbi]
    private let options: StateStoreOptions
    private let readers = Monitor(Readers())
    /// Held for the length of a write transaction, and around every change of the map.
    private let writing = Mutex<Int>(0)
    private let lock: Mutex<DirectoryLock?>

    /// Opens the file in `directory`, and makes it if there is none, with a table for each of `names`.
    init(directory: String, names: [String], options: StateStoreOptions) throws(StoreError) {
        try Directory.create(directory)
        lock = Mutex(try DirectoryLock(directory))
        self.directory = directory
        self.options = options
        try Self.reserveLockFile(directory)
        handle = try Self.open(directory, tables: names.count, options: options)
        do throws(StoreError) {
            try Self.coverUnwrittenTail(handle, directory)
            // Readers of a process that died would pin its pages for ever.
            var dead: Int32 = 0
            try LMDB.check(mdb_reader_check(handle, &dead), "check readers")
            let transaction = try WriteTransaction(handle)
            var tables: [MDB_dbi] = []
            for name in names {
                var table: MDB_dbi = 0
                try LMDB.check(mdb_dbi_open(transaction.handle, name, UInt32(MDB_CREATE), &table), "open table \(name)")
                tables.append(table)
            }
            try transaction.commit(in: directory)
            self.tables = tables
        } catch {
            mdb_env_close(handle)
            throw error
        }
    }

    // Every transaction holds the environment, therefore none is open here.
    deinit { close() }

    /// Refuses every later transaction. The file is released with the last snapshot.
    func close() {
        readers.withLock { $0.isClosed = true }
        let mayRelease = writing.withLock { _ in readers.withLock { $0.mayRelease() } }
        if mayRelease { release() }
    }

    private func release() {
        let spare = readers.withLock { readers in
            defer { readers.spare = [] }
            return readers.spare
        }
        for spare in spare { mdb_txn_abort(OpaquePointer(bitPattern: spare)) }
        mdb_env_close(handle)
        lock.withLock { $0 = nil }
    }

    // MARK: Transactions

    /// Pins the newest state. ``endRead(_:)`` must follow.
    func beginRead() throws(StoreError) -> OpaquePointer {
        let (spare, isClosed) = readers.when({ !$0.isResizing }) { readers -> (UInt?, Bool) in
            if readers.isClosed { return (nil, true) }
            readers.live += 1
            return (readers.spare.popLast(), false)
        }
        if isClosed { throw StoreError(.closed, directory) }
        var transaction = spare.flatMap { OpaquePointer(bitPattern: $0) }
        let code = transaction == nil
            ? mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction) : mdb_txn_renew(transaction)
        if code != 0 {
            if spare != nil { mdb_txn_abort(transaction) }
            readers.withLock { $0.live -= 1 }
            throw LMDB.error(code, "begin to read \(directory)")
        }
        return transaction!
    }

    func endRead(_ transaction: OpaquePointer) {
        mdb_txn_reset(transaction)
        let isKept = readers.withLock { readers in
            guard readers.spare.count < Bounds.readersSpareMax && !readers.isClosed else { return false }
            readers.live -= 1
            readers.spare.append(UInt(bitPattern: transaction))
            return true
        }
        if isKept { return }
        mdb_txn_abort(transaction)
        let mayRelease = readers.withLock { readers in
            readers.live -= 1
            return readers.mayRelease()
        }
        if mayRelease { release() }
    }

    /// Runs `body` and commits; again from the start each time the map had to grow.
    func write(_ body: (StateWriter) throws(StoreError) -> Void) throws(StoreError) {
        try writing.withLock { (_) throws(StoreError) in
            try growAhead()
            while true {
                if readers.withLock({ $0.isClosed }) { throw StoreError(.closed, directory) }
                if try attempt(body) { return }
                try grow(within: Bounds.growthWaitMilliseconds)
            }
        }
    }

    /// True when the batch has been committed, false when the map was too small for it.
    private func attempt(_ body: (StateWriter) throws(StoreError) -> Void) throws(StoreError) -> Bool {
        let transaction = try WriteTransaction(handle)
        let writer = StateWriter(transaction.handle, tables: tables)
        defer { writer.end() }
        do throws(StoreError) {
            try body(writer)
        } catch {
            if writer.mapIsFull { return false }
            throw error
        }
        if writer.mapIsFull { return false }
        return try transaction.commit(in: directory)
    }

    // MARK: The map

    /// Bytes of the file in use, and bytes of address space that it may fill.
    var usage: (used: Int, map: Int) {
        readers.withLock { readers in
            if readers.isReleased { return (0, 0) }
            var info = MDB_envinfo()
            mdb_env_info(handle, &info)
            return ((Int(info.me_last_pgno) + 1) * pageBytes, Int(info.me_mapsize))
        }
    }

    var liveReaders: Int { readers.withLock { $0.live } }

    private var pageBytes: Int {
        var status = MDB_stat()
        mdb_env_stat(handle, &status)
        return Int(status.ms_psize)
    }

    /// Doubles the map while nobody reads, when three quarters are in use: later it may be needed while somebody does.
    private func growAhead() throws(StoreError) {
        let (used, map) = usage
        if used > map / 4 * 3 && map * 2 <= options.mapBytesMax { try? grow(within: 0) }
    }

    /// Doubles the map. LMDB moves it, therefore no transaction of this process may be open: new ones wait, and the growth
    /// is refused when an old one does not end.
    private func grow(within milliseconds: Int) throws(StoreError) {
        let size = usage.map * 2
        guard size <= options.mapBytesMax else {
            throw StoreError(.full, "\(directory): the map of \(size / 2) bytes has reached its limit")
        }
        readers.withLock { $0.isResizing = true }
        defer { readers.withLock { $0.isResizing = false } }
        guard readers.when({ $0.live == 0 }, within: milliseconds, { _ in true }) != nil else {
            throw StoreError(.full, "\(directory): the map of \(size / 2) bytes cannot grow while \(liveReaders) snapshots are open")
        }
        let code = mdb_env_set_mapsize(handle, size)
        guard code == 0 else {
            // The old map is gone when the larger one is refused; the old size has just been possible.
            try LMDB.check(mdb_env_set_mapsize(handle, size / 2), "restore the map of \(directory)")
            throw StoreError(.full, "\(directory): no address space for a map of \(size) bytes")
        }
    }

    // MARK: Opening

    private static func open(_ directory: String, tables: Int, options: StateStoreOptions) throws(StoreError) -> OpaquePointer {
        let file = try File(directory + "/data.mdb", flags: O_RDWR | O_CREAT)
        let fileBytes = try file.size
        var mapBytes = max(options.mapBytes, fileBytes * 2)
        while true {
            var environment: OpaquePointer?
            try LMDB.check(mdb_env_create(&environment), "create \(directory)")
            mdb_env_set_maxdbs(environment, UInt32(tables))
            mdb_env_set_maxreaders(environment, Bounds.readersMax)
            mdb_env_set_mapsize(environment, mapBytes)
            // NOTLS: a snapshot belongs to nobody's thread. NORDAHEAD: keys are hashes, neighbours on disk are not read next.
            var flags = UInt32(MDB_NOTLS) | UInt32(MDB_NORDAHEAD)
            if options.durability == .lostWithPower { flags |= UInt32(MDB_NOSYNC) }
            let code = mdb_env_open(environment, directory, flags, 0o640)
            if code == 0 {
                // The name of a file that has just been made must survive what will be written to it.
                if fileBytes == 0 { try Directory.synchronize(directory) }
                return environment!
            }
            mdb_env_close(environment)
            guard code == ENOMEM, mapBytes / 2 >= max(Bounds.mapBytesMin, fileBytes) else {
                throw LMDB.error(code, "open \(directory)")
            }
            mapBytes /= 2
        }
    }

    /// Allocates LMDB's table of readers on disk. It is written through a map, where a full disk would kill the process.
    private static func reserveLockFile(_ directory: String) throws(StoreError) {
        let file = try File(directory + "/lock.mdb", flags: O_RDWR | O_CREAT)
        let code = posix_fallocate(file.descriptor, 0, off_t(64 * (Int(Bounds.readersMax) + 8)))
        // A file system without allocation in advance answers EOPNOTSUPP; there the risk stays.
        if code != 0 && code != EOPNOTSUPP && code != EINVAL { throw SystemCall.error(code, "allocate \(file.path)") }
    }

    /// Extends a file that ends before the last page the database counts. LMDB leaves out pages that were freed before they
    /// were written, but a truncated file looks the same and reading behind its end would kill the process; the zeros that
    /// stand there now fail LMDB's checks instead.
    private static func coverUnwrittenTail(_ environment: OpaquePointer, _ directory: String) throws(StoreError) {
        var info = MDB_envinfo(), status = MDB_stat()
        try LMDB.check(mdb_env_info(environment, &info), "inspect \(directory)")
        try LMDB.check(mdb_env_stat(environment, &status), "inspect \(directory)")
        let needed = (Int(info.me_last_pgno) + 1) * Int(status.ms_psize)
        let file = try File(directory + "/data.mdb", flags: O_RDWR)
        if try file.size < needed { try file.truncate(to: needed) }
    }
}
