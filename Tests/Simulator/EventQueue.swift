/// What is to happen, in order of time and, within one moment, of scheduling. A binary heap; nothing in it depends on
/// addresses or hashes, so that a run is the same every time.
struct EventQueue<Event> {
    private var heap: [(time: UInt64, number: UInt64, event: Event)] = []
    private var scheduled: UInt64 = 0

    var isEmpty: Bool { heap.isEmpty }
    var count: Int { heap.count }

    mutating func schedule(at time: UInt64, _ event: Event) {
        heap.append((time, scheduled, event))
        scheduled += 1
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isBefore(child, parent) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func next() -> (time: UInt64, event: Event)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            var parent = 0
            while true {
                var least = parent
                if 2 * parent + 1 < heap.count, isBefore(2 * parent + 1, least) { least = 2 * parent + 1 }
                if 2 * parent + 2 < heap.count, isBefore(2 * parent + 2, least) { least = 2 * parent + 2 }
                guard least != parent else { break }
                heap.swapAt(least, parent)
                parent = least
            }
        }
        return (first.time, first.event)
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].time, heap[left].number) < (heap[right].time, heap[right].number)
    }
}
