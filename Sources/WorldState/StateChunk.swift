public import Primitives

/// A stretch of a snapshot: every key and value whose path lies in a range, with a proof that they are all there is. Each chunk
/// is checked alone against the state root, in any order, from any peer; no manifest is trusted.
public struct StateChunk: Hashable, Sendable {
    /// Keys and values of one chunk, in bytes; a chunk has at least one entry, however large.
    public static let byteCountMax = 1 << 20
    /// Entries of one chunk.
    public static let entriesMax = 1 << 16

    /// The first path of the range.
    public let from: Digest
    /// The last path of the range.
    public let through: Digest
    /// In the order of their paths; every claim is present.
    public let entries: [StateClaim]
    public let proof: StateProof

    /// Where the next chunk starts, or nil behind the last.
    public var next: Digest? { through.next }

    /// Checks that `entries` are exactly the keys and values of the state with `root` in `from ... through`.
    public func verify(root: Digest) throws(ProofError) {
        _ = try verifiedLeaves(root: root)
    }

    func verifiedLeaves(root: Digest) throws(ProofError) -> [ClaimedLeaf] {
        let leaves = entries.map(ClaimedLeaf.init)
        guard from <= through, leaves.allSatisfy({ $0.hash != nil && (from...through).contains($0.path) }),
              zip(leaves, leaves.dropFirst()).allSatisfy({ $0.path < $1.path }) else { throw .malformed }
        try proof.verify(root: root, leaves, range: from...through)
        return leaves
    }
}

extension StateChunk: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        from.encode(into: &encoder)
        through.encode(into: &encoder)
        encoder.encode(entries)
        proof.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        from = try decoder.decode(Digest.self)
        through = try decoder.decode(Digest.self)
        entries = try decoder.decodeSequence(of: StateClaim.self, limit: Self.entriesMax)
        proof = try decoder.decode(StateProof.self)
    }
}

extension StateView {
    /// The chunk of this state that starts at path `from` and holds at most about `byteCount` bytes of keys and values.
    public func chunk(from: Digest, byteCount: Int = StateChunk.byteCountMax) throws(StoreError) -> StateChunk {
        try chunk(from: from, byteCount: byteCount, nodesMax: StateProof.nodesMax)
    }

    func chunk(from: Digest, byteCount: Int, nodesMax: Int) throws(StoreError) -> StateChunk {
        var entries: [StateClaim] = []
        var bytes = 0
        var through = Digest.last
        // Whoever searches for keys whose paths share many bits makes proofs long. A branch stands above two entries, or above
        // an end of the range; the former number the bits that an entry shares with the one before, as far as that one shares
        // fewer with its own.
        var branches = 2 * 8 * Digest.byteCount
        var last: Digest?, shared = -1
        var isDamaged = false
        try forEachLeaf(from: from) { path, key, value in
            guard let key = StateKey(key) else {
                isDamaged = true
                return false
            }
            let size = key.bytes.count + value.count
            let common = last.map(path.commonPrefixLength) ?? -1
            branches += max(0, common - shared)
            (last, shared) = (path, common)
            let isFull = bytes + size > byteCount || entries.count == StateChunk.entriesMax || 2 * branches + 1 > nodesMax
            if isFull, !entries.isEmpty {
                // The range ends right before the first leaf that was left out.
                through = path.previous!
                return false
            }
            bytes += size
            entries.append(StateClaim(key: key, value: value))
            return true
        }
        if isDamaged { throw StoreError(.corrupt, "the key of a leaf behind \(from)") }
        var prover = StateProver(view: self, selection: .range(from...through))
        return StateChunk(from: from, through: through, entries: entries, proof: try prover.prove())
    }

    /// Calls `body` with every leaf at or behind `from` in the order of paths until it returns false.
    func forEachLeaf(
        from: Digest, _ body: (Digest, [UInt8], [UInt8]) -> Bool
    ) throws(StoreError) { _ = try walk(page, at: .root, from: from, body) }

    private func walk(
        _ page: Page, at position: TreePosition, from: Digest, _ body: (Digest, [UInt8], [UInt8]) -> Bool
    ) throws(StoreError) -> Bool {
        for slot in 0..<16 where page.body.counts[slot] > 0 {
            let child = position.child(slot)
            guard child.prefix.fillingBits(from: child.bits) >= from else { continue }
            switch page.body.slots[slot] {
            case .page(let inner):
                guard try walk(inner, at: child, from: from, body) else { return false }
            case .bottom(let bottom):
                for leaf in try source.leaves(of: page, slot, at: child) where leaf.path >= from {
                    let entry = bottom.cells[leaf.path.cell(child.bits)].entry(at: leaf.path)
                    let stored = entry == nil ? try source.entry(at: leaf.path) : nil
                    guard let (key, value) = entry.map({ ($0.key, $0.value) }) ?? stored else {
                        throw StoreError(.corrupt, "leaf \(leaf.path) is gone")
                    }
                    guard body(leaf.path, key, value) else { return false }
                }
            case .stored:
                var goesOn = true, isDamaged = false
                try source.scanLeaves(under: child, from: from) { path, record in
                    guard let parts = LeafRecord.parts(record) else {
                        isDamaged = true
                        return false
                    }
                    goesOn = body(path, [UInt8](parts.key), [UInt8](parts.value))
                    return goesOn
                }
                if isDamaged { throw StoreError(.corrupt, "a leaf record under \(child.prefix)") }
                guard goesOn else { return false }
            }
        }
        return true
    }
}

extension Digest {
    /// The path before in order, or nil at the first.
    var previous: Digest? {
        var result = self
        let borrowed = withUnsafeMutableBytes(of: &result) { bytes in
            for index in (0..<32).reversed() {
                bytes[index] &-= 1
                if bytes[index] != 0xff { return false }
            }
            return true
        }
        return borrowed ? nil : result
    }
}
