import ChainKit
@testable import Contracts
import Cryptography
import Execution
import Ledger
import Primitives
import Testing

/// Ways to be paid twice, to pay never, and to hold others up.
@Suite struct AgreementAttackTests {
    private func settlement(_ fixture: AgreementsFixture) -> Call { Agreements.settle.reference.call(on: .agreements, fixture.number, 256) }

    // ── Twice ──

    @Test func overlappingReportsCountEachIntervalOnce() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.level = .amazonEC2; $0.intervals = 64 }
        fixture.passToReport(9)
        // Each monitor tells the fourth to the seventh interval three times over, in pieces that overlap in every way.
        for (first, word) in [(UInt32(3), "0011"), (0, "1110011"), (5, "11"), (4, "011110"), (3, "0"), (6, "1")] {
            fixture.measureAll(first: first, [Agreements.Reading](word))
        }
        let tally = try #require(fixture.period()?.tally)
        #expect(tally.down == 3 && tally.up == 7 && tally.reports.elements == [10, 10, 10])
        // Three of 64: 95.3 %.
        #expect(fixture.paidEver(.credit) == 300_000)
    }

    @Test func aTransactionThatAsksTwiceGetsNothing() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.payment = Agreements.Payment(fee: Amount(1_000_000), prepaidPeriods: 2, keeperFee: Amount(1_000)) }
        fixture.passToReport(0)
        for person in fixture.monitorPeople.prefix(1) { #expect(fixture.measure(person, [Agreements.Reading]("0")).succeeded) }
        // The deciding measurement twice in one transaction: the second one is stale, and takes the first one with it.
        let call = Agreements.measure.reference.call(on: .agreements, fixture.measurement(0, 0, 0, [Agreements.Reading]("0")))
        fixture.chain.advance([fixture.chain.transaction(fixture.monitors[1], [call, call], gasLimit: 50_000_000)])
        #expect(fixture.chain.last?.receipts[0].refused(.sequenceStale) == true && fixture.period()?.tally.feeCredit == .zero)
        // Twice in one block, in transactions of their own: once paid.
        fixture.chain.advance([1, 2].map { fixture.chain.transaction(fixture.monitors[$0], [call], gasLimit: 50_000_000) })
        #expect(fixture.chain.last?.receipts.allSatisfy(\.succeeded) == true)
        #expect(fixture.paid(.credit, to: fixture.consumer) == 1_000_000)
        fixture.passToClose()
        let before = fixture.agreement
        fixture.chain.advance([fixture.chain.transaction(fixture.keeper, [settlement(fixture), settlement(fixture)], gasLimit: 50_000_000)])
        #expect(fixture.chain.last?.receipts[0].refused(.nothingDue) == true && fixture.agreement == before)
        // Two keepers in one block: the first is paid.
        fixture.chain.advance([fixture.keeper, fixture.stranger].map { fixture.chain.transaction($0, [settlement(fixture)], gasLimit: 50_000_000) })
        #expect(fixture.chain.last?.receipts.map { $0.succeeded } == [true, false])
        #expect(fixture.paid(.keeping, to: fixture.keeper) == 1_000 && fixture.paid(.keeping, to: fixture.stranger) == 0)
        fixture.check()
    }

    @Test func whatWasSaidOfOneAgreementProvesNothingInAnother() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 2, monitorBond: Amount(100)) }
        try fixture.activate { $0.salt = 8 }
        #expect(fixture.number == 1)
        let monitor = fixture.monitors[0], chainID = fixture.chain.genesis.chainID
        func signed(_ number: UInt64, _ word: String) -> Agreements.SignedMeasurement {
            let measurement = Agreements.Measurement(
                agreement: number, metric: 0, period: 0, first: 0, readings: Bounded([Agreements.Reading](word))!, evidence: .zero, sequence: 1)
            return Agreements.SignedMeasurement(
                measurement: measurement, key: monitor.key.publicKey,
                signature: monitor.key.sign(Agreements.SignedMeasurement.signedBytes(measurement, chainID: chainID)))
        }
        func prove(_ statement: Agreements.SignedMeasurement, _ other: Agreements.SignedMeasurement?) -> Receipt {
            fixture.send(fixture.stranger, Agreements.proveContradiction.reference.call(on: .agreements, statement, other))
        }
        #expect(prove(signed(0, "1"), signed(1, "0")).refused(.notContradictory))
        // The number of the other agreement written over it is a forgery.
        let moved = Agreements.SignedMeasurement(
            measurement: signed(0, "0").measurement, key: monitor.key.publicKey, signature: signed(1, "0").signature)
        #expect(prove(signed(0, "1"), moved).refused(.signatureInvalid))
        fixture.passToReport(0)
        #expect(fixture.measure(monitor, [Agreements.Reading]("1")).succeeded)
        #expect(prove(signed(0, "0"), nil).refused(.notContradictory))
        #expect(prove(signed(1, "0"), nil).succeeded && fixture.agreement.monitors[0].isExpelled)
        #expect(fixture.chain.ask(Agreements.agreement.reference, of: .agreements, 0)?.agreement.monitors[0].isExpelled == false)
    }

    // ── Never ──

    @Test func aProviderThatLeavesAfterAFailureStillPays() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.periods = 4; $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 4) }
        fixture.pass(to: fixture.timeline.start(of: 3))
        #expect(fixture.send(fixture.provider, Agreements.terminate.reference.call(on: .agreements, 0)).succeeded && fixture.agreement.ends == 1)
        fixture.passToReport(9)
        fixture.measureAll([Agreements.Reading]("1111110000"))
        #expect(fixture.paidEver(.credit) == 1_000)
        fixture.passToClose()
        #expect(fixture.settle().succeeded && fixture.agreement.phase == .settled)
        #expect(fixture.paidEver(to: fixture.consumer) == 4_000 && fixture.paidEver(to: fixture.provider) == 0)
    }

    @Test func monitorsThatAllLieLeaveNothingKnown() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 2, monitorFee: Amount(50), monitorBond: Amount(11)); $0.periods = 2 }
        fixture.passToReport(0)
        for monitor in fixture.monitorPeople {
            #expect(fixture.measure(monitor, [Agreements.Reading]("1")).succeeded && fixture.measure(monitor, [Agreements.Reading]("0")).succeeded)
        }
        #expect(fixture.agreement.monitors.allSatisfy { $0.isExpelled } && fixture.agreement.escrow.bonds.allSatisfy { $0 == .zero })
        // The last of them was alone before it fell, and what it decided alone stays.
        #expect(fixture.page()?.up == 1 && fixture.page()?.down == 0)
        fixture.passToClose(period: 1)
        #expect(fixture.settle().succeeded && fixture.agreement.phase == .settled && fixture.agreement.escrow.held == .zero)
        // Almost all is unknown, which is half down: both fees, and what the monitors did not earn.
        #expect(fixture.paidEver(to: fixture.consumer) == 2_000 + 2 * 150 && fixture.paidEver(to: fixture.monitors[0]) == 0)
    }

    @Test func giftsToAnEscrowAreNobodys() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.periods = 1; $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 1) }
        let account = Address.subaccount(0, of: .agreements)
        #expect(fixture.chain.send(fixture.stranger, Accounts.transfer.reference.call(on: .accounts, account, value: Amount(77))).succeeded)
        fixture.passToReport(9)
        for monitor in fixture.monitorPeople {
            let call = Agreements.measure.reference.call(on: .agreements, fixture.measurement(0, 0, 0, [Agreements.Reading](repeating: false, 10)))
            #expect(fixture.chain.send(monitor, call).succeeded)
        }
        fixture.passToClose()
        #expect(fixture.chain.send(fixture.keeper, settlement(fixture)).succeeded && fixture.agreement.phase == .settled)
        #expect(fixture.agreement.escrow.paidOut == Amount(1_000) && fixture.chain.balance(account) == Amount(77))
    }

    // ── Heavy ──

    /// Everything that terms bound at its bound: 8 providers, 16 monitors, 8 numbers to judge, 32 exclusions, 32 gaps. Each call, and each single step to the
    /// end, is one transaction's worth of gas, so nothing can be made too heavy to go on.
    @Test func theLargestAgreementGoesOnStepByStep() throws {
        let fixture = AgreementsFixture(), most: UInt64 = 100_000_000
        try #require(fixture.chain.parameters.transactionGasMax == most)
        try fixture.activate {
            $0.providers = Array(repeating: (125_000, 5), count: 8)
            $0.weights = Array(repeating: 1_000, count: 16)
            $0.intervals = 128
            $0.intervalMilliseconds = 1_200_000
            $0.hasArbiter = true
            $0.payment = Agreements.Payment(
                fee: Amount(8_000_001), prepaidPeriods: 2, holdBackPartsPerMillion: 333_333, monitorFee: Amount(128_000), monitorBond: Amount(1), keeperFee: Amount(1))
            $0.level = ServiceLevel(
                metrics: Bounded((0..<8).map {
                    ServiceMetric(
                        name: ServiceMetric.Name("m\($0)")!, kind: .gauge, objective: .atMost(.max / 2), provider: UInt8($0), weight: 60_000,
                        deviationPartsPerMillion: .max, missing: .breach)
                })!,
                rule: .weighted(480_000), tiers: Bounded((0..<8).map { CreditTier(below: 1_000_000 - UInt32($0) * 100_000, credit: 100_000 + UInt32($0)) })!,
                incident: IncidentCredit(ratePartsPerMillion: 1_000, graceIntervals: 60), capPartsPerMillion: 1_000_004, maintenanceIntervalsMax: 128)
            $0.windows = Agreements.Windows(
                settleMilliseconds: 0, lateMilliseconds: 3 * 86_400_000, rulingMilliseconds: 3_600_000, challengeMilliseconds: 3_600_000)
        }
        var dearest: UInt64 = 0
        func send(_ person: Person, _ call: Call) {
            let receipt = fixture.send(person, call, gasLimit: most)
            #expect(receipt.succeeded, "\(call.method): \(receipt.outcome)")
            dearest = max(dearest, receipt.gasUsed.rawValue)
        }
        for place in 0..<UInt32(16) { send(fixture.provider, Agreements.announce.reference.call(on: .agreements, 0, 0, 3 * place + 1, 1)) }
        fixture.pass(to: fixture.timeline.start(of: 60))
        for place in 0..<UInt64(16) {
            send(fixture.consumer, Agreements.stop.reference.call(on: .agreements, 0))
            fixture.pass(to: fixture.timeline.start(of: 62 + 2 * place))
            send(fixture.consumer, Agreements.resume.reference.call(on: .agreements, 0))
        }
        fixture.pass(to: fixture.timeline.start(of: 94))
        for _ in 0..<32 {
            fixture.chain.advance(time: Timestamp(fixture.chain.time.rawValue + 700_000))
            fixture.pass(50_000)
        }
        fixture.passToReport(127)
        for page in [UInt32(0), 64] {
            for metric in 0..<UInt8(8) {
                for (place, monitor) in fixture.monitorPeople.enumerated() where page == 0 || place < 9 {
                    // Two thirds of them agree, the others say anything; nine alone decide nothing, and the arbiter's window must pass.
                    let value: UInt64 = place < 11 && page == 0 ? .max - 5 : UInt64(place) << 40
                    let readings = (0..<64).map { Agreements.Reading.value(value + UInt64($0 % 5)) }
                    send(monitor, Agreements.measure.reference.call(on: .agreements, fixture.measurement(metric, 0, page, readings)))
                }
            }
        }
        #expect(fixture.agreement.exclusions.count == 32 && fixture.agreement.gaps.count == 32)
        #expect(fixture.period()?.tally.down ?? 0 > 40)
        fixture.passToClose(period: 1)
        var steps = 0
        while fixture.agreement.phase != .settled, steps < 40 {
            if case .closing(let until) = fixture.agreement.phase { fixture.pass(to: until.rawValue) }
            send(fixture.keeper, Agreements.settle.reference.call(on: .agreements, 0, 1))
            steps += 1
        }
        #expect(fixture.agreement.phase == .settled && fixture.agreement.escrow.held == .zero)
        #expect(dearest < most / 2, "\(dearest)")
    }

    /// The longest that can be agreed on, of which nobody ever says a word, is over in a few calls.
    @Test func twentyYearsOfSilenceEndInAFewCalls() throws {
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.intervals = 6_100
            $0.periods = 1_200
            $0.intervalMilliseconds = 86_000
            $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 1_200, monitorBond: Amount(1))
            $0.windows = Agreements.Windows(settleMilliseconds: 0, lateMilliseconds: 1_000)
        }
        // The chain sleeps with them: one gap that swallows all of it.
        fixture.chain.advance(time: Timestamp(fixture.timeline.start(ofPeriod: 1_200).rawValue + 10_000))
        var calls = 0
        while fixture.agreement.phase != .settled, calls < 40 {
            let receipt = fixture.settle()
            if !receipt.succeeded { fixture.chain.advance(time: fixture.timeline.closes(fixture.timeline.interval(6_099, ofPeriod: 1_199))) }
            calls += 1
        }
        #expect(fixture.agreement.phase == .settled && fixture.agreement.escrow.held == .zero && calls < 20, "\(calls)")
        // Nobody could speak, so nothing counts, and the providers are paid.
        #expect(fixture.paidEver(to: fixture.provider) == 1_200_000)
    }

    @Test func aVictimOfManyOffersFindsItsOwn() throws {
        let fixture = AgreementsFixture()
        for salt in 0..<UInt8(120) {
            #expect(fixture.send(fixture.consumer, Agreements.propose.reference.call(on: .agreements, fixture.terms { $0.salt = salt })).succeeded)
        }
        var seen: [UInt64] = [], before: UInt64?
        while true {
            let page = fixture.chain.ask(Agreements.agreementsOf.reference, of: .agreements, fixture.provider.address, before)
            guard let last = page.last else { break }
            seen += page.map(\.agreement)
            before = last.agreement
        }
        #expect(seen == (0..<120).reversed())
    }
}
