/// Things to come back to at a later tick, in the order in which they were put in.
///
/// What is due at one tick lies together, so that taking it moves nothing else. Invariant: the ticks ascend, and no group is empty.
struct TickQueue<Element> {
    private var groups: [(due: GossipTick, elements: [Element])] = []
    private(set) var count = 0

    /// Puts in what is due at `due`, or at the latest tick that is already here, whichever is later.
    mutating func append(_ element: Element, due: GossipTick) {
        if let last = groups.indices.last, groups[last].due >= due {
            groups[last].elements.append(element)
        } else {
            groups.append((due, [element]))
        }
        count += 1
    }

    /// Takes out what is due by `now`.
    mutating func take(until now: GossipTick) -> [Element] {
        let due = groups.prefix { $0.due <= now }
        guard !due.isEmpty else { return [] }
        let elements = due.flatMap(\.elements)
        groups.removeFirst(due.count)
        count -= elements.count
        return elements
    }
}
