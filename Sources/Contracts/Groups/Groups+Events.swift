public import Execution
public import Ledger
public import Primitives

extension Groups {
    /// A group was made.
    public struct Created: Hashable, ContractEvent {
        public static let name: EventName = "Created"
        public static let documentation: StaticString = "A group was made."
        public let group: Address
        public let settings: Settings

        public static let fields = Fields(
            Field("group", "Its address.") { $0.group }, Field("settings", "Who decides.") { $0.settings },
            make: { Created(group: $0, settings: $1) })
    }

    /// A group changed its settings.
    public struct Changed: Hashable, ContractEvent {
        public static let name: EventName = "Changed"
        public static let documentation: StaticString = "A group changed its settings; its open proposals can no longer run."
        public let group: Address
        public let revision: UInt32
        public let settings: Settings

        public static let fields = Fields(
            Field("group", "Which group.") { $0.group }, Field("revision", "Changes so far.") { $0.revision },
            Field("settings", "Who decides now.") { $0.settings }, make: { Changed(group: $0, revision: $1, settings: $2) })
    }

    /// A member proposed something, and approves it.
    public struct Proposed: Hashable, ContractEvent {
        public static let name: EventName = "Proposed"
        public static let documentation: StaticString = "A member proposed something, and approves it."
        public let group: Address
        public let number: UInt64
        public let proposer: Address

        public static let fields = Fields(
            Field("group", "Which group.") { $0.group }, Field("number", "The proposal.") { $0.number },
            Field("proposer", "Who proposed it.") { $0.proposer }, make: { Proposed(group: $0, number: $1, proposer: $2) })
    }

    /// A member approved a proposal.
    public struct Approved: Hashable, ContractEvent {
        public static let name: EventName = "Approved"
        public static let documentation: StaticString = "A member approved a proposal."
        public let group: Address
        public let number: UInt64
        public let member: Address

        public static let fields = Fields(
            Field("group", "Which group.") { $0.group }, Field("number", "The proposal.") { $0.number },
            Field("member", "Who approved it.") { $0.member }, make: { Approved(group: $0, number: $1, member: $2) })
    }

    /// A member took its approval back.
    public struct Revoked: Hashable, ContractEvent {
        public static let name: EventName = "Revoked"
        public static let documentation: StaticString = "A member took its approval back."
        public let group: Address
        public let number: UInt64
        public let member: Address

        public static let fields = Fields(
            Field("group", "Which group.") { $0.group }, Field("number", "The proposal.") { $0.number },
            Field("member", "Whose approval it was.") { $0.member }, make: { Revoked(group: $0, number: $1, member: $2) })
    }

    /// A proposal has run.
    public struct Executed: Hashable, ContractEvent {
        public static let name: EventName = "Executed"
        public static let documentation: StaticString = "A proposal has run."
        public let group: Address
        public let number: UInt64

        public static let fields = Fields(
            Field("group", "Which group.") { $0.group }, Field("number", "The proposal.") { $0.number },
            make: { Executed(group: $0, number: $1) })
    }

    /// A proposal could not run.
    public struct Failed: Hashable, ContractEvent {
        public static let name: EventName = "Failed"
        public static let documentation: StaticString = "A proposal could not run; nothing of it was done, and it stays open."
        public let group: Address
        public let number: UInt64
        public let failure: RecordedFailure

        public static let fields = Fields(
            Field("group", "Which group.") { $0.group }, Field("number", "The proposal.") { $0.number },
            Field("failure", "Why.") { $0.failure }, make: { Failed(group: $0, number: $1, failure: $2) })
    }

    /// A proposal was closed and will not run.
    public struct Closed: Hashable, ContractEvent {
        public static let name: EventName = "Closed"
        public static let documentation: StaticString = "A proposal was closed and will not run."
        public let group: Address
        public let number: UInt64
        public let account: Address

        public static let fields = Fields(
            Field("group", "Which group.") { $0.group }, Field("number", "The proposal.") { $0.number },
            Field("account", "Who closed it.") { $0.account }, make: { Closed(group: $0, number: $1, account: $2) })
    }
}
