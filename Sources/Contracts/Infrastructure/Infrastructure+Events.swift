public import Execution
public import Ledger
public import Primitives

extension Infrastructure {
    /// An application was made.
    public struct Created: Hashable, ContractEvent {
        public static let name: EventName = "Created"
        public static let documentation: StaticString = "An application was made."
        public let application: ApplicationName
        public let owner: Permission
        public let settings: Settings

        public static let fields = Fields(
            Field("application", "Which.") { $0.application },
            Field("owner", "Who owns it.") { $0.owner },
            Field("settings", "What it asks of operators.") { $0.settings },
            make: { Created(application: $0, owner: $1, settings: $2) })
    }

    /// The settings of an application changed.
    public struct Configured: Hashable, ContractEvent {
        public static let name: EventName = "Configured"
        public static let documentation: StaticString = "The settings of an application changed."
        public let application: ApplicationName
        public let settings: Settings

        public static let fields = Fields(
            Field("application", "Which.") { $0.application },
            Field("settings", "The new ones.") { $0.settings },
            make: { Configured(application: $0, settings: $1) })
    }

    /// Somebody else may change a module.
    public struct PermissionChanged: Hashable, ContractEvent {
        public static let name: EventName = "PermissionChanged"
        public static let documentation: StaticString = "Somebody else may change a module."
        public let application: ApplicationName
        public let module: Module
        public let permission: Permission?

        public static let fields = Fields(
            Field("application", "Which.") { $0.application },
            Field("module", "Of which.") { $0.module },
            Field("permission", "Who may; none for the owner.") { $0.permission },
            make: { PermissionChanged(application: $0, module: $1, permission: $2) })
    }

    /// An application was offered to somebody, or an offer taken back.
    public struct OwnershipOffered: Hashable, ContractEvent {
        public static let name: EventName = "OwnershipOffered"
        public static let documentation: StaticString = "An application was offered to somebody, or an offer taken back."
        public let application: ApplicationName
        public let permission: Permission?

        public static let fields = Fields(
            Field("application", "Which.") { $0.application },
            Field("permission", "To whom; none for nobody.") { $0.permission },
            make: { OwnershipOffered(application: $0, permission: $1) })
    }

    /// An application has another owner.
    public struct OwnershipAccepted: Hashable, ContractEvent {
        public static let name: EventName = "OwnershipAccepted"
        public static let documentation: StaticString = "An application has another owner."
        public let application: ApplicationName
        public let permission: Permission

        public static let fields = Fields(
            Field("application", "Which.") { $0.application },
            Field("permission", "Who.") { $0.permission },
            make: { OwnershipAccepted(application: $0, permission: $1) })
    }

    /// The document has a new revision.
    public struct Imported: Hashable, ContractEvent {
        public static let name: EventName = "Imported"
        public static let documentation: StaticString = "The document has a new revision."
        public let application: ApplicationName
        public let revision: Revision

        public static let fields = Fields(
            Field("application", "Of which.") { $0.application },
            Field("revision", "Which.") { $0.revision },
            make: { Imported(application: $0, revision: $1) })
    }

    /// A change waits to be adopted.
    public struct Drafted: Hashable, ContractEvent {
        public static let name: EventName = "Drafted"
        public static let documentation: StaticString = "A change waits to be adopted."
        public let application: ApplicationName
        public let draft: Draft

        public static let fields = Fields(
            Field("application", "Of which.") { $0.application },
            Field("draft", "Which.") { $0.draft },
            make: { Drafted(application: $0, draft: $1) })
    }

    /// A draft was forgotten.
    public struct Discarded: Hashable, ContractEvent {
        public static let name: EventName = "Discarded"
        public static let documentation: StaticString = "A draft was forgotten."
        public let application: ApplicationName
        public let draft: UInt64

        public static let fields = Fields(
            Field("application", "Of which.") { $0.application },
            Field("draft", "Its number.") { $0.draft },
            make: { Discarded(application: $0, draft: $1) })
    }

    /// An account became an operator.
    public struct OperatorJoined: Hashable, ContractEvent {
        public static let name: EventName = "OperatorJoined"
        public static let documentation: StaticString = "An account became an operator."
        public let application: ApplicationName
        public let `operator`: Operator

        public static let fields = Fields(
            Field("application", "Of which.") { $0.application },
            Field("operator", "Which.") { $0.operator },
            make: { OperatorJoined(application: $0, operator: $1) })
    }

    /// An operator changed, or was barred.
    public struct OperatorChanged: Hashable, ContractEvent {
        public static let name: EventName = "OperatorChanged"
        public static let documentation: StaticString = "An operator changed, or was barred."
        public let application: ApplicationName
        public let `operator`: Operator

        public static let fields = Fields(
            Field("application", "Of which.") { $0.application },
            Field("operator", "As it is now.") { $0.operator },
            make: { OperatorChanged(application: $0, operator: $1) })
    }

    /// An operator left or was removed.
    public struct OperatorLeft: Hashable, ContractEvent {
        public static let name: EventName = "OperatorLeft"
        public static let documentation: StaticString = "An operator left or was removed."
        public let application: ApplicationName
        public let `operator`: Operator
        public let due: Height
        public let reason: Reason?

        public static let fields = Fields(
            Field("application", "Of which.") { $0.application },
            Field("operator", "As it was.") { $0.operator },
            Field("due", "When it can take its stake.") { $0.due },
            Field("reason", "Why it was removed; none when it left by itself.") { $0.reason },
            make: { OperatorLeft(application: $0, operator: $1, due: $2, reason: $3) })
    }

    /// Somebody who had left took its stake.
    public struct StakeWithdrawn: Hashable, ContractEvent {
        public static let name: EventName = "StakeWithdrawn"
        public static let documentation: StaticString = "Somebody who had left took its stake."
        public let application: ApplicationName
        public let account: Address
        public let stake: Amount

        public static let fields = Fields(
            Field("application", "From which.") { $0.application },
            Field("account", "Who.") { $0.account },
            Field("stake", "Base units.") { $0.stake },
            make: { StakeWithdrawn(application: $0, account: $1, stake: $2) })
    }
}
