/// A binary heap of small numbers, each under a key that may change: the smallest key is first. It finds, changes and removes
/// any number in O(log n), and walks in order without taking anything out.
///
/// Invariant: `positions[number]` is where `number` stands in `elements`, or -1.
struct IndexedHeap<Key: Comparable> {
    private var elements: [(key: Key, number: Int)] = []
    private var positions: [Int32] = []

    var isEmpty: Bool { elements.isEmpty }
    var count: Int { elements.count }
    var first: (key: Key, number: Int)? { elements.first }

    /// Puts `number` under `key`, in place of the key that it had.
    mutating func set(_ number: Int, _ key: Key) {
        while positions.count <= number { positions.append(-1) }
        var position = Int(positions[number])
        if position < 0 {
            position = elements.count
            elements.append((key, number))
            positions[number] = Int32(position)
        } else {
            if elements[position].key == key { return }
            elements[position].key = key
        }
        settle(position)
    }

    mutating func remove(_ number: Int) {
        guard number < positions.count, positions[number] >= 0 else { return }
        let position = Int(positions[number])
        positions[number] = -1
        let last = elements.removeLast()
        guard position < elements.count else { return }
        elements[position] = last
        positions[last.number] = Int32(position)
        settle(position)
    }

    private mutating func settle(_ start: Int) {
        var position = start
        let element = elements[start]
        while position > 0, element.key < elements[(position - 1) / 2].key {
            move((position - 1) / 2, to: position)
            position = (position - 1) / 2
        }
        while true {
            var child = 2 * position + 1
            guard child < elements.count else { break }
            if child + 1 < elements.count, elements[child + 1].key < elements[child].key { child += 1 }
            guard elements[child].key < element.key else { break }
            move(child, to: position)
            position = child
        }
        elements[position] = element
        positions[element.number] = Int32(position)
    }

    private mutating func move(_ from: Int, to: Int) {
        elements[to] = elements[from]
        positions[elements[to].number] = Int32(to)
    }

    /// Goes through the numbers in the order of their keys, at O(log k) for the k-th. While it does, numbers may be put back
    /// under a later key, as a lane is whose first transaction has been looked at.
    struct Walk {
        private let heap: IndexedHeap
        /// Candidates: the key, the number, and its place in the heap; -1 for one that was put back.
        private var frontier: [(key: Key, number: Int, position: Int)] = []

        fileprivate init(_ heap: IndexedHeap) {
            self.heap = heap
            if let first = heap.first { push((first.key, first.number, 0)) }
        }

        mutating func next() -> (key: Key, number: Int)? {
            guard let top = pop() else { return nil }
            if top.position >= 0 {
                for child in [2 * top.position + 1, 2 * top.position + 2] where child < heap.elements.count {
                    push((heap.elements[child].key, heap.elements[child].number, child))
                }
            }
            return (top.key, top.number)
        }

        mutating func putBack(_ number: Int, _ key: Key) { push((key, number, -1)) }

        private mutating func push(_ candidate: (key: Key, number: Int, position: Int)) {
            var position = frontier.count
            frontier.append(candidate)
            while position > 0, frontier[position].key < frontier[(position - 1) / 2].key {
                frontier.swapAt(position, (position - 1) / 2)
                position = (position - 1) / 2
            }
        }

        private mutating func pop() -> (key: Key, number: Int, position: Int)? {
            guard let top = frontier.first, let last = frontier.popLast() else { return nil }
            guard !frontier.isEmpty else { return top }
            frontier[0] = last
            var position = 0
            while true {
                var child = 2 * position + 1
                guard child < frontier.count else { break }
                if child + 1 < frontier.count, frontier[child + 1].key < frontier[child].key { child += 1 }
                guard frontier[child].key < frontier[position].key else { break }
                frontier.swapAt(child, position)
                position = child
            }
            return top
        }
    }

    var walk: Walk { Walk(self) }
}
