public import Primitives

/// A byte string of fixed length as text: lower-case hexadecimal behind `0x`. Upper case, and digits without `0x`, are read, too.
public struct FixedHex<Value: FixedBytes>: Hashable, Sendable {
    public let value: Value

    public init(_ value: Value) { self.value = value }

    public init?(text: String) {
        guard let value = Value(hex: text) else { return nil }
        self.value = value
    }

    public var text: String { "0x" + value.hex }
}

extension FixedHex: TextValue {
    public static var expectation: String { "\(Value.byteCount) bytes in hexadecimal" }
    public static var schema: JSONSchema { .text(format: "hex", pattern: "^0x[0-9a-f]{\(2 * Value.byteCount)}$", Self.expectation + ", behind 0x.") }
    public static var sample: Self { Self(Value()) }
}

/// A byte string of any length as text: lower-case hexadecimal behind `0x`; `0x` alone is empty.
public struct Hex: Hashable, Sendable {
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public init?(text: String) {
        guard let bytes = [UInt8](hex: text) else { return nil }
        self.bytes = bytes
    }

    public var text: String { "0x" + bytes.hex }
}

extension Hex: TextValue {
    public static var expectation: String { "bytes in hexadecimal" }
    public static var schema: JSONSchema { .text(format: "hex", pattern: "^0x([0-9a-f]{2})*$", "Bytes in hexadecimal, behind 0x.") }
    public static var sample: Self { Self([]) }
}
