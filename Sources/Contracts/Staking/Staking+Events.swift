public import Execution
public import Ledger
public import Primitives

/// An account became a validator.
public struct Registered: Hashable, ContractEvent {
    public static let name: EventName = "Registered"
    public static let documentation: StaticString = "An account became a validator."
    public let validator: Address
    public let consensusKey: PublicKey
    public let vrfKey: VRFPublicKey
    public let bond: Amount

    public static let fields = Fields(
        Field("validator", "Its account.") { $0.validator },
        Field("consensusKey", "Signs its votes.") { $0.consensusKey },
        Field("vrfKey", "Proves its randomness.") { $0.vrfKey },
        Field("bond", "Its own bond, in base units.") { $0.bond },
        make: { Registered(validator: $0, consensusKey: $1, vrfKey: $2, bond: $3) })
}

/// A validator presents itself anew.
public struct Described: Hashable, ContractEvent {
    public static let name: EventName = "Described"
    public static let documentation: StaticString = "A validator presents itself anew."
    public let validator: Address
    public let description: ValidatorDescription

    public static let fields = Fields(
        Field("validator", "Which.") { $0.validator },
        Field("description", "All of it.") { $0.description },
        make: { Described(validator: $0, description: $1) })
}

/// A validator announced another commission.
public struct CommissionChanged: Hashable, ContractEvent {
    public static let name: EventName = "CommissionChanged"
    public static let documentation: StaticString = "A validator announced another commission."
    public let validator: Address
    public let rate: UInt32
    public let from: Epoch

    public static let fields = Fields(
        Field("validator", "Which.") { $0.validator },
        Field("rate", "Parts per million.") { $0.rate },
        Field("from", "The first epoch with this rate.") { $0.from },
        make: { CommissionChanged(validator: $0, rate: $1, from: $2) })
}

/// A validator votes with other keys from the boundary after the next on.
public struct KeysRotated: Hashable, ContractEvent {
    public static let name: EventName = "KeysRotated"
    public static let documentation: StaticString = "A validator votes with other keys from the boundary after the next on."
    public let validator: Address
    public let consensusKey: PublicKey
    public let vrfKey: VRFPublicKey

    public static let fields = Fields(
        Field("validator", "Which.") { $0.validator },
        Field("consensusKey", "Signs its votes.") { $0.consensusKey },
        Field("vrfKey", "Proves its randomness.") { $0.vrfKey },
        make: { KeysRotated(validator: $0, consensusKey: $1, vrfKey: $2) })
}

/// A validator ended its candidacy.
public struct Left: Hashable, ContractEvent {
    public static let name: EventName = "Left"
    public static let documentation: StaticString = "A validator ended its candidacy."
    public let validator: Address

    public static let fields = Fields(
        Field("validator", "Which.") { $0.validator },
        make: { Left(validator: $0) })
}

/// A validator is a candidate again.
public struct Returned: Hashable, ContractEvent {
    public static let name: EventName = "Returned"
    public static let documentation: StaticString = "A validator is a candidate again."
    public let validator: Address

    public static let fields = Fields(
        Field("validator", "Which.") { $0.validator },
        make: { Returned(validator: $0) })
}

/// A validator missed too many votes of an epoch.
public struct Jailed: Hashable, ContractEvent {
    public static let name: EventName = "Jailed"
    public static let documentation: StaticString = "A validator missed too many votes of an epoch."
    public let validator: Address
    public let signed: UInt32
    public let blocks: UInt32
    public let until: Timestamp

    public static let fields = Fields(
        Field("validator", "Which.") { $0.validator },
        Field("signed", "Blocks that it signed …") { $0.signed },
        Field("blocks", "… of so many.") { $0.blocks },
        Field("until", "Block time at which it may come back.") { $0.until },
        make: { Jailed(validator: $0, signed: $1, blocks: $2, until: $3) })
}

/// Stake was bonded.
public struct Delegated: Hashable, ContractEvent {
    public static let name: EventName = "Delegated"
    public static let documentation: StaticString = "Stake was bonded."
    public let account: Address
    public let validator: Address
    public let amount: Amount

    public static let fields = Fields(
        Field("account", "Whose.") { $0.account },
        Field("validator", "To whom.") { $0.validator },
        Field("amount", "Base units.") { $0.amount },
        make: { Delegated(account: $0, validator: $1, amount: $2) })
}

/// Stake was asked back.
public struct Undelegated: Hashable, ContractEvent {
    public static let name: EventName = "Undelegated"
    public static let documentation: StaticString = "Stake was asked back."
    public let account: Address
    public let validator: Address
    public let amount: Amount
    public let epoch: Epoch

    public static let fields = Fields(
        Field("account", "Whose.") { $0.account },
        Field("validator", "From whom.") { $0.validator },
        Field("amount", "Base units.") { $0.amount },
        Field("epoch", "The epoch of the request, from which its time is counted.") { $0.epoch },
        make: { Undelegated(account: $0, validator: $1, amount: $2, epoch: $3) })
}

/// Stake moved to another validator.
public struct Redelegated: Hashable, ContractEvent {
    public static let name: EventName = "Redelegated"
    public static let documentation: StaticString = "Stake moved to another validator."
    public let account: Address
    public let from: Address
    public let to: Address
    public let amount: Amount
    public let epoch: Epoch

    public static let fields = Fields(
        Field("account", "Whose.") { $0.account },
        Field("from", "The former validator.") { $0.from },
        Field("to", "The new one.") { $0.to },
        Field("amount", "Base units.") { $0.amount },
        Field("epoch", "When it moved.") { $0.epoch },
        make: { Redelegated(account: $0, from: $1, to: $2, amount: $3, epoch: $4) })
}

/// Stake was paid back.
public struct Withdrawn: Hashable, ContractEvent {
    public static let name: EventName = "Withdrawn"
    public static let documentation: StaticString = "Stake was paid back."
    public let account: Address
    public let validator: Address
    public let amount: Amount

    public static let fields = Fields(
        Field("account", "To whom.") { $0.account },
        Field("validator", "At whom it was.") { $0.validator },
        Field("amount", "Base units.") { $0.amount },
        make: { Withdrawn(account: $0, validator: $1, amount: $2) })
}

/// Rewards were paid.
public struct Claimed: Hashable, ContractEvent {
    public static let name: EventName = "Claimed"
    public static let documentation: StaticString = "Rewards were paid."
    public let account: Address
    public let validator: Address
    public let amount: Amount

    public static let fields = Fields(
        Field("account", "To whom.") { $0.account },
        Field("validator", "Where they were earned.") { $0.validator },
        Field("amount", "Base units.") { $0.amount },
        make: { Claimed(account: $0, validator: $1, amount: $2) })
}

/// A validator's bonded stake was punished; stake that was leaving pays later.
public struct Slashed: Hashable, ContractEvent {
    public static let name: EventName = "Slashed"
    public static let documentation: StaticString = "A validator's bonded stake was punished; stake that was leaving pays later."
    public let validator: Address
    public let offence: Epoch
    public let partsPerMillion: UInt32
    public let bonded: Amount
    public let reporter: Address?

    public static let fields = Fields(
        Field("validator", "Which.") { $0.validator },
        Field("offence", "The epoch of the offence.") { $0.offence },
        Field("partsPerMillion", "The part that is lost.") { $0.partsPerMillion },
        Field("bonded", "What the bonded stake lost, in base units.") { $0.bonded },
        Field("reporter", "Who is rewarded for it.") { $0.reporter },
        make: { Slashed(validator: $0, offence: $1, partsPerMillion: $2, bonded: $3, reporter: $4) })
}

/// A reporter was rewarded from a slash.
public struct SlashSettled: Hashable, ContractEvent {
    public static let name: EventName = "SlashSettled"
    public static let documentation: StaticString = "A reporter was rewarded from a slash."
    public let reporter: Address
    public let amount: Amount

    public static let fields = Fields(
        Field("reporter", "Who.") { $0.reporter },
        Field("amount", "Base units.") { $0.amount },
        make: { SlashSettled(reporter: $0, amount: $1) })
}

/// An epoch's rewards were shared out and the voters of the epoch after the next chosen.
public struct EpochClosed: Hashable, ContractEvent {
    public static let name: EventName = "EpochClosed"
    public static let documentation: StaticString = "An epoch's rewards were shared out and the voters of the epoch after the next chosen."
    public let epoch: Epoch
    public let rewards: Amount
    public let jailed: UInt32
    public let candidates: UInt32

    public static let fields = Fields(
        Field("epoch", "Which.") { $0.epoch },
        Field("rewards", "Base units that were shared out.") { $0.rewards },
        Field("jailed", "Validators jailed at its end.") { $0.jailed },
        Field("candidates", "Validators chosen for the epoch after the next.") { $0.candidates },
        make: { EpochClosed(epoch: $0, rewards: $1, jailed: $2, candidates: $3) })
}
