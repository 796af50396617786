public import Ledger
public import Primitives
public import WorldState

/// What executing a block gave, before its changes are in the tree.
public struct ExecutedBlock: Sendable {
    /// One for each transaction, then one for each hook that failed or emitted something.
    public let receipts: [Receipt]
    public let events: [EventRecord]
    public let gasUsed: Gas
    /// For the tree; its root afterwards is the state root of ``result(stateRoot:)``.
    public let changes: [StateChange]
    public let fees: BlockFees
    /// The set that signs the next block.
    public let nextValidatorsHash: Digest
    /// What the next epoch begins with; present exactly when the block ends an epoch.
    public let next: NextEpochState?

    /// The header's result.
    public func result(stateRoot: Digest) -> HeaderResult {
        HeaderResult(
            stateRoot: stateRoot, receiptsRoot: MerkleAccumulator.root(of: receipts.lazy.map(\.leaf)),
            eventsRoot: MerkleAccumulator.root(of: events.lazy.map(\.leaf)), gasUsed: gasUsed,
            nextValidatorsHash: nextValidatorsHash)
    }
}

/// With what an epoch begins.
public struct NextEpochState: Hashable, Sendable {
    public let validators: ValidatorSet
    public let parameters: NetworkParameters

    public init(validators: ValidatorSet, parameters: NetworkParameters) {
        self.validators = validators
        self.parameters = parameters
    }
}
