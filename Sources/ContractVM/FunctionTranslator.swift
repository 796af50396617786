internal import CInterpreter

/// Validates a function and translates it to the register bytecode, in one pass over its operators. (WebAssembly Core Specification
/// 2.0, appendix "Validation Algorithm"; the bytecode is defined in CInterpreter's bytecode.h.)
///
/// A frame is: parameters, the link to the caller, other locals, then a slot for each height of the operand stack. An operand that is
/// a copy of a local or a constant is not put into its slot until something needs it there, which is why `local.get` and constants
/// vanish from most code. Work and output are linear in the body: an operand is put into its slot at most once, and branches that carry
/// several values move them with one instruction.
struct FunctionTranslator {
    /// What is known of one operand.
    struct Operand {
        enum Place: UInt8 {
            /// In the slot of its height.
            case slot
            /// Equal to a local that has not been written since; `payload` is its number.
            case local
            /// `payload` is its value.
            case constant
        }

        /// Nil in code that is never reached, where anything fits.
        var type: ValueType?
        var place = Place.slot
        /// For a local: the next operand below that is the same local, or -1.
        var below: Int32 = -1
        var payload: UInt64 = 0
    }

    /// An open block.
    struct Control {
        enum Kind { case function, block, loop, conditional, alternative }

        var kind: Kind
        var parameters: [ValueType]
        var results: [ValueType]
        /// The operands below the block.
        var height: Int
        /// What follows is never reached, by the specification's rule.
        var unreachable = false
        /// Code for the block is wanted: it is entered where control can be.
        var live: Bool
        /// Of a loop: where it begins, and the segment there.
        var start = 0
        var segment = 0
        /// The last branch to the end, or -1; see ``Branch``.
        var branches = -1
        /// Of an `if`: the branch to its `else`.
        var otherwise = -1

        var labelTypes: [ValueType] { kind == .loop ? parameters : results }
    }

    /// A branch to a label whose position is not known yet.
    struct Branch {
        let word: Int
        let origin: Int
        let next: Int
    }

    /// A conditional branch that lacks its last two words: instruction, a, b or immediate.
    struct Condition {
        let instruction: UInt32
        let inverse: UInt32
        let operands: UInt64
    }

    let module: Module
    let profile: Profile
    let operators: [Operators.Entry] = Operators.table
    var reader: ByteReader
    var code = CodeBuffer()

    // Of the current function.
    var localTypes: [ValueType] = []
    var parameterCount = 0
    var resultTypes: [ValueType] = []
    var operands: [Operand] = []
    var heightMax = 0
    var controls: [Control] = []
    var branches: [Branch] = []
    /// For each local the highest operand that is a copy of it, or -1.
    var copies: [Int32] = []
    /// Operands below this height are in their slots.
    var settled = 0
    /// Control can be here, as far as validation knows.
    var live = true
    var segment = 0
    var segmentStart = 0
    /// The last instruction, if it writes the slot `lastSlot` and nothing branches to what follows it; else -1.
    var last = -1
    var lastSlot = 0
    var lastEntry = Operators.Entry()
    var lastHasImmediate = false
    /// Marks the labels that the current `br_table` has seen, with where it goes for each.
    var tableNumber = 0
    var tableMarks: [(table: Int, stub: Int)] = []

    /// Where each function's code begins.
    private(set) var entries: [Int]

    init(_ module: Module, profile: Profile, bytes: [UInt8]) {
        // Instructions name slots by 16 bits, and a call's results may lie beyond the operands.
        precondition(profile.parametersMax + profile.localsMax + Int(VM_LINK_SLOTS) + profile.operandHeightMax + profile.resultsMax <= 1 << 16)
        self.module = module
        self.profile = profile
        reader = ByteReader(bytes)
        entries = [Int](repeating: 0, count: module.functions.count)
        tableMarks = Array(repeating: (0, 0), count: profile.nestingMax + 1)
    }

    /// Translates every function; afterwards `code` is complete.
    mutating func translateModule() throws(Refusal) {
        for number in module.bodies.indices { try translate(body: number) }
        code.link(entries)
    }

    private mutating func translate(body number: Int) throws(Refusal) {
        let index = module.importedFunctions + number, type = module.type(ofFunction: index), body = module.bodies[number]
        entries[index] = code.position
        begin(type, body)
        var whole = ByteReader(reader.bytes)
        whole.position = body.code.lowerBound
        whole.function = index
        reader = try whole.part(UInt32(body.code.count))

        let header = code.position
        code.append(word: UInt64(parameterCount) | UInt64(body.localCount) << 16)
        code.append(word: 0)
        code.useBudget(word: header + 1)
        segment = code.beginSegment()
        code.useGas(of: segment, word: header, upper: true)
        code.addGas(OperatorGas.local * UInt32(body.localCount), to: segment)
        segmentStart = code.position
        controls.append(Control(kind: .function, parameters: [], results: type.results, height: 0, live: true))

        while !controls.isEmpty {
            guard !reader.isAtEnd else { throw reader.malformed("unexpected end of the body") }
            try translateOperator()
        }
        guard reader.isAtEnd else { throw reader.malformed("operators after the end of the body") }
        code.endFunction(slots: localTypes.count + heightMax)
    }

    private mutating func begin(_ type: FunctionType, _ body: Module.Body) {
        code.beginFunction()
        localTypes.removeAll(keepingCapacity: true)
        localTypes.append(contentsOf: type.parameters)
        for run in body.locals { localTypes.append(contentsOf: repeatElement(run.type, count: Int(run.count))) }
        parameterCount = type.parameters.count
        resultTypes = type.results
        copies.removeAll(keepingCapacity: true)
        copies.append(contentsOf: repeatElement(-1, count: localTypes.count))
        operands.removeAll(keepingCapacity: true)
        branches.removeAll(keepingCapacity: true)
        heightMax = 0
        settled = 0
        live = true
        last = -1
    }

    private mutating func translateOperator() throws(Refusal) {
        let opcode = try reader.byte(), entry = operators[Int(opcode)]
        if entry.shape != .other {
            charge(entry.gas)
            return try translateNumeric(entry)
        }
        switch opcode {
        case 0x00:
            charge(OperatorGas.operation)
            if live { code.emit(VM_unreachable) }
            markUnreachable()
        case 0x01: charge(OperatorGas.structure)
        case 0x02: try translateBlock()
        case 0x03: try translateLoop()
        case 0x04: try translateIf()
        case 0x05: try translateElse()
        case 0x0b: try translateEnd()
        case 0x0c: try translateBranch()
        case 0x0d: try translateBranchIf()
        case 0x0e: try translateBranchTable()
        case 0x0f: try translateReturn()
        case 0x10: try translateCall()
        case 0x11: try translateIndirectCall()
        case 0x1a:
            charge(OperatorGas.operation)
            _ = try pop()
        case 0x1b: try translateSelect(nil)
        case 0x1c:
            guard profile.allowsTableInstructions else { throw reader.unsupported(.references) }
            guard try reader.u32() == 1 else { throw reader.invalid("invalid result arity") }
            try translateSelect(reader.valueType())
        case 0x20: try translateLocalGet()
        case 0x21: try translateLocalSet(keeping: false)
        case 0x22: try translateLocalSet(keeping: true)
        case 0x23: try translateGlobalGet()
        case 0x24: try translateGlobalSet()
        case 0x3f, 0x40: try translateMemorySize(growing: opcode == 0x40)
        case 0x41:
            charge(OperatorGas.operation)
            try push(Operand(type: .i32, place: .constant, payload: UInt64(reader.s32())))
        case 0x42:
            charge(OperatorGas.operation)
            try push(Operand(type: .i64, place: .constant, payload: reader.s64()))
        case 0xfc: try translateBulk()
        default: throw Operators.refusal(of: opcode, reader)
        }
    }
}
