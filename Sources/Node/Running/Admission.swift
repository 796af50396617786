import Primitives

/// How many transactions may wait so that a new one is final within about half a second. What comes above that is refused at once, before
/// any work is spent on it: those who were let in are served in time, and the others know where they stand.
///
/// The pool itself is much larger: it holds what other nodes let in, what waits for earlier nonces, and what pays more.
struct Admission {
    /// What may wait while it is not known how fast the network is.
    static let limitAtStart = 2_000
    /// However slow the network is.
    static let limitMin = 100
    private static let period = Duration.seconds(1)

    private(set) var limit = Self.limitAtStart
    private var begin: ContinuousClock.Instant
    private var committed = 0
    /// The least that waited in this period.
    private var least = Int.max

    init(now: ContinuousClock.Instant) { begin = now }

    /// A block with `count` transactions is final, and `waiting` still wait.
    mutating func delivered(_ count: Int, waiting: Int, now: ContinuousClock.Instant) {
        committed += count
        least = min(least, waiting)
        let elapsed = now - begin
        guard elapsed >= Self.period else { return }
        let nanoseconds = elapsed.components.seconds * 1_000_000_000 + elapsed.components.attoseconds / 1_000_000_000
        let inTime = Int(Int64(committed) * 500_000_000 / max(nanoseconds, 1))
        if least > limit / 4 {
            // There was always more to do: this is how fast it goes.
            limit = max(Self.limitMin, (limit + inTime) / 2)
        } else {
            // It goes at least so fast, and may go faster.
            limit = max(limit + max(0, Self.limitAtStart - limit) / 4, inTime)
        }
        (begin, committed, least) = (now, 0, Int.max)
    }

    /// Whether one more may come in. Beyond the limit, as many again when they pay more than the least of those who wait.
    func admits(price: Amount, waiting: Int, outbid: Amount?) -> Bool {
        waiting < limit || waiting < 2 * limit && outbid.map { price >= $0 } ?? false
    }
}
