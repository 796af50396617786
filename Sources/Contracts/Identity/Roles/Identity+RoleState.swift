public import Execution
public import Ledger
public import Primitives

/// Who takes part as what. Nothing about a person needs to be here: a role asks for no profile, and a profile for no true name.
extension Identity {
    static let participants = StoredMap(
        0, "participants", "Accounts that joined in a role or have a profile.", Address.self, Participant.self)
    static let roleMembers = StoredMap(
        1, "role_members", "The accounts of each role, with the time at which they joined.", KeyPair<Role, Address>.self, Timestamp.self)
    static let roleCounts = StoredMap(2, "role_counts", "How many accounts are in each role.", Role.self, UInt64.self)
    static let attestations = StoredMap(
        3, "attestations", "What accounts attest about others, by subject, attester and kind of claim.",
        KeyPair<Address, AttestationKey>.self, Attestation.self)

    /// What an account does in the network. An account declares its roles itself: a right, such as that of a validator to vote, comes
    /// from the contract that gives it and never from here.
    public enum Role: UInt8, CaseIterable, Choice, OrderedKey {
        case developer, `operator`, provider, witness, validator, endUser

        public static let cases: [Case<Role>] = [
            Case("developer", "Writes applications and orders what they need.", .developer),
            Case("operator", "Runs nodes for applications.", .operator),
            Case("provider", "Offers cloud or edge resources.", .provider),
            Case("witness", "Watches whether agreements are kept.", .witness),
            Case("validator", "Votes for blocks.", .validator),
            Case("endUser", "Uses what was deployed.", .endUser),
        ]

        public func append(to key: inout [UInt8]) { key.append(rawValue) }

        public init?(reading key: [UInt8], at position: inout Int) {
            guard let byte = UInt8(reading: key, at: &position), let role = Role(rawValue: byte) else { return nil }
            self = role
        }
    }

    /// Distinct roles.
    public typealias Roles = Bounded<6, Role>

    /// What an account says about itself. Whatever is more than a few words stands elsewhere, and its hash here.
    public struct Profile: Hashable, Record {
        public let name: Text64
        public let contact: Text256?
        public let description: Text256?
        public let descriptionHash: Digest?
        public let region: Text16?

        public init(name: Text64, contact: Text256? = nil, description: Text256? = nil, descriptionHash: Digest? = nil, region: Text16? = nil) {
            self.name = name
            self.contact = contact
            self.description = description
            self.descriptionHash = descriptionHash
            self.region = region
        }

        public static let fields = Fields(
            Field("name", "What people call it; not unique, see names.") { $0.name },
            Field("contact", "Where it can be reached, as a URI such as mailto: or https:.") { $0.contact },
            Field("description", "The URI of a longer description.") { $0.description },
            Field("descriptionHash", "SHA-256 of what lies there.") { $0.descriptionHash },
            Field("region", "Country in two letters, or a part of it: DE, US-CA.") { $0.region }, make: Profile.init)
    }

    /// A role that an account is in.
    public struct Membership: Hashable, Record {
        public let role: Role
        public let since: Timestamp

        public init(role: Role, since: Timestamp) {
            self.role = role
            self.since = since
        }

        public static let fields = Fields(
            Field("role", "As what.") { $0.role }, Field("since", "Block time of joining.") { $0.since }, make: Membership.init)
    }

    /// What is kept of an account.
    public struct Participant: Hashable, Record {
        /// Ascending, each role once.
        public var roles: Bounded<6, Membership>
        public var profile: Profile?
        public var updated: Timestamp

        public init(roles: Bounded<6, Membership> = Bounded(), profile: Profile? = nil, updated: Timestamp) {
            self.roles = roles
            self.profile = profile
            self.updated = updated
        }

        var isEmpty: Bool { roles.isEmpty && profile == nil }
        func holds(_ role: Role) -> Bool { roles.contains { $0.role == role } }

        public static let fields = Fields(
            Field("roles", "Roles that it is in.") { $0.roles }, Field("profile", "What it says about itself.") { $0.profile },
            Field("updated", "Block time of the last change.") { $0.updated }, make: Participant.init)
    }

    /// An account of a role, in a list.
    public struct Member: Hashable, Record {
        public let account: Address
        public let since: Timestamp

        public init(account: Address, since: Timestamp) {
            self.account = account
            self.since = since
        }

        public static let fields = Fields(
            Field("account", "Who.") { $0.account }, Field("since", "Block time of joining.") { $0.since }, make: Member.init)
    }

    /// A part of a role's list.
    public struct MemberPage: Hashable, Record {
        public let members: Bounded<100, Member>
        public let next: Address?

        public init(members: Bounded<100, Member>, next: Address?) {
            self.members = members
            self.next = next
        }

        public static let fields = Fields(
            Field("members", "In the order of their addresses.") { $0.members },
            Field("next", "Where the next page begins; none at the end.") { $0.next }, make: MemberPage.init)
    }

    /// How many accounts are in a role.
    public struct RoleCount: Hashable, Record {
        public let role: Role
        public let count: UInt64

        public init(role: Role, count: UInt64) {
            self.role = role
            self.count = count
        }

        public static let fields = Fields(
            Field("role", "Which role.") { $0.role }, Field("count", "Accounts in it.") { $0.count }, make: RoleCount.init)
    }
}
