public import Execution
public import Ledger
public import Primitives

extension Groups {
    static let count = StoredValue(0, "count", "How many groups there are.", UInt64.self)
    static let groups = StoredMap(1, "groups", "The groups by address.", Address.self, Group.self)
    static let memberships = StoredMap(
        2, "memberships", "The groups of each member, by the group's number.", KeyPair<Address, UInt64>.self, Address.self)
    static let records = StoredMap(
        3, "proposals", "The proposals of each group, by number.", KeyPair<Address, UInt64>.self, Proposal.self)
    static let actions = StoredMap(
        4, "actions", "What each open proposal would do.", KeyPair<Address, UInt64>.self, Action.self)

    public enum LabelBound: TextBound { public static var bytesMax: Int { 64 } }
    public typealias Label = BoundedText<LabelBound>

    /// Who decides, and how many must agree.
    public struct Settings: Hashable, Record {
        public let members: Bounded<32, Address>
        public let threshold: UInt8
        public let label: Label?

        public init(members: Bounded<32, Address>, threshold: UInt8, label: Label? = nil) {
            self.members = members
            self.threshold = threshold
            self.label = label
        }

        public static let fields = Fields(
            Field("members", "Accounts, each once.") { $0.members },
            Field("threshold", "How many of them must approve.") { $0.threshold },
            Field("label", "A name for people; anyone can take any.") { $0.label },
            make: { Settings(members: $0, threshold: $1, label: $2) })
    }

    /// A group as it is kept.
    ///
    /// Invariants: members strictly ascending; 1 ≤ threshold ≤ members; `open` has a place for each member.
    public struct Group: Hashable, Record {
        /// Its subaccount of this contract.
        public let number: UInt64
        public internal(set) var settings: Settings
        /// Changes of the settings so far.
        public internal(set) var revision: UInt32
        /// Proposals so far; the next one has this number.
        public internal(set) var proposals: UInt64
        /// Open proposals of this revision, by member.
        public internal(set) var open: Bounded<32, UInt8>

        init(number: UInt64, settings: Settings, revision: UInt32 = 0, proposals: UInt64 = 0, open: Bounded<32, UInt8>? = nil) {
            self.number = number
            self.settings = settings
            self.revision = revision
            self.proposals = proposals
            self.open = open ?? Bounded([UInt8](repeating: 0, count: settings.members.count))!
        }

        /// The member's place; nil for anyone else.
        func place(of member: Address) -> Int? { settings.members.firstIndex(of: member) }

        public static let fields = Fields(
            Field("number", "The number of the group's subaccount.") { $0.number },
            Field("settings", "Who decides.") { $0.settings },
            Field("revision", "Changes of the settings so far.") { $0.revision },
            Field("proposals", "Proposals so far.") { $0.proposals },
            Field("open", "Open proposals of each member.") { $0.open },
            make: { Group(number: $0, settings: $1, revision: $2, proposals: $3, open: $4) })
    }

    /// What a group would do.
    public enum Action: Hashable, Choice {
        /// Calls in the group's name, all or none.
        case calls(Bounded<16, Call>)
        /// Other members, another threshold or label.
        case settings(Settings)

        public static let cases: [Case<Action>] = [
            Case("calls", "Calls in the group's name, all or none.", Action.calls) {
                if case .calls(let calls) = $0 { calls } else { nil }
            },
            Case("settings", "Other members, another threshold or label.", Action.settings) {
                if case .settings(let settings) = $0 { settings } else { nil }
            },
        ]
    }

    /// What members decide about.
    public struct Proposal: Hashable, Record {
        public let number: UInt64
        public let proposer: Address
        /// The revision of the group whose members decide.
        public let revision: UInt32
        public let created: Timestamp
        /// From this block time on it can no longer run.
        public let expires: Timestamp
        public internal(set) var approvals: Bounded<32, Address>
        public internal(set) var state: State
        /// Why it could not run the last time.
        public internal(set) var failure: RecordedFailure?

        public static let fields = Fields(
            Field("number", "Its number in the group.") { $0.number },
            Field("proposer", "Who made it.") { $0.proposer },
            Field("revision", "The revision of the group whose members decide.") { $0.revision },
            Field("created", "Block time at which it was made.") { $0.created },
            Field("expires", "Block time from which it can no longer run.") { $0.expires },
            Field("approvals", "Who approves, in the order of approval.") { $0.approvals },
            Field("state", "Whether it has run.") { $0.state },
            Field("failure", "Why it could not run the last time.") { $0.failure },
            make: {
                Proposal(number: $0, proposer: $1, revision: $2, created: $3, expires: $4, approvals: $5, state: $6, failure: $7)
            })
    }

    /// What has become of a proposal.
    public enum State: Hashable, Choice {
        case open, executed, closed

        public static let cases: [Case<State>] = [
            Case("open", "It has neither run nor been closed.", .open), Case("executed", "It has run.", .executed),
            Case("closed", "It will not run.", .closed),
        ]
    }

    /// A proposal as a view shows it.
    public struct ProposalView: Hashable, Record {
        public let proposal: Proposal
        public let status: Status
        /// none when it is no longer kept.
        public let action: Action?

        public static let fields = Fields(
            Field("proposal", "What members decide about.") { $0.proposal },
            Field("status", "Where it stands.") { $0.status },
            Field("action", "What it would do; none when it has run or was closed, as the transaction that proposed it shows it.") { $0.action },
            make: { ProposalView(proposal: $0, status: $1, action: $2) })
    }

    /// Where a proposal stands at some time.
    public enum Status: Hashable, Choice {
        case collecting, failing, expired, superseded, executed, closed

        public static let cases: [Case<Status>] = [
            Case("collecting", "Approvals are missing.", .collecting),
            Case("failing", "Enough members approve, but it could not run; any member may execute it again.", .failing),
            Case("expired", "Its time is over.", .expired),
            Case("superseded", "The group has changed its settings since.", .superseded),
            Case("executed", "It has run.", .executed), Case("closed", "It will not run.", .closed),
        ]
    }

    /// A group that an account is a member of.
    public struct Membership: Hashable, Record {
        public let number: UInt64
        public let group: Address

        public static let fields = Fields(
            Field("number", "The number of the group.") { $0.number }, Field("group", "Its address.") { $0.group },
            make: { Membership(number: $0, group: $1) })
    }
}
