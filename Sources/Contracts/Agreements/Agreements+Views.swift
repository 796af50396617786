public import Execution
public import Ledger
public import Primitives
import WorldState

extension Agreements {
    public static let agreement = Method(
        "agreement", "An agreement with its terms; none when there is none of this number.", kind: .view,
        Argument("agreement", "Its number.", UInt64.self)
    ) { context, number throws(CallError) in
        guard let agreement = try context.read(records, number), let terms = try context.read(termRecords, number) else { return AgreementView?.none }
        return AgreementView(agreement: agreement, terms: terms, due: due(agreement, terms))
    }

    public static let findAgreement = Method(
        "find_agreement", "The number of the agreement that signed terms made; none when they made none.", kind: .view,
        Argument("digest", "Of the terms.", Digest.self)
    ) { context, digest throws(CallError) in
        try context.read(digests, digest)
    }

    public static let checkTerms = Method(
        "check_terms", "The digest of terms, and why they cannot become an agreement now.", kind: .view, Argument("terms", "All of them.", Terms.self)
    ) { context, terms throws(CallError) in
        try context.charge(GasSchedule.step * Terms.checkSteps)
        let digest = try context.sha256(terms.signedBytes(chainID: context.block.chainID))
        let fault = terms.fault(at: context.block.time).map { ReceiptMessage(truncating: $0.description) }
        return TermsCheck(
            digest: digest, fault: fault, periodCost: terms.periodCost(), agreement: try context.read(digests, digest))
    }

    public static let period = Method(
        "period", "What has become of a billing period so far; none when nothing has, or there is no such agreement.", kind: .view,
        Argument("agreement", "Which.", UInt64.self), Argument("period", "From 0.", UInt32.self)
    ) { context, number, period throws(CallError) in
        guard let tally = try context.read(tallies, KeyPair(number, period)), let terms = try context.read(termRecords, number) else {
            return PeriodView?.none
        }
        return PeriodView(
            tally: tally, availability: creditRule(terms).availability(tally, isFinal: tally.isClosed),
            due: creditRule(terms).due(tally, isFinal: tally.isClosed))
    }

    public static let verdicts = Method(
        "verdicts", "What was decided in a page of 64 intervals; none when nothing was reported of it.", kind: .view,
        Argument("agreement", "Which.", UInt64.self), Argument("period", "The billing period.", UInt32.self),
        Argument("page", "From 0 within the period.", UInt32.self)
    ) { context, number, period, page throws(CallError) in
        try context.read(verdictPages, pageKey(number, period, page))
    }

    public static let readings = Method(
        "readings", "What monitors reported of a metric in a page of 64 intervals; none when nothing was.", kind: .view,
        Argument("agreement", "Which.", UInt64.self), Argument("period", "The billing period.", UInt32.self),
        Argument("page", "From 0 within the period.", UInt32.self), Argument("metric", "The place of the metric.", UInt8.self)
    ) { context, number, period, page, metric throws(CallError) in
        try context.read(readingPages, KeyPair(pageKey(number, period, page), metric))
    }

    public static let sealed = Method(
        "sealed", "Sealed bytes that a participant left for another; none when there are none.", kind: .view,
        Argument("agreement", "Which.", UInt64.self), Argument("receiver", "For whom.", Address.self), Argument("sender", "By whom.", Address.self)
    ) { context, number, receiver, sender throws(CallError) in
        try context.read(envelopes, KeyPair(number, KeyPair(receiver, sender)))
    }

    /// When `settle` has something to do the next time, as far as is known; nil when never again.
    static func due(_ agreement: Agreement, _ terms: Terms) -> Timestamp? {
        let next = nextStep(agreement, terms)
        guard agreement.phase == .active, agreement.funded < agreement.ends, agreement.warned <= agreement.funded else { return next }
        return [next, Timeline(terms, agreement).fundingDue(period: agreement.funded)].compactMap(\.self).min()
    }

    private static func nextStep(_ agreement: Agreement, _ terms: Terms) -> Timestamp? {
        let timeline = Timeline(terms, agreement)
        switch agreement.phase {
        case .offered, .signed: return terms.expires
        case .active where agreement.closed == agreement.ends: return Timestamp(0)
        case .active where agreement.closed >= agreement.funded: return timeline.fundingCloses(period: agreement.funded)
        case .active where agreement.pagesFinal == timeline.periodPages: return timeline.start(ofPeriod: agreement.closed + 1)
        case .active:
            let last = timeline.places(ofPage: agreement.pagesFinal).upperBound - 1
            return timeline.closes(timeline.interval(last, ofPeriod: agreement.closed))
        case .closing(let until): return until
        case .settled, .lapsed: return nil
        }
    }

    /// An agreement as a view shows it.
    public struct AgreementView: Hashable, Record {
        public let agreement: Agreement
        public let terms: Terms
        /// When `settle` has something to do the next time; none when never again.
        public let due: Timestamp?

        public static let fields = Fields(
            Field("agreement", "Where it stands.") { $0.agreement }, Field("terms", "On the table, or signed.") { $0.terms },
            Field("due", "When settle has something to do the next time; none when never again.") { $0.due },
            make: { AgreementView(agreement: $0, terms: $1, due: $2) })
    }

    /// What can be said of terms before anybody signs them.
    public struct TermsCheck: Hashable, Record {
        public let digest: Digest
        public let fault: ReceiptMessage?
        public let periodCost: Amount?
        public let agreement: UInt64?

        public static let fields = Fields(
            Field("digest", "What parties accept.") { $0.digest }, Field("fault", "Why they cannot become an agreement; none when they can.") { $0.fault },
            Field("periodCost", "What the consumer pays for one period.") { $0.periodCost },
            Field("agreement", "The agreement that they have made.") { $0.agreement },
            make: { TermsCheck(digest: $0, fault: $1, periodCost: $2, agreement: $3) })
    }

    /// A billing period as a view shows it.
    public struct PeriodView: Hashable, Record {
        public let tally: Tally
        /// Parts per million; of an open period, as if all that is open were up.
        public let availability: UInt32
        /// What the consumer gets back for it, as far as is known.
        public let due: Amount

        public static let fields = Fields(
            Field("tally", "What was counted and paid.") { $0.tally }, Field("availability", "Parts per million.") { $0.availability },
            Field("due", "What the consumer gets back for it, as far as is known.") { $0.due },
            make: { PeriodView(tally: $0, availability: $1, due: $2) })
    }
}
