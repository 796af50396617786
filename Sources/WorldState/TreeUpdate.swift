import Primitives

/// A change with what the tree needs of it.
struct PreparedChange: Sendable {
    let path: Digest
    let key: [UInt8]
    /// nil for a removal.
    let entry: Entry?

    init(_ change: StateChange, version: UInt64) {
        key = change.key.bytes
        path = change.key.path
        entry = change.value.map { [path, key] in Entry(path: path, key: key, value: $0, version: version) }
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
    private(set) var removedPages: [TreePosition] = []
    /// Hashes of the tree: paths, values, leaves and inner nodes.
    private(set) var hashCount: Int
    /// About how much memory the new version takes beside the one before.
    private(set) var copiedBytes: Int
    /// Of a changed leaf: its entry, its bottom and the leaves of its cell.
    private static let bytesPerChange = 768

    /// `changes` are in strictly ascending order of their paths.
    init(source: TreeSource, version: UInt64, changes: [PreparedChange]) {
        self.source = source
        self.version = version
        self.changes = changes
        previous = Array(repeating: .absent, count: changes.count)
        hashCount = changes.reduce(0) { $0 + ($1.entry == nil ? 1 : 3) }
        copiedBytes = changes.reduce(0) { $0 + Self.bytesPerChange + $1.key.count + ($1.entry?.value.count ?? 0) }
    }

    mutating func apply(to root: Page) throws(StoreError) -> Page { try update(root, at: .root, 0..<changes.count) }

    private mutating func update(_ original: Page, at position: TreePosition, _ range: Range<Int>) throws(StoreError) -> Page {
        let page = original.owned(by: version)
        if page !== original { copiedBytes += MemoryLayout<PageBody>.size }
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
        _ slot: Int, of page: Page, at position: TreePosition, _ range: Range<Int>
    ) throws(StoreError) {
        switch page.body.slots[slot] {
        case .page(let child):
            try place(try update(child, at: position, range), in: slot, of: page, at: position)
        case .bottom(let bottom):
            try updateBottom(bottom, slot, of: page, at: position, range)
        case .stored where page.body.counts[slot] == PageBody.pageMark:
            let child = try source.page(in: slot, of: page, at: position, version: version)
            try place(try update(child, at: position, range), in: slot, of: page, at: position)
        case .stored:
            try updateBottom(nil, slot, of: page, at: position, range)
        }
    }

    /// Changes the cells of a bottom that `range` touches, and reads no other, unless their hashes are unknown.
    private mutating func updateBottom(
        _ bottom: Bottom?, _ slot: Int, of page: Page, at position: TreePosition, _ range: Range<Int>
    ) throws(StoreError) {
        var cells = bottom?.cells ?? InlineArray<4, [Leaf]?>(repeating: nil)
        if page.body.counts[slot] > 0, page.body.marks[slot] == .unknown {
            let leaves = try source.leaves(under: position)
            guard leaves.count == page.body.counts[slot] else {
                throw StoreError(.corrupt, "\(leaves.count) leaves under \(position.prefix), not \(page.body.counts[slot])")
            }
            let hash = page.body.hashes[16 + slot]
            place(leaves, [], in: slot, of: page, at: position)
            guard page.body.hashes[16 + slot] == hash else {
                throw StoreError(.corrupt, "the hashes of the leaves under \(position.prefix)")
            }
            return try updateSlot(slot, of: page, at: position, range)
        }
        var count = Int(page.body.counts[slot])
        var marks = page.body.marks[slot]
        var lower = range.lowerBound
        while lower < range.upperBound {
            let cell = changes[lower].path.cell(position.bits)
            var upper = lower + 1
            while upper < range.upperBound, changes[upper].path.cell(position.bits) == cell { upper += 1 }
            let (before, leaves) = try merge(
                marks[cell] == 0 ? [] : cells[cell], bottom, at: position.cell(cell), lower..<upper)
            count += leaves.count - before
            guard min(before, 2) == marks[cell], count >= 0 else {
                throw StoreError(.corrupt, "\(before) leaves in cell \(cell) under \(position.prefix)")
            }
            let hash = LeafHash.hash(leaves, depth: position.bits + 2, count: &hashCount)
            page.body.setCell(slot, cell, hash: hash)
            marks[cell] = leaves.count
            cells[cell] = leaves
            lower = upper
        }
        let entries = merge(bottom?.entries ?? [], range)
        if count <= Bottom.capacity {
            let bottom = Bottom(cells: cells, entries: entries, version: version)
            hashCount += page.body.finishBottom(slot, bottom, count: count, marks: marks)
        } else {
            var leaves: [Leaf] = []
            for cell in 0..<4 {
                if let known = cells[cell] { leaves += known } else if marks[cell] > 0 {
                    leaves += try source.leaves(under: position.cell(cell))
                }
            }
            place(leaves, entries, in: slot, of: page, at: position)
        }
    }

    /// A cell's leaves before and after the changes of `range`: how many there were, and which there are. `known` are those
    /// before, unless they have to be read.
    private mutating func merge(
        _ known: [Leaf]?, _ bottom: Bottom?, at position: TreePosition, _ range: Range<Int>
    ) throws(StoreError) -> (before: Int, leaves: [Leaf]) {
        var merge = CellMerge(changes, range)
        if let known {
            for leaf in known {
                if let index = merge.keep(leaf) { previous[index] = try previousValue(of: leaf, bottom?.entry(at: leaf.path)) }
            }
        } else {
            // The values that are about to be replaced are taken while their records are at hand.
            var damaged: Digest?
            try source.scanBottom(under: position) { leaf, record in
                guard let index = merge.keep(leaf) else { return }
                if let value = LeafRecord.value(record) { previous[index] = .value(value) } else { damaged = leaf.path }
            }
            if let damaged { throw StoreError(.corrupt, "the leaf record at \(damaged)") }
        }
        return merge.finish()
    }

    /// The entries of a bottom after the changes of `range`.
    private func merge(_ old: [Entry], _ range: Range<Int>) -> [Entry] {
        var entries: [Entry] = []
        entries.reserveCapacity(old.count + range.count)
        var position = 0
        for index in range {
            let path = changes[index].path
            while position < old.count, old[position].path < path {
                entries.append(old[position])
                position += 1
            }
            if position < old.count, old[position].path == path { position += 1 }
            if let entry = changes[index].entry { entries.append(entry) }
        }
        entries.append(contentsOf: old[position...])
        return entries
    }

    private func previousValue(of leaf: Leaf, _ entry: Entry?) throws(StoreError) -> Previous {
        if let entry { return .value(entry.value) }
        guard let value = try source.value(at: leaf.path) else { throw StoreError(.corrupt, "leaf \(leaf.path) is gone") }
        return .value(value)
    }

    /// Puts leaves into a slot: nothing, a bottom, or as many pages as they need.
    private mutating func place(_ leaves: [Leaf], _ entries: [Entry], in slot: Int, of page: Page, at position: TreePosition) {
        page.body.clear(slot)
        if leaves.count <= Bottom.capacity {
            var cells = InlineArray<4, [Leaf]?>(repeating: [])
            var marks = CellMarks.empty
            var lower = 0
            for cell in 0..<4 {
                var upper = lower
                while upper < leaves.count, leaves[upper].path.cell(position.bits) == cell { upper += 1 }
                let own = Array(leaves[lower..<upper])
                lower = upper
                let hash = LeafHash.hash(own, depth: position.bits + 2, count: &hashCount)
                page.body.setCell(slot, cell, hash: hash)
                marks[cell] = own.count
                cells[cell] = own
            }
            let bottom = Bottom(cells: cells, entries: entries, version: version)
            hashCount += page.body.finishBottom(slot, bottom, count: leaves.count, marks: marks)
        } else {
            let child = split(leaves, entries, at: position)
            page.body.setPage(slot, child, hash: child.body.hash)
        }
    }

    /// A page for more leaves than a bottom holds.
    private mutating func split(_ leaves: [Leaf], _ entries: [Entry], at position: TreePosition) -> Page {
        let page = Page(version: version, body: PageBody())
        for slot in 0..<16 {
            let own = leaves.filter { $0.path.nibble(position.depth) == slot }
            let ownEntries = entries.filter { $0.path.nibble(position.depth) == slot }
            if !own.isEmpty { place(own, ownEntries, in: slot, of: page, at: position.child(slot)) }
        }
        hashCount += page.body.rehash(.max)
        return page
    }

    /// Puts a page into a slot, or its leaves when half a bottom would hold them. The margin keeps a subtree at the edge from
    /// changing its form with every block; that no page has fewer than two leaves keeps lifting right.
    private mutating func place(_ child: Page, in slot: Int, of page: Page, at position: TreePosition) throws(StoreError) {
        guard child.body.leafCount(upTo: Bottom.capacity / 2) != nil else {
            page.body.setPage(slot, child, hash: child.body.hash)
            return
        }
        var leaves: [Leaf] = []
        var entries: [Entry] = []
        for inner in 0..<16 where child.body.counts[inner] > 0 {
            leaves += try source.leaves(of: child, inner, at: position.child(inner))
            if case .bottom(let bottom) = child.body.slots[inner] { entries += bottom.entries }
        }
        removedPages.append(position)
        place(leaves, entries, in: slot, of: page, at: position)
    }
}

extension TreeSource {
    /// All leaves of a slot that is a bottom.
    func leaves(of page: Page, _ slot: Int, at position: TreePosition) throws(StoreError) -> [Leaf] {
        guard case .bottom(let bottom) = page.body.slots[slot] else { return try leaves(under: position) }
        var leaves: [Leaf] = []
        for cell in 0..<4 where page.body.marks[slot][cell] > 0 {
            if let known = bottom.cells[cell] { leaves += known } else { leaves += try self.leaves(under: position.cell(cell)) }
        }
        return leaves
    }
}

/// Merges the old leaves of a cell, as they come in order, with the changes to it.
private struct CellMerge {
    private let changes: [PreparedChange]
    private let range: Range<Int>
    private var next: Int
    private var before = 0
    private var leaves: [Leaf] = []

    init(_ changes: [PreparedChange], _ range: Range<Int>) {
        self.changes = changes
        self.range = range
        next = range.lowerBound
        leaves.reserveCapacity(8)
    }

    /// Takes the next old leaf. When a change replaces or removes it, the result is the position of that change.
    mutating func keep(_ leaf: Leaf) -> Int? {
        before += 1
        while next < range.upperBound, changes[next].path < leaf.path { append(next) }
        guard next < range.upperBound, changes[next].path == leaf.path else {
            leaves.append(leaf)
            return nil
        }
        append(next)
        return next - 1
    }

    private mutating func append(_ index: Int) {
        if let entry = changes[index].entry { leaves.append(Leaf(path: entry.path, hash: entry.hash)) }
        next += 1
    }

    mutating func finish() -> (before: Int, leaves: [Leaf]) {
        while next < range.upperBound { append(next) }
        return (before, leaves)
    }
}
