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
    /// Of a changed leaf: its entry, its bottom, and the leaves and entries of its cell.
    private static let bytesPerChange = 960

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
        _ known: Bottom?, _ slot: Int, of page: Page, at position: TreePosition, _ range: Range<Int>
    ) throws(StoreError) {
        if known == nil, page.body.counts[slot] > 0 {
            try readBottom(slot, of: page, at: position)
            return try updateSlot(slot, of: page, at: position, range)
        }
        var hashes = known?.hashes ?? InlineArray(repeating: .zero)
        var marks = known?.marks ?? CellMarks()
        var cells = known?.cells ?? InlineArray(repeating: Cell(leaves: []))
        var count = Int(page.body.counts[slot])
        var lower = range.lowerBound
        while lower < range.upperBound {
            let cell = changes[lower].path.cell(position.bits)
            var upper = lower + 1
            while upper < range.upperBound, changes[upper].path.cell(position.bits) == cell { upper += 1 }
            let (before, leaves) = try merge(cells[cell], isEmpty: marks[cell] == 0, at: position.cell(cell), lower..<upper)
            count += leaves.count - before
            guard min(before, 2) == marks[cell], count >= 0 else {
                throw StoreError(.corrupt, "\(before) leaves in cell \(cell) under \(position.prefix)")
            }
            hashes[cell] = LeafHash.hash(leaves, depth: position.bits + 2, count: &hashCount)
            marks[cell] = leaves.count
            cells[cell] = Cell(leaves: leaves, entries: merge(cells[cell].entries, lower..<upper))
            lower = upper
        }
        if count == 0 {
            page.body.clear(slot)
        } else if count <= Bottom.capacity {
            let bottom = Bottom(hashes: hashes, marks: marks, cells: cells, version: version)
            page.body.setBottom(slot, bottom, count: count, hash: bottom.hash(count: &hashCount))
        } else {
            var leaves: [Leaf] = [], entries: [Entry] = []
            for cell in 0..<4 {
                entries += cells[cell].entries
                if let known = cells[cell].leaves { leaves += known } else if marks[cell] > 0 {
                    leaves += try source.leaves(under: position.cell(cell))
                }
            }
            place(leaves, entries, in: slot, of: page, at: position)
        }
    }

    /// Reads a bottom that the store has, so that the hashes of its cells are known.
    private mutating func readBottom(_ slot: Int, of page: Page, at position: TreePosition) throws(StoreError) {
        let leaves = try source.leaves(under: position), hash = page.body.hashes[16 + slot]
        guard leaves.count == page.body.counts[slot] else {
            throw StoreError(.corrupt, "\(leaves.count) leaves under \(position.prefix), not \(page.body.counts[slot])")
        }
        place(leaves, [], in: slot, of: page, at: position)
        guard page.body.hashes[16 + slot] == hash else {
            throw StoreError(.corrupt, "the hashes of the leaves under \(position.prefix)")
        }
    }

    /// A cell's leaves before and after the changes of `range`: how many there were, and which there are.
    private mutating func merge(
        _ cell: Cell, isEmpty: Bool, at position: TreePosition, _ range: Range<Int>
    ) throws(StoreError) -> (before: Int, leaves: [Leaf]) {
        var merge = CellMerge(changes, range)
        if let known = isEmpty ? [] : cell.leaves {
            for leaf in known {
                if let index = merge.keep(leaf) { previous[index] = try previousValue(of: leaf, cell.entry(at: leaf.path)) }
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

    /// The entries of a cell after the changes of `range`.
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
        if leaves.isEmpty {
            page.body.clear(slot)
        } else if leaves.count <= Bottom.capacity {
            var hashes = InlineArray<4, Digest>(repeating: .zero)
            var marks = CellMarks()
            var cells = InlineArray<4, Cell>(repeating: Cell(leaves: []))
            for cell in 0..<4 {
                let own = leaves.filter { $0.path.cell(position.bits) == cell }
                if own.isEmpty { continue }
                hashes[cell] = LeafHash.hash(own, depth: position.bits + 2, count: &hashCount)
                marks[cell] = own.count
                cells[cell] = Cell(leaves: own, entries: entries.filter { $0.path.cell(position.bits) == cell })
            }
            let bottom = Bottom(hashes: hashes, marks: marks, cells: cells, version: version)
            page.body.setBottom(slot, bottom, count: leaves.count, hash: bottom.hash(count: &hashCount))
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
            if case .bottom(let bottom) = child.body.slots[inner] {
                for cell in 0..<4 { entries += bottom.cells[cell].entries }
            }
        }
        removedPages.append(position)
        place(leaves, entries, in: slot, of: page, at: position)
    }
}

extension TreeSource {
    /// All leaves of a slot that is a bottom.
    func leaves(of page: Page, _ slot: Int, at position: TreePosition) throws(StoreError) -> [Leaf] {
        guard case .bottom(let bottom) = page.body.slots[slot], bottom.version != Bottom.storedVersion else { return try leaves(under: position) }
        var leaves: [Leaf] = []
        for cell in 0..<4 where bottom.marks[cell] > 0 {
            if let known = bottom.cells[cell].leaves { leaves += known } else { leaves += try self.leaves(under: position.cell(cell)) }
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
