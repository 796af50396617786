/// Things to come back to at a later tick, in the order in which they were put in.
///
/// What is due at one tick lies together, so that taking it moves nothing else. Invariant: the ticks ascend, and no group from `first` on is empty.
struct TickQueue<Element> {
    private var groups: [(due: GossipTick, elements: [Element])] = []
    /// Groups in front of this one are taken.
    private var first = 0
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
        var elements: [Element] = []
        while first < groups.count, groups[first].due <= now {
            elements += groups[first].elements
            groups[first].elements = []
            first += 1
        }
        // Groups that are taken go when they are as many as the others, so that each is moved once at most.
        if first > groups.count / 2 {
            groups.removeFirst(first)
            first = 0
        }
        count -= elements.count
        return elements
    }
}
