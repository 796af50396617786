public import Execution
public import Ledger
public import Primitives

extension Identity {
    /// An account joined in a role.
    public struct RoleJoined: Hashable, ContractEvent {
        public static let name: EventName = "RoleJoined"
        public static let documentation: StaticString = "An account joined in a role."
        public let account: Address
        public let role: Role

        public init(account: Address, role: Role) {
            self.account = account
            self.role = role
        }

        public static let fields = Fields(
            Field("account", "Who.") { $0.account }, Field("role", "As what.") { $0.role }, make: RoleJoined.init)
    }

    /// An account left a role.
    public struct RoleLeft: Hashable, ContractEvent {
        public static let name: EventName = "RoleLeft"
        public static let documentation: StaticString = "An account left a role."
        public let account: Address
        public let role: Role

        public init(account: Address, role: Role) {
            self.account = account
            self.role = role
        }

        public static let fields = Fields(
            Field("account", "Who.") { $0.account }, Field("role", "Which role.") { $0.role }, make: RoleLeft.init)
    }

    /// An account changed or removed its profile.
    public struct ProfileChanged: Hashable, ContractEvent {
        public static let name: EventName = "ProfileChanged"
        public static let documentation: StaticString = "An account changed or removed its profile."
        public let account: Address

        public init(account: Address) { self.account = account }

        public static let fields = Fields(Field("account", "Who.") { $0.account }, make: ProfileChanged.init)
    }

    /// An account attested a claim about another.
    public struct Attested: Hashable, ContractEvent {
        public static let name: EventName = "Attested"
        public static let documentation: StaticString = "An account attested a claim about another."
        public let attester: Address
        public let subject: Address
        public let kind: Text32
        public let claim: Digest
        public let expires: Timestamp?

        public init(attester: Address, subject: Address, kind: Text32, claim: Digest, expires: Timestamp?) {
            self.attester = attester
            self.subject = subject
            self.kind = kind
            self.claim = claim
            self.expires = expires
        }

        public static let fields = Fields(
            Field("attester", "Who says so.") { $0.attester }, Field("subject", "About whom.") { $0.subject },
            Field("kind", "What kind of claim.") { $0.kind }, Field("claim", "SHA-256 of the claim.") { $0.claim },
            Field("expires", "When it ends.") { $0.expires }, make: Attested.init)
    }

    /// An attester took a claim back.
    public struct Revoked: Hashable, ContractEvent {
        public static let name: EventName = "Revoked"
        public static let documentation: StaticString = "An attester took a claim back."
        public let attester: Address
        public let subject: Address
        public let kind: Text32

        public init(attester: Address, subject: Address, kind: Text32) {
            self.attester = attester
            self.subject = subject
            self.kind = kind
        }

        public static let fields = Fields(
            Field("attester", "Who said so.") { $0.attester }, Field("subject", "About whom.") { $0.subject },
            Field("kind", "What kind of claim.") { $0.kind }, make: Revoked.init)
    }
}
