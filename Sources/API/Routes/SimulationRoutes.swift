import Execution
import Hummingbird
import Interface
import Ledger
import Primitives

/// Trying transactions out.
enum SimulationRoutes {
    static let all: [Route] = [
        Route(
            "POST /v1/simulate", TransactionRoutes.group, "What a transaction would do and cost, unsigned, behind the newest block or an older one",
            keys: [.height], takes: .resource(SimulationRequest.self), answers: .resource(SimulationResource.self),
            refuses: [
                .requestMalformed, .requestMediaType, .heightUnknown, .heightPruned, .contractUnknown, .methodUnknown, .stateOutOfReach, .nodeBusy,
            ],
            cost: 5, handler: simulate),
    ]

    @Sendable private static func simulate(_ exchange: Exchange) async throws -> Reply {
        let request = try exchange.resource(SimulationRequest.self)
        let state = try await exchange.state()
        let transaction = try await transaction(request, in: state, exchange)
        let signatures = Int(min(request.signatureCount ?? 1, UInt32(Limits.multisigKeysMax)))
        let executor = exchange.node.executor
        // Behind the newest block it is tried as of now; behind an older one as of then.
        let time = state.header.height == exchange.node.head.height ? exchange.node.nextTime : nil
        let result = try await exchange.backend.workers.view {
            try executor.simulate(transaction, signatures: signatures, at: state.header, time: time, in: state.reader)
        }
        let mentioned = transaction.calls.map(\.contract) + result.events.map(\.contract) + [result.outcome.failure?.contract].compactMap { $0 }
        let renderer = Renderer(network: exchange.network, book: await exchange.backend.schemas.book(mentioned))
        return .json(
            SimulationResource(
                height: state.header.height.rawValue, outcome: Renderer.word(result.outcome),
                results: renderer.results(result.outcome, of: transaction.calls), failure: renderer.failure(result.outcome),
                events: result.events.map(renderer.simulated), gasUsed: result.gasUsed.rawValue, gasLimitSuggested: result.gasLimitSuggested.rawValue,
                fee: AmountText(result.fee), calls: transaction.calls.map(renderer.call)),
            at: Position(state))
    }

    private static func transaction(_ request: SimulationRequest, in state: StateAtHeight, _ exchange: Exchange) async throws -> Transaction {
        if let bytes = request.transaction {
            guard request.calls == nil, request.sender == nil else { throw Problem(.requestMalformed, "Either a transaction or its parts.", at: "transaction") }
            do { return try Transaction(bcs: bytes.bytes) } catch {
                throw Problem(.requestMalformed, "The bytes are no unsigned transaction: \(error).", at: "transaction")
            }
        }
        guard let calls = request.calls, (1...Limits.transactionCallsMax).contains(calls.count) else {
            throw Problem(.requestMalformed, "There must be 1 to \(Limits.transactionCallsMax) calls.", at: "calls")
        }
        guard let sender = request.sender, sender.network == exchange.network else {
            throw Problem(.requestMalformed, "Must be an address of this network.", at: "sender")
        }
        var encoded: [Call] = []
        for (place, call) in calls.enumerated() { encoded.append(try await Self.call(call, at: "calls[\(place)]", in: state, exchange)) }
        let parameters = try await exchange.backend.workers.read { try ChainRecords.parameters(in: state.reader) }
        guard let transaction = Transaction(
            chainID: exchange.node.genesis.chainID, sender: sender.address, nonce: await exchange.node.nextNonce(of: sender.address),
            validUntilHeight: Height(state.header.height.rawValue + 1_000), gasLimit: Gas(request.gasLimit ?? parameters.transactionGasMax),
            gasPrice: request.gasPrice?.value ?? parameters.gasPriceMin, calls: encoded)
        else { throw Problem(.requestMalformed, "There are too many calls.", at: "calls") }
        return transaction
    }

    private static func call(_ call: SimulatedCall, at location: String, in state: StateAtHeight, _ exchange: Exchange) async throws -> Call {
        let address = try exchange.contract(call.contract, at: "\(location).contract", in: false)
        guard let method = MethodName(call.method) else { throw Problem(.methodUnknown, "The name is too long.", at: "\(location).method") }
        // With the encoding at hand, a call of nobody's address can be tried, too.
        if let data = call.data, call.arguments == nil {
            return Call(contract: address, method: method, arguments: data.bytes, value: call.value?.value ?? .zero)
        }
        guard let schema = try await exchange.backend.schemas.schema(of: address, in: state) else {
            throw Problem(.contractUnknown, "There is no contract at \(address.text(on: exchange.network)).", at: "\(location).contract")
        }
        let arguments = try Arguments.encode(call.arguments, data: call.data, method: call.method, of: schema, on: exchange.network, at: location)
        return Call(contract: address, method: method, arguments: arguments, value: call.value?.value ?? .zero)
    }
}
