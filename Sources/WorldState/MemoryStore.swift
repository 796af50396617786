import Primitives

/// A store in memory, for tests and the simulator: sorted arrays that snapshots share until the next batch.
/// It serves one owner; nothing in it may be used from two threads at once.
public final class MemoryStore: KeyValueStore, @unchecked Sendable {
    // Sound: the owner promises to write from one thread; snapshots hold immutable values.
    private var tables: [SortedTable] = StateTable.allCases.map { _ in SortedTable() }
    /// Batches written; tests ask for it.
    public private(set) var batchCount = 0

    public init() {}

    public func snapshot() -> MemorySnapshot { MemorySnapshot(tables) }

    public func write(_ body: (MemoryWriter) throws(StoreError) -> Void) throws(StoreError) {
        let writer = MemoryWriter(tables)
        try body(writer)
        tables = writer.finish()
        batchCount += 1
    }
}

/// Keys in ascending order with their values.
struct SortedTable: Sendable {
    var keys: [[UInt8]] = []
    var values: [[UInt8]] = []

    /// The position of `key`, or of the first key behind it.
    func position(of key: some Collection<UInt8>) -> Int {
        var low = 0, high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle].lexicographicallyPrecedes(key) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Merges changes, of which nil values remove.
    mutating func merge(_ changes: [[UInt8]: [UInt8]?]) {
        guard !changes.isEmpty else { return }
        var merged = SortedTable()
        var position = 0
        for (key, value) in changes.sorted(by: { $0.key.precedes($1.key) }) {
            while position < keys.count, keys[position].precedes(key) {
                merged.keys.append(keys[position])
                merged.values.append(values[position])
                position += 1
            }
            if position < keys.count, keys[position] == key { position += 1 }
            if let value {
                merged.keys.append(key)
                merged.values.append(value)
            }
        }
        merged.keys.append(contentsOf: keys[position...])
        merged.values.append(contentsOf: values[position...])
        self = merged
    }
}

public final class MemorySnapshot: KeyValueSnapshot {
    private let tables: [SortedTable]

    init(_ tables: [SortedTable]) { self.tables = tables }

    public func read<Result>(
        _ table: StateTable, _ key: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) -> Result
    ) -> Result {
        let table = tables[Int(table.rawValue)]
        let position = table.position(of: key)
        guard position < table.keys.count, table.keys[position].elementsEqual(key) else { return body(nil) }
        return table.values[position].withUnsafeBytes { body($0) }
    }

    public func scan(
        _ table: StateTable, _ direction: ScanDirection, from key: UnsafeRawBufferPointer,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) {
        let table = tables[Int(table.rawValue)]
        let start = table.position(of: key)
        let step = direction == .ascending ? 1 : -1
        var position = direction == .ascending ? start : start - 1
        while table.keys.indices.contains(position) {
            let goesOn = table.keys[position].withUnsafeBytes { key in
                table.values[position].withUnsafeBytes { value in body(key, value) }
            }
            if !goesOn { return }
            position += step
        }
    }
}

public final class MemoryWriter: KeyValueWriter {
    private var tables: [SortedTable]
    private var changes: [[[UInt8]: [UInt8]?]]

    init(_ tables: [SortedTable]) {
        self.tables = tables
        changes = tables.map { _ in [:] }
    }

    public func put(
        _ table: StateTable, _ key: UnsafeRawBufferPointer, size: Int, fill: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        var value = [UInt8](repeating: 0, count: size)
        value.withUnsafeMutableBytes { fill($0) }
        changes[Int(table.rawValue)][[UInt8](key)] = .some(value)
    }

    public func remove(_ table: StateTable, _ key: UnsafeRawBufferPointer) {
        changes[Int(table.rawValue)][[UInt8](key)] = .some(nil)
    }

    func finish() -> [SortedTable] {
        for index in tables.indices { tables[index].merge(changes[index]) }
        return tables
    }
}
