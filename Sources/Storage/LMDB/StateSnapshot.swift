import CLMDB
import Synchronization
public import WorldState

/// The state as it was when the snapshot was taken: one read transaction that threads share. It pins the pages of that state,
/// so that a snapshot kept for long makes the file grow.
///
/// Sound to send: LMDB's calls on the transaction are made under ``lock``. The bytes they return lie in the map, which
/// neither moves nor changes at these places while the transaction is open.
public final class StateSnapshot: KeyValueSnapshot, @unchecked Sendable {
    private let environment: Environment
    private let transaction: OpaquePointer
    private let cursors: UnsafeMutablePointer<OpaquePointer?>
    private let lock = Mutex<Int>(0)

    init(_ environment: Environment) throws(StoreError) {
        transaction = try environment.beginRead()
        self.environment = environment
        cursors = .allocate(capacity: environment.tables.count)
        cursors.initialize(repeating: nil, count: environment.tables.count)
    }

    deinit {
        for index in environment.tables.indices {
            if let cursor = cursors[index] { mdb_cursor_close(cursor) }
        }
        cursors.deallocate()
        environment.endRead(transaction)
    }

    public func read<Result>(
        _ table: StateTable, _ key: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) -> Result
    ) throws(StoreError) -> Result {
        try read(Int(table.rawValue), key, body)
    }

    func read<Result>(
        _ table: Int, _ key: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) -> Result
    ) throws(StoreError) -> Result {
        guard key.count > 0 && key.count <= StateStoreOptions.keyBytesMax else { return body(nil) }
        var name = MDB_val(mv_size: key.count, mv_data: UnsafeMutableRawPointer(mutating: key.baseAddress))
        var value = MDB_val()
        let code = lock.withLock { _ in mdb_get(transaction, environment.tables[table], &name, &value) }
        if code == MDB_NOTFOUND { return body(nil) }
        try LMDB.check(code, "read")
        return body(UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size))
    }

    public func scan(
        _ table: StateTable, _ direction: ScanDirection, from key: UnsafeRawBufferPointer,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) throws(StoreError) {
        let index = Int(table.rawValue)
        let code = lock.withLock { _ -> Int32 in
            if cursors[index] == nil {
                let code = mdb_cursor_open(transaction, environment.tables[index], &cursors[index])
                guard code == 0 else { return code }
            }
            let cursor = cursors[index]
            var name = MDB_val(mv_size: key.count, mv_data: UnsafeMutableRawPointer(mutating: key.baseAddress))
            var value = MDB_val()
            var code = mdb_cursor_get(cursor, &name, &value, key.count == 0 ? MDB_FIRST : MDB_SET_RANGE)
            if direction == .descending {
                // The cursor stands on the first key behind the range, or on none.
                if code == 0 || code == MDB_NOTFOUND {
                    code = mdb_cursor_get(cursor, &name, &value, code == 0 ? MDB_PREV : MDB_LAST)
                }
            }
            while code == 0, body(
                UnsafeRawBufferPointer(start: name.mv_data, count: name.mv_size),
                UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size)
            ) {
                code = mdb_cursor_get(cursor, &name, &value, direction == .ascending ? MDB_NEXT : MDB_PREV)
            }
            return code
        }
        if code != MDB_NOTFOUND { try LMDB.check(code, "scan") }
    }
}
