import Primitives

/// Pauses that double from `first` to `last`, each longer or shorter by a bounded share, so that many monitors do not come back together.
///
/// Invariant: a pause lies in `[step * (100 - jitterPercent) / 100, step * (100 + jitterPercent) / 100]` with `first <= step <= last`.
public struct RetryPauses: Sendable {
    private let first: UInt64
    private let last: UInt64
    private let jitterPercent: UInt64
    private var step: UInt64
    private var generator: SeededGenerator

    /// Times in milliseconds.
    public init(first: UInt64 = 500, last: UInt64 = 60_000, jitterPercent: UInt64 = 20, seed: UInt64) {
        precondition(first > 0 && first <= last && jitterPercent < 100)
        self.first = first
        self.last = last
        self.jitterPercent = jitterPercent
        step = first
        generator = SeededGenerator(seed: seed)
    }

    public mutating func next() -> Duration {
        let spread = step * jitterPercent / 100
        let pause = step - spread + generator.below(2 * spread + 1)
        step = min(step * 2, last)
        return .milliseconds(Int64(pause))
    }

    public mutating func reset() { step = first }
}
