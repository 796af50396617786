public import Execution
import Primitives

/// Decisions of all stake: on parameters, on calls in governance's name, on pauses in an emergency.
///
/// A proposal holds a deposit and is voted on for a while with the stake of the last epoch boundary before it, so that stake bonded or
/// borrowed for the purpose counts nothing. A validator votes with its whole pool; a delegator who votes takes its own part out of
/// that. An accepted proposal waits for the time lock and is then executed by the network itself. The page of this contract states
/// the formulas.
///
/// - Its own balance is a treasury that only decisions spend; deposits lie apart in a subaccount.
/// - It cannot call itself: what it decides about itself, as its guardian, is a kind of proposal.
/// - The rules of a vote are those in force when it was proposed.
public enum Governance: BuiltInContract {
    public static let name: StaticString = "governance"
    public static let documentation: StaticString = "Proposals, votes by stake, and the execution of what was decided."
    public typealias Rejections = GovernanceRejection
    public static var methods: [any ContractMethod] {
        [propose, vote, cancel, execute, acceptGuardian, blockEnd, proposal, proposals, voteOf, parameters, pauses, guardian]
    }
    public static var events: [any ContractEvent.Type] {
        [Proposed.self, Voted.self, Decided.self, Executed.self, Failed.self, Cancelled.self, GuardianOffered.self, GuardianChanged.self]
    }
    public static var storage: [any StorageDeclaration] {
        [count, records, contents, tallies, votes, pools, stages, ending, due, openCounts, openOf, guardianship]
    }

    /// Proposals of one account that are being voted on.
    public static let openPerAccountMax: UInt8 = 4
    /// Proposals that are being voted on at a time …
    public static let openMax: UInt32 = 256
    /// … and beside them those of an emergency, which must find a place whatever else is going on.
    public static let openEmergencyMax: UInt32 = 64
    /// Bytes of a proposal's title, text and action.
    public static let contentBytesMax = 32 * 1024
    /// Votes that end in one block; more end in the next.
    static let endingsPerBlockMax = 16
    /// What the calls of one proposal may use. A block's end executes one proposal at most, an emergency's apart.
    public static let executionGas: UInt64 = 30_000_000
    /// What must be left so that a call gets all of ``executionGas`` and its outcome is recorded.
    static let executionGasNeeded: UInt64 = executionGas + 1_000_000
    /// What must be left, in gas and events, when a vote decides an emergency.
    static let decisionGas: UInt64 = 1_500_000
    static let decisionEvents = 4
    /// The subaccount that holds the deposits.
    static let deposits: UInt64 = 0
    /// Entries of one page of a view.
    static let pageMax = 50

    /// What no emergency may pause: payments, the stake and its evidence, and the way out of a pause.
    static let protected: [Address] = [.accounts, .staking, .governance]
}
