import CLMDB
public import WorldState

/// One batch of the state store: puts go through a cursor per table, which finds the next key on the page where it stands.
/// Batches sorted by key therefore cost a search per page and not per key.
public final class StateWriter: KeyValueWriter {
    private let transaction: OpaquePointer
    private let tables: [MDB_dbi]
    /// One per table, opened when first used. LMDB closes them with the transaction.
    private let cursors: UnsafeMutablePointer<OpaquePointer?>
    /// Set when the map was too small: the batch is undone, the map grows, and the batch runs again.
    private(set) var mapIsFull = false
    private var hasEnded = false

    init(_ transaction: OpaquePointer, tables: [MDB_dbi]) {
        self.transaction = transaction
        self.tables = tables
        cursors = .allocate(capacity: tables.count)
        cursors.initialize(repeating: nil, count: tables.count)
    }

    deinit { cursors.deallocate() }

    /// The transaction is over; a writer that was kept must not reach it.
    func end() { hasEnded = true }

    public func put(
        _ table: StateTable, _ key: UnsafeRawBufferPointer, size: Int, fill: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(StoreError) {
        try put(Int(table.rawValue), key, size: size, atEnd: table.growsAtItsEnd, fill: fill)
    }

    /// - Parameter atEnd: the key is likely to be behind all others. Pages are then filled one after the other, not split in the middle.
    func put(
        _ table: Int, _ key: UnsafeRawBufferPointer, size: Int, atEnd: Bool = false, fill: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(StoreError) {
        precondition(!hasEnded && key.count > 0 && key.count <= StateStoreOptions.keyBytesMax)
        var name = MDB_val(mv_size: key.count, mv_data: UnsafeMutableRawPointer(mutating: key.baseAddress))
        var value = MDB_val(mv_size: size, mv_data: nil)
        let cursor = try cursor(table)
        var code = mdb_cursor_put(cursor, &name, &value, UInt32(MDB_RESERVE) | (atEnd ? UInt32(MDB_APPEND) : 0))
        if atEnd, code == MDB_KEYEXIST {
            // There is a key at or behind it.
            value = MDB_val(mv_size: size, mv_data: nil)
            code = mdb_cursor_put(cursor, &name, &value, UInt32(MDB_RESERVE))
        }
        guard code == 0 else { throw failure(code, "put") }
        // LMDB has reserved `size` bytes at `mv_data`, ours until the next operation.
        fill(UnsafeMutableRawBufferPointer(start: value.mv_data, count: size))
    }

    public func remove(_ table: StateTable, _ key: UnsafeRawBufferPointer) throws(StoreError) {
        precondition(!hasEnded && key.count > 0 && key.count <= StateStoreOptions.keyBytesMax)
        var name = MDB_val(mv_size: key.count, mv_data: UnsafeMutableRawPointer(mutating: key.baseAddress))
        let code = mdb_del(transaction, tables[Int(table.rawValue)], &name, nil)
        guard code == 0 || code == MDB_NOTFOUND else { throw failure(code, "remove") }
    }

    @inline(__always)
    private func cursor(_ table: Int) throws(StoreError) -> OpaquePointer {
        if let cursor = cursors[table] { return cursor }
        var cursor: OpaquePointer?
        let code = mdb_cursor_open(transaction, tables[table], &cursor)
        guard code == 0 else { throw failure(code, "open a cursor") }
        cursors[table] = cursor
        return cursor!
    }

    private func failure(_ code: Int32, _ what: String) -> StoreError {
        if code == MDB_MAP_FULL { mapIsFull = true }
        return LMDB.error(code, what)
    }
}
