/// A quantity of the base unit (`utrl`, 10⁻⁶ TRL): an unsigned 128-bit integer with checked arithmetic only.
///
/// The total supply stays below ``supplyMax`` = 2⁹⁶, therefore an amount times a number of parts per million (< 2²⁰)
/// stays below 2¹¹⁶ and cannot overflow. Nothing here wraps, rounds silently or traps on a peer's number: an operation
/// without a representable result returns nil.
@frozen public struct Amount: Hashable, Comparable, Sendable, BCSCodable {
    /// Base units.
    public let units: UInt128
    @inlinable public init(_ units: UInt128) { self.units = units }

    @inlinable public static var zero: Amount { Amount(0) }
    /// The exclusive upper bound of the total supply.
    public static let supplyMax = Amount(1 << 96)
    /// Base units in one TRL.
    public static let unitsPerToken: UInt128 = 1_000_000
    /// The decimal places of one TRL.
    public static let decimals = 6

    @inlinable public func adding(_ other: Amount) -> Amount? {
        let (sum, overflow) = units.addingReportingOverflow(other.units)
        return overflow ? nil : Amount(sum)
    }

    /// nil when `other` is larger.
    @inlinable public func subtracting(_ other: Amount) -> Amount? {
        let (difference, overflow) = units.subtractingReportingOverflow(other.units)
        return overflow ? nil : Amount(difference)
    }

    @inlinable public func multiplied(by factor: UInt64) -> Amount? {
        let (product, overflow) = units.multipliedReportingOverflow(by: UInt128(factor))
        return overflow ? nil : Amount(product)
    }

    /// `self × partsPerMillion / 10⁶`, rounded as told; nil on overflow, which amounts below ``supplyMax`` never reach.
    @inlinable public func share(partsPerMillion: UInt32, rounding: Rounding) -> Amount? {
        let (product, overflow) = units.multipliedReportingOverflow(by: UInt128(partsPerMillion))
        guard !overflow else { return nil }
        let (quotient, remainder) = product.quotientAndRemainder(dividingBy: 1_000_000)
        return Amount(rounding == .up && remainder != 0 ? quotient + 1 : quotient)
    }

    /// Which way a division that leaves a remainder goes; always said, because somebody gains the difference.
    @frozen public enum Rounding: Sendable { case down, up }

    /// The sum, or nil on overflow.
    @inlinable public static func sum(_ amounts: some Sequence<Amount>) -> Amount? {
        var total = Amount.zero
        for amount in amounts {
            guard let next = total.adding(amount) else { return nil }
            total = next
        }
        return total
    }

    @inlinable public static func < (left: Amount, right: Amount) -> Bool { left.units < right.units }
    @inlinable public func encode(into encoder: inout BCSEncoder) { encoder.encode(units) }
    @inlinable public init(from decoder: inout BCSDecoder) throws(BCSError) { self.init(try decoder.decode(UInt128.self)) }
}

extension Amount: CustomStringConvertible {
    /// Decimal base units, without a unit.
    public var description: String { String(units) }

    /// Reads `12`, `12.5` or `0.000001` TRL. At most six decimals; no sign, no exponent, no separators.
    public init?(tokens text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = Self.digits(parts[0]) else { return nil }
        var fraction: UInt128 = 0
        if parts.count == 2 {
            guard parts[1].utf8.count <= Self.decimals, let value = Self.digits(parts[1]) else { return nil }
            fraction = value
            for _ in parts[1].utf8.count..<Self.decimals { fraction *= 10 }
        }
        guard let scaled = Amount(whole).multiplied(by: UInt64(Self.unitsPerToken)),
              let total = scaled.adding(Amount(fraction)) else { return nil }
        self = total
    }

    /// `12.5`: TRL without trailing zeros.
    public var tokens: String {
        let (whole, fraction) = units.quotientAndRemainder(dividingBy: Self.unitsPerToken)
        guard fraction != 0 else { return String(whole) }
        var digits = String(fraction)
        while digits.utf8.count < Self.decimals { digits = "0" + digits }
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits)"
    }

    /// At least one ASCII digit and nothing else.
    private static func digits(_ text: some StringProtocol) -> UInt128? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt128(text)
    }
}
