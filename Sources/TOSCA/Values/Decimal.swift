import Contracts

/// A decimal number of any size within a bound, compared exactly. Limits in templates (`less_or_equal: 0.1`) are decimal, and binary
/// fractions would judge some of them wrongly.
struct Decimal: Hashable, Comparable {
    /// Significant digits without zeros at either end; empty for zero.
    private let digits: [UInt8]
    /// The value is `0.d₁d₂… · 10^exponent`.
    private let exponent: Int
    private let isNegative: Bool

    private static let exponentMax = 40

    /// Reads `-12`, `.5`, `12.50`, `1e3`; nil for anything else, and for what does not fit into the bound of a document's numbers.
    init?(_ text: String) {
        var rest = Substring(text)
        var isNegative = false
        if let sign = rest.first, sign == "-" || sign == "+" {
            isNegative = sign == "-"
            rest = rest.dropFirst()
        }
        var scale = 0
        if let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            guard let value = Int(rest[rest.index(after: mark)...]), (-Self.exponentMax...Self.exponentMax).contains(value) else { return nil }
            scale = value
            rest = rest[..<mark]
        }
        let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }), parts.allSatisfy({ $0.utf8.allSatisfy(Digits.isDigit) }) else { return nil }
        var digits = parts.joined().utf8.map { $0 - UInt8(ascii: "0") }
        var exponent = parts[0].utf8.count + scale
        let leading = digits.prefix { $0 == 0 }.count
        digits.removeFirst(leading)
        exponent -= leading
        while digits.last == 0 { digits.removeLast() }
        guard abs(exponent) <= Self.exponentMax, digits.count <= Self.exponentMax else { return nil }
        self.digits = digits
        self.exponent = digits.isEmpty ? 0 : exponent
        self.isNegative = isNegative && !digits.isEmpty
    }

    init(_ integer: Int64) { self = Decimal(String(integer))! }

    /// The shortest form with a point.
    var text: String {
        let whole = digits.prefix(max(0, exponent)) + repeatElement(0, count: max(0, exponent - digits.count))
        let fraction = repeatElement(0, count: max(0, -exponent)) + digits.dropFirst(max(0, exponent))
        func words(_ digits: some Sequence<UInt8>) -> String {
            let text = String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
            return text.isEmpty ? "0" : text
        }
        return (isNegative ? "-" : "") + words(whole) + "." + words(fraction)
    }

    /// As documents hold it; the bounds above keep it within theirs, save for extremes.
    var value: DocumentValue? { DocumentDecimal(text).map { .decimal($0) } }

    /// nil when the product has too many digits.
    func multiplied(by factor: Int64) -> Decimal? {
        guard factor > 0 else { return nil }
        var product: [UInt8] = [], carry: UInt64 = 0
        for digit in digits.reversed() {
            let sum = UInt64(digit) * UInt64(factor) + carry
            product.append(UInt8(sum % 10))
            carry = sum / 10
        }
        while carry > 0 {
            product.append(UInt8(carry % 10))
            carry /= 10
        }
        let text = String(decoding: product.reversed().map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
        return Decimal("\(isNegative ? "-" : "")\(text.isEmpty ? "0" : text)e\(digits.isEmpty ? 0 : exponent - digits.count)")
    }

    static func < (left: Decimal, right: Decimal) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative ? magnitudePrecedes(right, left) : magnitudePrecedes(left, right)
    }

    private static func magnitudePrecedes(_ left: Decimal, _ right: Decimal) -> Bool {
        if left.digits.isEmpty || right.digits.isEmpty { return left.digits.isEmpty && !right.digits.isEmpty }
        if left.exponent != right.exponent { return left.exponent < right.exponent }
        return left.digits.lexicographicallyPrecedes(right.digits)
    }
}
