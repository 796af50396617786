import Gossip
import Primitives

/// Blocks that came from peers and are to be judged in order, each on top of the one before.
struct JudgementQueue {
    struct Item: Sendable {
        let height: Height
        let bytes: [UInt8]
        let link: Link
    }

    private var items: [Item] = []
    /// The block under judgement, or judged and not final yet, and since when.
    private var current: (height: Height, since: ContinuousClock.Instant)?

    mutating func append(_ height: Height, _ bytes: [UInt8], _ link: Link) {
        // Gossip hands over a few at a time, and a block again when one below it was bad.
        items.removeAll { $0.height == height }
        items.append(Item(height: height, bytes: bytes, link: link))
    }

    /// The block to judge on top of `height`, unless one is under judgement.
    mutating func next(above height: Height) -> Item? {
        guard current == nil, let index = items.firstIndex(where: { $0.height == height.successor }) else { return nil }
        current = (items[index].height, .now)
        return items.remove(at: index)
    }

    /// The block was bad.
    mutating func refused(_ height: Height) {
        if current?.height == height { current = nil }
        items.removeAll { $0.height >= height }
    }

    /// The chain has come to `height`: blocks up to it need no judgement any more.
    mutating func reached(_ height: Height, _ accepted: (Height) -> Void) {
        var done = items.filter { $0.height <= height }.map(\.height)
        items.removeAll { $0.height <= height }
        if let current, current.height <= height {
            done.append(current.height)
            self.current = nil
        }
        for height in done.sorted() { accepted(height) }
    }

    /// A good block that does not become final is given up: the replica had no use for it.
    mutating func expire(after duration: Duration, _ expired: (Height) -> Void) {
        guard let current, ContinuousClock.now - current.since > duration else { return }
        self.current = nil
        items.removeAll()
        expired(current.height)
    }
}
