import Primitives

/// A change with what the tree needs of it.
struct PreparedChange: Sendable {
    let path: Digest
    /// The hash of the new leaf; meaningless for a removal.
    let hash: Digest
    let key: [UInt8]
    /// nil for a removal.
    let entry: Entry?

    init(_ change: StateChange, version: UInt64) {
        key = change.key.bytes
        path = change.key.path
        if let value = change.value {
            entry = Entry(key: key, value: value, version: version)
            hash = TreeHash.leaf(path: path, valueHash: TreeHash.value(value))
        } else {
            entry = nil
            hash = .zero
        }
    }
}

/// One batch of changes on its way through the tree: it copies the pages it touches, so that older versions stay as they are.
struct TreeUpdate {
    /// What stood at a changed path before.
    enum Previous: Sendable {
        case absent
        case value([UInt8])
    }

    let source: TreeSource
    let version: UInt64
    let changes: [PreparedChange]
    /// Parallel to `changes`.
    private(set) var previous: [Previous]
    /// Pages that became bottoms again.
    private(set) var removedPages: [PagePosition] = []
    /// Hashes of the tree: paths, values, leaves and inner nodes.
    private(set) var hashCount: Int

    /// `changes` are in strictly ascending order of their paths.
    init(source: TreeSource, version: UInt64, changes: [PreparedChange]) {
        self.source = source
        self.version = version
        self.changes = changes
        previous = Array(repeating: .absent, count: changes.count)
        hashCount = changes.reduce(0) { $0 + ($1.entry == nil ? 1 : 3) }
    }

    mutating func apply(to root: Page) throws(StoreError) -> Page { try update(root, at: .root, 0..<changes.count) }

    private mutating func update(_ original: Page, at position: PagePosition, _ range: Range<Int>) throws(StoreError) -> Page {
        let page = original.owned(by: version)
        var dirty: UInt16 = 0
        var lower = range.lowerBound
        while lower < range.upperBound {
            let slot = changes[lower].path.nibble(position.depth)
            var upper = lower + 1
            while upper < range.upperBound, changes[upper].path.nibble(position.depth) == slot { upper += 1 }
            try updateSlot(slot, of: page, at: position.child(slot), lower..<upper)
            dirty |= 1 << UInt16(slot)
            lower = upper
        }
        hashCount += page.body.rehash(dirty)
        return page
    }

    private mutating func updateSlot(
        _ slot: Int, of page: Page, at position: PagePosition, _ range: Range<Int>
    ) throws(StoreError) {
        let count = page.body.counts[slot]
        switch page.body.slots[slot] {
        case .page(let child):
            try place(try update(child, at: position, range), in: slot, of: page, at: position)
        case .bottom(let bottom):
            place(try merge(bottom.leaves, range, previousIsKnown: false), in: slot, of: page, at: position)
        case .stored where count == PageBody.pageMark:
            let child = try source.page(at: position, version: version)
            try place(try update(child, at: position, range), in: slot, of: page, at: position)
        case .stored where count == 0:
            place(try merge([], range, previousIsKnown: true), in: slot, of: page, at: position)
        case .stored:
            place(try merge(try load(position, count: Int(count), range), range, previousIsKnown: true),
                  in: slot, of: page, at: position)
        }
    }

    /// Loads a bottom and takes the previous values of the changed paths on the way.
    private mutating func load(_ position: PagePosition, count: Int, _ range: Range<Int>) throws(StoreError) -> [Leaf] {
        var next = range.lowerBound
        var found: [(Int, [UInt8])] = []
        let leaves = try source.leaves(under: position, count: count) { path, record in
            while next < range.upperBound, changes[next].path < path { next += 1 }
            if next < range.upperBound, changes[next].path == path, let value = LeafRecord.value(record) {
                found.append((next, value))
            }
        }
        for (index, value) in found { previous[index] = .value(value) }
        return leaves
    }

    /// The leaves after the changes of `range`, in order.
    private mutating func merge(
        _ old: [Leaf], _ range: Range<Int>, previousIsKnown: Bool
    ) throws(StoreError) -> [Leaf] {
        var leaves: [Leaf] = []
        leaves.reserveCapacity(old.count + range.count)
        var position = 0
        for index in range {
            let path = changes[index].path
            while position < old.count, old[position].path < path {
                leaves.append(old[position])
                position += 1
            }
            if position < old.count, old[position].path == path {
                if !previousIsKnown { previous[index] = try previousValue(of: old[position]) }
                position += 1
            }
            if let entry = changes[index].entry {
                leaves.append(Leaf(path: path, hash: changes[index].hash, entry: entry))
            }
        }
        leaves.append(contentsOf: old[position...])
        return leaves
    }

    private func previousValue(of leaf: Leaf) throws(StoreError) -> Previous {
        if let entry = leaf.entry { return .value(entry.value) }
        guard let value = try source.value(at: leaf.path) else { throw StoreError(.corrupt, "leaf \(leaf.path) is gone") }
        return .value(value)
    }

    /// Puts leaves into a slot: nothing, a bottom, or as many pages as they need.
    private mutating func place(_ leaves: [Leaf], in slot: Int, of page: Page, at position: PagePosition) {
        if leaves.isEmpty {
            page.body.set(slot, .stored, count: 0, hash: .zero)
        } else if leaves.count <= Bottom.capacity {
            let hash = Bottom.hash(leaves, depth: 4 * position.depth, count: &hashCount)
            page.body.set(slot, .bottom(Bottom(leaves: leaves, version: version)), count: UInt8(leaves.count), hash: hash)
        } else {
            let child = split(leaves[...], at: position)
            page.body.set(slot, .page(child), count: PageBody.pageMark, hash: child.body.hash)
        }
    }

    /// A page for more leaves than a bottom holds.
    private mutating func split(_ leaves: ArraySlice<Leaf>, at position: PagePosition) -> Page {
        let page = Page(version: version, body: PageBody())
        var lower = leaves.startIndex
        var dirty: UInt16 = 0
        while lower < leaves.endIndex {
            let slot = leaves[lower].path.nibble(position.depth)
            var upper = lower + 1
            while upper < leaves.endIndex, leaves[upper].path.nibble(position.depth) == slot { upper += 1 }
            place(Array(leaves[lower..<upper]), in: slot, of: page, at: position.child(slot))
            dirty |= 1 << UInt16(slot)
            lower = upper
        }
        hashCount += page.body.rehash(dirty)
        return page
    }

    /// Puts a page into a slot, or its leaves when half a bottom would hold them. The margin keeps a subtree at the edge from
    /// changing its form with every block; that no page has fewer than two leaves keeps lifting right.
    private mutating func place(_ child: Page, in slot: Int, of page: Page, at position: PagePosition) throws(StoreError) {
        guard let count = child.body.leafCount(upTo: Bottom.capacity / 2) else {
            page.body.set(slot, .page(child), count: PageBody.pageMark, hash: child.body.hash)
            return
        }
        var leaves: [Leaf] = []
        leaves.reserveCapacity(count)
        for inner in 0..<16 {
            switch child.body.slots[inner] {
            case .bottom(let bottom): leaves.append(contentsOf: bottom.leaves)
            case .stored where child.body.counts[inner] > 0:
                leaves.append(contentsOf: try source.leaves(under: position.child(inner), count: Int(child.body.counts[inner])))
            case .stored, .page: break
            }
        }
        removedPages.append(position)
        place(leaves, in: slot, of: page, at: position)
    }
}
