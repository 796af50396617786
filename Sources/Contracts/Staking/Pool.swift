public import Execution
public import Primitives

/// Stake that gains and loses as a whole: owners have shares of it, and a slash lowers the worth of every share alike.
///
/// Every price is taken as if ``virtualShares`` more shares and one more base unit were there. That gives the first owner a price
/// too, and leaves nothing to win for someone who would move it. All divisions round in favour of those who stay.
///
/// Invariants: `worth(shares) <= tokens`; neither a deposit nor a withdrawal lowers the worth of the shares of others.
public struct Pool: Hashable, Record {
    public private(set) var tokens: Amount
    public private(set) var shares: UInt128

    static let virtualShares: UInt128 = 1_000_000
    /// Prices are computed with as many shares and the virtual ones.
    static let sharesMax: UInt128 = 1 << 126

    init() { self.init(tokens: .zero, shares: 0) }

    init(tokens: Amount, shares: UInt128) {
        self.tokens = tokens
        self.shares = shares
    }

    /// What `shares` of the pool's are worth now, rounded down.
    public func worth(_ shares: UInt128) -> Amount {
        // No overflow: the quotient is below tokens + 1, because `shares` is below the divisor.
        Amount(Ratio.multiply(shares, tokens.units + 1, dividedBy: self.shares + Pool.virtualShares, .down) ?? tokens.units)
    }

    /// The shares that stand for `amount`; nil when a share is worth so little that there would be too many.
    private func shares(for amount: Amount, _ rounding: Amount.Rounding) -> UInt128? {
        Ratio.multiply(amount.units, shares + Pool.virtualShares, dividedBy: tokens.units + 1, rounding)
    }

    /// Adds `amount` and returns its shares; nil, and no change, when there would be too many.
    mutating func deposit(_ amount: Amount) -> UInt128? {
        guard let new = shares(for: amount, .down), new <= Pool.sharesMax - shares, let sum = tokens.adding(amount) else { return nil }
        tokens = sum
        shares += new
        return new
    }

    /// Takes out `amount`, or all that `owned` shares are worth if that is not more.
    mutating func withdraw(_ amount: Amount?, of owned: UInt128) -> (shares: UInt128, amount: Amount) {
        precondition(owned <= shares)
        var taken = owned
        var paid = worth(owned)
        if let amount, amount < paid, let needed = shares(for: amount, .up), needed < owned {
            taken = needed
            paid = amount
        }
        guard let rest = tokens.subtracting(paid) else { preconditionFailure("shares are worth more than their pool") }
        tokens = rest
        shares -= taken
        return (taken, paid)
    }

    /// Takes a part of the whole, rounded up, and returns how much that is.
    mutating func slash(partsPerMillion: UInt32) -> Amount {
        guard let lost = tokens.share(partsPerMillion: partsPerMillion, rounding: .up), let rest = tokens.subtracting(lost) else {
            preconditionFailure("a part above the whole")
        }
        tokens = rest
        return lost
    }

    /// Takes what rounding has left behind when nobody owns a share any more.
    mutating func sweep() -> Amount {
        guard shares == 0 else { return .zero }
        defer { tokens = .zero }
        return tokens
    }

    public static let fields = Fields(
        Field("tokens", "Base units in the pool.") { $0.tokens },
        Field("shares", "Shares of all owners.") { $0.shares }, make: Pool.init)
}

/// Products of 128-bit numbers are twice as wide before they are divided again.
enum Ratio {
    /// `a × b / c`; nil when that has more than 128 bits or `c` is zero.
    static func multiply(_ a: UInt128, _ b: UInt128, dividedBy c: UInt128, _ rounding: Amount.Rounding) -> UInt128? {
        let product = a.multipliedFullWidth(by: b)
        guard product.high < c else { return nil }
        let (quotient, remainder) = c.dividingFullWidth(product)
        guard rounding == .up, remainder != 0 else { return quotient }
        return quotient == .max ? nil : quotient + 1
    }
}
