internal import CInterpreter

/// Numbers, locals, globals, memory and tables.
extension FunctionTranslator {
    // Numbers.

    mutating func translateNumeric(_ entry: Operators.Entry) throws(Refusal) {
        switch entry.shape {
        case .unary:
            let operand = try pop(entry.operand), height = operands.count, source = live ? slot(of: operand, at: height) : 0
            let start = code.position
            if live { code.emit(entry.instruction, a: slot(at: height), b: source) }
            try pushResult(entry.result, emittedAt: start, entry)
        case .binary, .division, .comparison: try translateBinary(entry)
        case .isZero: try translateIsZero(entry)
        case .widen:
            // Slots hold an i32 with a zero upper half: nothing to do.
            var operand = try pop(.i32)
            operand.type = .i64
            try push(operand)
        case .load: try translateLoad(entry)
        case .store: try translateStore(entry)
        case .other: preconditionFailure("the caller tells numeric operators apart")
        }
    }

    /// A constant as an immediate of 32 bits, sign-extended for operators of 64.
    private func immediate(_ operand: Operand, _ type: ValueType) -> UInt32? {
        guard operand.place == .constant else { return nil }
        if type == .i32 { return UInt32(truncatingIfNeeded: operand.payload) }
        return Int32(exactly: Int64(bitPattern: operand.payload)).map { UInt32(bitPattern: $0) }
    }

    private mutating func translateBinary(_ entry: Operators.Entry) throws(Refusal) {
        let right = try pop(entry.operand), left = try pop(entry.operand)
        let type: ValueType = entry.shape == .comparison ? .i32 : entry.result
        guard live else { return try push(type) }
        let height = operands.count, target = slot(at: height)
        var used = entry, start = code.position
        if let immediate = immediate(right, entry.operand) {
            let source = slot(of: left, at: height)
            start = code.position
            code.emit(entry.instruction + 1, a: target, b: source, immediate: immediate)
            lastHasImmediate = true
        } else if let exchanged = entry.exchanged, let immediate = immediate(left, entry.operand) {
            let source = slot(of: right, at: height + 1)
            start = code.position
            code.emit(exchanged + 1, a: target, b: source, immediate: immediate)
            lastHasImmediate = true
            used.instruction = exchanged
            // What is opposite of a comparison with operands exchanged, has its operands exchanged.
            if entry.shape == .comparison { used.inverse = Operators.exchanged(entry.inverse) }
        } else {
            let first = slot(of: left, at: height), second = slot(of: right, at: height + 1)
            start = code.position
            code.emit(entry.instruction, a: target, b: first, c: second)
            lastHasImmediate = false
        }
        try pushResult(type, emittedAt: start, used)
    }

    private mutating func translateIsZero(_ entry: Operators.Entry) throws(Refusal) {
        let operand = try pop(entry.operand)
        guard live else { return try push(.i32) }
        let height = operands.count
        if entry.operand == .i32, operand.place == .slot, last >= 0, lastSlot == slot(at: height), lastEntry.shape == .comparison {
            // Not a comparison: the opposite one.
            code.replace(last, by: lastEntry.inverse + (lastHasImmediate ? 1 : 0))
            swap(&lastEntry.instruction, &lastEntry.inverse)
            return try push(.i32)
        }
        var used = entry
        used.shape = .comparison
        let source = slot(of: operand, at: height), start = code.position
        code.emit(entry.instruction + 1, a: slot(at: height), b: source, immediate: 0)
        lastHasImmediate = true
        try pushResult(.i32, emittedAt: start, used)
    }

    mutating func translateSelect(_ annotated: ValueType?) throws(Refusal) {
        charge(OperatorGas.operation)
        let selector = try pop(.i32), second: Operand, first: Operand
        if let annotated {
            second = try pop(annotated)
            first = try pop(annotated)
        } else {
            second = try pop()
            first = try pop()
            guard first.type == second.type || first.type == nil || second.type == nil else { throw reader.invalid("type mismatch") }
        }
        let type = annotated ?? first.type ?? second.type
        guard live, let type else { return try push(type) }
        let height = operands.count
        let one = slot(of: first, at: height), two = slot(of: second, at: height + 1), which = slot(of: selector, at: height + 2)
        let start = code.position
        code.emit(VM_select, a: slot(at: height), b: one, c: two, d: which)
        try pushResult(type, emittedAt: start)
    }

    // Locals and globals.

    private mutating func local() throws(Refusal) -> Int {
        charge(OperatorGas.operation)
        let index = Int(try reader.u32())
        guard index < localTypes.count else { throw reader.invalid("unknown local") }
        return index
    }

    mutating func translateLocalGet() throws(Refusal) {
        let index = try local(), type = localTypes[index]
        try push(live ? Operand(type: type, place: .local, payload: UInt64(index)) : Operand(type: type))
    }

    mutating func translateLocalSet(keeping: Bool) throws(Refusal) {
        let index = try local(), type = localTypes[index]
        var operand = try pop(type)
        operand.type = type
        if live {
            let height = operands.count, target = slot(ofLocal: index)
            if operand.place == .slot, last >= 0, lastSlot == slot(at: height), copies[index] < 0 {
                // The instruction that made the value writes the local itself.
                code.redirect(last, to: target)
                operand = Operand(type: type, place: .local, payload: UInt64(index))
            } else {
                settleCopies(of: index)
                move(operand, at: height, to: target)
            }
            last = -1
        }
        if keeping { try push(operand) }
    }

    private mutating func global() throws(Refusal) -> (index: Int, global: Module.Global) {
        charge(OperatorGas.operation)
        let index = Int(try reader.u32())
        guard index < module.globals.count else { throw reader.invalid("unknown global") }
        return (index, module.globals[index])
    }

    mutating func translateGlobalGet() throws(Refusal) {
        let (index, global) = try global(), start = code.position
        let instruction = global.isShared ? VM_global_get_imported : VM_global_get
        if live { code.emit(instruction, a: slot(at: operands.count), immediate: UInt32(index)) }
        try pushResult(global.type.value, emittedAt: start)
    }

    mutating func translateGlobalSet() throws(Refusal) {
        let (index, global) = try global()
        guard global.type.isMutable else { throw reader.invalid("global is immutable") }
        let operand = try pop(global.type.value)
        guard live else { return }
        let source = slot(of: operand, at: operands.count)
        code.emit(global.isShared ? VM_global_set_imported : VM_global_set, a: source, immediate: UInt32(index))
        last = -1
    }

    // Memory.

    private func requireMemory() throws(Refusal) {
        guard module.memory != nil else { throw reader.invalid("unknown memory 0") }
    }

    private mutating func memoryOffset(_ entry: Operators.Entry) throws(Refusal) -> UInt32 {
        let alignment = try reader.u32()
        // A larger exponent is no alignment at all; bit 6 would announce a memory's number.
        guard alignment < 32 else { throw reader.malformed("malformed memop flags") }
        let offset = try reader.u32()
        try requireMemory()
        guard alignment <= entry.alignment else { throw reader.invalid("alignment must not be larger than natural") }
        return offset
    }

    /// The sum of a constant address and an offset, if it is an address.
    private func fixedAddress(_ operand: Operand, _ offset: UInt32) -> UInt32? {
        guard operand.place == .constant else { return nil }
        let (sum, overflow) = UInt32(truncatingIfNeeded: operand.payload).addingReportingOverflow(offset)
        return overflow ? nil : sum
    }

    private mutating func translateLoad(_ entry: Operators.Entry) throws(Refusal) {
        let offset = try memoryOffset(entry), address = try pop(.i32)
        guard live else { return try push(entry.result) }
        let height = operands.count
        if let fixed = fixedAddress(address, offset) {
            let start = code.position
            code.emit(entry.instruction + 1, a: slot(at: height), immediate: fixed)
            return try pushResult(entry.result, emittedAt: start)
        }
        let source = slot(of: address, at: height), start = code.position
        code.emit(entry.instruction, a: slot(at: height), b: source, immediate: offset)
        try pushResult(entry.result, emittedAt: start)
    }

    private mutating func translateStore(_ entry: Operators.Entry) throws(Refusal) {
        let offset = try memoryOffset(entry), value = try pop(entry.operand), address = try pop(.i32)
        guard live else { return }
        let height = operands.count
        if let fixed = fixedAddress(address, offset) {
            let source = slot(of: value, at: height + 1)
            code.emit(entry.instruction + 2, b: source, immediate: fixed)
        } else if value.place == .constant {
            let target = slot(of: address, at: height)
            code.emit(entry.instruction + 1, a: target, immediate: offset)
            code.append(word: value.payload)
        } else {
            let target = slot(of: address, at: height), source = slot(of: value, at: height + 1)
            code.emit(entry.instruction, a: target, b: source, immediate: offset)
        }
        last = -1
    }

    private mutating func zeroByte() throws(Refusal) {
        guard try reader.byte() == 0 else { throw reader.malformed("zero byte expected") }
    }

    mutating func translateMemorySize(growing: Bool) throws(Refusal) {
        charge(OperatorGas.operation)
        try zeroByte()
        try requireMemory()
        var source = 0
        if growing {
            let operand = try pop(.i32)
            if live { source = slot(of: operand, at: operands.count) }
        }
        let start = code.position
        if live { code.emit(growing ? VM_memory_grow : VM_memory_size, a: slot(at: operands.count), b: source) }
        try pushResult(.i32, emittedAt: start)
    }

    // Bulk operations.

    mutating func translateBulk() throws(Refusal) {
        switch try reader.u32() {
        case 0...7: throw reader.unsupported(.floatingPoint)
        case 8:
            let segment = try dataSegment()
            try zeroByte()
            try requireMemory()
            try translateBulk(VM_memory_init, UInt64(segment))
        case 9:
            charge(OperatorGas.operation)
            let segment = try dataSegment()
            if live { code.emit(VM_data_drop, immediate: segment) }
            last = -1
        case 10:
            try zeroByte()
            try zeroByte()
            try requireMemory()
            try translateBulk(VM_memory_copy, nil)
        case 11:
            try zeroByte()
            try requireMemory()
            try translateBulk(VM_memory_fill, nil)
        case 12...14 where !profile.allowsTableInstructions: throw reader.unsupported(.references)
        case 12:
            let segment = try elementSegment(), table = try self.table()
            try translateBulk(VM_table_init, UInt64(table) | UInt64(segment) << 32)
        case 13:
            charge(OperatorGas.operation)
            let segment = try elementSegment()
            if live { code.emit(VM_elem_drop, immediate: segment) }
            last = -1
        case 14:
            let target = try table(), source = try table()
            try translateBulk(VM_table_copy, UInt64(target) | UInt64(source) << 32)
        case 15...17: throw reader.unsupported(.references)
        default: throw reader.malformed("illegal opcode")
        }
    }

    /// Destination, source or value, count; `word` follows the operands.
    private mutating func translateBulk(_ instruction: vm_operation, _ word: UInt64?) throws(Refusal) {
        charge(OperatorGas.bulk)
        let count = try pop(.i32), source = try pop(.i32), target = try pop(.i32)
        guard live else { return }
        let height = operands.count
        let a = slot(of: target, at: height), b = slot(of: source, at: height + 1), c = slot(of: count, at: height + 2)
        code.emit(instruction, a: a, b: b, c: c)
        if let word { code.append(word: word) }
        last = -1
    }

    private mutating func dataSegment() throws(Refusal) -> UInt32 {
        let index = try reader.u32()
        guard let count = module.dataCount else { throw reader.malformed("data count section required") }
        guard index < count else { throw reader.invalid("unknown data segment \(index)") }
        return index
    }

    private mutating func elementSegment() throws(Refusal) -> UInt32 {
        let index = try reader.u32()
        guard index < module.elements.count else { throw reader.invalid("unknown elem segment \(index)") }
        return index
    }

    private mutating func table() throws(Refusal) -> UInt32 {
        let index = try reader.u32()
        guard index < module.tables.count else { throw reader.invalid("unknown table \(index)") }
        return index
    }
}
