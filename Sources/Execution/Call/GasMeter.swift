public import Primitives

/// Counts gas against a limit.
///
/// Invariant: `used <= limit`.
public struct GasMeter: Sendable {
    public private(set) var limit: UInt64
    public private(set) var used: UInt64 = 0

    public init(limit: Gas) { self.limit = limit.rawValue }

    public var left: UInt64 { limit - used }

    /// Takes `amount`, or all that is left and returns false.
    public mutating func charge(_ amount: UInt64) -> Bool {
        guard amount <= left else {
            used = limit
            return false
        }
        used += amount
        return true
    }

    /// The limit of a nested call: all but a 64th of what is left, so that its caller can still act on its failure; less if
    /// `asked` is.
    func forwarded(asked: UInt64?) -> UInt64 { min(asked ?? .max, left - left / 64) }

    /// Lowers the limit for a nested call; ``restore(limit:)`` ends it.
    mutating func narrow(to gas: UInt64) -> UInt64 {
        let outer = limit
        limit = used + gas
        return outer
    }

    mutating func restore(limit outer: UInt64) { limit = outer }
}
