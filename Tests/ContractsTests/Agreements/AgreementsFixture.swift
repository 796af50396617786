import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives
import Testing

/// A chain with one agreement to play through. After every call it checks that no money came from nowhere or went there.
final class AgreementsFixture {
    let consumer = Person(1), provider = Person(2), partner = Person(3), arbiter = Person(4), stranger = Person(5), keeper = Person(6)
    let monitors = (10..<26).map { Person($0) }
    /// All who may provide; ``provider`` and ``partner`` are the first.
    let providers = [Person(2), Person(3)] + (40..<46).map { Person($0) }
    let chain: TestChain
    /// What ``terms`` are made of; change it before the agreement is made.
    var draft = Draft()
    private(set) var number: UInt64 = 0
    private(set) var sequence: UInt64 = 0
    /// All that ever left an escrow.
    private(set) var payments: [Agreements.Paid] = []

    /// Terms that can still be changed.
    struct Draft {
        var providers: [(share: UInt32, collateral: UInt128)] = [(1_000_000, 0)]
        var weights: [UInt16] = [1, 1, 1]
        var hasArbiter = false
        var level = ServiceLevel.amazonEC2
        var intervals: UInt32 = 10
        var periods: UInt32 = 2
        var intervalMilliseconds: UInt64 = 60_000
        var payment = Agreements.Payment(fee: Amount(1_000_000), prepaidPeriods: 2)
        var windows = Agreements.Windows(settleMilliseconds: 5_000, lateMilliseconds: 3_600_000)
        var partiesMayMonitor = false
        var confidential: Digest?
        var salt: UInt8 = 7
        /// From now until it expires, and until it starts.
        var expiresIn: UInt64 = 100_000
        var startsIn: UInt64 = 200_000
    }

    init(_ change: (inout Draft) -> Void = { _ in }) {
        chain = TestChain(
            [Accounts.self, StandInGovernance.self, Agreements.self], people: [consumer, arbiter, stranger, keeper] + providers + monitors)
        change(&draft)
    }

    // ── Terms ──

    var providerPeople: [Person] { Array(providers.prefix(draft.providers.count)) }
    var monitorPeople: [Person] { Array(monitors.prefix(draft.weights.count)) }

    func terms(_ change: (inout Draft) -> Void = { _ in }) -> Agreements.Terms {
        var draft = draft
        change(&draft)
        return Agreements.Terms(
            consumer: consumer.address, service: "web-1",
            providers: Bounded(zip(providers, draft.providers).map {
                Agreements.Provider(account: $0.address, sharePartsPerMillion: $1.share, collateral: Amount($1.collateral))
            })!,
            monitors: Bounded(zip(monitors, draft.weights).map { Agreements.Monitor(account: $0.address, weight: $1, source: "probe") })!,
            arbiter: draft.hasArbiter ? arbiter.address : nil, partiesMayMonitor: draft.partiesMayMonitor, level: draft.level,
            schedule: Agreements.Schedule(
                start: Timestamp(chain.time.rawValue + draft.startsIn), intervalMilliseconds: draft.intervalMilliseconds,
                periodIntervals: draft.intervals, periods: draft.periods),
            payment: draft.payment, windows: draft.windows, confidential: draft.confidential,
            expires: Timestamp(chain.time.rawValue + draft.expiresIn), salt: Digest([UInt8](repeating: draft.salt, count: 32))!)
    }

    // ── Calls ──

    @discardableResult
    func send(_ person: Person, _ call: Call, gasLimit: UInt64 = 50_000_000) -> Receipt {
        let receipt = chain.send(person, call, gasLimit: gasLimit)
        payments += chain.events(Agreements.Paid.self)
        check()
        return receipt
    }

    /// Books, balances and counts of every agreement.
    func check(_ location: SourceLocation = #_sourceLocation) {
        var number: UInt64 = 0
        while let view = chain.ask(Agreements.agreement.reference, of: .agreements, number) {
            let agreement = view.agreement, escrow = agreement.escrow, terms = view.terms
            let account = Address.subaccount(number, of: .agreements)
            #expect(escrow.isBalanced, sourceLocation: location)
            #expect(chain.balance(account) == escrow.held, sourceLocation: location)
            #expect(agreement.ends <= terms.schedule.periods && agreement.closed <= agreement.ends, sourceLocation: location)
            #expect(agreement.closed <= agreement.funded && agreement.funded <= terms.schedule.periods, sourceLocation: location)
            for period in 0..<min(4, terms.schedule.periods) {
                guard let view = chain.ask(Agreements.period.reference, of: .agreements, number, period) else { continue }
                let tally = view.tally, sum = tally.up + tally.down + tally.excluded + tally.unknown
                #expect(tally.isClosed ? sum == terms.schedule.periodIntervals : sum <= terms.schedule.periodIntervals, sourceLocation: location)
                #expect(tally.feeCredit <= terms.payment.fee && tally.incident <= tally.down, sourceLocation: location)
            }
            number += 1
        }
        #expect(chain.balance(.agreements) == .zero, sourceLocation: location)
    }

    /// Signed by all, but without money.
    func sign(_ change: (inout Draft) -> Void = { _ in }) throws {
        change(&draft)
        let terms = terms()
        let receipt = send(consumer, Agreements.propose.reference.call(on: .agreements, terms))
        number = try Agreements.propose.reference.result(result(receipt))
        for person in providerPeople {
            try #require(send(person, Agreements.accept.reference.call(on: .agreements, number, terms.digest(chainID: chain.genesis.chainID))).succeeded)
        }
        try #require(agreement.phase == .signed)
    }

    /// Signed and paid for, with all monitors.
    func activate(_ change: (inout Draft) -> Void = { _ in }) throws {
        try sign(change)
        try #require(fund(draft.payment.prepaidPeriods).succeeded)
        for (person, provider) in zip(providerPeople, draft.providers) where provider.collateral > 0 {
            try #require(send(person, Agreements.deposit.reference.call(on: .agreements, number, value: Amount(provider.collateral))).succeeded)
        }
        for person in monitorPeople {
            try #require(send(person, Agreements.enlist.reference.call(on: .agreements, number, value: draft.payment.monitorBond)).succeeded)
        }
        try #require(agreement.phase == .active)
    }

    func fund(_ periods: UInt32) -> Receipt {
        let cost = view.terms.periodCost()!.multiplied(by: UInt64(periods))!
        return send(consumer, Agreements.fund.reference.call(on: .agreements, number, periods, value: cost))
    }

    func measurement(
        _ metric: UInt8, _ period: UInt32, _ first: UInt32, _ readings: [Agreements.Reading], sequence: UInt64? = nil
    ) -> Agreements.Measurement {
        self.sequence += 1
        return Agreements.Measurement(
            agreement: number, metric: metric, period: period, first: first, readings: Bounded(readings)!, evidence: .zero,
            sequence: sequence ?? self.sequence)
    }

    @discardableResult
    func measure(
        _ person: Person, metric: UInt8 = 0, period: UInt32 = 0, first: UInt32 = 0, _ readings: [Agreements.Reading], sequence: UInt64? = nil
    ) -> Receipt {
        send(person, Agreements.measure.reference.call(on: .agreements, measurement(metric, period, first, readings, sequence: sequence)))
    }

    /// All monitors say the same.
    func measureAll(metric: UInt8 = 0, period: UInt32 = 0, first: UInt32 = 0, _ readings: [Agreements.Reading]) {
        for person in monitorPeople { #expect(measure(person, metric: metric, period: period, first: first, readings).succeeded) }
    }

    @discardableResult
    func settle(_ steps: UInt16 = 256) -> Receipt { send(keeper, Agreements.settle.reference.call(on: .agreements, number, steps)) }

    // ── Time ──

    /// Empty blocks, close enough to each other that the chain does not stand still.
    func pass(to time: UInt64) {
        while chain.time.rawValue < time { chain.advance(time: Timestamp(min(time, chain.time.rawValue + 500_000))) }
    }

    func pass(_ milliseconds: UInt64) { pass(to: chain.time.rawValue + milliseconds) }

    var timeline: Agreements.Timeline { Agreements.Timeline(view.terms, agreement) }

    /// Until the interval can be reported, at the earliest possible time.
    func passToReport(_ place: UInt32, period: UInt32 = 0) {
        // The block of the next call comes an interval of blocks later.
        pass(to: timeline.opens(timeline.interval(place, ofPeriod: period)).rawValue - chain.interval)
    }

    /// Until all windows of the period are closed.
    func passToClose(period: UInt32 = 0) {
        pass(to: timeline.rulingCloses(timeline.interval(draft.intervals - 1, ofPeriod: period)).rawValue)
    }

    // ── Questions ──

    var view: Agreements.AgreementView { chain.ask(Agreements.agreement.reference, of: .agreements, number)! }
    var agreement: Agreements.Agreement { view.agreement }
    func period(_ period: UInt32 = 0) -> Agreements.PeriodView? { chain.ask(Agreements.period.reference, of: .agreements, number, period) }
    func page(_ page: UInt32 = 0, period: UInt32 = 0) -> Agreements.VerdictPage? {
        chain.ask(Agreements.verdicts.reference, of: .agreements, number, period, page)
    }

    /// What an account got in the last block, by purpose.
    func paid(_ purpose: Agreements.Paid.Purpose, to person: Person) -> UInt128 {
        chain.events(Agreements.Paid.self).filter { $0.purpose == purpose && $0.to == person.address }.reduce(0) { $0 + $1.amount.units }
    }

    /// All that an account ever got.
    func paidEver(to person: Person) -> UInt128 { payments.filter { $0.to == person.address }.reduce(0) { $0 + $1.amount.units } }

    func paidEver(_ purpose: Agreements.Paid.Purpose) -> UInt128 { payments.filter { $0.purpose == purpose }.reduce(0) { $0 + $1.amount.units } }

    func result(_ receipt: Receipt) throws -> [UInt8] {
        guard case .succeeded(let results) = receipt.outcome else { throw Refused(receipt: receipt) }
        return results.values[0]
    }

    struct Refused: Error { let receipt: Receipt }
}

extension [Agreements.Reading] {
    /// `"110?"`: up, up, down, nothing to say.
    init(_ text: String) { self = text.map { $0 == "?" ? .missing : .state($0 == "1") } }
    init(repeating isUp: Bool, _ count: Int) { self.init(repeating: .state(isUp), count: count) }
}

extension Receipt {
    func refused(_ reason: AgreementsRejection) -> Bool { code == reason.rawValue }
}

/// Pauses whatever it is told to pause.
enum StandInGovernance: BuiltInContract {
    static let name: StaticString = "governance"
    static let documentation: StaticString = "Pauses."
    typealias Rejections = AccountsRejection
    static var methods: [any ContractMethod] { [pause] }
    static var events: [any ContractEvent.Type] { [] }
    static var storage: [any StorageDeclaration] { [] }

    static let pause = Method(
        "pause", "Pauses a contract.", Argument("contract", "Which.", Address.self), Argument("until", "Until when.", Timestamp.self)
    ) { context, contract, until throws(CallError) in
        _ = try context.setPauses([Pause(contract: contract, until: until)])
        return Nothing()
    }
}
