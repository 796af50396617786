import Primitives

/// Reads pages, leaves and values of the flushed state, checking what it reads.
struct TreeSource: Sendable {
    let snapshot: any KeyValueSnapshot

    func page(at position: PagePosition, version: UInt64) throws(StoreError) -> Page {
        let body = try position.withKey { (key) throws(StoreError) in
            try snapshot.read(.page, key) { record in record.flatMap(PageRecord.read) }
        }
        guard let body else { throw StoreError(.corrupt, "inner page \(position.prefix) at depth \(position.depth)") }
        return Page(version: version, body: body)
    }

    /// Calls `body` with the path and record of every leaf whose path starts with `position` and is not before `start`, in
    /// order, until it returns false.
    func scanLeaves(
        under position: PagePosition, from start: Digest? = nil, _ body: (Digest, UnsafeRawBufferPointer) -> Bool
    ) throws(StoreError) {
        var first = position.prefix
        if let start, start > first { first = start }
        try withDigest(first) { (key) throws(StoreError) in
            try snapshot.scan(.leaf, .ascending, from: key) { key, record in
                guard key.count == Digest.byteCount else { return false }
                let path = Digest(reading: key)
                return position.contains(path) && body(path, record)
            }
        }
    }

    /// The `count` leaves of a bottom. `visit` sees each record, so that a caller may take what it needs while it is at hand.
    func leaves(
        under position: PagePosition, count: Int, visit: (Digest, UnsafeRawBufferPointer) -> Void = { _, _ in }
    ) throws(StoreError) -> [Leaf] {
        var leaves: [Leaf] = []
        leaves.reserveCapacity(count + 1)
        var isDamaged = false
        try scanLeaves(under: position) { path, record in
            guard let hash = LeafRecord.hash(record), leaves.count < count else {
                isDamaged = true
                return false
            }
            leaves.append(Leaf(path: path, hash: hash, entry: nil))
            visit(path, record)
            return true
        }
        guard !isDamaged, leaves.count == count else {
            throw StoreError(.corrupt, "expected \(count) leaves under \(position.prefix) at depth \(position.depth)")
        }
        return leaves
    }

    func value(at path: Digest) throws(StoreError) -> [UInt8]? {
        try withDigest(path) { (key) throws(StoreError) in
            try snapshot.read(.leaf, key) { record in record.flatMap(LeafRecord.value) }
        }
    }

    /// The value's hash as its leaf commits to it; nil when there is no leaf.
    func entry(at path: Digest) throws(StoreError) -> (key: [UInt8], value: [UInt8])? {
        try withDigest(path) { (key) throws(StoreError) in
            try snapshot.read(.leaf, key) { record in
                record.flatMap(LeafRecord.parts).map { ([UInt8]($0.key), [UInt8]($0.value)) }
            }
        }
    }
}

/// The standard library's scoped access to bytes, with typed errors.
func withDigest<Result>(
    _ digest: Digest, _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Result
) throws(StoreError) -> Result {
    var result: Swift.Result<Result, StoreError>?
    withUnsafeBytes(of: digest) { raw in
        do throws(StoreError) { result = .success(try body(raw)) } catch { result = .failure(error) }
    }
    return try result!.get()
}

extension [UInt8] {
    /// The standard library's scoped access to bytes, with typed errors.
    func withRawBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        var result: Swift.Result<Result, StoreError>?
        withUnsafeBytes { raw in
            do throws(StoreError) { result = .success(try body(raw)) } catch { result = .failure(error) }
        }
        return try result!.get()
    }
}
