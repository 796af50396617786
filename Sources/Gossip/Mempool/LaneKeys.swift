import Primitives

/// Orders lanes for a block: whose next transaction pays most, and among equals whose came first.
struct PriceKey: Comparable {
    let price: Amount
    let sequence: UInt64

    init(_ entry: PoolEntry) {
        price = entry.price
        sequence = entry.sequence
    }

    static func < (left: Self, right: Self) -> Bool {
        left.price == right.price ? left.sequence < right.sequence : left.price > right.price
    }
}

/// Orders what the pool would give up: first what must wait, then what pays least, then what came last. A transaction is worth
/// no more than the cheapest of its lane, so that a dear one at the end protects no cheap ones before it.
struct WorthKey: Comparable {
    let isReady: Bool
    let floor: Amount
    let sequence: UInt64

    init(isReady: Bool, floor: Amount, sequence: UInt64) {
        self.isReady = isReady
        self.floor = floor
        self.sequence = sequence
    }

    /// Of what is left of `lane` when only its first `count` entries stay.
    init(_ lane: SenderLane, keeping count: Int) {
        let kept = lane.entries[..<count]
        isReady = count <= lane.readyCount
        floor = kept.reduce(Amount(.max)) { min($0, $1.price) }
        sequence = kept[count - 1].sequence
    }

    static func < (left: Self, right: Self) -> Bool {
        if left.isReady != right.isReady { return !left.isReady }
        return left.floor == right.floor ? left.sequence > right.sequence : left.floor < right.floor
    }
}
