public import Execution
public import Ledger
public import Primitives

extension Identity {
    /// A name came into somebody's hands.
    public struct NameRegistered: Hashable, ContractEvent {
        public static let name: EventName = "NameRegistered"
        public static let documentation: StaticString = "A name came into somebody's hands."
        public let name: Name
        public let owner: Address
        public let expires: Timestamp

        public init(name: Name, owner: Address, expires: Timestamp) {
            self.name = name
            self.owner = owner
            self.expires = expires
        }

        public static let fields = Fields(
            Field("name", "Which name.") { $0.name },
            Field("owner", "Whose it is.") { $0.owner },
            Field("expires", "Until when.") { $0.expires }, make: NameRegistered.init)
    }

    /// A name lasts longer.
    public struct NameRenewed: Hashable, ContractEvent {
        public static let name: EventName = "NameRenewed"
        public static let documentation: StaticString = "A name lasts longer."
        public let name: Name
        public let expires: Timestamp

        public init(name: Name, expires: Timestamp) {
            self.name = name
            self.expires = expires
        }

        public static let fields = Fields(
            Field("name", "Which name.") { $0.name },
            Field("expires", "Until when.") { $0.expires }, make: NameRenewed.init)
    }

    /// An owner offered a name, or took an offer back.
    public struct NameOffered: Hashable, ContractEvent {
        public static let name: EventName = "NameOffered"
        public static let documentation: StaticString = "An owner offered a name, or took an offer back."
        public let name: Name
        public let from: Address
        public let to: Address?

        public init(name: Name, from: Address, to: Address?) {
            self.name = name
            self.from = from
            self.to = to
        }

        public static let fields = Fields(
            Field("name", "Which name.") { $0.name },
            Field("from", "Whose it is.") { $0.from },
            Field("to", "Who may accept it.") { $0.to }, make: NameOffered.init)
    }

    /// A name went from one owner to another, without its records.
    public struct NameTransferred: Hashable, ContractEvent {
        public static let name: EventName = "NameTransferred"
        public static let documentation: StaticString = "A name went from one owner to another, without its records."
        public let name: Name
        public let from: Address
        public let to: Address

        public init(name: Name, from: Address, to: Address) {
            self.name = name
            self.from = from
            self.to = to
        }

        public static let fields = Fields(
            Field("name", "Which name.") { $0.name },
            Field("from", "Whose it was.") { $0.from },
            Field("to", "Whose it is.") { $0.to }, make: NameTransferred.init)
    }

    /// An owner gave a name up.
    public struct NameReleased: Hashable, ContractEvent {
        public static let name: EventName = "NameReleased"
        public static let documentation: StaticString = "An owner gave a name up."
        public let name: Name
        public let owner: Address

        public init(name: Name, owner: Address) {
            self.name = name
            self.owner = owner
        }

        public static let fields = Fields(
            Field("name", "Which name.") { $0.name },
            Field("owner", "Whose it was.") { $0.owner }, make: NameReleased.init)
    }

    /// A name leads to something else.
    public struct RecordsChanged: Hashable, ContractEvent {
        public static let name: EventName = "RecordsChanged"
        public static let documentation: StaticString = "A name leads to something else."
        public let name: Name

        public init(name: Name) {
            self.name = name
        }

        public static let fields = Fields(
            Field("name", "Which name.") { $0.name }, make: RecordsChanged.init)
    }

    /// An account wants to be known by another name.
    public struct PrimaryNameChanged: Hashable, ContractEvent {
        public static let name: EventName = "PrimaryNameChanged"
        public static let documentation: StaticString = "An account wants to be known by another name."
        public let account: Address
        public let name: Name?

        public init(account: Address, name: Name?) {
            self.account = account
            self.name = name
        }

        public static let fields = Fields(
            Field("account", "Who.") { $0.account },
            Field("name", "Which name.") { $0.name }, make: PrimaryNameChanged.init)
    }
}
