import Primitives

/// Reads pages, leaves and values of the flushed state, checking what it reads.
struct TreeSource: Sendable {
    let snapshot: any KeyValueSnapshot

    func page(at position: TreePosition, version: UInt64) throws(StoreError) -> Page {
        let body = try position.withKey { (key) throws(StoreError) in
            try snapshot.read(.page, key) { record in record.flatMap(PageRecord.read) }
        }
        guard let body else { throw StoreError(.corrupt, "inner page \(position.prefix) at depth \(position.depth)") }
        return Page(version: version, body: body)
    }

    /// The page at `position`, whose hash `slot` of its parent knows.
    func page(in slot: Int, of parent: Page, at position: TreePosition, version: UInt64) throws(StoreError) -> Page {
        let page = try page(at: position, version: version)
        guard page.body.hash == parent.body.hashes[16 + slot] else {
            throw StoreError(.corrupt, "the hash of the inner page \(position.prefix) at depth \(position.depth)")
        }
        return page
    }

    /// Calls `body` with the path and record of every leaf whose path starts with `position` and is not before `start`, in
    /// order, until it returns false.
    func scanLeaves(
        under position: TreePosition, from start: Digest? = nil, _ body: (Digest, UnsafeRawBufferPointer) -> Bool
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

    /// The leaves under a position, at most ``Bottom/capacity``.
    func leaves(under position: TreePosition) throws(StoreError) -> [Leaf] {
        var leaves: [Leaf] = []
        try scanBottom(under: position) { leaf, _ in leaves.append(leaf) }
        return leaves
    }

    /// Calls `body` with each of the leaves under a position, at most ``Bottom/capacity``, and its record.
    func scanBottom(
        under position: TreePosition, _ body: (Leaf, UnsafeRawBufferPointer) -> Void
    ) throws(StoreError) {
        var found = 0
        var isDamaged = false
        try scanLeaves(under: position) { path, record in
            guard let hash = LeafRecord.hash(record), found < Bottom.capacity else {
                isDamaged = true
                return false
            }
            found += 1
            body(Leaf(path: path, hash: hash), record)
            return true
        }
        if isDamaged { throw StoreError(.corrupt, "the leaves under the first \(position.bits) bits of \(position.prefix)") }
    }

    func value(at path: Digest) throws(StoreError) -> [UInt8]? {
        try withDigest(path) { (key) throws(StoreError) in
            try snapshot.read(.leaf, key) { record in record.flatMap(LeafRecord.value) }
        }
    }

    /// Key and value; nil when there is no leaf.
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
