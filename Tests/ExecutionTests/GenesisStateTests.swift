import ChainKit
import Execution
import Ledger
import Primitives
import Testing
import WorldState

/// The first state, from its document.
@Suite struct GenesisStateTests {
    private let definitions: [any BuiltInContract.Type] = [ProbeStaking.self, ProbeA.self]

    private func genesis(_ allocations: [GenesisAllocation]) -> Genesis {
        let charter = GenesisCharter(chainName: "test", network: .development, time: TestChain.start, parameters: NetworkParameters())
        return Genesis(
            charter: charter, validators: (0..<4).map { Founder($0).entry(of: charter) },
            allocations: allocations.sorted { $0.account < $1.account }, stateRoot: .zero)
    }

    /// An allocation to the staking contract's account lies beside the founders' stakes, and nothing is lost.
    @Test func balancesAreTheSupply() throws {
        let person = Person(1).address
        for allocations in [[], [person], [person, .staking], [.staking]] as [[Address]] {
            let genesis = genesis(allocations.map { GenesisAllocation(account: $0, balance: Amount(700)) })
            let state = try WorldState(opening: MemoryStore().snapshot())
            _ = try state.apply(GenesisState.changes(genesis, definitions), height: 0)
            let view = state.view
            func balance(_ address: Address) throws -> Amount { try AccountRecords.account(address, in: view)?.balance ?? .zero }
            let bonded = try #require(genesis.bonded), supply = try AccountRecords.supply(in: view)
            #expect(supply == genesis.supply && supply == bonded.adding(Amount(UInt128(700 * allocations.count))))
            #expect(try balance(.staking) == (allocations.contains(.staking) ? bonded.adding(Amount(700)) : bonded))
            #expect(try balance(person) == (allocations.contains(person) ? Amount(700) : .zero))
        }
    }

    /// A contract that makes money before the first block adds it to the supply.
    @Test func whatBeginsIsConservedToo() throws {
        let state = try WorldState(opening: MemoryStore().snapshot())
        let genesis = genesis([])
        _ = try state.apply(GenesisState.changes(genesis, [MintingStaking.self]), height: 0)
        let sum = try #require(genesis.supply?.adding(Amount(9)))
        #expect(try AccountRecords.supply(in: state.view) == sum)
        #expect(try AccountRecords.account(.staking, in: state.view)?.balance == sum)
    }

    @Test func aDocumentWithAnotherRootIsRefused() throws {
        let sealed = try GenesisState.sealed(genesis([]), definitions)
        let right = try WorldState(opening: MemoryStore().snapshot())
        try GenesisState.apply(sealed, definitions, to: right)
        #expect(right.root == sealed.stateRoot && right.height == 0)
        let wrong = try WorldState(opening: MemoryStore().snapshot())
        #expect(throws: GenesisState.Failure.stateRootWrong(expected: .zero, actual: sealed.stateRoot)) {
            try GenesisState.apply(sealed.with(stateRoot: .zero), definitions, to: wrong)
        }
    }
}

/// A staking contract that makes nine base units before the first block.
private enum MintingStaking: GenesisContract {
    typealias Rejections = ProbeRejection
    static let name: StaticString = "staking"
    static let documentation: StaticString = "Makes money at the beginning."
    static func begin(_ genesis: Genesis, _ context: CallContext) throws(CallError) { try context.mint(Amount(9)) }
    static var methods: [any ContractMethod] { [] }
    static var events: [any ContractEvent.Type] { [] }
    static var storage: [any StorageDeclaration] { [] }
}
