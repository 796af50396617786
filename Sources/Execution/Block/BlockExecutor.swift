import Cryptography
public import Ledger
public import Primitives
import WorldState

/// Executes blocks: the same draft, transactions and parent state give every node the same changes, receipts and events.
///
/// It reads a view of the parent state and changes nothing. Whoever owns the ``WorldState`` applies ``ExecutedBlock/changes`` and
/// gets the state root.
public struct BlockExecutor: Sendable {
    public let catalogue: Catalogue
    public let chainID: ChainID
    /// How fees are divided; another rule than the protocol's is a deliberate mistake of a test.
    let divide: @Sendable (Amount, NetworkParameters) -> BlockFees

    public init(catalogue: Catalogue, chainID: ChainID) {
        self.init(catalogue: catalogue, chainID: chainID) { BlockFees(total: $0, parameters: $1) }
    }

    init(catalogue: Catalogue, chainID: ChainID, divide: @escaping @Sendable (Amount, NetworkParameters) -> BlockFees) {
        self.catalogue = catalogue
        self.chainID = chainID
        self.divide = divide
    }

    /// Executes the block of `draft` on its parent state. The draft and the body have passed ``DraftRules`` and ``Block/checkBody(rules:account:)``;
    /// what slips through ends in ``ExecutionFailure/invalid(_:)``.
    public func execute(
        _ draft: HeaderDraft, _ transactions: [SignedTransaction], on parent: some StateReader
    ) throws(ExecutionFailure) -> ExecutedBlock {
        let overlay = Overlay(parent)
        var run: BlockRun
        do {
            run = BlockRun(executor: self, block: try context(of: draft, in: parent), overlay: overlay)
            try run.recordBeacon()
        } catch { throw .state(error) }
        for (index, transaction) in transactions.enumerated() { try run.execute(transaction, index: index) }
        try run.settleFees()
        try run.runHooks(catalogue.blockHooks, gas: GasSchedule.hookMax)
        let next = try run.endEpochIfDue()
        try run.checkConservation()
        return ExecutedBlock(
            receipts: run.receipts, events: run.events, gasUsed: Gas(run.gasUsed), changes: overlay.changes, fees: run.block.fees,
            nextValidatorsHash: next?.validators.digest ?? draft.validatorsHash, next: next)
    }

    /// What contracts see of a block, from its draft and the state below it.
    /// - Parameter time: when it is later than the draft's.
    func context(of draft: HeaderDraft, time: Timestamp? = nil, in parent: some StateReader) throws(StoreError) -> BlockContext {
        BlockContext(
            chainID: chainID, height: draft.height, time: max(draft.time, time ?? draft.time), epoch: draft.epoch, proposer: draft.proposer,
            beacon: draft.beacon, parentVotes: draft.parentVotes, parameters: try ChainRecords.parameters(in: parent),
            pauses: try ChainRecords.read(StateKey(contract: .chain, ChainRecords.pauses.key)!, in: parent).map { (list: Bounded<16, Pause>) in list.elements } ?? [])
    }
}
