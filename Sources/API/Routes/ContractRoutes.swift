import Execution
import Hummingbird
import Interface
import Ledger
import Primitives
import WorldState

/// Contracts: what they are, what they say, what they keep, what they told.
enum ContractRoutes {
    static let group = "Contracts"
    private static let state: [ProblemCode] = [.requestPath, .contractUnknown, .heightUnknown, .heightPruned]

    static let all: [Route] = [
        Route("GET /v1/contracts", group, "The contracts of the protocol", answers: .resource(ContractListResource.self)) { exchange in
            .json(ContractListResource(contracts: exchange.backend.schemas.builtIns.map { address, schema in
                ContractSummaryResource(
                    address: AddressText(address, on: exchange.network), name: schema.name, documentation: schema.documentation,
                    methodCount: UInt32(schema.methods.count))
            }))
        },
        Route(
            "GET /v1/contracts/{contract}", group, "A contract and its schema", keys: [.height], answers: .resource(ContractResource.self), refuses: state
        ) { exchange in
            let (address, schema, state) = try await find(exchange)
            return .json(
                ContractResource(
                    address: AddressText(address, on: exchange.network), name: schema.name, isBuiltIn: exchange.backend.schemas.builtIn(address) != nil,
                    height: state.header.height.rawValue, schema: schema),
                at: Position(state))
        },
        Route(
            "GET /v1/contracts/{contract}/schema", group, "A contract's schema alone", keys: [.height],
            answers: .object("The schema, as in Genesis/contract-schema.json."), refuses: state
        ) { exchange in
            let (_, schema, state) = try await find(exchange)
            return Reply(.ok, "application/json", .bytes(JSONWriter.bytes(schema)), at: Position(state))
        },
        Route(
            "POST /v1/contracts/{contract}/view", group, "Ask a contract", keys: [.height, .proof], takes: .resource(ViewRequest.self),
            answers: .resource(ViewResource.self),
            refuses: state + [.requestMalformed, .requestMediaType, .methodUnknown, .stateOutOfReach, .proofUnavailable, .proofTooLarge, .nodeBusy],
            cost: 5, handler: view),
        Route(
            "GET /v1/contracts/{contract}/state/{key}", group, "A value that a contract keeps", keys: [.height, .proof],
            answers: .resource(StateEntryResource.self), refuses: state + [.proofUnavailable], handler: entry),
        Route(
            "GET /v1/contracts/{contract}/events", group,
            "What a contract told, newest first. A part looks through at most 500 blocks, and may be empty although the list goes on",
            keys: [QueryKey("type", "The name of an event.", .text(format: nil, pattern: nil, "")), .limit, .cursor],
            answers: .resource(PageResource<EventResource>.self), refuses: [.requestPath, .contractUnknown, .cursorMalformed], cost: 20, handler: events),
    ]

    private static func find(_ exchange: Exchange) async throws -> (Address, ContractSchema, StateAtHeight) {
        let address = try exchange.contract(exchange.capture("contract"), at: "contract", in: true)
        let state = try await exchange.state()
        guard let schema = try await exchange.backend.schemas.schema(of: address, in: state) else {
            throw Problem(.contractUnknown, "There is no contract at \(address.text(on: exchange.network)).", at: "contract")
        }
        return (address, schema, state)
    }

    @Sendable private static func view(_ exchange: Exchange) async throws -> Reply {
        let request = try exchange.resource(ViewRequest.self)
        let wantsProof = try exchange.query.flag(.proof)
        let (address, schema, state) = try await find(exchange)
        let arguments = try Arguments.encode(
            request.arguments, data: request.data, method: request.method, of: schema, on: exchange.network, at: "")
        guard let method = MethodName(request.method) else { throw Problem(.methodUnknown, "The name is too long.", at: "method") }
        guard request.caller.map({ $0.network == exchange.network }) ?? true else {
            throw Problem(.requestMalformed, "Must be an address of this network.", at: "caller")
        }
        let caller = request.caller?.address ?? Address()
        let gas = min(request.gasLimit ?? RequestLimits.viewGasMax, RequestLimits.viewGasMax)
        let executor = exchange.node.executor
        @Sendable func result(_ gas: UInt64) throws -> ViewResult {
            let call = ViewCall(contract: address, method: method, arguments: arguments, caller: caller, gasLimit: Gas(gas))
            return try executor.view(call, at: state.header, in: state.reader)
        }
        var answered: (ViewResult, ProofBundle?)?
        // Most questions to the protocol's own contracts about a recent state are answered here, sooner than a thread wakes up.
        if !wantsProof, state.provable != nil, executor.catalogue.contract(at: address) != nil {
            let first = try result(min(gas, RequestLimits.viewGasAtOnce))
            let isCutShort = if case .outOfGas = first.outcome { gas > RequestLimits.viewGasAtOnce } else { false }
            if !isCutShort { answered = (first, nil) }
        }
        if answered == nil {
            answered = try await exchange.backend.workers.view {
                let result = try result(gas)
                return (result, wantsProof ? try Proofs.state(result.reads, in: state) : nil)
            }
        }
        guard let (result, proof) = answered else { throw Problem(.internalFault, "A view without an answer.") }
        let renderer = Renderer(
            network: exchange.network, book: await exchange.backend.schemas.book([address] + [result.outcome.failure?.contract].compactMap { $0 }))
        let data: [UInt8]? = if case .succeeded(let results) = result.outcome { results.values.first } else { nil }
        return .json(
            ViewResource(
                height: state.header.height.rawValue, outcome: Renderer.word(result.outcome),
                result: data.map { renderer.result($0, of: schema.methods.first { $0.name == request.method }) },
                failure: renderer.failure(result.outcome), gasUsed: result.gasUsed.rawValue,
                reads: wantsProof ? result.reads.map { Hex($0.bytes) } : nil, proof: proof.map { Hex($0.bcs) }),
            at: Position(state))
    }

    @Sendable private static func entry(_ exchange: Exchange) async throws -> Reply {
        let wantsProof = try exchange.query.flag(.proof)
        guard let own = [UInt8](hex: exchange.capture("key")), own.count <= Limits.stateKeyBytesMax else {
            throw exchange.refusePath("key", "at most \(Limits.stateKeyBytesMax) bytes in hexadecimal")
        }
        // What the machine itself keeps is at an address without a contract.
        let text = exchange.capture("contract")
        let address = text == "chain" ? Address.chain : try exchange.contract(text, at: "contract", in: true)
        let state = try await exchange.state()
        guard let key = StateKey(contract: address, own) else { throw exchange.refusePath("key", "a shorter key") }
        let (value, proof) = try await exchange.backend.workers.read {
            (try state.reader.value(key), wantsProof ? try Proofs.state([key], in: state) : nil)
        }
        let storage = address == .chain ? ChainRecords.storage : try await exchange.backend.schemas.schema(of: address, in: state)?.storage ?? []
        let region = storage.first { $0.tag == own.first }
        let codec = SchemaCodec(network: exchange.network, for: .programs)
        return .json(
            StateEntryResource(
                height: state.header.height.rawValue, contract: AddressText(address, on: exchange.network), key: Hex(own), region: region?.name,
                value: value.flatMap { bytes in region.flatMap { try? codec.decode(bytes, as: $0.value) } }, data: value.map { Hex($0) },
                proof: proof.map { Hex($0.bcs) }),
            at: Position(state))
    }

    @Sendable private static func events(_ exchange: Exchange) async throws -> Reply {
        let address = try exchange.contract(exchange.capture("contract"), at: "contract", in: true)
        let type = exchange.query.text(QueryKey("type", "", .any("")))
        let limit = try exchange.query.limit()
        let cursor = try Cursor(exchange.query, .contractEvents)
        let pin = cursor?.pin ?? exchange.head.height
        let renderer = Renderer(network: exchange.network, book: await exchange.backend.schemas.book([address]))
        var items: [EventResource] = []
        var height: Height? = cursor?.height ?? pin
        // Events of the first block that earlier parts have shown already.
        var below = cursor.flatMap { $0.index == 0 ? nil : Int($0.index) }
        var scanned: UInt64 = 0
        while let current = height, items.count < limit, scanned < RequestLimits.scannedBlocksMax, current >= exchange.head.oldestBlock {
            guard let block = try await exchange.node.block(at: current) else { height = nil; break }
            scanned += 1
            let index = BlockIndex(block)
            let places = block.events.indices.prefix(min(below ?? block.events.count, block.events.count)).reversed().filter { place in
                let event = block.events[place].event
                return event.contract == address && (type.map { $0 == event.name.text } ?? true)
            }
            let taken = places.prefix(limit - items.count)
            items += taken.map { renderer.event($0, of: index) }
            if taken.count < places.count, let last = taken.last {
                let next = Cursor(.contractEvents, pin: pin, height: current, index: UInt32(last))
                // Nothing is below the first event of a block.
                return .json(PageResource(items: items, next: next.text, height: pin.rawValue))
            }
            below = nil
            height = current.predecessor
        }
        let more = height.flatMap { $0 >= exchange.head.oldestBlock ? Cursor(.contractEvents, pin: pin, height: $0).text : nil }
        return .json(PageResource(items: items, next: more, height: pin.rawValue))
    }
}

/// Arguments of a call, from their names and values.
enum Arguments {
    /// - Parameter location: of the call in the body, in front of the names of its parts.
    static func encode(
        _ value: DynamicValue?, data: Hex?, method name: String, of schema: ContractSchema, on network: NetworkKind, at location: String
    ) throws -> [UInt8] {
        let front = location.isEmpty ? "" : location + "."
        guard let method = schema.methods.first(where: { $0.name == name }) else {
            throw Problem(.methodUnknown, "\(schema.name) has no method \(String(name.prefix(64))).", at: front + "method")
        }
        if let data {
            guard value == nil else { throw Problem(.requestMalformed, "Either arguments or data.", at: front + "data") }
            return data.bytes
        }
        do { return try SchemaCodec(network: network, for: .programs).encode(value ?? .object([]), as: method.arguments) } catch {
            let path = error.path.isEmpty ? "arguments" : error.path.hasPrefix("[") ? "arguments\(error.path)" : "arguments.\(error.path)"
            throw Problem(.requestMalformed, "\(error.reason.prefix(1).uppercased())\(error.reason.dropFirst()).", at: front + path)
        }
    }
}
