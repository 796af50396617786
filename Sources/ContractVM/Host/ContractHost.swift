import Execution
import Ledger
import Primitives

/// Answers the requests of one call of a contract: its input, its output, its open iterators, what the last callee returned.
///
/// Gas is counted twice, by the interpreter for instructions and by the machine for everything. Whenever control passes between
/// them, one is brought up to the other: at each border, what has been used since the last one has been used on both sides.
final class ContractHost: HostFunctions {
    static let iteratorsMax = 8
    /// Bytes of the arguments of a nested call.
    static let argumentBytesMax = Limits.returnDataBytesMax

    let context: CallContext
    let method: [UInt8]
    let input: [UInt8]
    var output: [UInt8] = []
    var iterators = [StorageIterator?](repeating: nil, count: ContractHost.iteratorsMax)
    /// What the last nested call gave: its result, or the text of its failure.
    var returned: [UInt8] = []
    var returnedCode: UInt32 = 0
    private let functions: [HostFunction]
    private let observer: (any HostObserver)?
    /// What the interpreter had left at the last border.
    private var gasLeft: UInt64 = 0
    /// Why the host ended the run.
    private var failure: CallError?

    init(_ functions: [HostFunction], method: MethodName, input: [UInt8], _ context: CallContext, observer: (any HostObserver)?) {
        self.functions = functions
        self.observer = observer
        self.method = Array(method.text.utf8)
        self.input = input
        self.context = context
    }

    /// Runs the contract's `call` and returns its output.
    func run(_ instance: Instance, on interpreter: Interpreter) throws(CallError) -> [UInt8] {
        guard let function = instance.function("call") else { preconditionFailure("the profile asks for the export") }
        // More than a machine ever has, so that the two counters never differ by a clamp.
        gasLeft = min(context.gasLeft, UInt64(Int64.max))
        var gas = gasLeft
        let results: [UInt64]
        do throws(Trap) { results = try interpreter.call(function, gas: &gas) } catch {
            if let failure { throw failure }
            try context.charge(gasLeft - gas)
            throw context.failure(error)
        }
        try context.charge(gasLeft - gas)
        let code = UInt32(truncatingIfNeeded: results[0])
        if code != 0 { throw refusal(code, []) }
        return output
    }

    func call(_ function: Int, _ call: borrowing HostCall) -> Trap? {
        do throws(CallError) {
            try context.charge(gasLeft - call.gasLeft)
            let before = context.gasLeft
            let request = Request(call, call.instance.memory!, context)
            let result: UInt64?
            if let observer {
                result = try observed(by: observer, functions[function], request)
            } else {
                result = try answer(functions[function], request)
            }
            if let result { call.setResult(result) }
            guard call.charge(before - context.gasLeft) else { preconditionFailure("the machine took more than was left") }
            gasLeft = call.gasLeft
            return nil
        } catch {
            failure = error
            return .host
        }
    }

    /// Answers, and tells the observer.
    private func observed(by observer: any HostObserver, _ function: HostFunction, _ request: borrowing Request) throws(CallError) -> UInt64? {
        // Before the answer, which may overwrite them; what is out of bounds is told by the answer.
        var inputs: [[UInt8]] = []
        if function.namesAddress, let address = try? request.fixed(0, Address.self) { inputs.append(address.bytes) }
        for index in function.inputs { if let bytes = try? request.bytes(index, most: HostQuestion.inputBytesMax) { inputs.append(bytes) } }
        let before = context.gasLeft
        func tell(_ result: UInt64?, _ failure: CallError?) {
            observer.asked(HostQuestion(
                contract: context.contract, depth: context.depth, function: function.rawValue, inputs: inputs, result: result,
                gas: before - context.gasLeft, failure: failure))
        }
        do throws(CallError) {
            let result = try answer(function, request)
            tell(result, nil)
            return result
        } catch {
            tell(nil, error)
            throw error
        }
    }

    private func answer(_ function: HostFunction, _ request: borrowing Request) throws(CallError) -> UInt64? {
        // Before anything is looked at: a request that is refused has come this way, too.
        try context.charge(GasSchedule.host)
        switch function {
        case .methodRead, .inputRead, .output, .revert, .caller, .contract, .origin, .value, .height, .time, .epoch, .chainID, .gasLeft, .debug:
            return try answerAboutCall(function, request)
        case .storageRead, .storageWrite, .storageRemove, .storageHas, .iteratorOpen, .iteratorNext, .iteratorClose:
            return try answerFromStorage(function, request)
        case .emit, .balance, .transfer, .call, .returnRead, .returnCode: return try act(function, request)
        case .drawRequest, .draw, .drawClose, .sha256, .verifySignature, .verifyProof: return try compute(function, request)
        }
    }

    /// Bytes of a refusal's text that are read: what a receipt holds, and the rest of the character at its end.
    static let refusalBytesMax = Limits.receiptMessageBytesMax + 3

    /// The contract's own refusal.
    func refusal(_ code: UInt32, _ text: [UInt8]) -> CallError {
        guard code >= 100 else { return context.trap(.codeReserved) }
        // A text of which a part was read may end within a character.
        let cuts = text.count > Self.refusalBytesMax ? 0...3 : 0...0
        let message = cuts.lazy.compactMap { String(validating: text.dropLast($0), as: UTF8.self) }.first
            ?? "The contract's message is not UTF-8."
        return CallError(.reverted, contract: context.contract, code: code, message: ReceiptMessage(truncating: message))
    }

    /// Copies as much of `bytes` as fits to where argument `index` points, and returns the length of all of them.
    func give(_ bytes: [UInt8], at index: Int, _ request: borrowing Request) throws(CallError) -> UInt64 {
        try request.write(bytes.prefix(Int(request.length(index + 1))), at: index)
        return UInt64(bytes.count)
    }

    /// The same behind `offset`, for bytes that no other price covers: one gas for 16 of them. Argument 0 is the destination.
    func copy(_ bytes: [UInt8], from offset: UInt32, capacity: UInt32, _ request: borrowing Request) throws(CallError) -> UInt64 {
        let part = bytes.dropFirst(Int(offset)).prefix(Int(capacity))
        try context.charge(UInt64((part.count + 15) / 16))
        try request.write(part, at: 0)
        return UInt64(bytes.count)
    }
}
