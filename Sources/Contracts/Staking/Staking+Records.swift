public import Execution
public import Ledger
public import Primitives

extension Staking {
    /// A validator, whether it votes or not.
    public struct ValidatorRecord: Hashable, Record {
        /// Signs votes from the boundary after the next on.
        public internal(set) var consensusKey: PublicKey
        public internal(set) var vrfKey: VRFPublicKey
        public internal(set) var status: Status
        /// All stake delegated to it, its own bond included.
        public internal(set) var pool: Pool
        /// The part of the pool's shares that the validator's own account has.
        public internal(set) var ownShares: UInt128 = 0
        public internal(set) var commission: Commission
        public internal(set) var rewards = RewardAccount()
        /// Slashes so far; each has a number.
        public internal(set) var slashes: UInt32 = 0
        /// The weight under which it stands in the ranking; none while it is no candidate.
        public internal(set) var listed: UInt64?
        /// The epoch whose beginning the pool's history shows last.
        var changed: Epoch?

        /// Voting weight: whole tokens.
        public var weight: UInt64 { UInt64(clamping: pool.tokens.units / Amount.unitsPerToken) }

        /// Its own stake in base units.
        public var selfBond: Amount { pool.worth(ownShares) }

        public static let fields = Fields(
            Field("consensusKey", "Signs votes from the boundary after the next on.") { $0.consensusKey },
            Field("vrfKey", "Proves randomness from the boundary after the next on.") { $0.vrfKey },
            Field("status", "Whether it may vote.") { $0.status },
            Field("pool", "All stake delegated to it, its own bond included.") { $0.pool },
            Field("ownShares", "The part of the pool's shares that the validator's own account has.") { $0.ownShares },
            Field("commission", "What it keeps of its delegators' rewards.") { $0.commission },
            Field("rewards", "What it and its delegators have not claimed yet.") { $0.rewards },
            Field("slashes", "Slashes so far; each has a number.") { $0.slashes },
            Field("listed", "The weight under which it stands in the ranking; none while it is no candidate.") { $0.listed },
            Field("changed", "The epoch whose beginning the pool's history shows last.") { $0.changed },
            make: { ValidatorRecord(consensusKey: $0, vrfKey: $1, status: $2, pool: $3, ownShares: $4, commission: $5, rewards: $6, slashes: $7, listed: $8, changed: $9) })
    }

    /// Whether a validator may vote.
    public enum Status: Hashable, Choice {
        case active
        /// It left by itself and may come back.
        case left
        /// It missed too many votes and may come back at this block time.
        case jailed(Timestamp)
        /// It contradicted itself and never comes back.
        case tombstoned

        public static let cases: [Case<Status>] = [
            Case("active", "A candidate, if its own bond is large enough.", .active),
            Case("left", "It left by itself and may come back.", .left),
            Case("jailed", "It missed too many votes and may come back at this block time.", Status.jailed) {
                if case .jailed(let until) = $0 { until } else { nil }
            },
            Case("tombstoned", "It contradicted itself and never comes back.", .tombstoned),
        ]
    }

    /// What a validator keeps of its delegators' rewards, in parts per million.
    public struct Commission: Hashable, Record {
        var rate: UInt32
        var next: CommissionChange?

        /// The rate in `epoch`.
        public func rate(in epoch: Epoch) -> UInt32 {
            guard let next, next.from <= epoch else { return rate }
            return next.rate
        }

        public static let fields = Fields(
            Field("rate", "Parts per million, until the next change.") { $0.rate },
            Field("next", "The change that was announced last.") { $0.next }, make: { Commission(rate: $0, next: $1) })
    }

    public struct CommissionChange: Hashable, Record {
        public let rate: UInt32
        /// The first epoch with this rate.
        public let from: Epoch

        public static let fields = Fields(
            Field("rate", "Parts per million.") { $0.rate }, Field("from", "The first epoch with this rate.") { $0.from },
            make: { CommissionChange(rate: $0, from: $1) })
    }

    /// Rewards of a validator and its delegators.
    public struct RewardAccount: Hashable, Record {
        /// Base units that one share has earned since the beginning, in units of 2⁻⁶⁴.
        var perShare: UInt128 = 0
        /// What the delegators have not claimed yet.
        var delegators = Amount.zero
        /// What the validator's account has not claimed yet: commission and its part as a proposer.
        var validator = Amount.zero

        public static let fields = Fields(
            Field("perShare", "Base units that one share has earned since the beginning, in units of 2⁻⁶⁴.") { $0.perShare },
            Field("delegators", "What the delegators have not claimed yet, in base units.") { $0.delegators },
            Field("validator", "What the validator has not claimed yet of its commission, in base units.") { $0.validator },
            make: { RewardAccount(perShare: $0, delegators: $1, validator: $2) })
    }

    /// What an account has at a validator.
    public struct DelegationRecord: Hashable, Record {
        public internal(set) var shares: UInt128 = 0
        /// ``RewardAccount/perShare`` when rewards were last paid.
        var paid: UInt128
        var exposures = Bounded<8, Exposure>()
        /// The epoch whose beginning the history shows last.
        var changed: Epoch?

        /// Shares that may leave.
        var free: UInt128 { exposures.reduce(shares) { $0 - min($0, $1.shares) } }

        public static let fields = Fields(
            Field("shares", "Shares of the validator's pool.") { $0.shares },
            Field("paid", "The reward per share when rewards were last paid.") { $0.paid },
            Field("exposures", "Shares that came from other validators not long ago.") { $0.exposures },
            Field("changed", "The epoch whose beginning the history shows last.") { $0.changed },
            make: { DelegationRecord(shares: $0, paid: $1, exposures: $2, changed: $3) })
    }

    /// Shares that were redelegated and still answer for the validator that they came from.
    public struct Exposure: Hashable, Record {
        public let source: Address
        /// When they were redelegated.
        public let epoch: Epoch
        /// Slashes of the source that they have paid, or that were before them.
        public internal(set) var seen: UInt32
        /// Of the pool that they are in now.
        public internal(set) var shares: UInt128

        public static let fields = Fields(
            Field("source", "The validator that the shares came from.") { $0.source },
            Field("epoch", "When they were redelegated.") { $0.epoch },
            Field("seen", "Slashes of the source that they have paid, or that were before them.") { $0.seen },
            Field("shares", "Shares of the pool that they are in now.") { $0.shares },
            make: { Exposure(source: $0, epoch: $1, seen: $2, shares: $3) })
    }

    /// Stake of one validator that was asked back in one epoch.
    public struct UnbondingPool: Hashable, Record {
        public internal(set) var pool = Pool()
        /// Slashes of the validator that the pool has paid, or that were before it.
        public internal(set) var seen: UInt32

        public static let fields = Fields(
            Field("pool", "The stake and the shares of those who asked for it.") { $0.pool },
            Field("seen", "Slashes of the validator that the pool has paid, or that were before it.") { $0.seen },
            make: { UnbondingPool(pool: $0, seen: $1) })
    }

    /// Shares of an unbonding pool that an account waits for.
    public struct UnbondingEntry: Hashable, Record {
        /// When the stake was asked back.
        public let epoch: Epoch
        public internal(set) var shares: UInt128

        public static let fields = Fields(
            Field("epoch", "When the stake was asked back.") { $0.epoch },
            Field("shares", "Shares of the unbonding pool.") { $0.shares }, make: { UnbondingEntry(epoch: $0, shares: $1) })
    }

    /// A penalty, written down once.
    public struct Slash: Hashable, Record {
        /// The epoch of the offence.
        public let offence: Epoch
        public let partsPerMillion: UInt32
        /// Who is rewarded for it.
        public let reporter: Address?

        /// Whether stake asked back in `epoch`, before the slash, stood behind the offence: its weight counted until the end of the
        /// epoch after.
        func reaches(_ epoch: Epoch) -> Bool { epoch.successor >= offence }

        public static let fields = Fields(
            Field("offence", "The epoch of the offence.") { $0.offence },
            Field("partsPerMillion", "The part of the stake that is lost.") { $0.partsPerMillion },
            Field("reporter", "Who is rewarded for it.") { $0.reporter },
            make: { Slash(offence: $0, partsPerMillion: $1, reporter: $2) })
    }

    /// What the contract owes, in base units.
    public struct Books: Hashable, Record {
        public internal(set) var bonded = Amount.zero
        public internal(set) var unbonding = Amount.zero
        public internal(set) var rewards = Amount.zero
        /// The epoch whose beginning the history of bonded stake shows last.
        var changed: Epoch?

        public static let fields = Fields(
            Field("bonded", "The pools of all validators.") { $0.bonded },
            Field("unbonding", "All unbonding pools.") { $0.unbonding },
            Field("rewards", "Rewards that nobody has claimed yet.") { $0.rewards },
            Field("changed", "The epoch whose beginning the history shows last.") { $0.changed },
            make: { Books(bonded: $0, unbonding: $1, rewards: $2, changed: $3) })
    }

    /// What happened in an epoch so far, by the index of its validators.
    public struct Tally: Hashable, Record {
        public internal(set) var epoch: Epoch
        /// Blocks whose votes are counted: those of the epoch except its last, whose votes are in a block of the next.
        public internal(set) var blocks: UInt32 = 0
        /// How many of them each validator signed.
        public internal(set) var signed = Bounded<1024, UInt32>()
        /// What each validator earned as a proposer.
        public internal(set) var proposed = Bounded<1024, Amount>()
        /// What all share at the epoch's end.
        public internal(set) var collected = Amount.zero

        public static let fields = Fields(
            Field("epoch", "Which epoch.") { $0.epoch },
            Field("blocks", "Blocks whose votes are counted: those of the epoch except its last.") { $0.blocks },
            Field("signed", "How many of them each validator signed.") { $0.signed },
            Field("proposed", "What each validator earned as a proposer, in base units.") { $0.proposed },
            Field("collected", "What all share at the epoch's end, in base units.") { $0.collected },
            make: { Tally(epoch: $0, blocks: $1, signed: $2, proposed: $3, collected: $4) })
    }
}

/// How a validator presents itself.
public struct ValidatorDescription: Hashable, Record {
    public let name: BoundedText<NameBound>
    public let website: BoundedText<LineBound>
    public let contact: BoundedText<LineBound>
    public let details: BoundedText<DetailsBound>

    public enum NameBound: TextBound { public static var bytesMax: Int { 64 } }
    public enum LineBound: TextBound { public static var bytesMax: Int { 128 } }
    public enum DetailsBound: TextBound { public static var bytesMax: Int { 512 } }

    public init(
        name: BoundedText<NameBound> = "", website: BoundedText<LineBound> = "", contact: BoundedText<LineBound> = "",
        details: BoundedText<DetailsBound> = ""
    ) {
        self.name = name
        self.website = website
        self.contact = contact
        self.details = details
    }

    public static let fields = Fields(
        Field("name", "What people call it.") { $0.name }, Field("website", "Where to read more.") { $0.website },
        Field("contact", "Where to report problems.") { $0.contact }, Field("details", "Anything else.") { $0.details },
        make: { ValidatorDescription(name: $0, website: $1, contact: $2, details: $3) })
}
