import Contracts
import Execution
import Hummingbird
import Interface
import Ledger
import Primitives

/// Agreements: what was agreed, how the service was, who was paid. Views of the contract `agreements`, and what is made of several of them.
enum AgreementRoutes {
    static let group = "Agreements"
    static let refusals: [ProblemCode] = [
        .requestPath, .agreementUnknown, .contractUnknown, .heightUnknown, .heightPruned, .stateOutOfReach, .proofUnavailable, .proofTooLarge, .nodeBusy,
    ]
    private static let account = QueryKey("account", "Only agreements that this address has to do with; each with its role.", .text(format: nil, pattern: nil, ""))
    private static let before = QueryKey("before", "Only those with a smaller number.", .integer)
    private static let fromPeriod = QueryKey("from", "Only this period and those behind it.", .integer)
    private static let period = QueryKey("period", "Which billing period; the one that runs, or ran last, when absent.", .integer)
    private static let fromInterval = QueryKey("from", "Only this interval of the period and those behind it.", .integer)
    private static let intervals = QueryKey("limit", "Intervals, from 1 to 256; 64 when absent.", .integer)

    static let all: [Route] = [
        Route(
            "GET /v1/agreements", group, "Agreements, the newest first, at most 50: where each stands", keys: [account, before, .height, .proof],
            answers: .resource(AnswerResource<DynamicValue>.self), refuses: refusals, cost: 5
        ) { exchange in
            let before = try exchange.query.number(before)
            if let account = try exchange.address(account) {
                return try await exchange.answer(of: .agreements, unknown: .agreementUnknown, Agreements.agreementsOf.reference, account, before)
            }
            return try await exchange.answer(of: .agreements, unknown: .agreementUnknown, Agreements.agreements.reference, before)
        },
        Route(
            "GET /v1/agreements/{agreement}", group, "An agreement: its terms, its money, its participants", keys: [.height, .proof],
            answers: .resource(AnswerResource<DynamicValue>.self), refuses: refusals, cost: 5
        ) { exchange in
            try await exchange.answer(of: .agreements, unknown: .agreementUnknown, Agreements.agreement.reference, try exchange.number("agreement"))
        },
        Route(
            "GET /v1/agreements/{agreement}/periods", group, "Billing periods, at most 50", keys: [fromPeriod, .height, .proof],
            answers: .resource(AnswerResource<AgreementPeriodListResource>.self), refuses: refusals, cost: 10
        ) { exchange in
            let number = try exchange.number("agreement"), from = try exchange.query.small(fromPeriod) ?? 0
            return try await exchange.answer(of: .agreements, unknown: .agreementUnknown) { inquiry in
                let view = try inquiry.find(Agreements.agreement.reference, number), all = from..<max(from, view.agreement.ends)
                let items = try all.prefix(Self.periodsMax).map { period in try AgreementPeriodResource(period, view, &inquiry) }
                return AgreementPeriodListResource(items: items, next: all.count > items.count ? from + UInt32(items.count) : nil)
            }
        },
        Route(
            "GET /v1/agreements/{agreement}/periods/{period}", group, "A billing period", keys: [.height, .proof],
            answers: .resource(AnswerResource<AgreementPeriodResource>.self), refuses: refusals, cost: 5
        ) { exchange in
            let number = try exchange.number("agreement"), period = try exchange.number("period")
            return try await exchange.answer(of: .agreements, unknown: .agreementUnknown) { inquiry in
                let view = try inquiry.find(Agreements.agreement.reference, number)
                return try AgreementPeriodResource(try Self.period(period, of: view, inquiry), view, &inquiry)
            }
        },
        Route(
            "GET /v1/agreements/{agreement}/timeline", group, "Intervals of a period: what was decided, and what each monitor reported",
            keys: [period, fromInterval, intervals, .height, .proof], answers: .resource(AnswerResource<TimelineResource>.self), refuses: refusals, cost: 10
        ) { exchange in
            let number = try exchange.number("agreement"), period = try exchange.query.number(period), from = try exchange.query.small(fromInterval) ?? 0
            let limit = UInt32(try exchange.query.number(intervals, 1...256) ?? 64)
            return try await exchange.answer(of: .agreements, unknown: .agreementUnknown) { inquiry in
                let view = try inquiry.find(Agreements.agreement.reference, number)
                return try TimelineResource(view, period: try Self.period(period, of: view, inquiry), from: from, limit: limit, &inquiry)
            }
        },
        Route(
            "GET /v1/agreements/{agreement}/violations", group, "The outages of a period, and what each brought the consumer, at most 100",
            keys: [period, fromInterval, .height, .proof], answers: .resource(AnswerResource<ViolationListResource>.self), refuses: refusals, cost: 20
        ) { exchange in
            let number = try exchange.number("agreement"), period = try exchange.query.number(period), from = try exchange.query.small(fromInterval) ?? 0
            let network = exchange.network
            return try await exchange.answer(of: .agreements, unknown: .agreementUnknown) { inquiry in
                let view = try inquiry.find(Agreements.agreement.reference, number), period = try Self.period(period, of: view, inquiry)
                let found = try inquiry.ask(Agreements.outages.reference, number, period, from)
                return ViolationListResource(
                    agreement: number, period: try AgreementPeriodResource(period, view, &inquiry),
                    items: found?.outages.map { ViolationResource($0, period, view, on: network) } ?? [],
                    unknownCredit: AmountText(found?.unknownCredit ?? .zero), next: found?.next)
            }
        },
        Route(
            "GET /v1/agreements/{agreement}/evidence", group, """
                Measurements of its monitors, what followed from them, rulings and expulsions, newest first. A part looks through 200 transactions of \
                its participants, and may be empty although the list goes on
                """,
            keys: [.limit, .cursor], answers: .resource(PageResource<EvidenceResource>.self), refuses: refusals + [.cursorMalformed], cost: 20
        ) { exchange in try await AgreementHistory(exchange, .agreementEvidence).evidence() },
        Route(
            "GET /v1/agreements/{agreement}/payments", group, "Money that came into its escrow and left it, newest first", keys: [.limit, .cursor],
            answers: .resource(PageResource<AgreementPaymentResource>.self), refuses: refusals + [.cursorMalformed], cost: 20
        ) { exchange in try await AgreementHistory(exchange, .agreementPayments).payments() },
    ]

    private static let periodsMax = 50

    /// The period that is asked for, or that runs now, or the first one; one that there will not be is not found.
    private static func period(_ asked: UInt64?, of view: Agreements.AgreementView, _ inquiry: Inquiry) throws -> UInt32 {
        let period = asked ?? view.period(at: inquiry.time).map { UInt64($0) } ?? 0
        guard period < UInt64(view.agreement.ends) else {
            throw Problem(.agreementUnknown, "The agreement has \(view.agreement.ends) periods, from 0.", at: "period")
        }
        return UInt32(period)
    }
}

extension AgreementPeriodResource {
    fileprivate init(_ period: UInt32, _ view: Agreements.AgreementView, _ inquiry: inout Inquiry) throws {
        // Of a period of which nothing was reported yet the contract keeps nothing.
        let kept = try inquiry.ask(Agreements.period.reference, view.agreement.number, period), tally = kept?.tally
        let credit = tally.flatMap { $0.feeCredit.adding($0.collateralCredit) }
        self.init(
            period: period, begin: TimeText(view.start(ofPeriod: period)), end: TimeText(view.start(ofPeriod: period + 1)),
            isPaid: period < view.agreement.funded, isClosed: period < view.agreement.closed, intervals: view.terms.schedule.periodIntervals,
            up: tally?.up ?? 0, down: tally?.down ?? 0, excluded: tally?.excluded ?? 0, unknown: tally?.unknown ?? 0,
            availability: kept?.availability ?? 1_000_000, due: AmountText(kept?.due ?? .zero), credit: AmountText(credit ?? .zero),
            reports: tally?.reports.elements ?? view.terms.monitors.map { _ in 0 })
    }
}

extension ViolationResource {
    fileprivate init(_ outage: Agreements.Outage, _ period: UInt32, _ view: Agreements.AgreementView, on network: NetworkKind) {
        let metrics = view.terms.level.metrics.enumerated().filter { outage.metrics >> UInt8($0.offset) & 1 == 1 }
        let providers = view.terms.providers.enumerated().filter { outage.providers >> UInt8($0.offset) & 1 == 1 }
        self.init(
            first: outage.first, count: outage.count, begin: TimeText(view.start(of: outage.first, ofPeriod: period)),
            end: TimeText(view.start(of: outage.first + outage.count, ofPeriod: period)), metrics: metrics.map(\.element.name.text),
            providers: providers.map { AddressText($0.element.account, on: network) }, credit: AmountText(outage.credit))
    }
}
