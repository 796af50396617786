public import Ledger
public import Primitives

/// The contracts that a protocol version has built in, and the order of their hooks.
public struct Catalogue: Sendable {
    private let contracts: [Address: BuiltIn]
    /// Addresses in the order of the list.
    public let addresses: [Address]
    let blockHooks: [Hook]
    let epochHooks: [Hook]
    /// Finds the code of deployed contracts; nil where there are none.
    let loader: (any ContractLoader)?

    struct Hook: Sendable {
        let contract: Address
        let method: MethodName
    }

    /// The method that runs at the end of each block, of contracts that have it.
    public static let blockEnd: MethodName = "block_end"
    /// The method that runs at the end of the last block of an epoch, after all that run at a block's end.
    public static let epochEnd: MethodName = "epoch_end"

    /// - Parameter definitions: in the order in which their hooks run; names are distinct.
    public init(_ definitions: [any BuiltInContract.Type], loader: (any ContractLoader)? = nil) {
        self.loader = loader
        func builtIn<Definition: BuiltInContract>(_ definition: Definition.Type) -> BuiltIn { BuiltIn(definition) }
        let list = definitions.map { builtIn($0) }
        contracts = Dictionary(uniqueKeysWithValues: list.map { ($0.address, $0) })
        addresses = list.map(\.address)
        blockHooks = list.filter { $0.kind(of: Catalogue.blockEnd)?.kind == .hook }.map { Hook(contract: $0.address, method: Catalogue.blockEnd) }
        epochHooks = list.filter { $0.kind(of: Catalogue.epochEnd)?.kind == .hook }.map { Hook(contract: $0.address, method: Catalogue.epochEnd) }
    }

    /// The built-in code at `address`; nil for an account or a deployed contract.
    public func contract(at address: Address) -> (any Contract)? { contracts[address] }

    /// The schema of each contract, in the order of the list.
    public var schemas: [(address: Address, schema: ContractSchema)] {
        addresses.compactMap { address in contracts[address].map { (address, $0.schema) } }
    }

    /// What an error code of `contract` means.
    public func error(_ code: UInt32, of contract: Address) -> ErrorSchema? {
        ErrorSchema.system.first { $0.code == code } ?? contracts[contract]?.schema.errors.first { $0.code == code }
    }
}

/// Contracts to which the machine itself gives a part. Their code is in `Contracts`.
extension Address {
    /// Keeps balances and nonces of all accounts, and the supply.
    public static let accounts = Address.builtIn("accounts")
    /// May make new base units, and names the validators of the next epochs.
    public static let staking = Address.builtIn("staking")
    /// May change the parameters and pause contracts.
    public static let governance = Address.builtIn("governance")
    /// Keeps the code of deployed contracts, and who may replace it.
    public static let contracts = Address.builtIn("contracts")
    /// Not a contract: where the machine keeps what it needs itself.
    public static let chain = Address.builtIn("chain")
}
