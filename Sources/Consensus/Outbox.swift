import Primitives

/// What waits for the journal. This is the one place where "persist, then send" is written: whatever depends on a record goes
/// through here and comes out when the record is acknowledged.
struct Outbox: Sendable {
    enum Consequence: Sendable {
        /// An own vote: it is sent, and counts in the own tally.
        case vote(ConsensusMessage)
        /// The prepared certificate of this view is durable: COMMIT may follow.
        case prepared(height: Height, view: View)
        case effect(Effect)
    }

    private var lastSequence: UInt64 = 0
    private var waiting: [(sequence: UInt64, consequence: Consequence)] = []

    /// Whether another record may be written. It is a question of memory only: a disk that lags so far behind stalls voting.
    var isFull: Bool { waiting.count >= ConsensusLimits.waitingEffectsMax }

    /// Gives the record that is about to be written its number.
    mutating func enqueue(_ consequence: Consequence?) -> UInt64 {
        lastSequence += 1
        if let consequence { waiting.append((lastSequence, consequence)) }
        return lastSequence
    }

    /// Takes out what waited for records up to `sequence`.
    mutating func release(through sequence: UInt64) -> [Consequence] {
        let count = waiting.firstIndex { $0.sequence > sequence } ?? waiting.count
        defer { waiting.removeFirst(count) }
        return waiting[..<count].map(\.consequence)
    }
}
