import Primitives

extension StateView {
    /// Proves what this state says about `keys`: present or absent, all in one proof. At most ``StateProof/keysMax`` keys.
    public func prove(_ keys: [StateKey]) throws(StoreError) -> StateProof {
        precondition(keys.count <= StateProof.keysMax)
        var prover = StateProver(view: self, selection: .paths(Set(keys.map(\.path)).sorted()))
        return try prover.prove()
    }

    /// The claims that are true of `keys` in this state.
    public func claims(_ keys: [StateKey]) throws(StoreError) -> [StateClaim] {
        var claims: [StateClaim] = []
        for key in keys { claims.append(StateClaim(key: key, value: try value(key))) }
        return claims
    }
}

/// Which part of the tree a proof has to show.
enum ProofSelection {
    /// Strictly ascending.
    case paths([Digest])
    case range(ClosedRange<Digest>)

    func contains(_ path: Digest) -> Bool {
        switch self {
        case .paths(let paths): Self.firstPosition(in: paths, notBefore: path).map { paths[$0] == path } ?? false
        case .range(let range): range.contains(path)
        }
    }

    /// Whether anything of interest starts with the first `depth` bits of `prefix`.
    func touches(_ prefix: Digest, _ depth: Int) -> Bool {
        let last = prefix.fillingBits(from: depth)
        switch self {
        case .paths(let paths): return Self.firstPosition(in: paths, notBefore: prefix).map { paths[$0] <= last } ?? false
        case .range(let range): return prefix <= range.upperBound && last >= range.lowerBound
        }
    }

    private static func firstPosition(in paths: [Digest], notBefore path: Digest) -> Int? {
        var low = 0, high = paths.count
        while low < high {
            let middle = (low + high) / 2
            if paths[middle] < path { low = middle + 1 } else { high = middle }
        }
        return low < paths.count ? low : nil
    }
}

/// Walks a view's tree and writes down the part that a selection needs.
struct StateProver {
    let view: StateView
    let selection: ProofSelection
    private var proof = StateProof()

    init(view: StateView, selection: ProofSelection) {
        self.view = view
        self.selection = selection
    }

    mutating func prove() throws(StoreError) -> StateProof {
        try visit(view.page, at: .root, heap: 1, prefix: .zero, depth: 0)
        return proof
    }

    /// The node at position `heap` of a page.
    private mutating func visit(
        _ page: Page, at position: TreePosition, heap: Int, prefix: Digest, depth: Int
    ) throws(StoreError) {
        let multiplicity = page.body.multiplicity(heap)
        if multiplicity == 0 {
            proof.append(.empty)
        } else if !selection.touches(prefix, depth) {
            proof.append(.stub)
            proof.stubs.append(page.body.hashes[heap])
        } else if multiplicity == 1 {
            try emit(try onlyLeaf(of: page, at: position, under: heap))
        } else if heap < 16 {
            proof.append(.branch)
            try visit(page, at: position, heap: 2 * heap, prefix: prefix, depth: depth + 1)
            try visit(page, at: position, heap: 2 * heap + 1, prefix: prefix.settingBit(depth), depth: depth + 1)
        } else {
            try visitSlot(heap - 16, of: page, at: position.child(heap - 16))
        }
    }

    private mutating func visitSlot(_ slot: Int, of page: Page, at position: TreePosition) throws(StoreError) {
        if page.body.counts[slot] == PageBody.pageMark {
            let child: Page
            if case .page(let inMemory) = page.body.slots[slot] { child = inMemory } else {
                child = try view.source.page(in: slot, of: page, at: position, version: 0)
            }
            try visit(child, at: position, heap: 1, prefix: position.prefix, depth: position.bits)
        } else {
            try visit(try view.source.leaves(of: page, slot, at: position)[...], prefix: position.prefix, depth: position.bits)
        }
    }

    /// The subtree of a bottom's leaves.
    private mutating func visit(_ leaves: ArraySlice<Leaf>, prefix: Digest, depth: Int) throws(StoreError) {
        if leaves.isEmpty {
            proof.append(.empty)
        } else if !selection.touches(prefix, depth) {
            proof.append(.stub)
            proof.stubs.append(LeafHash.hash(Array(leaves), depth: depth))
        } else if leaves.count == 1 {
            try emit(leaves[leaves.startIndex])
        } else {
            proof.append(.branch)
            let split = leaves.firstIndex { $0.path.bit(depth) } ?? leaves.endIndex
            try visit(leaves[..<split], prefix: prefix, depth: depth + 1)
            try visit(leaves[split...], prefix: prefix.settingBit(depth), depth: depth + 1)
        }
    }

    private mutating func emit(_ leaf: Leaf) throws(StoreError) {
        proof.append(.leaf)
        guard !selection.contains(leaf.path) else { return }
        guard let value = try view.value(at: leaf.path) else { throw StoreError(.corrupt, "leaf \(leaf.path) is gone") }
        proof.leaves.append(ProofLeaf(path: leaf.path, valueHash: TreeHash.value(value)))
    }

    /// The one leaf under a heap position with multiplicity one: it is alone in its slot.
    private func onlyLeaf(of page: Page, at position: TreePosition, under heap: Int) throws(StoreError) -> Leaf {
        var low = heap, high = heap
        while low < 16 { (low, high) = (2 * low, 2 * high + 1) }
        for slot in (low - 16)...(high - 16) where page.body.counts[slot] == 1 {
            let leaves = try view.source.leaves(of: page, slot, at: position.child(slot))
            guard leaves.count == 1 else { throw StoreError(.corrupt, "\(leaves.count) leaves in slot \(slot) under \(position.prefix), not 1") }
            return leaves[0]
        }
        preconditionFailure("a heap position of multiplicity one has a slot with one leaf")
    }
}
