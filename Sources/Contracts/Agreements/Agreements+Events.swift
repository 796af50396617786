public import Execution
public import Ledger
public import Primitives

/// What happens to an agreement and its money.
extension Agreements {
    /// Terms were put on the table.
    public struct Proposed: Hashable, ContractEvent {
        public static let name: EventName = "Proposed"
        public static let documentation: StaticString = "Terms were put on the table."
        public let agreement: UInt64
        public let by: Address
        public let round: UInt32
        public let digest: Digest
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("by", "Who did it.") { $0.by },
            Field("round", "How often that was done.") { $0.round }, Field("digest", "Of the terms.") { $0.digest },
            make: { Proposed(agreement: $0, by: $1, round: $2, digest: $3) })
    }

    /// A party accepted the terms on the table.
    public struct Accepted: Hashable, ContractEvent {
        public static let name: EventName = "Accepted"
        public static let documentation: StaticString = "A party accepted the terms on the table."
        public let agreement: UInt64
        public let party: Address
        public let digest: Digest
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("party", "Who.") { $0.party },
            Field("digest", "Of the terms.") { $0.digest }, make: { Accepted(agreement: $0, party: $1, digest: $2) })
    }

    /// All parties have signed the same terms.
    public struct Signed: Hashable, ContractEvent {
        public static let name: EventName = "Signed"
        public static let documentation: StaticString = "All parties have signed the same terms."
        public let agreement: UInt64
        public let digest: Digest
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("digest", "Of the terms.") { $0.digest },
            make: { Signed(agreement: $0, digest: $1) })
    }

    /// An agreement will not become active, and everything was given back.
    public struct Lapsed: Hashable, ContractEvent {
        public static let name: EventName = "Lapsed"
        public static let documentation: StaticString = "An agreement will not become active, and everything was given back."
        public let agreement: UInt64
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, make: { Lapsed(agreement: $0) })
    }

    /// Periods were paid for.
    public struct Funded: Hashable, ContractEvent {
        public static let name: EventName = "Funded"
        public static let documentation: StaticString = "Periods were paid for."
        public let agreement: UInt64
        public let by: Address
        public let periods: UInt32
        public let amount: Amount
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("by", "Who paid.") { $0.by },
            Field("periods", "Periods that are paid for now.") { $0.periods }, Field("amount", "Base units.") { $0.amount },
            make: { Funded(agreement: $0, by: $1, periods: $2, amount: $3) })
    }

    /// A period is not paid for, though it soon begins.
    public struct PaymentOverdue: Hashable, ContractEvent {
        public static let name: EventName = "PaymentOverdue"
        public static let documentation: StaticString = "A period is not paid for, though it soon begins."
        public let agreement: UInt64
        public let period: UInt32
        public let until: Timestamp
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("period", "The billing period.") { $0.period },
            Field("until", "When it is too late.") { $0.until }, make: { PaymentOverdue(agreement: $0, period: $1, until: $2) })
    }

    /// A provider added to its collateral.
    public struct Deposited: Hashable, ContractEvent {
        public static let name: EventName = "Deposited"
        public static let documentation: StaticString = "A provider added to its collateral."
        public let agreement: UInt64
        public let provider: Address
        public let amount: Amount
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("provider", "Who.") { $0.provider },
            Field("amount", "Base units.") { $0.amount }, make: { Deposited(agreement: $0, provider: $1, amount: $2) })
    }

    /// A monitor accepted.
    public struct Enlisted: Hashable, ContractEvent {
        public static let name: EventName = "Enlisted"
        public static let documentation: StaticString = "A monitor accepted."
        public let agreement: UInt64
        public let monitor: Address
        public let bond: Amount
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("monitor", "Who.") { $0.monitor }, Field("bond", "What it deposited.") { $0.bond },
            make: { Enlisted(agreement: $0, monitor: $1, bond: $2) })
    }

    /// Everything is deposited, and the service will run.
    public struct Activated: Hashable, ContractEvent {
        public static let name: EventName = "Activated"
        public static let documentation: StaticString = "Everything is deposited, and the service will run."
        public let agreement: UInt64
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, make: { Activated(agreement: $0) })
    }

    /// It was decided when an agreement ends.
    public struct EndSet: Hashable, ContractEvent {
        public static let name: EventName = "EndSet"
        public static let documentation: StaticString = "It was decided when an agreement ends."
        public let agreement: UInt64
        public let periods: UInt32
        public let ending: Ending
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("periods", "After how many periods.") { $0.periods },
            Field("ending", "Why.") { $0.ending }, make: { EndSet(agreement: $0, periods: $1, ending: $2) })
    }

    /// Intervals do not count.
    public struct ExclusionSet: Hashable, ContractEvent {
        public static let name: EventName = "ExclusionSet"
        public static let documentation: StaticString = "Intervals do not count."
        public let agreement: UInt64
        public let exclusion: Exclusion
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("exclusion", "Which, and why.") { $0.exclusion },
            make: { ExclusionSet(agreement: $0, exclusion: $1) })
    }

    /// The last period of an agreement is closed.
    public struct ClosingBegun: Hashable, ContractEvent {
        public static let name: EventName = "ClosingBegun"
        public static let documentation: StaticString = "The last period of an agreement is closed."
        public let agreement: UInt64
        public let ending: Ending
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("ending", "Why it was the last.") { $0.ending },
            make: { ClosingBegun(agreement: $0, ending: $1) })
    }

    /// Everything was paid out.
    public struct Settled: Hashable, ContractEvent {
        public static let name: EventName = "Settled"
        public static let documentation: StaticString = "Everything was paid out."
        public let agreement: UInt64
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, make: { Settled(agreement: $0) })
    }

    /// Sealed bytes were left for a participant, or taken back.
    public struct Sealed: Hashable, ContractEvent {
        public static let name: EventName = "Sealed"
        public static let documentation: StaticString = "Sealed bytes were left for a participant, or taken back."
        public let agreement: UInt64
        public let sender: Address
        public let receiver: Address
        public let isThere: Bool
        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("sender", "By whom.") { $0.sender },
            Field("receiver", "For whom.") { $0.receiver }, Field("isThere", "Whether they are there now.") { $0.isThere },
            make: { Sealed(agreement: $0, sender: $1, receiver: $2, isThere: $3) })
    }

    /// Money left the escrow.
    public struct Paid: Hashable, ContractEvent {
        public static let name: EventName = "Paid"
        public static let documentation: StaticString = "Money left the escrow."
        public let agreement: UInt64
        public let to: Address
        public let amount: Amount
        public let purpose: Purpose

        /// What a payment is.
        public enum Purpose: Hashable, Choice {
            case credit, fee, monitoring, keeping, refund, deposit, award, reward

            public static let cases: [Case<Purpose>] = [
                Case("credit", "Back to the consumer, because the service failed.", .credit), Case("fee", "For the service.", .fee),
                Case("monitoring", "For measurements.", .monitoring), Case("keeping", "For closing a period.", .keeping),
                Case("refund", "Back to the consumer, because it was not needed.", .refund), Case("deposit", "Back to whom it belongs.", .deposit),
                Case("award", "To the consumer, as the arbiter decided.", .award), Case("reward", "For showing a contradiction.", .reward),
            ]
        }

        public static let fields = Fields(
            Field("agreement", "Which.") { $0.agreement }, Field("to", "Who received it.") { $0.to }, Field("amount", "Base units.") { $0.amount },
            Field("purpose", "What it is.") { $0.purpose }, make: { Paid(agreement: $0, to: $1, amount: $2, purpose: $3) })
    }
}
