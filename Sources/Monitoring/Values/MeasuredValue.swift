public import Primitives

/// A measured number in millionths, so that everybody who reads the same digits has the same value: no binary fraction comes between.
public struct MeasuredValue: Hashable, Comparable, Sendable, BCSCodable, CustomStringConvertible {
    public let millionths: Int64

    public static let zero = MeasuredValue(millionths: 0)
    public static let one = MeasuredValue(millionths: 1_000_000)

    public init(millionths: Int64) { self.millionths = millionths }

    /// Reads a decimal number as services write it: `0.25`, `-3`, `5e-7`. Digits behind the sixth are rounded, halves to even. nil for
    /// what is no number, such as `NaN` and `+Inf`, and for what does not fit.
    public init?(decimal text: some StringProtocol) {
        var reader = DecimalReader(text.utf8)
        guard let value = reader.millionths() else { return nil }
        millionths = value
    }

    public static func < (left: Self, right: Self) -> Bool { left.millionths < right.millionths }

    /// As people write it, without superfluous zeros.
    public var description: String {
        let (whole, rest) = millionths.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        var fraction = String(rest + 1_000_000).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return (millionths < 0 ? "-" : "") + String(whole) + (fraction.isEmpty ? "" : "." + fraction)
    }

    public func encode(into encoder: inout BCSEncoder) { encoder.encode(millionths) }
    public init(from decoder: inout BCSDecoder) throws(BCSError) { millionths = try decoder.decode(Int64.self) }
}

/// Digits, a point and an exponent, exactly.
private struct DecimalReader {
    /// Characters of a number: the smallest double written out has 326.
    private static let charactersMax = 400
    /// Digits that count: those of the largest value in millionths, and one more.
    private static let digitsMax = 20

    private let bytes: [UInt8]
    private var position = 0

    init(_ text: some Sequence<UInt8>) { bytes = Array(text.prefix(Self.charactersMax + 1)) }

    mutating func millionths() -> Int64? {
        guard bytes.count <= Self.charactersMax else { return nil }
        let isNegative = take(UInt8(ascii: "-"))
        if !isNegative { _ = take(UInt8(ascii: "+")) }
        guard let (digits, scale) = mantissa(), let exponent = exponent(), position == bytes.count else { return nil }
        guard let magnitude = Self.rounded(digits, shift: scale + exponent + 6) else { return nil }
        if isNegative { return magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil }
        return Int64(exactly: magnitude)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// The digits without leading zeros, and the power of ten of the last one.
    private mutating func mantissa() -> (digits: [UInt8], scale: Int)? {
        var digits: [UInt8] = [], scale = 0, count = 0, isFraction = false
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "."), !isFraction {
                isFraction = true
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                count += 1
                if isFraction { scale -= 1 }
                if !digits.isEmpty || byte != UInt8(ascii: "0") { digits.append(byte - UInt8(ascii: "0")) }
            } else {
                break
            }
            position += 1
        }
        return count > 0 ? (digits, scale) : nil
    }

    private mutating func exponent() -> Int? {
        guard take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) else { return 0 }
        let isNegative = take(UInt8(ascii: "-"))
        if !isNegative { _ = take(UInt8(ascii: "+")) }
        let start = position
        var value = 0
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]), value < 100_000 {
            value = value * 10 + Int(bytes[position] - UInt8(ascii: "0"))
            position += 1
        }
        return position > start ? (isNegative ? -value : value) : nil
    }

    /// `digits * 10^shift`, rounded to a whole number, halves to even.
    private static func rounded(_ digits: [UInt8], shift: Int) -> UInt64? {
        guard !digits.isEmpty else { return 0 }
        let whole = digits.count + shift
        guard whole <= digitsMax else { return nil }
        guard whole >= 0 else { return 0 }
        var value: UInt64 = 0
        for index in 0..<whole {
            let digit = index < digits.count ? UInt64(digits[index]) : 0
            let (tens, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tens.addingReportingOverflow(digit)
            guard !tooLarge, !carried else { return nil }
            value = sum
        }
        let rest = digits.dropFirst(whole)
        guard let first = rest.first else { return value }
        let isHalf = first == 5 && rest.dropFirst().allSatisfy { $0 == 0 }
        if first > 5 || (first == 5 && !isHalf) || (isHalf && value % 2 == 1) {
            let (next, overflow) = value.addingReportingOverflow(1)
            return overflow ? nil : next
        }
        return value
    }
}
