/// A function's code under construction: operators as bytes, with the few that take numbers spelt out.
public struct Code: ExpressibleByArrayLiteral, Sendable {
    public var bytes: [UInt8]

    public init(arrayLiteral elements: UInt8...) { bytes = elements }
    public init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    public static func + (left: Code, right: Code) -> Code { Code(left.bytes + right.bytes) }
    public static func += (left: inout Code, right: Code) { left.bytes += right.bytes }

    public static func op(_ opcode: UInt8) -> Code { Code([opcode]) }
    public static func op(_ opcode: UInt8, _ numbers: UInt32...) -> Code { Code([opcode] + numbers.flatMap(unsigned)) }
    public static func i32(_ value: Int32) -> Code { Code([0x41] + signed(Int64(value))) }
    public static func i64(_ value: Int64) -> Code { Code([0x42] + signed(value)) }
    public static func get(_ local: UInt32) -> Code { op(0x20, local) }
    public static func set(_ local: UInt32) -> Code { op(0x21, local) }
    public static func tee(_ local: UInt32) -> Code { op(0x22, local) }
    public static func call(_ function: UInt32) -> Code { op(0x10, function) }
    public static func br(_ label: UInt32) -> Code { op(0x0c, label) }
    public static func brIf(_ label: UInt32) -> Code { op(0x0d, label) }
    public static func brTable(_ labels: [UInt32], default last: UInt32) -> Code {
        Code([0x0e] + unsigned(UInt32(labels.count)) + (labels + [last]).flatMap(unsigned))
    }
    /// 0x02 block, 0x03 loop, 0x04 if; a type is 0x40 for nothing, a value type, or a type's number in LEB128.
    public static func block(_ opcode: UInt8, _ type: [UInt8], _ body: Code) -> Code { Code([opcode] + type + body.bytes + [0x0b]) }
    public static func block(_ body: Code) -> Code { block(0x02, [0x40], body) }
    public static func load(_ opcode: UInt8, _ offset: UInt32 = 0) -> Code { Code([opcode, 0] + unsigned(offset)) }
    public static func bulk(_ number: UInt8, _ numbers: UInt8...) -> Code { Code([0xfc, number] + numbers) }

    public static let end: Code = [0x0b], otherwise: Code = [0x05], unreachable: Code = [0x00], drop: Code = [0x1a], `return`: Code = [0x0f]
    public static let add32: Code = [0x6a], sub32: Code = [0x6b], mul32: Code = [0x6c], add64: Code = [0x7c]

    /// LEB128.
    public static func unsigned(_ value: UInt32) -> [UInt8] {
        var value = value, bytes: [UInt8] = []
        repeat {
            bytes.append(UInt8(value & 0x7f) | (value > 0x7f ? 0x80 : 0))
            value >>= 7
        } while value > 0
        return bytes
    }

    public static func signed(_ value: Int64) -> [UInt8] {
        var value = value, bytes: [UInt8] = []
        while true {
            let low = UInt8(truncatingIfNeeded: value & 0x7f)
            value >>= 7
            if value == (low & 0x40 != 0 ? -1 : 0) { return bytes + [low] }
            bytes.append(low | 0x80)
        }
    }
}
