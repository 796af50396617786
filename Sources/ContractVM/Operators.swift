internal import CInterpreter

/// What the numeric operators take, give and cost, and which instruction does their work. One table of 256 entries, by opcode.
enum Operators {
    enum Shape: UInt8 {
        /// Not a numeric operator of integers.
        case other
        case unary
        /// Of two operands; the next instruction number takes an immediate right operand.
        case binary
        /// A binary one that can trap.
        case division
        /// Of two operands; followed by the forms with immediate, with branch, with both.
        case comparison
        /// `eqz`: a comparison with zero.
        case isZero
        /// An i32 that is taken for an i64 as it is.
        case widen
        case load
        case store
    }

    struct Entry {
        var shape = Shape.other
        var operand = ValueType.i32
        var result = ValueType.i32
        var gas: UInt32 = 0
        var instruction: UInt32 = 0
        /// The instruction with the operands exchanged, for comparisons and commutative operators.
        var exchanged: UInt32?
        /// The comparison that holds when this one does not.
        var inverse: UInt32 = 0
        /// Of loads and stores: the binary logarithm of the number of bytes.
        var alignment: UInt32 = 0
    }

    static let table: [Entry] = {
        var table = [Entry](repeating: Entry(), count: 256)
        func add(_ opcode: Int, _ entry: Entry) { table[opcode] = entry }

        for (first, base, type) in [(0x46, VM_eq32, ValueType.i32), (0x51, VM_eq64, .i64)] {
            for index in 0..<10 {
                func number(_ index: Int) -> UInt32 { base.rawValue + UInt32(4 * index) }
                add(first + index, Entry(
                    shape: .comparison, operand: type, gas: OperatorGas.operation, instruction: number(index),
                    exchanged: number(mirrored[index]), inverse: number(opposite[index])))
            }
            add(first - 1, Entry(
                shape: .isZero, operand: type, gas: OperatorGas.operation, instruction: base.rawValue, inverse: base.rawValue + 4))
        }
        func unary(_ opcode: Int, _ instruction: vm_operation, _ operand: ValueType, _ result: ValueType) {
            add(opcode, Entry(shape: .unary, operand: operand, result: result, gas: OperatorGas.operation, instruction: instruction.rawValue))
        }
        for (first, base, type) in [(0x67, VM_clz32, ValueType.i32), (0x79, VM_clz64, .i64)] {
            for index in 0..<3 { unary(first + index, vm_operation(base.rawValue + UInt32(index)), type, type) }
        }
        // add sub mul, div_s div_u rem_s rem_u, and or xor shl shr_s shr_u rotl rotr
        let commutative: Set<Int> = [0, 2, 7, 8, 9]
        for (first, base, division, type) in [
            (0x6a, VM_add32, VM_div_s32, ValueType.i32), (0x7c, VM_add64, VM_div_s64, .i64),
        ] {
            for index in 0..<15 {
                var entry = Entry(shape: .binary, operand: type, result: type, gas: index == 2 ? OperatorGas.multiplication : OperatorGas.operation)
                if 3...6 ~= index {
                    entry.shape = .division
                    entry.gas = OperatorGas.division
                    entry.instruction = division.rawValue + UInt32(2 * (index - 3))
                } else {
                    entry.instruction = base.rawValue + UInt32(2 * (index < 3 ? index : index - 4))
                    if commutative.contains(index) { entry.exchanged = entry.instruction }
                }
                add(first + index, entry)
            }
        }
        unary(0xa7, VM_wrap64, .i64, .i32)
        add(0xad, Entry(shape: .widen, operand: .i32, result: .i64, gas: OperatorGas.operation))
        unary(0xac, VM_extend32_s64, .i32, .i64)
        unary(0xc0, VM_extend8_s32, .i32, .i32)
        unary(0xc1, VM_extend16_s32, .i32, .i32)
        unary(0xc2, VM_extend8_s64, .i64, .i64)
        unary(0xc3, VM_extend16_s64, .i64, .i64)
        unary(0xc4, VM_extend32_s64, .i64, .i64)

        func access(_ shape: Shape, _ opcode: Int, _ instruction: vm_operation, _ type: ValueType, _ alignment: UInt32) {
            add(opcode, Entry(
                shape: shape, operand: shape == .store ? type : .i32, result: type, gas: OperatorGas.memoryAccess,
                instruction: instruction.rawValue, alignment: alignment))
        }
        access(.load, 0x28, VM_load32_u, .i32, 2)
        access(.load, 0x29, VM_load64, .i64, 3)
        access(.load, 0x2c, VM_load8_s32, .i32, 0)
        access(.load, 0x2d, VM_load8_u, .i32, 0)
        access(.load, 0x2e, VM_load16_s32, .i32, 1)
        access(.load, 0x2f, VM_load16_u, .i32, 1)
        access(.load, 0x30, VM_load8_s64, .i64, 0)
        access(.load, 0x31, VM_load8_u, .i64, 0)
        access(.load, 0x32, VM_load16_s64, .i64, 1)
        access(.load, 0x33, VM_load16_u, .i64, 1)
        access(.load, 0x34, VM_load32_s64, .i64, 2)
        access(.load, 0x35, VM_load32_u, .i64, 2)
        access(.store, 0x36, VM_store32, .i32, 2)
        access(.store, 0x37, VM_store64, .i64, 3)
        access(.store, 0x3a, VM_store8, .i32, 0)
        access(.store, 0x3b, VM_store16, .i32, 1)
        access(.store, 0x3c, VM_store8, .i64, 0)
        access(.store, 0x3d, VM_store16, .i64, 1)
        access(.store, 0x3e, VM_store32, .i64, 2)
        return table
    }()

    /// The comparison that says the same of exchanged operands.
    static func exchanged(_ comparison: UInt32) -> UInt32 {
        let base = comparison < VM_eq64.rawValue ? VM_eq32.rawValue : VM_eq64.rawValue
        return base + UInt32(4 * mirrored[Int(comparison - base) / 4])
    }

    // eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u
    private static let mirrored = [0, 1, 4, 5, 2, 3, 8, 9, 6, 7]
    private static let opposite = [1, 0, 8, 9, 6, 7, 4, 5, 2, 3]

    /// Why an opcode that the translator does not know is refused.
    static func refusal(of opcode: UInt8, _ reader: ByteReader) -> Refusal {
        switch opcode {
        case 0x2a, 0x2b, 0x38, 0x39, 0x43, 0x44, 0x5b...0x66, 0x8b...0xa6, 0xa8...0xab, 0xae...0xbf: reader.unsupported(.floatingPoint)
        case 0x1c, 0x25, 0x26, 0xd0, 0xd1, 0xd2: reader.unsupported(.references)
        case 0xfd: reader.unsupported(.vectors)
        case 0xfe: reader.unsupported(.threads)
        case 0xfb, 0x14, 0x15, 0xd3...0xd6: reader.unsupported(.garbageCollection)
        case 0x06...0x0a, 0x18, 0x19, 0x1f: reader.unsupported(.exceptions)
        case 0x12, 0x13: reader.unsupported(.tailCalls)
        default: reader.malformed("illegal opcode")
        }
    }

    /// Whether an opcode means anything in the specification.
    static func isKnown(_ opcode: UInt8) -> Bool {
        switch opcode {
        case 0x00...0x05, 0x0b...0x11, 0x1a...0x1c, 0x20...0x26, 0x28...0xc4, 0xd0...0xd2, 0xfc, 0xfd: true
        default: false
        }
    }
}
