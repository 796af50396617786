import CLMDB
import Glibc
import WorldState

/// LMDB's return codes as ``StoreError``.
enum LMDB {
    static func check(_ code: Int32, _ what: @autoclosure () -> String) throws(StoreError) {
        if code != MDB_SUCCESS { throw error(code, what()) }
    }

    static func error(_ code: Int32, _ what: String) -> StoreError {
        let reason = String(cString: mdb_strerror(code))
        switch code {
        case MDB_MAP_FULL: return StoreError(.full, "\(what): \(reason)")
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_INVALID, MDB_PAGE_FULL, MDB_CURSOR_FULL:
            return StoreError(.corrupt, "\(what): \(reason)")
        case MDB_VERSION_MISMATCH, MDB_INCOMPATIBLE: return StoreError(.incompatible, "\(what): \(reason)")
        case 1...: return SystemCall.error(code, what)
        default: return StoreError(.io, "\(what): \(reason)")
        }
    }
}

/// A write transaction: committed once or undone. LMDB ties it to the thread that began it.
struct WriteTransaction: ~Copyable {
    let handle: OpaquePointer

    init(_ environment: OpaquePointer) throws(StoreError) {
        var handle: OpaquePointer?
        try LMDB.check(mdb_txn_begin(environment, nil, 0, &handle), "begin to write")
        self.handle = handle!
    }

    deinit { mdb_txn_abort(handle) }

    /// Makes the transaction durable. False when the map was too small for it; then, as after an error, it is undone.
    @discardableResult
    consuming func commit(in directory: String) throws(StoreError) -> Bool {
        let handle = handle
        discard self
        let code = mdb_txn_commit(handle)
        if code == MDB_MAP_FULL { return false }
        // LMDB reports a write that a full disk cut short as EIO.
        if code == EIO && Self.isFull(directory) { throw StoreError(.full, "commit \(directory): no space left on the device") }
        try LMDB.check(code, "commit \(directory)")
        return true
    }

    private static func isFull(_ directory: String) -> Bool {
        var status = statvfs()
        return statvfs(directory, &status) == 0 && status.f_bavail * status.f_frsize < 1 << 20
    }
}
