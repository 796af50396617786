public import Execution
public import Ledger
public import Primitives

extension Governance {
    /// A proposal was made.
    public struct Proposed: Hashable, ContractEvent {
        public static let name: EventName = "Proposed"
        public static let documentation: StaticString = "A proposal was made and can be voted on."
        public let proposal: Proposal

        public static let fields = Fields(Field("proposal", "The proposal.") { $0.proposal }, make: { Proposed(proposal: $0) })
    }

    /// Somebody voted, for the first time or anew.
    public struct Voted: Hashable, ContractEvent {
        public static let name: EventName = "Voted"
        public static let documentation: StaticString = "Somebody voted, for the first time or anew."
        public let number: UInt64
        public let account: Address
        public let option: VoteOption
        public let power: Amount

        public static let fields = Fields(
            Field("number", "The proposal.") { $0.number }, Field("account", "Who voted.") { $0.account },
            Field("option", "How.") { $0.option },
            Field("power", "With how much stake, in base units; a validator's is what its delegators left it by now.") { $0.power },
            make: { Voted(number: $0, account: $1, option: $2, power: $3) })
    }

    /// The votes were counted.
    public struct Decided: Hashable, ContractEvent {
        public static let name: EventName = "Decided"
        public static let documentation: StaticString = "The votes were counted."
        public let number: UInt64
        public let tally: Tally
        public let refusal: RejectionReason?

        public static let fields = Fields(
            Field("number", "The proposal.") { $0.number }, Field("tally", "The votes.") { $0.tally },
            Field("refusal", "Why it was rejected; none when it was accepted.") { $0.refusal },
            make: { Decided(number: $0, tally: $1, refusal: $2) })
    }

    /// An accepted proposal was executed.
    public struct Executed: Hashable, ContractEvent {
        public static let name: EventName = "Executed"
        public static let documentation: StaticString = "An accepted proposal was executed."
        public let number: UInt64

        public static let fields = Fields(Field("number", "The proposal.") { $0.number }, make: { Executed(number: $0) })
    }

    /// An accepted proposal could not be executed.
    public struct Failed: Hashable, ContractEvent {
        public static let name: EventName = "Failed"
        public static let documentation: StaticString = "An accepted proposal could not be executed; nothing of it was done, and it is not tried again."
        public let number: UInt64
        public let failure: RecordedFailure

        public static let fields = Fields(
            Field("number", "The proposal.") { $0.number }, Field("failure", "Why.") { $0.failure },
            make: { Failed(number: $0, failure: $1) })
    }

    /// A proposal was cancelled.
    public struct Cancelled: Hashable, ContractEvent {
        public static let name: EventName = "Cancelled"
        public static let documentation: StaticString = "A proposal was cancelled."
        public let number: UInt64
        public let account: Address
        public let depositDestroyed: Bool

        public static let fields = Fields(
            Field("number", "The proposal.") { $0.number }, Field("account", "Who cancelled it.") { $0.account },
            Field("depositDestroyed", "Whether its deposit is lost.") { $0.depositDestroyed },
            make: { Cancelled(number: $0, account: $1, depositDestroyed: $2) })
    }

    /// The guardianship was offered.
    public struct GuardianOffered: Hashable, ContractEvent {
        public static let name: EventName = "GuardianOffered"
        public static let documentation: StaticString = "The guardianship was offered by a decision."
        public let permission: Permission

        public static let fields = Fields(
            Field("permission", "To whom.") { $0.permission }, make: { GuardianOffered(permission: $0) })
    }

    /// The guardianship was accepted.
    public struct GuardianChanged: Hashable, ContractEvent {
        public static let name: EventName = "GuardianChanged"
        public static let documentation: StaticString = "The guardianship was accepted by its new holder."
        public let permission: Permission

        public static let fields = Fields(
            Field("permission", "Who holds it now.") { $0.permission }, make: { GuardianChanged(permission: $0) })
    }
}
