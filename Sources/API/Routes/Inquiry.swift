import Execution
import Hummingbird
import Interface
import Ledger
import Primitives
import WorldState

/// Asks a contract of the protocol about one state, and notes the keys that its answers depend on.
struct Inquiry {
    let contract: Address
    /// What it means when the contract refuses, or knows nothing.
    let unknown: ProblemCode
    let executor: BlockExecutor
    let state: StateAtHeight
    private(set) var reads: [StateKey] = []
    private var known: Set<StateKey> = []

    init(_ contract: Address, unknown: ProblemCode, executor: BlockExecutor, state: StateAtHeight) {
        self.contract = contract
        self.unknown = unknown
        self.executor = executor
        self.state = state
    }

    /// When the newest block of the state was.
    var time: Timestamp { state.header.draft.time }

    mutating func ask<each Value: SchemaValue, Result: SchemaValue>(
        _ method: MethodReference<repeat each Value, Result>, _ values: repeat each Value
    ) throws -> Result { try method.result(bytes(method.name, method.encode(repeat each values))) }

    /// The same for what may be absent, which then is not found.
    mutating func find<each Value: SchemaValue, Found: SchemaValue>(
        _ method: MethodReference<repeat each Value, Found?>, _ values: repeat each Value
    ) throws -> Found {
        guard let found = try ask(method, repeat each values) else { throw nothing }
        return found
    }

    mutating func bytes(_ method: MethodName, _ arguments: [UInt8]) throws -> [UInt8] {
        let call = ViewCall(contract: contract, method: method, arguments: arguments, gasLimit: Gas(RequestLimits.viewGasMax))
        let result = try executor.view(call, at: state.header, in: state.reader)
        for key in result.reads where known.insert(key).inserted { reads.append(key) }
        switch result.outcome {
        case .succeeded(let results):
            guard let data = results.values.first else { throw Problem(.internalFault, "A view without an answer.") }
            return data
        // Its refusals mean that something is not there.
        case .reverted(let failure): throw Problem(failure.contract == contract ? unknown : .contractUnknown, failure.message.text)
        case .trapped, .outOfGas: throw Problem(.stateOutOfReach, "The answer takes more gas than a view may use.")
        }
    }

    var nothing: Problem { Problem(unknown, "There is nothing of this name or number.") }
}

/// What an inquiry found out.
struct Inquired<Value: Sendable>: Sendable {
    let value: Value
    let state: StateAtHeight
    /// The keys that it depends on, and their proof, when the request wants one.
    let reads: [Hex]?
    let proof: Hex?

    func reply(_ body: Value) -> Reply where Value: Codable & Hashable {
        .json(AnswerResource(height: state.header.height.rawValue, value: body, reads: reads, proof: proof), at: Position(state))
    }
}

extension Exchange {
    /// Asks a contract at the height of the request, on the workers' threads.
    func inquire<Value: Sendable>(
        _ contract: Address, unknown: ProblemCode, _ body: @escaping @Sendable (inout Inquiry) throws -> Value
    ) async throws -> Inquired<Value> {
        let wantsProof = try query.flag(.proof), state = try await state(), executor = node.executor
        return try await backend.workers.view {
            var inquiry = Inquiry(contract, unknown: unknown, executor: executor, state: state)
            let value = try body(&inquiry)
            return Inquired(
                value: value, state: state, reads: wantsProof ? inquiry.reads.map { Hex($0.bytes) } : nil,
                proof: wantsProof ? Hex(try Proofs.state(inquiry.reads, in: state).bcs) : nil)
        }
    }

    /// An answer that is made of several views.
    func answer<Value: Codable & Hashable & Sendable>(
        of contract: Address, unknown: ProblemCode, _ body: @escaping @Sendable (inout Inquiry) throws -> Value
    ) async throws -> Reply {
        let inquired = try await inquire(contract, unknown: unknown, body)
        return inquired.reply(inquired.value)
    }

    /// The answer of one view, in the form of the contract's schema. What the contract does not know is not found.
    func answer<each Value: SchemaValue, Result: SchemaValue>(
        of contract: Address, unknown: ProblemCode, _ method: MethodReference<repeat each Value, Result>, _ values: repeat each Value
    ) async throws -> Reply {
        let name = method.name, arguments = method.encode(repeat each values), schema = Result.schema, codec = SchemaCodec(network: network, for: .programs)
        return try await answer(of: contract, unknown: unknown) { inquiry in
            let data = try inquiry.bytes(name, arguments)
            guard let value = try? codec.decode(data, as: schema) else {
                throw Problem(.internalFault, "The answer does not fit its schema.")
            }
            guard value != .null else { throw inquiry.nothing }
            return value
        }
    }

    /// A part of the path that is a number.
    func number(_ name: String) throws -> UInt64 {
        let text = capture(name)
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = UInt64(text) else { throw refusePath(name, "a number") }
        return number
    }
}
