public import Execution
public import Ledger
public import Primitives

/// Names, whose they are and what they lead to.
///
/// Every registration has a number of its own, and a child remembers its parent's. When a parent ends, whatever was below it ends
/// with it, without anybody having to walk over it; a later owner of the parent begins with nothing.
extension Identity {
    static let commitments = StoredMap(
        10, "name_commitments", "Commitments to names, by who made them.", KeyPair<Address, Digest>.self, Commitment.self)
    static let registrations = StoredMap(11, "names", "The last registration of each name.", Name.self, Registration.self)
    static let records = StoredMap(12, "name_records", "What names lead to.", Name.self, NameRecords.self)
    static let namesOfOwner = StoredMap(
        13, "names_of_owner", "Names by their owner, with the number of the registration.", KeyPair<Address, Name>.self, UInt64.self)
    static let primaryNames = StoredMap(14, "primary_names", "By which name an account wants to be known.", Address.self, Name.self)
    static let registrationCount = StoredValue(15, "registration_count", "The number of the last registration.", UInt64.self)

    /// When a commitment was made.
    public struct Commitment: Hashable, Record {
        public let height: Height
        public let time: Timestamp

        public init(height: Height, time: Timestamp) {
            self.height = height
            self.time = time
        }

        public static let fields = Fields(
            Field("height", "In which block.") { $0.height }, Field("time", "Its time.") { $0.time }, make: Commitment.init)
    }

    /// A name in somebody's hands.
    public struct Registration: Hashable, Record {
        public var owner: Address
        public let number: UInt64
        /// 0 for a name of one label.
        public let parentNumber: UInt64
        public let registered: Timestamp
        public var expires: Timestamp
        public var offeredTo: Address?

        public init(
            owner: Address, number: UInt64, parentNumber: UInt64, registered: Timestamp, expires: Timestamp, offeredTo: Address? = nil
        ) {
            self.owner = owner
            self.number = number
            self.parentNumber = parentNumber
            self.registered = registered
            self.expires = expires
            self.offeredTo = offeredTo
        }

        public static let fields = Fields(
            Field("owner", "Whose it is.") { $0.owner }, Field("number", "The number of this registration; the next one has another.") { $0.number },
            Field("parentNumber", "The registration of the parent that it lives with; 0 for a name of one label.") { $0.parentNumber },
            Field("registered", "Block time of the registration.") { $0.registered },
            Field("expires", "Block time from which it leads nowhere. A name with a parent ends earlier if the parent does.") { $0.expires },
            Field("offeredTo", "Who may accept it.") { $0.offeredTo }, make: Registration.init)
    }

    /// Whether a name can be used, and whether it can be had.
    public enum NameStanding: Choice {
        case free, active, grace

        public static let cases: [Case<NameStanding>] = [
            Case("free", "Nobody has it.", .free), Case("active", "It leads to its records.", .active),
            Case("grace", "It, or a name above it, has expired: it leads nowhere, and is kept for whoever had it.", .grace),
        ]
    }

    /// A service under a name.
    public struct Endpoint: Hashable, Record {
        public let service: Text32
        public let uri: Text256

        public init(service: Text32, uri: Text256) {
            self.service = service
            self.uri = uri
        }

        public static let fields = Fields(
            Field("service", "Which service, as api or web; each once.") { $0.service },
            Field("uri", "Where it is.") { $0.uri }, make: Endpoint.init)
    }

    /// A remark under a name.
    public struct TextRecord: Hashable, Record {
        public let key: Text32
        public let value: Text256

        public init(key: Text32, value: Text256) {
            self.key = key
            self.value = value
        }

        public static let fields = Fields(
            Field("key", "What it is about; each once.") { $0.key }, Field("value", "What it says.") { $0.value }, make: TextRecord.init)
    }

    /// What a name leads to.
    public struct NameRecords: Hashable, Record {
        public let account: Address?
        public let endpoints: Bounded<8, Endpoint>
        public let content: Digest?
        public let texts: Bounded<16, TextRecord>

        public init(
            account: Address? = nil, endpoints: Bounded<8, Endpoint> = Bounded(), content: Digest? = nil,
            texts: Bounded<16, TextRecord> = Bounded()
        ) {
            self.account = account
            self.endpoints = endpoints
            self.content = content
            self.texts = texts
        }

        public static let fields = Fields(
            Field("account", "The account or contract of this name.") { $0.account },
            Field("endpoints", "Services.") { $0.endpoints }, Field("content", "SHA-256 of what is to be delivered.") { $0.content },
            Field("texts", "Remarks.") { $0.texts }, make: NameRecords.init)
    }

    /// All about a name.
    public struct NameEntry: Hashable, Record {
        public let name: Name
        public let standing: NameStanding
        public let registration: Registration?

        public init(name: Name, standing: NameStanding, registration: Registration?) {
            self.name = name
            self.standing = standing
            self.registration = registration
        }

        public static let fields = Fields(
            Field("name", "Which name.") { $0.name }, Field("standing", "Whether it can be used or had.") { $0.standing },
            Field("registration", "The last one, if there was any.") { $0.registration }, make: NameEntry.init)
    }

    /// A part of an owner's names.
    public struct NamePage: Hashable, Record {
        public let entries: Bounded<20, NameEntry>
        public let next: Name?

        public init(entries: Bounded<20, NameEntry>, next: Name?) {
            self.entries = entries
            self.next = next
        }

        public static let fields = Fields(
            Field("entries", "By length, then by letter; also names that have ended and nobody else has taken.") { $0.entries },
            Field("next", "Where the next page begins; none at the end.") { $0.next }, make: NamePage.init)
    }

    /// What a commitment hides: `SHA-256("trellis/name-commitment/1" || BCS(this))`.
    public struct NameClaim: Hashable, Record {
        public let chainID: ChainID
        public let name: Name
        public let owner: Address
        public let salt: Digest

        public init(chainID: ChainID, name: Name, owner: Address, salt: Digest) {
            self.chainID = chainID
            self.name = name
            self.owner = owner
            self.salt = salt
        }

        public static let fields = Fields(
            Field("chainID", "On which network.") { $0.chainID }, Field("name", "Which name.") { $0.name },
            Field("owner", "Whose it shall be.") { $0.owner }, Field("salt", "32 random bytes.") { $0.salt }, make: NameClaim.init)
    }
}
