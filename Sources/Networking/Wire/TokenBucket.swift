/// A rate with a burst: `capacity` tokens at most, refilled by `perSecond`. Time is handed in as nanoseconds of a clock that does
/// not go back; a smaller number than before counts as no time at all.
struct TokenBucket: Sendable {
    let perSecond: Int
    let capacity: Int
    private var tokens: Int
    /// Up to where time has been turned into tokens, but for this many parts of one, a second's nanoseconds being the whole.
    private var refilledAt: UInt64
    private var parts: UInt64 = 0

    init(perSecond: Int, capacity: Int, now: UInt64) {
        precondition(perSecond > 0 && capacity > 0 && perSecond <= 1 << 40 && capacity <= 1 << 40)
        self.perSecond = perSecond
        self.capacity = capacity
        tokens = capacity
        refilledAt = now
    }

    var isFull: Bool { tokens == capacity }

    /// Takes as many of `wanted` tokens as there are.
    mutating func take(upTo wanted: Int, now: UInt64) -> Int {
        refill(now)
        let taken = min(wanted, tokens)
        tokens -= taken
        return taken
    }

    /// Takes one token if there is one.
    mutating func takeOne(now: UInt64) -> Bool { take(upTo: 1, now: now) == 1 }

    mutating func refill(_ now: UInt64) {
        guard now > refilledAt else { return }
        let second: UInt64 = 1_000_000_000
        let (high, low) = (now - refilledAt).multipliedFullWidth(by: UInt64(perSecond))
        let (sum, carry) = low.addingReportingOverflow(parts)
        refilledAt = now
        // What does not fit into 64 bits, or below the capacity, is as good as full.
        guard high + (carry ? 1 : 0) < second else { return fill() }
        let (more, partsLeft) = second.dividingFullWidth((high + (carry ? 1 : 0), sum))
        guard more < UInt64(capacity - tokens) else { return fill() }
        tokens += Int(more)
        parts = partsLeft
    }

    private mutating func fill() {
        tokens = capacity
        parts = 0
    }
}
