import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives
import Testing

/// Periods, payments, ends: nobody is needed for anything to go on.
@Suite struct AgreementLifecycleTests {
    private func perfect(_ fixture: AgreementsFixture, period: UInt32 = 0) {
        fixture.passToReport(fixture.draft.intervals - 1, period: period)
        fixture.measureAll(period: period, [Agreements.Reading](repeating: true, Int(fixture.draft.intervals)))
    }

    private func terminate(_ fixture: AgreementsFixture, _ person: Person) -> Receipt {
        fixture.send(person, Agreements.terminate.reference.call(on: .agreements, fixture.number))
    }

    @Test func aServiceThatKeepsItsPromiseIsPaidPeriodByPeriod() throws {
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.windows = Agreements.Windows(settleMilliseconds: 5_000, lateMilliseconds: 700_000)
            $0.payment = Agreements.Payment(fee: Amount(1_000_001), prepaidPeriods: 2, holdBackPartsPerMillion: 100_000, monitorBond: Amount(9))
        }
        perfect(fixture)
        #expect(fixture.settle().refused(.nothingDue))
        fixture.passToClose()
        let due = fixture.view.due
        #expect(due == fixture.timeline.closes(9))
        #expect(fixture.settle().succeeded)
        #expect(fixture.paid(.fee, to: fixture.provider) == 900_001 && fixture.agreement.escrow.heldBack[0] == Amount(100_000))
        #expect(fixture.settle().refused(.nothingDue))
        perfect(fixture, period: 1)
        fixture.passToClose(period: 1)
        #expect(fixture.settle().succeeded)
        #expect(fixture.agreement.phase == .settled && fixture.agreement.escrow.held == .zero && fixture.agreement.ending == .complete)
        #expect(fixture.paidEver(to: fixture.provider) == 2_000_002 && fixture.paidEver(to: fixture.monitors[0]) == 9)
        #expect(fixture.settle().refused(.nothingDue) && fixture.view.due == nil)
        #expect(fixture.measure(fixture.monitors[0], [Agreements.Reading]("1")).refused(.phaseWrong))
        #expect(fixture.fund(1).refused(.phaseWrong) && terminate(fixture, fixture.consumer).refused(.phaseWrong))
        #expect(fixture.chain.ask(Agreements.agreement.reference, of: .agreements, 0)?.agreement.escrow.paidIn == Amount(2_000_002 + 27))
    }

    @Test func aListShowsWhereEachAgreementStands() throws {
        let fixture = AgreementsFixture()
        func list(before: UInt64? = nil) -> [Agreements.AgreementSummary] {
            fixture.chain.ask(Agreements.agreements.reference, of: .agreements, before).elements
        }
        #expect(list().isEmpty)
        try fixture.activate()
        let start = fixture.timeline.start(ofPeriod: 0)
        var shown = try #require(list().first)
        #expect(shown.number == 0 && shown.service == "web-1" && shown.consumer == fixture.consumer.address && shown.providers.elements == [fixture.provider.address])
        #expect(shown.phase == .active && shown.closed == 0 && shown.funded == 2 && shown.ends == 2 && shown.starts == start && shown.current == nil)
        #expect(shown.paidUntil == fixture.timeline.start(ofPeriod: 2) && shown.due == fixture.view.due)
        fixture.pass(to: start.rawValue)
        #expect(list().first?.current == .init(period: 0, availability: 1_000_000, credit: .zero))
        fixture.passToReport(9)
        // The second period runs when the first one is reported.
        fixture.measureAll([Agreements.Reading]("1111101111"))
        #expect(fixture.period()?.availability == 900_000)
        #expect(list().first?.current?.period == 1)
        fixture.passToReport(9, period: 1)
        fixture.measureAll(period: 1, [Agreements.Reading]("1111100111"))
        shown = try #require(list().first)
        #expect(shown.current == .init(period: 1, availability: 800_000, credit: Amount(1_000_000)))
        for _ in 0..<2 { try fixture.sign { $0.salt += 1 } }
        #expect(list().map(\.number) == [2, 1, 0] && list(before: 1).map(\.number) == [0] && list()[1].current == nil)
        let own = fixture.chain.ask(Agreements.agreementsOf.reference, of: .agreements, fixture.provider.address, 2)
        #expect(own.map(\.summary) == Array(list().dropFirst()) && own.map(\.role) == [.provider, .provider])
        // Fifty is a page.
        for _ in 0..<50 { try fixture.sign { $0.salt += 1 } }
        #expect(list().count == 50 && list(before: list().last?.number).map(\.number) == [2, 1, 0])
    }

    @Test func aPeriodThatIsNotPaidForDoesNotBegin() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 1); $0.periods = 4 }
        fixture.pass(to: fixture.timeline.start(ofPeriod: 1).rawValue - 2_000)
        #expect(fixture.fund(1).succeeded)
        #expect(fixture.chain.time < fixture.timeline.start(ofPeriod: 1))
        fixture.pass(to: fixture.timeline.start(ofPeriod: 2).rawValue)
        #expect(fixture.fund(1).refused(.periodsWrong))
        #expect(fixture.measure(fixture.monitors[0], period: 2, [Agreements.Reading]("1")).refused(.placeUnknown))
        for period in [UInt32(0), 1] { fixture.passToClose(period: period) }
        #expect(fixture.settle().succeeded)
        #expect(fixture.agreement.ends == 2 && fixture.agreement.ending == .unpaid && fixture.agreement.phase == .settled)
    }

    @Test func anOverduePaymentIsToldAndCanStillBeMade() throws {
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 1)
            $0.periods = 3
            $0.windows = Agreements.Windows(settleMilliseconds: 5_000, lateMilliseconds: 3_600_000, graceMilliseconds: 200_000)
        }
        let start = fixture.timeline.start(ofPeriod: 1)
        #expect(fixture.view.due == Timestamp(start.rawValue - 200_000))
        fixture.pass(to: start.rawValue - 203_000)
        #expect(fixture.settle().succeeded && fixture.agreement.begun == 1)
        #expect(fixture.settle().refused(.nothingDue))
        #expect(fixture.settle().succeeded)
        #expect(fixture.chain.events(Agreements.PaymentOverdue.self) == [.init(agreement: 0, period: 1, until: start)])
        // Once is enough.
        #expect(fixture.settle().refused(.nothingDue))
        #expect(fixture.fund(1).succeeded)
        fixture.pass(to: start.rawValue)
        #expect(fixture.settle().succeeded && fixture.agreement.begun == 2 && fixture.agreement.ends == 3)
        #expect(fixture.view.due == Timestamp(fixture.timeline.start(ofPeriod: 2).rawValue - 200_000))
    }

    @Test func aProviderMustKeepItsCollateralFilled() throws {
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.providers = [(1_000_000, 1_000)]
            $0.periods = 3
            $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 3)
            $0.level = ServiceLevel(
                metrics: ServiceLevel.amazonEC2.metrics, tiers: Bounded([CreditTier(below: 950_000, credit: 1_500_000)])!, capPartsPerMillion: 2_000_000)
        }
        fixture.passToReport(0)
        fixture.measureAll([Agreements.Reading]("0"))
        // More than the fee: the rest comes out of the collateral, at once too.
        #expect(fixture.paidEver(to: fixture.consumer) == 1_500 && fixture.agreement.escrow.collateral[0] == Amount(500))
        #expect(fixture.period()?.tally.feeCredit == Amount(1_000) && fixture.period()?.tally.collateralCredit == Amount(500))
        #expect(fixture.send(fixture.provider, Agreements.deposit.reference.call(on: .agreements, 0, value: Amount(500))).succeeded)
        fixture.passToReport(0, period: 1)
        fixture.measureAll(period: 1, [Agreements.Reading]("0"))
        fixture.pass(to: fixture.timeline.start(ofPeriod: 2).rawValue)
        #expect(fixture.send(fixture.provider, Agreements.deposit.reference.call(on: .agreements, 0, value: Amount(500))).succeeded)
        #expect(fixture.agreement.ends == 2 && fixture.agreement.ending == .uncovered(fixture.provider.address))
        fixture.passToClose(period: 1)
        #expect(fixture.settle().succeeded && fixture.agreement.phase == .settled)
        // Two fees and what was taken of the collateral, and the fee of the period that never began.
        #expect(fixture.paidEver(to: fixture.consumer) == 3_000 + 1_000 && fixture.paidEver(to: fixture.provider) == 1_000)
    }

    @Test func eitherSideTerminatesWithNotice() throws {
        for isConsumer in [true, false] {
            let fixture = AgreementsFixture()
            try fixture.activate {
                $0.periods = 5
                $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 5)
                $0.windows = Agreements.Windows(settleMilliseconds: 5_000, lateMilliseconds: 120_000, noticeMilliseconds: 600_000)
            }
            let party = isConsumer ? fixture.consumer : fixture.provider
            fixture.pass(to: fixture.timeline.start(ofPeriod: 1).rawValue + 10_000)
            #expect(terminate(fixture, fixture.stranger).refused(.notParty))
            // A period lasts 600 s: the notice ends in the third.
            #expect(terminate(fixture, party).succeeded)
            #expect(fixture.agreement.ends == 3 && fixture.agreement.ending == .terminated(party.address))
            #expect(terminate(fixture, fixture.consumer).refused(.endsAlready))
            fixture.passToClose(period: 2)
            #expect(fixture.settle().succeeded && fixture.agreement.phase == .settled)
            // Of three periods nothing was known: half down, all of the fee. The last two were not needed.
            #expect(fixture.paidEver(.refund) == 2_000)
        }
    }

    @Test func terminationBeforeTheStartGivesEverythingBack() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 2, monitorBond: Amount(5)) }
        #expect(terminate(fixture, fixture.provider).succeeded)
        #expect(fixture.agreement.ends == 0)
        #expect(fixture.settle().succeeded)
        #expect(fixture.agreement.phase == .settled && fixture.paidEver(.refund) == 2_000 && fixture.paidEver(.deposit) == 15)
    }

    @Test func everybodyIsSilentUntilAfterEveryDeadline() throws {
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.providers = [(1_000_000, 300)]
            $0.intervals = 1_000
            $0.intervalMilliseconds = 1_000
            $0.periods = 3
            $0.hasArbiter = true
            $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 3, holdBackPartsPerMillion: 500_000, monitorFee: Amount(10), monitorBond: Amount(5), keeperFee: Amount(1))
            $0.windows = Agreements.Windows(settleMilliseconds: 5_000, lateMilliseconds: 120_000, rulingMilliseconds: 5_000, challengeMilliseconds: 100_000)
            $0.level = ServiceLevel(
                metrics: ServiceLevel.amazonEC2.metrics, tiers: Bounded([CreditTier(below: 900_000, credit: 200_000)])!, unknownPartsPerMillion: 0)
        }
        fixture.passToClose(period: 2)
        fixture.pass(10_000_000)
        // One step at a time, by a stranger.
        var steps = 0
        while !fixture.agreement.isClosing {
            #expect(fixture.settle(1).succeeded)
            steps += 1
        }
        #expect(steps == 6, "silence is passed in one step a period, and its close is another")
        #expect(fixture.settle().refused(.nothingDue))
        fixture.pass(100_000)
        #expect(fixture.settle().succeeded && fixture.agreement.phase == .settled && fixture.agreement.escrow.held == .zero)
        // All unknown is half down: a credit of a fifth; the monitors' fees come back; the keeper was paid.
        #expect(fixture.paidEver(.credit) == 600 && fixture.paidEver(.fee) == 2_400 && fixture.paidEver(.refund) == 90 && fixture.paidEver(to: fixture.keeper) == 3)
        #expect(fixture.paidEver(.deposit) == 300 + 15)
    }

    @Test func theArbiterAwardsWhatIsHeld() throws {
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.providers = [(500_000, 300), (500_000, 0)]
            $0.hasArbiter = true
            $0.periods = 1
            $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 1, holdBackPartsPerMillion: 200_000)
            $0.windows = Agreements.Windows(settleMilliseconds: 5_000, lateMilliseconds: 900_000, challengeMilliseconds: 100_000)
        }
        func award(_ person: Person, _ provider: UInt8, _ amount: Amount) -> Receipt {
            fixture.send(person, Agreements.award.reference.call(on: .agreements, 0, provider, amount))
        }
        perfect(fixture)
        #expect(award(fixture.arbiter, 0, Amount(1)).refused(.phaseWrong))
        fixture.passToClose()
        #expect(fixture.settle().succeeded && fixture.agreement.isClosing)
        #expect(award(fixture.consumer, 0, Amount(1)).refused(.notArbiter))
        #expect(award(fixture.arbiter, 2, Amount(1)).refused(.placeUnknown))
        #expect(award(fixture.arbiter, .max, Amount(1)).refused(.placeUnknown))
        for amount in [Amount.zero, Amount(401), Amount(.max)] { #expect(award(fixture.arbiter, 0, amount).refused(.valueWrong)) }
        #expect(award(fixture.arbiter, 0, Amount(150)).succeeded)
        #expect(fixture.agreement.escrow.heldBack[0] == .zero && fixture.agreement.escrow.collateral[0] == Amount(250))
        #expect(award(fixture.arbiter, 1, Amount(101)).refused(.valueWrong))
        fixture.pass(100_000)
        #expect(award(fixture.arbiter, 1, Amount(1)).refused(.phaseWrong))
        #expect(fixture.settle().succeeded && fixture.paidEver(.award) == 150 && fixture.paidEver(to: fixture.provider) == 400 + 250)
    }

    @Test func maintenanceCountsOnlyWhenAnnouncedInTime() throws {
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.windows = Agreements.Windows(settleMilliseconds: 5_000, lateMilliseconds: 700_000, maintenanceNoticeMilliseconds: 120_000)
            $0.level = ServiceLevel(metrics: ServiceLevel.amazonEC2.metrics, tiers: ServiceLevel.amazonEC2.tiers, maintenanceIntervalsMax: 3)
        }
        func announce(_ person: Person, period: UInt32 = 0, _ first: UInt32, _ count: UInt32) -> Receipt {
            fixture.send(person, Agreements.announce.reference.call(on: .agreements, 0, period, first, count))
        }
        fixture.pass(to: fixture.timeline.start(of: 1))
        #expect(announce(fixture.consumer, 5, 1).refused(.notProvider))
        #expect(announce(fixture.provider, 3, 1).refused(.noticeShort))
        #expect(announce(fixture.provider, 0, 1).refused(.noticeShort))
        #expect(announce(fixture.provider, 5, 4).refused(.maintenanceOverLimit))
        #expect(announce(fixture.provider, 5, 0).refused(.placeUnknown) && announce(fixture.provider, 9, 2).refused(.placeUnknown))
        #expect(announce(fixture.provider, .max, .max).refused(.placeUnknown) && announce(fixture.provider, period: .max, 0, 1).refused(.placeUnknown))
        #expect(announce(fixture.provider, 5, 2).succeeded)
        #expect(announce(fixture.provider, 8, 2).refused(.maintenanceOverLimit))
        #expect(announce(fixture.provider, 8, 1).succeeded && announce(fixture.provider, period: 1, 0, 3).succeeded)
        fixture.passToReport(9)
        fixture.measureAll([Agreements.Reading]("1111100101"))
        #expect(fixture.page()?.excluded == 0b01_0110_0000 && fixture.page()?.down == 0 && fixture.period()?.tally.up == 7)
        #expect(fixture.paidEver(.credit) == 0)
    }

    @Test func announcementsAreFew() throws {
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.intervals = 100
            $0.level = ServiceLevel(metrics: ServiceLevel.amazonEC2.metrics, tiers: ServiceLevel.amazonEC2.tiers, maintenanceIntervalsMax: 100)
        }
        for place in 0..<UInt32(17) {
            let receipt = fixture.send(fixture.provider, Agreements.announce.reference.call(on: .agreements, 0, 0, 2 * place + 20, 1))
            #expect(place < 16 ? receipt.succeeded : receipt.refused(.exclusionsOverLimit))
        }
        // The consumer's stop has room of its own.
        #expect(fixture.send(fixture.consumer, Agreements.stop.reference.call(on: .agreements, 0)).succeeded)
    }

    @Test func theConsumersStopIsNobodysFault() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.windows = Agreements.Windows(settleMilliseconds: 5_000, lateMilliseconds: 900_000) }
        func call(_ method: MethodReference<UInt64, Nothing>, _ person: Person) -> Receipt { fixture.send(person, method.call(on: .agreements, 0)) }
        fixture.pass(to: fixture.timeline.start(of: 2) + 30_000)
        #expect(call(Agreements.stop.reference, fixture.provider).refused(.notConsumer))
        #expect(call(Agreements.resume.reference, fixture.consumer).refused(.notStopped))
        #expect(call(Agreements.stop.reference, fixture.consumer).succeeded)
        #expect(call(Agreements.stop.reference, fixture.consumer).refused(.stoppedAlready))
        fixture.pass(to: fixture.timeline.start(of: 5) + 30_000)
        #expect(call(Agreements.resume.reference, fixture.consumer).succeeded)
        fixture.passToReport(9)
        // The interval in which it stopped counts; what was stopped does not.
        fixture.measureAll([Agreements.Reading]("1110001111"))
        #expect(fixture.page()?.excluded == 0b11_1000 && fixture.period()?.tally.up == 7 && fixture.paidEver(.credit) == 0)
        // A stop and go within one interval excludes nothing, and leaves nothing behind.
        for _ in 0..<20 { #expect(call(Agreements.stop.reference, fixture.consumer).succeeded && call(Agreements.resume.reference, fixture.consumer).succeeded) }
        #expect(fixture.agreement.exclusions.count == 1)
        fixture.passToClose()
        #expect(fixture.settle().succeeded && fixture.agreement.exclusions.isEmpty)
    }

    @Test func aChainThatStoodStillIsNoOutage() throws {
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.periods = 4
            $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 2)
            $0.windows = Agreements.Windows(settleMilliseconds: 5_000, lateMilliseconds: 120_000)
        }
        fixture.passToReport(1)
        fixture.measureAll([Agreements.Reading]("11"))
        // From the third interval to the fifth one of the next period there are no blocks.
        let stopped = fixture.chain.time, closes = fixture.timeline.closes(2)
        fixture.chain.advance(time: Timestamp(fixture.timeline.start(of: 14) + 30_000))
        #expect(fixture.chain.events(Agreements.GapRecorded.self) == [.init(gap: .init(from: stopped, until: fixture.chain.time))])
        #expect(closes < fixture.chain.time)
        // What was open is open for as long as it was, and no interval of the gap counts.
        #expect(fixture.measure(fixture.monitors[0], first: 2, [Agreements.Reading]("00000000")).succeeded)
        #expect(fixture.agreement.gaps.count == 1)
        #expect(fixture.measure(fixture.monitors[1], first: 2, [Agreements.Reading]("00000000")).succeeded)
        #expect(fixture.page()?.down == 0 && fixture.page()?.excluded == 0b11_1111_1000 | 0b100 && fixture.paidEver(.credit) == 0)
        fixture.passToClose()
        #expect(fixture.settle().succeeded && fixture.agreement.closed == 1)
        #expect(fixture.period()?.tally.excluded == 8 && fixture.period()?.availability == 1_000_000)
        // A gap over the day of payment gives its length to pay.
        let start = fixture.timeline.start(ofPeriod: 2).rawValue
        fixture.pass(to: start - 5_000)
        fixture.chain.advance(time: Timestamp(start + 700_000))
        #expect(fixture.fund(2).succeeded && fixture.agreement.ends == 4)
    }

    @Test func theFirstCallBehindAGapKnowsOfIt() throws {
        let fixture = AgreementsFixture()
        try fixture.activate()
        fixture.passToReport(0)
        fixture.chain.interval = 2_000_000
        #expect(fixture.measure(fixture.monitors[0], [Agreements.Reading]("1")).succeeded)
        #expect(fixture.agreement.gaps.count == 1 && fixture.chain.events(Agreements.GapRecorded.self).count == 1)
    }

    @Test func aPauseOfTheContractIsAGap() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.windows = Agreements.Windows(settleMilliseconds: 5_000, lateMilliseconds: 120_000) }
        fixture.passToReport(0)
        let from = fixture.chain.time, until = Timestamp(from.rawValue + 800_000)
        fixture.send(fixture.stranger, StandInGovernance.pause.reference.call(on: .governance, .agreements, until))
        fixture.pass(10_000)
        #expect(fixture.measure(fixture.monitors[0], [Agreements.Reading]("1")).code == SystemRejection.paused.rawValue)
        fixture.pass(to: until.rawValue - 1)
        #expect(fixture.chain.events(Agreements.GapRecorded.self).isEmpty && fixture.agreement.gaps.isEmpty)
        #expect(fixture.measure(fixture.monitors[0], [Agreements.Reading]("1")).succeeded)
        let gap = try #require(fixture.agreement.gaps.first)
        #expect(gap.from.rawValue - from.rawValue <= 2_000 && gap.until == fixture.chain.time)
    }

    @Test func manyGapsStopNothing() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.windows = Agreements.Windows(settleMilliseconds: 0, lateMilliseconds: 1_000); $0.periods = 3; $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 3) }
        for _ in 0..<80 { fixture.chain.advance(time: Timestamp(fixture.chain.time.rawValue + 700_000)) }
        #expect(fixture.fund(1).refused(.gapsPending))
        var calls = 0
        while fixture.agreement.phase != .settled && calls < 30 {
            if !fixture.settle().succeeded { fixture.pass(1_000_000) }
            calls += 1
        }
        #expect(fixture.agreement.phase == .settled && fixture.agreement.escrow.held == .zero)
    }

    @Test func thePastIsFinal() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.windows = Agreements.Windows(settleMilliseconds: 0, lateMilliseconds: 30_000) }
        fixture.passToClose()
        #expect(fixture.settle().succeeded && fixture.agreement.closed == 1)
        let tally = fixture.period()
        for monitor in fixture.monitorPeople { #expect(fixture.measure(monitor, [Agreements.Reading](repeating: false, 10)).refused(.measurementLate)) }
        #expect(fixture.period() == tally)
        // Settling again closes no period a second time.
        let paid = fixture.payments.count
        for _ in 0..<3 { #expect(fixture.settle().refused(.nothingDue)) }
        #expect(fixture.payments.count == paid)
    }

    @Test func theLargestAgreementSettlesWithinATransaction() throws {
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.providers = [(500_000, 1), (500_000, 1)]
            $0.weights = [1, 1, 1, 1, 1]
            $0.intervals = 128
            $0.payment = Agreements.Payment(fee: Amount(1_000_000), prepaidPeriods: 2, holdBackPartsPerMillion: 1, monitorFee: Amount(128_000), monitorBond: Amount(1), keeperFee: Amount(1))
            $0.level = ServiceLevel(
                metrics: Bounded((0..<8).map { ServiceMetric(name: ServiceMetric.Name("m\($0)")!, provider: UInt8($0 % 2)) })!,
                tiers: Bounded([CreditTier(below: 999_999, credit: 1_000_000)])!, incident: IncidentCredit(ratePartsPerMillion: 1, graceIntervals: 60))
            $0.windows = Agreements.Windows(settleMilliseconds: 0, lateMilliseconds: 86_400_000)
        }
        fixture.passToReport(127)
        for metric in 0..<UInt8(8) {
            for monitor in fixture.monitorPeople {
                let receipt = fixture.measure(monitor, metric: metric, first: 64, [Agreements.Reading](repeating: metric != 7, 64))
                #expect(receipt.succeeded && receipt.gasUsed < Gas(6_000_000), "\(receipt.gasUsed)")
            }
        }
        fixture.passToClose(period: 1)
        let receipt = fixture.settle(256)
        #expect(receipt.succeeded && receipt.gasUsed < Gas(20_000_000), "\(receipt.gasUsed)")
        #expect(fixture.agreement.phase == .settled)
    }
}
