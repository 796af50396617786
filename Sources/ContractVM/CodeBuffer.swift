internal import CInterpreter

/// The bytecode of a module while it grows: instructions, and the places that are filled in once a label's position or a segment's
/// gas is known.
struct CodeBuffer {
    private(set) var words: [UInt64] = []
    private let handlers: [UInt64] = (0..<VM_OPERATIONS.rawValue).map { vm_handler_word($0) }

    /// A half of a word that waits for the gas of a segment.
    private struct GasUse {
        let word: Int
        let upper: Bool
        let segment: Int
    }

    /// A call that waits for its callee's place.
    private struct CallUse {
        let word: Int
        let origin: Int
        let callee: Int
    }

    /// Each segment of the current function, by number, and its gas so far.
    private var segmentGas: [UInt32] = []
    private var gasUses: [GasUse] = []
    private var budgetUses: [Int] = []
    private var calls: [CallUse] = []

    var position: Int { words.count }

    @inline(__always)
    mutating func emit(_ instruction: UInt32, a: Int = 0, b: Int = 0, c: Int = 0, d: Int = 0) {
        words.append(handlers[Int(instruction)])
        words.append(UInt64(a) | UInt64(b) << 16 | UInt64(c) << 32 | UInt64(d) << 48)
    }

    @inline(__always)
    mutating func emit(_ instruction: UInt32, a: Int = 0, b: Int = 0, immediate: UInt32) {
        words.append(handlers[Int(instruction)])
        words.append(UInt64(a) | UInt64(b) << 16 | UInt64(immediate) << 32)
    }

    mutating func emit(_ instruction: vm_operation, a: Int = 0, b: Int = 0, c: Int = 0, d: Int = 0) {
        emit(instruction.rawValue, a: a, b: b, c: c, d: d)
    }

    mutating func emit(_ instruction: vm_operation, a: Int = 0, b: Int = 0, immediate: UInt32) {
        emit(instruction.rawValue, a: a, b: b, immediate: immediate)
    }

    mutating func append(word: UInt64) { words.append(word) }

    /// Makes the instruction at a position write another slot.
    mutating func redirect(_ position: Int, to slot: Int) {
        words[position + 1] = words[position + 1] & ~0xffff | UInt64(slot)
    }

    /// Makes another instruction of the same form out of the one at a position.
    mutating func replace(_ position: Int, by instruction: UInt32) { words[position] = handlers[Int(instruction)] }

    mutating func replaceOperands(_ position: Int, by operands: UInt64) { words[position + 1] = operands }

    func operands(_ position: Int) -> UInt64 { words[position + 1] }

    mutating func removeAll(from position: Int) { words.removeSubrange(position...) }

    /// Writes a displacement, in words, into the lower half of a word.
    mutating func setDisplacement(word: Int, origin: Int, target: Int) {
        words[word] |= UInt64(UInt32(bitPattern: Int32(target - origin)))
    }

    // Gas.

    mutating func beginFunction() {
        segmentGas.removeAll(keepingCapacity: true)
        gasUses.removeAll(keepingCapacity: true)
        budgetUses.removeAll(keepingCapacity: true)
    }

    mutating func beginSegment() -> Int {
        segmentGas.append(0)
        return segmentGas.count - 1
    }

    @inline(__always)
    mutating func addGas(_ gas: UInt32, to segment: Int) { segmentGas[segment] += gas }
    func gas(of segment: Int) -> UInt32 { segmentGas[segment] }

    /// A half of a word that will hold a segment's gas.
    mutating func useGas(of segment: Int, word: Int, upper: Bool) { gasUses.append(GasUse(word: word, upper: upper, segment: segment)) }
    /// A word that will hold what the function's frame takes from the budget.
    mutating func useBudget(word: Int) { budgetUses.append(word) }
    /// A call's word, whose upper half will hold the way to the callee's header.
    mutating func useEntry(of callee: Int, word: Int, origin: Int) { calls.append(CallUse(word: word, origin: origin, callee: callee)) }

    /// Fills in gas and budget of the function that began at `header`.
    mutating func endFunction(slots: Int) {
        for use in gasUses { words[use.word] |= UInt64(segmentGas[use.segment]) << (use.upper ? 32 : 0) }
        for word in budgetUses { words[word] = 1 << 32 | UInt64(slots) }
    }

    /// Fills in the calls, once all functions have their place.
    mutating func link(_ entries: [Int]) {
        for call in calls { words[call.word] |= UInt64(UInt32(bitPattern: Int32(entries[call.callee] - call.origin))) << 32 }
        calls = []
    }
}
