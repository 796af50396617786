import Primitives

/// Where history lies in the store: what stood at a path before the block of a height.
///
/// The newest records lie in the groups in which they were written (``StateTable/replaced``), so that a flush fills pages one after the other;
/// in the order of paths, each would fall on a page of its own. Where history is kept for ever, groups are dissolved little by little into
/// records in the order of paths (``StateTable/history``).
///
/// Invariants: a record lies in one place; a group bears a height at or above those of its records, and all of an earlier group are below
/// those of a later one.
enum HistoryRecord {
    static let keySize = Digest.byteCount + 8
    static let groupKeySize = 8 + keySize

    /// The key in ``StateTable/history``.
    static func withKey<Result>(
        path: Digest, height: Height, _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try withBytes((path, height.rawValue.bigEndian), body)
    }

    /// The key in ``StateTable/replaced``.
    static func withKey<Result>(
        group: Height, path: Digest, height: Height, _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try withBytes((group.rawValue.bigEndian, path, height.rawValue.bigEndian), body)
    }

    private static func withBytes<Key: BitwiseCopyable, Result>(
        _ key: Key, _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        var key = key
        var result: Swift.Result<Result, StoreError>?
        withUnsafeMutableBytes(of: &key) { raw in
            do throws(StoreError) { result = .success(try body(UnsafeRawBufferPointer(raw))) } catch { result = .failure(error) }
        }
        return try result!.get()
    }

    /// The height at the end of a key of either table.
    static func height(_ key: UnsafeRawBufferPointer) -> Height { number(key, at: key.count - 8) }

    static func group(_ key: UnsafeRawBufferPointer) -> Height { number(key, at: 0) }

    static func path(inGroup key: UnsafeRawBufferPointer) -> Digest { Digest(reading: UnsafeRawBufferPointer(rebasing: key[8...])) }

    private static func number(_ key: UnsafeRawBufferPointer, at offset: Int) -> Height {
        Height(UInt64(bigEndian: key.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
    }

    /// A record's value, nil when nothing stood there; nil when the record is damaged.
    static func value(_ record: UnsafeRawBufferPointer) -> [UInt8]?? {
        guard let mark = record.first, mark <= 1 else { return nil }
        return .some(mark == 1 ? [UInt8](record.dropFirst()) : nil)
    }
}

extension KeyValueWriter {
    func put(_ table: StateTable, history key: UnsafeRawBufferPointer, value: [UInt8]?) throws(StoreError) {
        try put(table, key, size: 1 + (value?.count ?? 0)) { target in
            target[0] = value == nil ? 0 : 1
            if let value { UnsafeMutableRawBufferPointer(rebasing: target[1...]).copyBytes(from: value) }
        }
    }
}

/// The groups of ``StateTable/replaced``.
struct HistoryGroups {
    let snapshot: any KeyValueSnapshot

    /// The first group that bears `height` or more.
    func first(from height: Height) throws(StoreError) -> Height? {
        var found: Height?
        try HistoryRecord.withKey(group: height, path: .zero, height: 0) { (start) throws(StoreError) in
            try snapshot.scan(.replaced, .ascending, from: start) { key, _ in
                if key.count == HistoryRecord.groupKeySize { found = HistoryRecord.group(key) }
                return false
            }
        }
        return found
    }

    var last: Height? {
        get throws(StoreError) {
            var found: Height?
            try [UInt8](repeating: 0xff, count: HistoryRecord.groupKeySize + 1).withRawBytes { (end) throws(StoreError) in
                try snapshot.scan(.replaced, .descending, from: end) { key, _ in
                    if key.count == HistoryRecord.groupKeySize { found = HistoryRecord.group(key) }
                    return false
                }
            }
            return found
        }
    }

    /// Calls `body` with each group from `height` on.
    func forEach(from height: Height = 0, _ body: (Height) throws(StoreError) -> Void) throws(StoreError) {
        var next: Height? = height
        while let from = next, let group = try first(from: from) {
            try body(group)
            next = group.advanced(by: 1)
        }
    }
}
