public import Primitives

/// Builds the inner pages of a state from its leaves alone, in one pass over the store in the order of paths and in memory
/// that does not grow with the state. A restored snapshot gets its pages so; a node checks its store so.
struct TreeBuilder {
    let source: TreeSource
    /// Whether leaf hashes are computed again from keys and values, or taken from the records.
    let rehashesLeaves: Bool
    /// Receives each page below the root, children first.
    let emit: (TreePosition, Page) throws(StoreError) -> Void
    private(set) var leafCount: UInt64 = 0

    init(
        source: TreeSource, rehashesLeaves: Bool, emit: @escaping (TreePosition, Page) throws(StoreError) -> Void
    ) {
        self.source = source
        self.rehashesLeaves = rehashesLeaves
        self.emit = emit
    }

    /// The root page; it is emitted too.
    mutating func build() throws(StoreError) -> Page { try page(at: .root) }

    private mutating func page(at position: TreePosition) throws(StoreError) -> Page {
        var body = PageBody()
        for slot in 0..<16 {
            let child = position.child(slot)
            // One leaf more than a bottom holds tells that a page is needed, without reading the rest twice.
            let leaves = try firstLeaves(under: child)
            if leaves.isEmpty { continue }
            if leaves.count <= Bottom.capacity {
                body.setBottom(slot, nil, count: leaves.count, hash: LeafHash.hash(leaves, depth: child.bits))
                leafCount += UInt64(leaves.count)
            } else {
                body.setPage(slot, nil, hash: try page(at: child).body.hash)
            }
        }
        body.rehash(.max)
        let page = Page(version: 0, body: body)
        try emit(position, page)
        return page
    }

    private func firstLeaves(under position: TreePosition) throws(StoreError) -> [Leaf] {
        var leaves: [Leaf] = []
        var damaged: Digest?
        try source.scanLeaves(under: position) { path, record in
            guard let hash = leafHash(path, record) else {
                damaged = path
                return false
            }
            leaves.append(Leaf(path: path, hash: hash))
            return leaves.count <= Bottom.capacity
        }
        if let damaged { throw StoreError(.corrupt, "the leaf record at \(damaged)") }
        return leaves
    }

    /// nil when the record is damaged.
    private func leafHash(_ path: Digest, _ record: UnsafeRawBufferPointer) -> Digest? {
        guard rehashesLeaves else { return LeafRecord.hash(record) }
        guard let parts = LeafRecord.parts(record), let key = StateKey([UInt8](parts.key)), key.path == path else { return nil }
        let hash = TreeHash.leaf(path: path, valueHash: TreeHash.value([UInt8](parts.value)))
        return LeafRecord.hash(record) == hash ? hash : nil
    }
}

/// Recomputes every hash of the flushed state from its keys and values.
public enum StateCheck {
    /// What a complete check found.
    public struct Report: Equatable, Sendable {
        public let height: Height
        public let root: Digest
        public let keyCount: UInt64
    }

    /// Reads the whole store; nil for an empty one. Any difference is a ``StoreError`` with code `corrupt` that names it.
    public static func run(on snapshot: any KeyValueSnapshot) throws(StoreError) -> Report? {
        guard let state = try FlushedState.read(from: snapshot) else { return nil }
        let source = TreeSource(snapshot: snapshot)
        var builder = TreeBuilder(source: source, rehashesLeaves: true) { (_, _) throws(StoreError) in }
        let root = TreeHash.root(top: try builder.build().body.hash)
        guard root == state.root else { throw StoreError(.corrupt, "the leaves have root \(root), not \(state.root)") }
        guard builder.leafCount == state.leafCount else {
            throw StoreError(.corrupt, "\(builder.leafCount) leaves, not \(state.leafCount)")
        }
        try checkPages(source, at: .root)
        return Report(height: state.height, root: root, keyCount: state.leafCount)
    }

    /// Compares every stored page with what lies below it.
    private static func checkPages(_ source: TreeSource, at position: TreePosition) throws(StoreError) {
        let body = try source.page(at: position, version: 0).body
        for slot in 0..<16 where body.counts[slot] > 0 {
            let child = position.child(slot)
            let isRight: Bool
            if body.counts[slot] == PageBody.pageMark {
                isRight = try source.page(at: child, version: 0).body.hash == body.hashes[16 + slot]
                try checkPages(source, at: child)
            } else {
                let leaves = try source.leaves(under: child)
                isRight = leaves.count == Int(body.counts[slot])
                    && LeafHash.hash(leaves, depth: child.bits) == body.hashes[16 + slot]
            }
            guard isRight else {
                throw StoreError(.corrupt, "slot \(slot) of the page \(position.prefix) at depth \(position.depth)")
            }
        }
    }
}
