public import Execution
public import Ledger
public import Primitives
import WorldState

/// Lists of agreements: of each what shows where it stands, without its terms.
extension Agreements {
    /// Entries of one page of a list.
    static let listMax = 50

    public static let agreements = Method(
        "agreements", "Agreements, the newest first, at most 50.", kind: .view,
        Argument("before", "Only those with a smaller number; none to begin with the newest.", UInt64?.self)
    ) { context, before throws(CallError) in
        var found: [AgreementSummary] = []
        for (_, agreement) in try context.entries(records, from: before, .descending, limit: listMax) {
            found.append(try summary(agreement, context))
        }
        return Bounded<50, AgreementSummary>(found) ?? Bounded()
    }

    public static let agreementsOf = Method(
        "agreements_of", "The agreements of an account, the newest first, at most 50.", kind: .view,
        Argument("account", "Whose.", Address.self),
        Argument("before", "Only those with a smaller number; none to begin with the newest.", UInt64?.self)
    ) { context, account, before throws(CallError) in
        var found: [Participation] = []
        for (key, role) in try context.entries(participations, first: account, from: before, .descending, limit: listMax) {
            guard let agreement = try context.read(records, key.second) else { throw context.failure(.stateMalformed) }
            found.append(Participation(agreement: key.second, role: role, summary: try summary(agreement, context)))
        }
        return Bounded<50, Participation>(found) ?? Bounded()
    }

    private static func summary(_ agreement: Agreement, _ context: CallContext) throws(CallError) -> AgreementSummary {
        guard let terms = try context.read(termRecords, agreement.number) else { throw context.failure(.stateMalformed) }
        let timeline = Timeline(terms, agreement)
        var current: PeriodSummary?
        if agreement.phase.hasBegun, let period = timeline.period(at: context.block.time, of: agreement) {
            let tally = try tally(agreement, terms, period, context)
            current = PeriodSummary(
                period: period, availability: creditRule(terms).availability(tally, isFinal: tally.isClosed),
                credit: tally.feeCredit.adding(tally.collateralCredit) ?? .zero)
        }
        return AgreementSummary(
            number: agreement.number, service: terms.service, consumer: terms.consumer,
            providers: Bounded(terms.providers.map(\.account)) ?? Bounded(), phase: agreement.phase, closed: agreement.closed,
            funded: agreement.funded, ends: agreement.ends, starts: terms.schedule.start,
            paidUntil: timeline.start(ofPeriod: min(agreement.funded, agreement.ends)), current: current, due: due(agreement, terms))
    }

    /// An agreement as a list shows it.
    public struct AgreementSummary: Hashable, Record {
        public let number: UInt64
        public let service: ServiceKey
        public let consumer: Address
        public let providers: Bounded<8, Address>
        public let phase: Phase
        /// Periods that are closed, paid for, and there will be.
        public let closed: UInt32
        public let funded: UInt32
        public let ends: UInt32
        public let starts: Timestamp
        /// When the last period ends that is paid for.
        public let paidUntil: Timestamp
        /// The period that runs now, or ran last; none before the first.
        public let current: PeriodSummary?
        /// When `settle` has something to do the next time; none when never again.
        public let due: Timestamp?

        public static let fields = Fields(
            Field("number", "Its number.") { $0.number }, Field("service", "The parties' key for the service.") { $0.service },
            Field("consumer", "Who buys.") { $0.consumer }, Field("providers", "Who provides.") { $0.providers },
            Field("phase", "Where it stands.") { $0.phase }, Field("closed", "Periods that are closed.") { $0.closed },
            Field("funded", "Periods that are paid for.") { $0.funded }, Field("ends", "Periods that there will be.") { $0.ends },
            Field("starts", "When the first period begins.") { $0.starts },
            Field("paidUntil", "When the last period ends that is paid for.") { $0.paidUntil },
            Field("current", "The period that runs now, or ran last; none before the first.") { $0.current },
            Field("due", "When settle has something to do the next time; none when never again.") { $0.due },
            make: {
                AgreementSummary(
                    number: $0, service: $1, consumer: $2, providers: $3, phase: $4, closed: $5, funded: $6, ends: $7, starts: $8,
                    paidUntil: $9, current: $10, due: $11)
            })
    }

    /// How a billing period stands.
    public struct PeriodSummary: Hashable, Record {
        public let period: UInt32
        /// Parts per million; of an open period, as if all that is open were up.
        public let availability: UInt32
        /// What the consumer got back for it so far.
        public let credit: Amount

        public static let fields = Fields(
            Field("period", "From 0.") { $0.period }, Field("availability", "Parts per million.") { $0.availability },
            Field("credit", "What the consumer got back for it so far.") { $0.credit },
            make: { PeriodSummary(period: $0, availability: $1, credit: $2) })
    }

    /// An agreement that an account has to do with.
    public struct Participation: Hashable, Record {
        public let agreement: UInt64
        public let role: Role
        public let summary: AgreementSummary

        public static let fields = Fields(
            Field("agreement", "Its number.") { $0.agreement }, Field("role", "What the account has to do with it.") { $0.role },
            Field("summary", "How it stands.") { $0.summary }, make: { Participation(agreement: $0, role: $1, summary: $2) })
    }
}

extension Agreements.Phase {
    /// Whether everything was deposited at some time, so that its periods run or ran.
    fileprivate var hasBegun: Bool {
        switch self {
        case .active, .closing, .settled: true
        case .offered, .signed, .lapsed: false
        }
    }
}
