/// How long to wait before a peer is dialled again: twice as long after each failure, up to a maximum, of which a random half
/// is left out, so that nodes that lost each other together do not come back together.
struct Backoff: Sendable {
    let first: UInt64
    let longest: UInt64
    private(set) var failures = 0

    /// Nanoseconds, `0 < first <= longest`.
    init(first: UInt64, longest: UInt64) {
        precondition(first > 0 && first <= longest && longest < 1 << 60)
        self.first = first
        self.longest = longest
    }

    /// The wait after one more failure: from half of the full wait up to all of it. `random` is any 64 bits.
    mutating func next(random: UInt64) -> UInt64 {
        let doublings = min(failures, first.leadingZeroBitCount - 1)
        failures += 1
        let full = min(first << UInt64(doublings), longest)
        return full - random.multipliedFullWidth(by: full / 2 + 1).high
    }

    mutating func reset() { failures = 0 }
}
