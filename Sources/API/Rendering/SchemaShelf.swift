import Execution
import Ledger
import Primitives
import WorldState

/// Finds the schemas by which calls, receipts and events are decoded.
struct SchemaShelf: Sendable {
    let builtIns: [(address: Address, schema: ContractSchema)]
    private let known: [Address: ContractSchema]
    private let node: any NodeView
    private let workers: Workers

    init(node: any NodeView, workers: Workers) {
        self.node = node
        self.workers = workers
        builtIns = node.executor.catalogue.schemas
        known = Dictionary(builtIns.map { ($0.address, $0.schema) }, uniquingKeysWith: { first, _ in first })
    }

    func builtIn(_ address: Address) -> ContractSchema? { known[address] }

    /// The schemas of contracts that something mentions. Those that were deployed are looked up in the newest state, a few for each
    /// answer; without one there are the bytes.
    func book(_ mentioned: some Sequence<Address>) async -> SchemaBook {
        var deployed: Set<Address> = []
        for address in mentioned where known[address] == nil && deployed.count < RequestLimits.deployedSchemasMax { deployed.insert(address) }
        guard !deployed.isEmpty, let state = try? await node.state(at: node.head.height) else { return SchemaBook(known) }
        let wanted = deployed.sorted()
        let executor = node.executor
        let found = try? await workers.read {
            try wanted.compactMap { address in try executor.schema(of: address, in: state.reader).map { (address, $0) } }
        }
        return SchemaBook(known.merging(found ?? [], uniquingKeysWith: { first, _ in first }))
    }

    /// The schema of one contract in `state`.
    func schema(of address: Address, in state: StateAtHeight) async throws -> ContractSchema? {
        if let schema = known[address] { return schema }
        let executor = node.executor
        return try await workers.read { try executor.schema(of: address, in: state.reader) }
    }
}

/// Schemas of contracts by their addresses.
struct SchemaBook: Sendable {
    private let schemas: [Address: ContractSchema]

    init(_ schemas: [Address: ContractSchema]) { self.schemas = schemas }

    subscript(address: Address) -> ContractSchema? { schemas[address] }

    /// What `code` of `contract` means: the machine's own codes mean the same for all.
    func error(_ code: UInt32, of contract: Address) -> ErrorSchema? {
        ErrorSchema.system.first { $0.code == code } ?? schemas[contract]?.errors.first { $0.code == code }
    }
}
