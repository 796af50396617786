/// Constant expressions, element and data segments.
extension ModuleDecoder {
    /// `t.const` or `global.get` of an immutable import, then `end`. (§3.3.10)
    mutating func decodeConstant(_ type: ValueType) throws(Refusal) -> Module.Constant {
        var result: Module.Constant?
        while true {
            let opcode = try reader.byte()
            let constant: Module.Constant, found: ValueType
            switch opcode {
            case 0x0b:
                guard let result else { throw reader.invalid("type mismatch") }
                return result
            case 0x41: (constant, found) = (.value(UInt64(try reader.s32())), .i32)
            case 0x42: (constant, found) = (.value(try reader.s64()), .i64)
            case 0x23:
                let index = Int(try reader.u32())
                guard index < module.importedGlobals else { throw reader.invalid("unknown global") }
                guard !module.globals[index].type.isMutable else { throw reader.invalid("constant expression required") }
                (constant, found) = (.global(index), module.globals[index].type.value)
            case 0x43, 0x44: throw reader.unsupported(.floatingPoint)
            case 0xd0, 0xd2: throw reader.invalid("type mismatch")
            case 0xfd: throw reader.unsupported(.vectors)
            default:
                guard Operators.isKnown(opcode) else { throw reader.malformed("illegal opcode") }
                throw reader.invalid("constant expression required")
            }
            guard result == nil, found == type else { throw reader.invalid("type mismatch") }
            result = constant
        }
    }

    /// `ref.func` or `ref.null func`, then `end`.
    private mutating func decodeReference() throws(Refusal) -> UInt32 {
        let result: UInt32
        switch try reader.byte() {
        case 0xd2: result = try decodeFunctionIndex()
        case 0xd0:
            let heap = try reader.byte()
            guard heap == 0x70 else { throw heap == 0x6f ? reader.invalid("type mismatch") : reader.malformed("malformed reference type") }
            result = Module.ElementSegment.null
        case 0x41, 0x42, 0x0b: throw reader.invalid("type mismatch")
        case 0x23: throw reader.unsupported(.references)
        default: throw reader.invalid("constant expression required")
        }
        guard try reader.byte() == 0x0b else { throw reader.invalid("type mismatch") }
        return result
    }

    private mutating func decodeFunctionIndex() throws(Refusal) -> UInt32 {
        let index = try reader.u32()
        guard Int(index) < module.functions.count else { throw reader.invalid("unknown function") }
        return index
    }

    mutating func decodeElements() throws(Refusal) {
        for _ in 0..<(try reader.count("element segments", profile.elementSegmentsMax)) {
            // Bit 0: not active; bit 1: explicit table, or declarative; bit 2: expressions instead of function numbers.
            let form = try reader.u32()
            guard form < 8 else { throw reader.malformed("malformed elements segment kind") }
            guard form == 0 || form == 2 || profile.allowsTableInstructions else { throw reader.unsupported(.references) }
            let placement: Module.Placement
            if form & 1 == 0 {
                let table = form & 2 != 0 ? Int(try reader.u32()) : 0
                guard table < module.tables.count else { throw reader.invalid("unknown table") }
                placement = .active(index: table, offset: try decodeConstant(.i32))
            } else {
                placement = form & 2 != 0 ? .declarative : .passive
            }
            if form & 3 != 0 {
                let kind = try reader.byte()
                if kind == 0x6f { throw reader.unsupported(.references) }
                guard kind == (form & 4 != 0 ? 0x70 : 0x00) else { throw reader.malformed("malformed element kind") }
            }
            let count = try reader.count("elements of a segment", Int(profile.tableElementsMax))
            var functions: [UInt32] = []
            functions.reserveCapacity(count)
            for _ in 0..<count { functions.append(form & 4 != 0 ? try decodeReference() : try decodeFunctionIndex()) }
            module.elements.append(Module.ElementSegment(placement: placement, functions: functions))
        }
    }

    mutating func decodeData() throws(Refusal) {
        let count = try reader.count("data segments", profile.dataSegmentsMax)
        if let announced = module.dataCount, announced != count {
            throw reader.malformed("data count and data section have inconsistent lengths")
        }
        for _ in 0..<count {
            let placement: Module.Placement
            switch try reader.u32() {
            case 0: placement = try decodeActiveData(memory: 0)
            case 1: placement = .passive
            case 2: placement = try decodeActiveData(memory: reader.u32())
            default: throw reader.malformed("malformed data segment kind")
            }
            let length = try reader.u32()
            module.data.append(Module.DataSegment(placement: placement, bytes: try reader.skip(length)))
        }
    }

    private mutating func decodeActiveData(memory: UInt32) throws(Refusal) -> Module.Placement {
        guard module.memory != nil, memory == 0 else { throw reader.invalid("unknown memory \(memory)") }
        return .active(index: 0, offset: try decodeConstant(.i32))
    }
}
