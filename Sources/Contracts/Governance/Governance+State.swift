public import Execution
public import Primitives

extension Governance {
    static let count = StoredValue(0, "count", "Proposals so far; the next one has this number.", UInt64.self)
    static let records = StoredMap(1, "proposals", "The proposals by number.", UInt64.self, Proposal.self)
    static let contents = StoredMap(2, "contents", "What each proposal says and would do.", UInt64.self, Content.self)
    static let tallies = StoredMap(3, "tallies", "The power behind each option, by proposal.", UInt64.self, Tally.self)
    static let votes = StoredMap(4, "votes", "The vote of each account, by proposal.", KeyPair<UInt64, Address>.self, Vote.self)
    static let pools = StoredMap(
        5, "pools", "Each validator's power and what its delegators took out of it, by proposal.", KeyPair<UInt64, Address>.self, Pool.self)
    static let stages = StoredMap(6, "stages", "The proposals at each stage.", KeyPair<UInt8, UInt64>.self, Bool.self)
    static let ending = StoredMap(
        7, "ending", "Votes that have not been counted, by their end.", KeyPair<Timestamp, UInt64>.self, Bool.self)
    static let due = StoredMap(
        8, "due", "Accepted proposals, by the end of their time lock.", KeyPair<Timestamp, UInt64>.self, Bool.self)
    static let openCounts = StoredValue(9, "open", "How many proposals are being voted on.", OpenCounts.self)
    static let openOf = StoredMap(10, "open_of", "The same for each account that has any.", Address.self, UInt8.self)
    static let guardianship = StoredValue(11, "guardian", "Who may cancel proposals, see the view guardian.", HeldPermission.self)

    /// A proposal, without its content and its votes.
    public struct Proposal: Hashable, Record {
        public let number: UInt64
        public let proposer: Address
        public let kind: Kind
        public let deposit: Amount
        public let created: Timestamp
        /// From this block time on nobody votes.
        public let votingEnds: Timestamp
        /// Votes have the stake of this epoch's beginning.
        public let snapshot: Epoch
        /// All power of the snapshot.
        public let totalPower: Amount
        public let rules: VotingRules
        public internal(set) var status: Status

        public static let fields = Fields(
            Field("number", "Its number.") { $0.number }, Field("proposer", "Who made it.") { $0.proposer },
            Field("kind", "What it is about.") { $0.kind }, Field("deposit", "Base units that it holds until it is decided.") { $0.deposit },
            Field("created", "Block time at which it was made.") { $0.created },
            Field("votingEnds", "Block time from which nobody votes.") { $0.votingEnds },
            Field("snapshot", "Votes have the stake of this epoch's beginning.") { $0.snapshot },
            Field("totalPower", "All power of the snapshot, in base units.") { $0.totalPower },
            Field("rules", "By which parts it is decided.") { $0.rules }, Field("status", "Where it stands.") { $0.status },
            make: {
                Proposal(
                    number: $0, proposer: $1, kind: $2, deposit: $3, created: $4, votingEnds: $5, snapshot: $6, totalPower: $7,
                    rules: $8, status: $9)
            })
    }

    /// Where a proposal stands.
    public enum Status: Hashable, Choice {
        case voting
        case accepted(Timestamp)
        case executed(Timestamp)
        case failed(RecordedFailure)
        case rejected(RejectionReason)
        case cancelled(Address)

        public static let cases: [Case<Status>] = [
            Case("voting", "It is being voted on, or its votes are about to be counted.", .voting),
            Case("accepted", "It is executed from this block time on.", Status.accepted) {
                if case .accepted(let time) = $0 { time } else { nil }
            },
            Case("executed", "It was executed at this block time.", Status.executed) {
                if case .executed(let time) = $0 { time } else { nil }
            },
            Case("failed", "It was accepted but could not be executed; nothing of it was done.", Status.failed) {
                if case .failed(let failure) = $0 { failure } else { nil }
            },
            Case("rejected", "It was not accepted.", Status.rejected) { if case .rejected(let reason) = $0 { reason } else { nil } },
            Case("cancelled", "This account cancelled it.", Status.cancelled) {
                if case .cancelled(let account) = $0 { account } else { nil }
            },
        ]

        public var stage: Stage {
            switch self {
            case .voting: .voting
            case .accepted: .accepted
            case .executed: .executed
            case .failed: .failed
            case .rejected: .rejected
            case .cancelled: .cancelled
            }
        }
    }

    /// A ``Status`` without its details; the number is in storage keys.
    public enum Stage: UInt8, CaseIterable, Choice {
        case voting, accepted, executed, failed, rejected, cancelled

        public static let cases: [Case<Stage>] = [
            Case("voting", "Being voted on.", .voting), Case("accepted", "In the time lock.", .accepted),
            Case("executed", "Executed.", .executed), Case("failed", "Accepted, but could not be executed.", .failed),
            Case("rejected", "Not accepted.", .rejected), Case("cancelled", "Cancelled.", .cancelled),
        ]
    }

    /// The vote of an account.
    public struct Vote: Hashable, Record {
        public let option: VoteOption
        /// What it took out of the pools of other validators to vote with itself.
        public let own: Amount

        public static let fields = Fields(
            Field("option", "Its choice.") { $0.option },
            Field("own", "Base units of its delegations, which vote as it does.") { $0.own }, make: { Vote(option: $0, own: $1) })
    }

    /// A validator's pool in one vote.
    ///
    /// Invariant: overridden ≤ power.
    public struct Pool: Hashable, Record {
        public let power: Amount
        /// What delegators who voted themselves took out of it.
        public internal(set) var overridden: Amount
        /// How the validator voted with the rest.
        public internal(set) var option: VoteOption?

        /// What the validator's own vote carries.
        var rest: Amount { power.subtracting(overridden) ?? .zero }

        public static let fields = Fields(
            Field("power", "All stake at the validator, in base units.") { $0.power },
            Field("overridden", "What delegators who voted themselves took out of it.") { $0.overridden },
            Field("option", "How the validator voted with the rest.") { $0.option },
            make: { Pool(power: $0, overridden: $1, option: $2) })
    }

    /// How many proposals are being voted on.
    public struct OpenCounts: Hashable, Record {
        var ordinary: UInt32 = 0
        var emergency: UInt32 = 0

        public static let fields = Fields(
            Field("ordinary", "Of all kinds but emergencies.") { $0.ordinary }, Field("emergency", "Emergencies.") { $0.emergency },
            make: { OpenCounts(ordinary: $0, emergency: $1) })
    }
}
