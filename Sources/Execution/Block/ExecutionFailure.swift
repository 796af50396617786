public import Ledger
public import Primitives
public import WorldState

/// Why a block has no result. The network can go on from none of them: each is a fault of this node, its disk, or whoever certified
/// the block.
public enum ExecutionFailure: Error, Equatable, Sendable {
    case state(StoreError)
    /// The block breaks a rule that was to be checked before it was voted for.
    case invalid(BlockRejection)
    /// The changes of all balances do not add up to what was made and destroyed.
    case valueNotConserved(made: Amount, destroyed: Amount, before: Amount, after: Amount)
    /// The set of an epoch is not in the state.
    case validatorSetMissing(Epoch)
}
