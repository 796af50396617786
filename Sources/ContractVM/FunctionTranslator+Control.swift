internal import CInterpreter

/// Blocks, branches and calls.
extension FunctionTranslator {
    // Segments.

    /// Begins a segment here. One in which nothing has happened yet is used again.
    private mutating func beginSegment(fallingIn: Bool) {
        last = -1
        if code.gas(of: segment) == 0, code.position == segmentStart { return }
        segment = code.beginSegment()
        if fallingIn {
            code.useGas(of: segment, word: code.position + 1, upper: true)
            code.emit(VM_gas, immediate: 0)
        }
        segmentStart = code.position
    }

    /// Lets the branches of a list come here.
    private mutating func bind(_ list: Int) {
        var next = list
        while next >= 0 {
            let branch = branches[next]
            code.setDisplacement(word: branch.word, origin: branch.origin, target: code.position)
            code.useGas(of: segment, word: branch.word, upper: true)
            next = branch.next
        }
    }

    /// Appends the word {displacement, gas} of a branch to a label; `origin` is where the instruction begins.
    private mutating func appendTarget(_ depth: Int, origin: Int) {
        let index = controls.count - 1 - depth, word = code.position
        code.append(word: 0)
        setTarget(index, word: word, origin: origin)
    }

    private mutating func setTarget(_ index: Int, word: Int, origin: Int) {
        if controls[index].kind == .loop {
            code.setDisplacement(word: word, origin: origin, target: controls[index].start)
            code.useGas(of: controls[index].segment, word: word, upper: true)
        } else {
            branches.append(Branch(word: word, origin: origin, next: controls[index].branches))
            controls[index].branches = branches.count - 1
        }
    }

    private mutating func emitJump(_ depth: Int) {
        let origin = code.position
        code.emit(VM_br)
        setTarget(controls.count - 1 - depth, word: origin + 1, origin: origin)
    }

    // Conditions.

    /// The branch instruction for a popped condition; a comparison that was just emitted becomes part of it.
    private mutating func condition(_ operand: Operand, at height: Int) -> Condition {
        if operand.place == .slot, last >= 0, lastSlot == slot(at: height), lastEntry.shape == .comparison {
            let words = code.operands(last), entry = lastEntry
            code.removeAll(from: last)
            last = -1
            // {to, left, right} or {to, left, immediate} lose their destination.
            let immediate = lastHasImmediate
            let operands = words >> 16 & 0xffff | (immediate ? words & ~0xffff_ffff : (words >> 32 & 0xffff) << 16)
            let offset: UInt32 = immediate ? 3 : 2
            return Condition(instruction: entry.instruction + offset, inverse: entry.inverse + offset, operands: operands)
        }
        let source = slot(of: operand, at: height)
        return Condition(instruction: VM_br_ne32_i.rawValue, inverse: VM_br_eq32_i.rawValue, operands: UInt64(source))
    }

    private mutating func emit(_ condition: Condition, inverted: Bool) -> Int {
        let origin = code.position
        code.emit(inverted ? condition.inverse : condition.instruction)
        code.replaceOperands(origin, by: condition.operands)
        return origin
    }

    // Blocks.

    private mutating func blockType() throws(Refusal) -> FunctionType {
        let start = reader.position
        let code = try reader.byte()
        if code == 0x40 { return FunctionType([], []) }
        if let type = ValueType(rawValue: code) { return FunctionType([], [type]) }
        reader.position = start
        if code & 0xc0 == 0x40 { return FunctionType([], [try reader.valueType()]) }
        let index = try reader.s33()
        guard index >= 0, index < module.types.count else { throw reader.invalid("unknown type") }
        return module.types[Int(index)]
    }

    private mutating func open(_ kind: Control.Kind, _ type: FunctionType) throws(Refusal) {
        try reader.bound("nesting of blocks", controls.count + 1, profile.nestingMax)
        controls.append(Control(
            kind: kind, parameters: type.parameters, results: type.results, height: operands.count - type.parameters.count, live: live))
    }

    mutating func translateBlock() throws(Refusal) {
        charge(OperatorGas.structure)
        let type = try blockType()
        try enter(type)
        try open(.block, type)
    }

    mutating func translateLoop() throws(Refusal) {
        charge(OperatorGas.structure)
        let type = try blockType()
        try enter(type)
        if live { beginSegment(fallingIn: true) }
        try open(.loop, type)
        controls[controls.count - 1].start = code.position
        controls[controls.count - 1].segment = segment
    }

    /// Parameters of a block are in their slots, as is everything below: what happens to locals inside must not matter to it.
    private mutating func enter(_ type: FunctionType) throws(Refusal) {
        if type.parameters.isEmpty { return settleAll() }
        try check(type.parameters)
        settleAll()
        truncateForParameters(type.parameters.count)
        try push(type.parameters)
        settled = operands.count
    }

    /// Pops as many of the block's parameters as there are.
    private mutating func truncateForParameters(_ count: Int) {
        truncate(to: max(operands.count - count, controls[controls.count - 1].height))
    }

    mutating func translateIf() throws(Refusal) {
        charge(OperatorGas.operation)
        let type = try blockType()
        let selector = try pop(.i32)
        try enter(type)
        // The condition's slot is above those of the parameters; a comparison just emitted is still the last instruction unless
        // something else had to move.
        let condition = live ? self.condition(selector, at: operands.count) : nil
        try open(.conditional, type)
        if let condition {
            let origin = emit(condition, inverted: true), word = code.position
            code.append(word: 0)
            branches.append(Branch(word: word, origin: origin, next: -1))
            controls[controls.count - 1].otherwise = branches.count - 1
            fallThrough()
        }
    }

    /// Ends a conditional branch: the segment that follows is charged by it.
    private mutating func fallThrough() {
        segment = code.beginSegment()
        code.useGas(of: segment, word: code.position, upper: false)
        code.append(word: 0)
        segmentStart = code.position
        last = -1
    }

    mutating func translateElse() throws(Refusal) {
        guard let control = controls.last, control.kind == .conditional else { throw reader.malformed("else without if") }
        charge(OperatorGas.structure)
        try finishBlock(control)
        if live { emitJump(0) }
        truncate(to: control.height)
        let top = controls.count - 1
        controls[top].kind = .alternative
        controls[top].unreachable = false
        live = control.live
        last = -1
        if live {
            segment = code.beginSegment()
            segmentStart = code.position
            bind(control.otherwise)
        }
        controls[top].otherwise = -1
        try push(control.parameters)
        settled = operands.count
    }

    /// Checks the results at the end of a block and puts them into their slots.
    private mutating func finishBlock(_ control: Control) throws(Refusal) {
        if !control.unreachable, operands.count != control.height + control.results.count { throw reader.invalid("type mismatch") }
        try check(control.results)
        if operands.count > control.height + control.results.count { throw reader.invalid("type mismatch") }
        if live { settle(top: control.results.count) }
    }

    mutating func translateEnd() throws(Refusal) {
        let control = controls[controls.count - 1]
        charge(OperatorGas.structure)
        if control.kind == .function { return try translateFunctionEnd(control) }
        if control.kind == .conditional, control.parameters != control.results { throw reader.invalid("type mismatch") }
        try finishBlock(control)
        truncate(to: control.height)
        if control.kind == .loop {
            // The specification sees code after an endless loop as reachable; nothing is lost by translating it.
            if control.live, !live {
                live = true
                segment = code.beginSegment()
                segmentStart = code.position
                last = -1
            }
        } else if control.live {
            let fallingIn = live
            live = true
            if fallingIn {
                beginSegment(fallingIn: true)
            } else {
                segment = code.beginSegment()
                segmentStart = code.position
                last = -1
            }
            bind(control.branches)
            bind(control.otherwise)
        } else {
            live = false
        }
        controls.removeLast()
        last = -1
        try push(control.results)
    }

    private mutating func translateFunctionEnd(_ control: Control) throws(Refusal) {
        if !control.unreachable, operands.count != control.results.count { throw reader.invalid("type mismatch") }
        try check(control.results)
        if operands.count > control.results.count { throw reader.invalid("type mismatch") }
        if live { emitReturn() }
        if control.branches >= 0 {
            segment = code.beginSegment()
            segmentStart = code.position
            bind(control.branches)
            truncate(to: 0)
            try push(control.results)
            emitReturn()
        }
        controls.removeLast()
    }

    // Branches.

    private mutating func label() throws(Refusal) -> Int {
        let depth = Int(try reader.u32())
        guard depth < controls.count else { throw reader.invalid("unknown label") }
        return depth
    }

    /// Moves the topmost `count` operands to where a label expects them.
    private mutating func moveToLabel(_ control: Control, _ count: Int) {
        let target = slot(at: control.height)
        switch count {
        case 0: return
        case 1: move(operands[operands.count - 1], at: operands.count - 1, to: target)
        default:
            settle(top: count)
            let source = slot(at: operands.count - count)
            if source != target { code.emit(VM_copy_range, a: target, b: source, immediate: UInt32(count)) }
        }
    }

    /// Whether ``moveToLabel(_:_:)`` has something to do.
    private func isInPlace(_ control: Control, _ count: Int) -> Bool {
        if count == 0 { return true }
        let height = operands.count - count
        return height == control.height && operands[height...].allSatisfy { $0.place == .slot }
    }

    mutating func translateBranch() throws(Refusal) {
        charge(OperatorGas.operation)
        let depth = try label(), control = controls[controls.count - 1 - depth]
        let types = control.labelTypes
        try check(types)
        if live {
            if control.kind == .function {
                emitReturn()
            } else {
                moveToLabel(control, types.count)
                emitJump(depth)
            }
        }
        markUnreachable()
    }

    mutating func translateBranchIf() throws(Refusal) {
        charge(OperatorGas.operation)
        let depth = try label(), control = controls[controls.count - 1 - depth]
        let types = control.labelTypes
        let selector = try pop(.i32)
        try check(types)
        guard live else {
            truncateForParameters(types.count)
            return try push(types)
        }
        let count = types.count, height = operands.count
        // Several values go into their slots first: they lie below the condition's.
        if count > 1 { settle(top: count) }
        let condition = self.condition(selector, at: height)
        if isInPlace(control, count) {
            let origin = emit(condition, inverted: false)
            appendTarget(depth, origin: origin)
            fallThrough()
            return
        }
        // Around the move: the segment that follows is the target of the inverted branch.
        let origin = emit(condition, inverted: true), word = code.position
        code.append(word: 0)
        code.append(word: 0)
        moveToLabel(control, count)
        emitJump(depth)
        segment = code.beginSegment()
        segmentStart = code.position
        last = -1
        code.setDisplacement(word: word, origin: origin, target: code.position)
        code.useGas(of: segment, word: word, upper: true)
    }

    mutating func translateBranchTable() throws(Refusal) {
        charge(OperatorGas.branchTable)
        let entries = try reader.count("targets of a br_table", profile.branchTableMax)
        let selector = try pop(.i32)
        tableNumber += 1
        var arity: Int?, depths: [Int] = []
        depths.reserveCapacity(entries + 1)
        for _ in 0...entries {
            let depth = try label()
            depths.append(depth)
            if tableMarks[depth].table == tableNumber { continue }
            tableMarks[depth] = (tableNumber, -1)
            let types = controls[controls.count - 1 - depth].labelTypes
            guard arity == nil || arity == types.count else { throw reader.invalid("type mismatch") }
            arity = types.count
            try check(types)
        }
        let count = arity ?? 0
        if live {
            let height = operands.count
            settle(top: count)
            let source = slot(of: selector, at: height), start = code.position
            code.emit(VM_br_table, a: source, immediate: UInt32(entries))
            let words = code.position
            for _ in 0...entries { code.append(word: 0) }
            for (index, depth) in depths.enumerated() {
                let control = controls[controls.count - 1 - depth]
                if isInPlace(control, count) {
                    setTarget(controls.count - 1 - depth, word: words + index, origin: start)
                    continue
                }
                // One stub for each label moves the values; the table's entry itself costs nothing more.
                if tableMarks[depth].stub < 0 {
                    tableMarks[depth].stub = code.position
                    moveToLabel(control, count)
                    emitJump(depth)
                }
                code.setDisplacement(word: words + index, origin: start, target: tableMarks[depth].stub)
            }
        }
        markUnreachable()
    }

    mutating func translateReturn() throws(Refusal) {
        charge(OperatorGas.operation)
        try check(resultTypes)
        if live { emitReturn() }
        markUnreachable()
    }

    /// Returns the topmost operands.
    private mutating func emitReturn() {
        let count = resultTypes.count
        switch count {
        case 0: code.emit(VM_return_none, a: parameterCount)
        case 1:
            let source = slot(of: operands[operands.count - 1], at: operands.count - 1)
            code.emit(VM_return_slot, a: parameterCount, b: source)
        default:
            settle(top: count)
            code.emit(VM_return_range, a: parameterCount, b: slot(at: operands.count - count), c: count)
        }
        code.useBudget(word: code.position)
        code.append(word: 0)
        last = -1
    }

    // Calls.

    mutating func translateCall() throws(Refusal) {
        charge(OperatorGas.call)
        let index = Int(try reader.u32())
        guard index < module.functions.count else { throw reader.invalid("unknown function") }
        let type = module.type(ofFunction: index)
        try check(type.parameters)
        if live {
            settle(top: type.parameters.count)
            let base = slot(at: operands.count - type.parameters.count), origin = code.position
            if index < module.importedFunctions {
                code.emit(VM_call_import, a: base, b: base + max(type.parameters.count, type.results.count), immediate: UInt32(index))
            } else {
                code.emit(VM_call, a: base)
                code.useEntry(of: index, word: origin + 1, origin: origin)
            }
        }
        try finishCall(type)
    }

    mutating func translateIndirectCall() throws(Refusal) {
        charge(OperatorGas.indirectCall)
        let typeIndex = try reader.u32(), table = Int(try reader.u32())
        guard table < module.tables.count else { throw reader.invalid("unknown table") }
        guard typeIndex < module.types.count else { throw reader.invalid("unknown type") }
        let type = module.types[Int(typeIndex)]
        let selector = try pop(.i32)
        let height = operands.count
        try check(type.parameters)
        if live {
            settle(top: type.parameters.count)
            let base = slot(at: height - type.parameters.count), source = slot(of: selector, at: height)
            code.emit(VM_call_indirect, a: base, b: base + max(type.parameters.count, type.results.count), c: source)
            code.append(word: UInt64(module.canonicalTypes[Int(typeIndex)]) | UInt64(table) << 32)
        }
        try finishCall(type)
    }

    private mutating func finishCall(_ type: FunctionType) throws(Refusal) {
        last = -1
        truncateForParameters(type.parameters.count)
        try push(type.results)
    }
}
