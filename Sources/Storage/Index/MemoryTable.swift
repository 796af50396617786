import Primitives

/// Entries of neighbouring heights that are not on disk yet, in the order in which they came. Those of one key are chained, the newest
/// first.
struct MemoryTable {
    let first: Height
    /// The height to add next.
    private(set) var next: Height
    private var entries: [IndexEntry] = []
    /// For each entry the one before it of the same key; -1 at the end of a chain.
    private var previous: [Int32] = []
    private var newest: [IndexKey: Int32] = [:]

    /// An empty table that begins with `first`.
    init(first: Height) {
        self.first = first
        next = first
    }

    var isEmpty: Bool { next == first }
    /// The heights in it; it must not be empty.
    var heights: ClosedRange<Height> { first...Height(next.rawValue - 1) }
    var count: Int { entries.count }
    /// What would be written.
    var sorted: [IndexEntry] { entries.sorted() }

    /// Adds the entries of ``next``, in ascending order of their indexes. One that comes twice counts once.
    mutating func add(_ added: [(key: IndexKey, index: UInt32)]) {
        var last: UInt32 = 0
        for (key, index) in added {
            precondition(index >= last, "indexes ascend")
            last = index
            let number = Int32(entries.count), place = IndexEntry.place(next, index)
            let before = newest.updateValue(number, forKey: key) ?? -1
            if before >= 0, entries[Int(before)].place == place {
                newest[key] = before
                continue
            }
            entries.append(IndexEntry(key: key, place: place))
            previous.append(before)
        }
        next = next.successor
    }

    /// The places of `key` in `floor ..< bound`, the highest first, at most `limit`.
    func newest(_ key: IndexKey, below bound: UInt64, from floor: UInt64, limit: Int) -> [UInt64] {
        var found: [UInt64] = []
        var number = newest[key] ?? -1
        while number >= 0, found.count < limit {
            let place = entries[Int(number)].place
            if place < floor { break }
            if place < bound { found.append(place) }
            number = previous[Int(number)]
        }
        return found
    }
}
