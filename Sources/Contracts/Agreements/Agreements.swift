public import Execution
public import Primitives

/// Agreements on a service: negotiation, escrow, measurements by several monitors, credits, settlement.
///
/// A service runs in intervals, intervals make billing periods. Parties sign terms; consumer, providers and monitors deposit what the terms ask for;
/// then the agreement is active. Monitors post what they measured, and a quorum decides interval by interval. What a period owes the
/// consumer is computed for the whole period each time, and the difference to what was paid goes out in the block of the measurement that
/// decided it. The rest of the fee goes to the providers when all intervals of the period are final.
///
///     offered ──accept──▶ signed ──fund, deposit, enlist──▶ active ──settle──▶ closing ──settle──▶ settled
///        └────────── expires ─────────┴──▶ lapsed
///
/// - The money of an agreement lies in a subaccount of its own: `paidIn = paidOut + held` after every call, and no fault of one agreement reaches
///   another's money.
/// - Each phase has a deadline, and `settle` is for anyone: nothing waits for a party.
/// - An interval counts once for each monitor, is decided once, and stays as it was decided.
/// - A period that is not paid for does not begin. Terms bound every number, so that none computed from them overflows.
public enum Agreements: BuiltInContract {
    public static let name: StaticString = "agreements"
    public static let documentation: StaticString = "Service level agreements: negotiation, escrow, measurements, credits and settlement."
    public typealias Rejections = AgreementsRejection

    public static var methods: [any ContractMethod] {
        [propose, counter, accept, conclude, withdraw, fund, deposit, enlist]
            + [measure, rule, proveContradiction, announce, stop, resume, terminate, seal, settle, award, blockEnd]
            + [agreement, agreements, agreementsOf, findAgreement, checkTerms, period, outages, verdicts, readings, sealed]
    }

    public static var events: [any ContractEvent.Type] {
        [Proposed.self, Accepted.self, Signed.self, Lapsed.self, Funded.self, PaymentOverdue.self, Deposited.self, Enlisted.self, Activated.self, EndSet.self,
         ExclusionSet.self, ClosingBegun.self, Settled.self, Sealed.self, Paid.self]
            + [Measured.self, Violated.self, Disputed.self, Ruled.self, Expelled.self, PeriodClosed.self, GapRecorded.self]
    }

    public static var storage: [any StorageDeclaration] {
        [count, records, termRecords, digests, participations, tallies, verdictPages, readingPages, envelopes, clock, gapRecords]
    }
}

extension Address {
    /// The contract of agreements.
    public static let agreements = Agreements.address
}
