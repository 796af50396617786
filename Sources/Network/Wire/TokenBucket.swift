/// A rate with a burst: `capacity` tokens at most, refilled by `perSecond`. Time is handed in as nanoseconds of a clock that does
/// not go back; a smaller number than before counts as no time at all.
struct TokenBucket: Sendable {
    let perSecond: Int
    let capacity: Int
    private var tokens: Int
    /// Up to where time has been turned into tokens.
    private var refilledAt: UInt64

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
        let elapsed = now - refilledAt
        let product = elapsed.multipliedFullWidth(by: UInt64(perSecond))
        let second: UInt64 = 1_000_000_000
        // What no longer fits below a capacity of 2⁴⁰ is as good as full.
        guard product.high < second, case let (quotient, remainder) = second.dividingFullWidth(product),
              quotient < UInt64(capacity - tokens) else {
            tokens = capacity
            refilledAt = now
            return
        }
        tokens += Int(quotient)
        // The part of a token that is not whole yet stays in the time.
        refilledAt = now - remainder / UInt64(perSecond)
    }
}
