public import Execution
import Ledger
public import Primitives

extension Governance {
    /// How a vote can be cast.
    public enum VoteOption: Hashable, Choice {
        case yes, no, abstain, veto

        public static let cases: [Case<VoteOption>] = [
            Case("yes", "Do it.", .yes), Case("no", "Do not do it.", .no),
            Case("abstain", "Counts for the quorum only.", .abstain),
            Case("veto", "Do not do it, and destroy the deposit: the proposal harms the network.", .veto),
        ]
    }

    /// The power behind each option.
    ///
    /// Invariant: the sum stays below ``Amount/supplyMax``.
    public struct Tally: Hashable, Record {
        public private(set) var yes = Amount.zero
        public private(set) var no = Amount.zero
        public private(set) var abstain = Amount.zero
        public private(set) var veto = Amount.zero

        public static let fields = Fields(
            Field("yes", "Base units of stake for it.") { $0.yes }, Field("no", "Against it.") { $0.no },
            Field("abstain", "For the quorum only.") { $0.abstain }, Field("veto", "Against it, as harmful.") { $0.veto },
            make: { Tally(yes: $0, no: $1, abstain: $2, veto: $3) })

        subscript(_ option: VoteOption) -> Amount {
            get {
                switch option {
                case .yes: yes
                case .no: no
                case .abstain: abstain
                case .veto: veto
                }
            }
            set {
                switch option {
                case .yes: yes = newValue
                case .no: no = newValue
                case .abstain: abstain = newValue
                case .veto: veto = newValue
                }
            }
        }

        /// All power that voted.
        public var voted: Amount { Amount(yes.units + no.units + abstain.units + veto.units) }
        /// Yes, no and veto.
        public var decisive: Amount { Amount(yes.units + no.units + veto.units) }

        /// Moves power from one option to another; from none when it had not voted. False, and no change, when the power is not there or
        /// there would be more than can exist.
        mutating func move(_ power: Amount, from: VoteOption?, to: VoteOption) -> Bool {
            var moved = self
            if let from {
                guard let rest = moved[from].subtracting(power) else { return false }
                moved[from] = rest
            }
            guard power < Amount.supplyMax, moved.voted.adding(power).map({ $0 < Amount.supplyMax }) ?? false else { return false }
            // Below 2⁹⁶ and 2⁹⁶.
            moved[to] = Amount(moved[to].units + power.units)
            self = moved
            return true
        }
    }

    /// By which parts a vote is decided; parts per million, as the parameters were when it was proposed.
    public struct VotingRules: Hashable, Record {
        public let quorum: UInt32
        public let threshold: UInt32
        public let veto: UInt32
        public let emergency: UInt32
        public let timeLockMilliseconds: UInt64

        init(quorum: UInt32, threshold: UInt32, veto: UInt32, emergency: UInt32, timeLockMilliseconds: UInt64) {
            self.quorum = quorum
            self.threshold = threshold
            self.veto = veto
            self.emergency = emergency
            self.timeLockMilliseconds = timeLockMilliseconds
        }

        init(_ parameters: NetworkParameters) {
            self.init(
                quorum: parameters.quorumPartsPerMillion, threshold: parameters.thresholdPartsPerMillion,
                veto: parameters.vetoPartsPerMillion, emergency: parameters.emergencyPartsPerMillion,
                timeLockMilliseconds: parameters.timeLockMilliseconds)
        }

        public static let fields = Fields(
            Field("quorum", "The part of all power that must vote.") { $0.quorum },
            Field("threshold", "The part of yes, no and veto that yes must pass.") { $0.threshold },
            Field("veto", "The part of all votes that stops it as a veto.") { $0.veto },
            Field("emergency", "The part of all power that decides an emergency with yes.") { $0.emergency },
            Field("timeLockMilliseconds", "How long it waits when it was accepted.") { $0.timeLockMilliseconds },
            make: { VotingRules(quorum: $0, threshold: $1, veto: $2, emergency: $3, timeLockMilliseconds: $4) })

        /// Base units that `part` of `power` takes at least: a part of a unit is a whole one, against the proposal.
        private func least(_ part: UInt32, of power: Amount) -> Amount {
            guard let share = power.share(partsPerMillion: part, rounding: .up) else { preconditionFailure("power above the supply") }
            return share
        }

        /// The votes that make a quorum of `total`.
        func quorum(of total: Amount) -> Amount { least(quorum, of: total) }

        /// The yes that decides an emergency.
        func emergency(of total: Amount) -> Amount { least(emergency, of: total) }

        /// The veto that stops a proposal.
        func veto(of tally: Tally) -> Amount { max(Amount(1), least(veto, of: tally.voted)) }

        /// The yes that a proposal needs. Strictly more than the part of the decisive votes, and at least one unit.
        func yes(of tally: Tally) -> Amount {
            guard let share = tally.decisive.share(partsPerMillion: threshold, rounding: .down) else {
                preconditionFailure("power above the supply")
            }
            return Amount(share.units + 1)
        }

        /// Why the votes so far do not carry the proposal; nil when they do. The first reason in the order quorum, veto, yes.
        func refusal(_ tally: Tally, total: Amount, isEmergency: Bool) -> RejectionReason? {
            if isEmergency && tally.yes >= emergency(of: total) { return nil }
            if tally.voted < quorum(of: total) { return .quorumMissed }
            if tally.veto >= veto(of: tally) { return .vetoed }
            if isEmergency { return .emergencyMissed }
            return tally.yes >= yes(of: tally) ? nil : .thresholdMissed
        }
    }

    /// Why a proposal was not accepted.
    public enum RejectionReason: Hashable, Choice {
        case quorumMissed, vetoed, thresholdMissed, emergencyMissed

        public static let cases: [Case<RejectionReason>] = [
            Case("quorum_missed", "Too little power voted; the deposit is destroyed.", .quorumMissed),
            Case("vetoed", "Enough votes called it harmful; the deposit is destroyed.", .vetoed),
            Case("threshold_missed", "Yes did not have more than its part of the votes.", .thresholdMissed),
            Case("emergency_missed", "Yes did not have the part of all power that an emergency takes.", .emergencyMissed),
        ]

        var destroysDeposit: Bool { self == .quorumMissed || self == .vetoed }
    }
}
