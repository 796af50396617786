public import Execution
import Primitives

/// Stake and who votes with it.
///
/// - **Validators** register two keys and bond stake of their own; anyone may delegate to them. The stake of a validator is one
///   ``Pool``; the validator's own bond is its delegation to itself.
/// - **Epochs**: at the end of epoch e the best `validatorsMax` candidates become the voters of e + 2. What is asked for in e —
///   delegating, undelegating, new keys — therefore takes effect at the boundary after the next; jail and tombstone at the next.
/// - **Leaving**: undelegated stake is in the pool of its validator and epoch of request until it matures, counted from where it
///   leaves the voters. Redelegated stake works at once for its new validator and stays there while evidence against the old one
///   counts.
/// - **Slashes** are written down once. Bonded stake pays at once; unbonding pools and redelegated shares pay when they are next
///   touched, and anyone may touch them.
/// - **Rewards** are shared at the end of each epoch by weight × signed blocks, and reach delegators lazily by reward per share.
/// - **Power** of accounts and validators can be asked for any epoch that is at most `unbondingMilliseconds` old.
///
/// Invariant, after every block: the contract's balance is what ``Books`` and ``Tally`` say, and whatever somebody paid to the
/// contract's account by mistake, which the next epoch's end shares out.
public enum Staking: GenesisContract {
    public static let name: StaticString = "staking"
    public static let documentation: StaticString = """
        Validators, delegation, rewards and penalties: who votes in which epoch, and with what at stake.
        """
    public typealias Rejections = StakingRejection

    public static var methods: [any ContractMethod] {
        [register, describe, changeCommission, rotateKeys, leave, unjail,
         delegate, undelegate, redelegate, withdraw, claim, settle, settleUnbonding,
         submitEvidence, blockEnd, epochEnd,
         validator, validators, delegation, delegations, unbonding, rewards, slash, performance, parameters, books,
         votingPower, validatorPower, totalPower]
    }

    public static var events: [any ContractEvent.Type] {
        [Registered.self, Described.self, CommissionChanged.self, KeysRotated.self, Left.self, Returned.self, Jailed.self,
         Delegated.self, Undelegated.self, Redelegated.self, Withdrawn.self, Claimed.self, Slashed.self, SlashSettled.self, EpochClosed.self]
    }

    public static var storage: [any StorageDeclaration] {
        [records, descriptions, consensusKeys, vrfKeys, ranking, shares, unbondingPools, unbondings, slashes, offences,
         sums, tally, poolHistory, sharesHistory, bondedHistory]
    }

    // ── Limits ──

    /// Validators that one account delegates to, among them those that it left not long ago: what a vote must add up.
    public static let delegationsMax = 32
    /// Redelegations into one delegation that are still exposed.
    public static let exposuresMax = 8
    /// Unbonding requests of one account at one validator; those of one epoch are one.
    public static let unbondingsMax = 16
    /// Unbonding pools that a submission of evidence settles itself; the rest is settled when it is touched.
    public static let settledAtOnceMax = 64
    /// Recent offenders that raise a penalty.
    public static let offendersMax = 128
    /// Candidates that are passed over at one boundary because they no longer qualify.
    public static let passedOverMax = 64
    /// Validators jailed at one boundary.
    public static let jailedMax = 100
    /// Blocks of an epoch below which nobody is judged by its votes.
    public static let judgedBlocksMin: UInt32 = 10
    /// Old entries of a history that a new one removes.
    static let forgottenMax = 2
    /// Validators of one page: with the longest descriptions they fit in the data that a call returns.
    public static let pageMax = 50
}
