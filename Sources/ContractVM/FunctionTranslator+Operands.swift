internal import CInterpreter

/// The operand stack: types for validation, places for translation.
extension FunctionTranslator {
    /// The slot of a local.
    func slot(ofLocal local: Int) -> Int { local < parameterCount ? local : local + Int(VM_LINK_SLOTS) }
    /// The slot of an operand at a height.
    func slot(at height: Int) -> Int { localTypes.count + Int(VM_LINK_SLOTS) + height }

    @inline(__always)
    mutating func charge(_ gas: UInt32) { if live { code.addGas(gas, to: segment) } }

    mutating func push(_ operand: Operand) throws(Refusal) {
        var operand = operand
        if operand.place == .local {
            operand.below = copies[Int(operand.payload)]
            copies[Int(operand.payload)] = Int32(operands.count)
        }
        operands.append(operand)
        if operands.count > heightMax {
            heightMax = operands.count
            try reader.bound("height of the operand stack", heightMax, profile.operandHeightMax)
        }
    }

    /// Pushes something that is in its slot.
    mutating func push(_ type: ValueType?) throws(Refusal) { try push(Operand(type: type)) }
    mutating func push(_ types: [ValueType]) throws(Refusal) { for type in types { try push(type) } }

    mutating func pop() throws(Refusal) -> Operand {
        let control = controls[controls.count - 1]
        if operands.count == control.height {
            guard control.unreachable else { throw reader.invalid("type mismatch") }
            return Operand()
        }
        return removeTop()
    }

    @discardableResult
    mutating func pop(_ type: ValueType) throws(Refusal) -> Operand {
        let operand = try pop()
        guard operand.type == type || operand.type == nil else { throw reader.invalid("type mismatch") }
        return operand
    }

    mutating func pop(_ types: [ValueType]) throws(Refusal) { for type in types.reversed() { try pop(type) } }

    private mutating func removeTop() -> Operand {
        let operand = operands.removeLast()
        if operand.place == .local { copies[Int(operand.payload)] = operand.below }
        if settled > operands.count { settled = operands.count }
        return operand
    }

    mutating func truncate(to height: Int) { while operands.count > height { _ = removeTop() } }

    /// Checks that the topmost operands have these types, and leaves them.
    func check(_ types: [ValueType]) throws(Refusal) {
        let control = controls[controls.count - 1]
        var height = operands.count
        for type in types.reversed() {
            if height == control.height {
                guard control.unreachable else { throw reader.invalid("type mismatch") }
                return
            }
            height -= 1
            guard operands[height].type == type || operands[height].type == nil else { throw reader.invalid("type mismatch") }
        }
    }

    /// The slot that holds a popped operand; a constant is put into the slot of its height.
    mutating func slot(of operand: Operand, at height: Int) -> Int {
        switch operand.place {
        case .slot: return slot(at: height)
        case .local: return slot(ofLocal: Int(operand.payload))
        case .constant:
            emitConstant(operand.payload, to: slot(at: height))
            return slot(at: height)
        }
    }

    /// Copies a popped operand to a slot, unless it is there.
    mutating func move(_ operand: Operand, at height: Int, to target: Int) {
        switch operand.place {
        case .constant: emitConstant(operand.payload, to: target)
        case .slot, .local:
            let source = slot(of: operand, at: height)
            if source != target { code.emit(VM_copy, a: target, b: source) }
        }
    }

    private mutating func emitConstant(_ value: UInt64, to target: Int) {
        if let immediate = Int32(exactly: Int64(bitPattern: value)) {
            code.emit(VM_constant, a: target, immediate: UInt32(bitPattern: immediate))
        } else {
            code.emit(VM_constant64, a: target)
            code.append(word: value)
        }
    }

    /// Puts the operand at a height into its slot.
    private mutating func settle(at height: Int) {
        let operand = operands[height]
        if operand.place == .slot { return }
        if live {
            move(operand, at: height, to: slot(at: height))
            last = -1
        }
        operands[height].place = .slot
    }

    /// Puts all operands into their slots. Those below `settled` are there already, so that each is looked at once.
    mutating func settleAll() {
        guard settled < operands.count else { return }
        // Topmost first, so that each is the head of its local's list when its turn comes.
        var height = operands.count
        while height > settled {
            height -= 1
            if operands[height].place == .local { copies[Int(operands[height].payload)] = operands[height].below }
            settle(at: height)
        }
        settled = operands.count
    }

    /// Puts the topmost `count` operands into their slots.
    mutating func settle(top count: Int) {
        var height = operands.count
        // In unreachable code there may be fewer.
        let bottom = max(height - count, 0)
        while height > bottom {
            height -= 1
            if operands[height].place == .local { copies[Int(operands[height].payload)] = operands[height].below }
            settle(at: height)
        }
    }

    /// Before a local is written: operands that are copies of it go into their slots.
    mutating func settleCopies(of local: Int) {
        var height = Int(copies[local])
        while height >= 0 {
            let below = Int(operands[height].below)
            settle(at: height)
            height = below
        }
        copies[local] = -1
    }

    /// Pushes the result of the instruction that was just emitted at a position, which writes the slot of this height.
    mutating func pushResult(_ type: ValueType, emittedAt position: Int, _ entry: Operators.Entry) throws(Refusal) {
        if live {
            last = position
            lastSlot = slot(at: operands.count)
            lastEntry = entry
        }
        try push(type)
    }

    /// Pushes the result of an instruction that is no numeric operator.
    mutating func pushResult(_ type: ValueType, emittedAt position: Int) throws(Refusal) {
        try pushResult(type, emittedAt: position, Operators.Entry())
    }

    /// The rest of the block cannot be reached.
    mutating func markUnreachable() {
        truncate(to: controls[controls.count - 1].height)
        controls[controls.count - 1].unreachable = true
        live = false
        last = -1
    }
}
