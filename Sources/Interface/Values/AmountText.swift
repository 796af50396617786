public import Primitives

/// An amount as text: base units in decimal digits, without a sign, a separator or a leading zero.
public struct AmountText: TextValue {
    public let value: Amount

    public init(_ value: Amount) { self.value = value }

    public init?(text: String) {
        guard let number = DecimalText.read(text, UInt128.self) else { return nil }
        value = Amount(number)
    }

    public var text: String { value.description }
    public static let expectation = "base units as text, in decimal digits"
    public static var schema: JSONSchema { .text(format: "amount", pattern: DecimalText.pattern, "Base units in decimal digits.") }
    public static var sample: Self { Self(.zero) }
}

/// A whole number as text, where readers that know no other numbers than floating ones would round it.
public struct NumberText: TextValue {
    public let value: UInt128

    public init(_ value: some FixedWidthInteger & UnsignedInteger) { self.value = UInt128(value) }

    public init?(text: String) {
        guard let number = DecimalText.read(text, UInt128.self) else { return nil }
        value = number
    }

    public var text: String { String(value) }
    public static let expectation = "a whole number as text, in decimal digits"
    public static var schema: JSONSchema { .text(format: "number", pattern: DecimalText.pattern, "A whole number in decimal digits.") }
    public static var sample: Self { Self(UInt64(0)) }
}

/// Digits and nothing else.
enum DecimalText {
    static let pattern = "^(0|[1-9][0-9]*)$"

    static func read<Value: FixedWidthInteger & UnsignedInteger>(_ text: String, _: Value.Type) -> Value? {
        let digits = text.utf8
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
              digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
        return Value(text)
    }
}
