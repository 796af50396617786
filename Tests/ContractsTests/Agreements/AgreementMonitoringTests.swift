import ChainKit
@testable import Contracts
import Cryptography
import Execution
import Ledger
import Primitives
import Testing
import WorldState

/// Measurements: honest, forged, replayed, stale, late and contradictory.
@Suite struct AgreementMonitoringTests {
    @Test func theMeasurementThatDecidesPaysInItsBlock() throws {
        let fixture = AgreementsFixture()
        try fixture.activate()
        fixture.passToReport(0)
        #expect(fixture.measure(fixture.monitors[0], [Agreements.Reading]("0")).succeeded)
        #expect(fixture.chain.events(Agreements.Violated.self).isEmpty && fixture.period()?.tally.down == 0)
        #expect(fixture.measure(fixture.monitors[1], [Agreements.Reading]("0")).succeeded)
        // One of ten is 90 %: all of the fee, at once.
        #expect(fixture.chain.events(Agreements.Violated.self) == [.init(agreement: 0, period: 0, page: 0, intervals: 1)])
        #expect(fixture.paid(.credit, to: fixture.consumer) == 1_000_000)
        #expect(fixture.period()?.due == Amount(1_000_000) && fixture.period()?.availability == 900_000)
        // The third one changes nothing any more.
        #expect(fixture.measure(fixture.monitors[2], [Agreements.Reading]("1")).succeeded)
        #expect(fixture.period()?.tally.down == 1 && fixture.page()?.down == 1 && fixture.paidEver(.credit) == 1_000_000)
    }

    /// A chain that rests has an old newest block: a trial as of now knows what a trial as of then does not.
    @Test func aMeasurementIsTriedAsOfTheTimeThatIsGiven() throws {
        let fixture = AgreementsFixture()
        try fixture.activate()
        let chain = fixture.chain, opens = fixture.timeline.opens(fixture.timeline.interval(0, ofPeriod: 0))
        let call = Agreements.measure.reference.call(on: .agreements, fixture.measurement(0, 0, 0, [Agreements.Reading]("1")))
        let transaction = chain.transaction(fixture.monitors[0], [call], gasLimit: 5_000_000).transaction
        func outcome(_ time: Timestamp?) throws -> Outcome { try chain.executor.simulate(transaction, at: chain.header, time: time, in: chain.state.view).outcome }
        #expect(try outcome(nil).failure?.code == AgreementsRejection.measurementEarly.rawValue)
        #expect(try outcome(Timestamp(0)).failure?.code == AgreementsRejection.measurementEarly.rawValue)
        #expect(try outcome(opens).failure == nil)
    }

    @Test func aMeasurementCostsTheSameHoweverMuchThereIs() throws {
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.intervals = 64 * 20
            $0.windows = Agreements.Windows(settleMilliseconds: 5_000, lateMilliseconds: 7_200_000)
        }
        var costs: [UInt64] = []
        for page in 0..<UInt32(20) {
            fixture.passToReport(64 * page + 1)
            for monitor in fixture.monitorPeople {
                let receipt = fixture.measure(monitor, first: 64 * page, [Agreements.Reading]("11"))
                #expect(receipt.succeeded)
                costs.append(receipt.gasUsed.rawValue)
            }
        }
        // The first of a page makes its values; nothing grows with the pages before.
        #expect(costs.max()! < 300_000 && costs.suffix(3).max()! < costs.prefix(3).max()! + 1_000, "\(costs)")
        // A page at once costs little more than an interval.
        fixture.passToReport(64 * 19 + 63)
        let whole = fixture.measure(fixture.monitors[0], first: 64 * 19 + 2, [Agreements.Reading](repeating: true, 62))
        #expect(whole.succeeded && whole.gasUsed < Gas(400_000), "\(whole.gasUsed)")
    }

    @Test func askingAgainNeverMultipliesACredit() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.level = .amazonEC2; $0.intervals = 64 }
        fixture.passToReport(3)
        fixture.measureAll([Agreements.Reading]("1110"))
        // 1 of 64: below 99 %.
        #expect(fixture.paidEver(.credit) == 300_000)
        for round in 0..<5 {
            for monitor in fixture.monitorPeople { #expect(fixture.measure(monitor, [Agreements.Reading]("1110")).succeeded, "\(round)") }
            #expect(fixture.settle().refused(.nothingDue))
        }
        #expect(fixture.paidEver(.credit) == 300_000 && fixture.period()?.tally.reports.elements == [4, 4, 4])
        // More of the same tier costs nothing more; the next tier costs the difference.
        fixture.passToReport(6)
        fixture.measureAll(first: 4, [Agreements.Reading]("100"))
        #expect(fixture.paidEver(.credit) == 300_000)
        fixture.passToReport(7)
        fixture.measureAll(first: 7, [Agreements.Reading]("0"))
        #expect(fixture.paidEver(.credit) == 1_000_000)
    }

    @Test func whatIsEarlyLateOrStaleIsRefused() throws {
        let fixture = AgreementsFixture()
        try fixture.activate()
        fixture.passToReport(0)
        fixture.chain.interval = 1
        let opens = fixture.timeline.opens(0)
        fixture.pass(to: opens.rawValue - 2)
        #expect(fixture.measure(fixture.monitors[0], [Agreements.Reading]("1")).refused(.measurementEarly))
        #expect(fixture.measure(fixture.monitors[0], [Agreements.Reading]("1"), sequence: 50).succeeded)
        #expect(fixture.chain.time == opens)
        // The last reading decides whether it is too early, the first whether it is too late.
        #expect(fixture.measure(fixture.monitors[1], [Agreements.Reading]("11"), sequence: 51).refused(.measurementEarly))
        #expect(fixture.measure(fixture.monitors[0], [Agreements.Reading]("1"), sequence: 50).refused(.sequenceStale))
        #expect(fixture.measure(fixture.monitors[0], [Agreements.Reading]("1"), sequence: 49).refused(.sequenceStale))
        fixture.passToReport(1)
        fixture.pass(to: fixture.timeline.closes(0).rawValue - 2)
        #expect(fixture.measure(fixture.monitors[1], [Agreements.Reading]("1"), sequence: 52).succeeded)
        #expect(fixture.measure(fixture.monitors[2], [Agreements.Reading]("11"), sequence: 53).refused(.measurementLate))
        #expect(fixture.measure(fixture.monitors[2], first: 1, [Agreements.Reading]("1"), sequence: 53).succeeded)
    }

    @Test func strangersAndMalformedMeasurementsAreRefused() throws {
        let fixture = AgreementsFixture()
        try fixture.sign { $0.intervals = 100 }
        #expect(fixture.measure(fixture.monitors[0], [Agreements.Reading]("1")).refused(.phaseWrong))
        #expect(fixture.fund(2).succeeded)
        for person in fixture.monitorPeople { #expect(fixture.send(person, Agreements.enlist.reference.call(on: .agreements, 0)).succeeded) }
        fixture.passToReport(70)
        let up = [Agreements.Reading]("1")
        #expect(fixture.measure(fixture.stranger, up).refused(.notMonitor))
        #expect(fixture.measure(fixture.provider, up).refused(.notMonitor))
        #expect(fixture.measure(fixture.monitors[4], up).refused(.notMonitor))
        let monitor = fixture.monitors[0]
        #expect(fixture.measure(monitor, metric: 1, up).refused(.placeUnknown))
        #expect(fixture.measure(monitor, metric: .max, up).refused(.placeUnknown))
        #expect(fixture.measure(monitor, period: 2, up).refused(.placeUnknown))
        #expect(fixture.measure(monitor, period: .max, first: .max, up).refused(.placeUnknown))
        #expect(fixture.measure(monitor, first: 100, up).refused(.placeUnknown))
        #expect(fixture.measure(monitor, first: .max, up).refused(.placeUnknown))
        #expect(fixture.measure(monitor, first: 99, [Agreements.Reading]("11")).refused(.placeUnknown))
        #expect(fixture.measure(monitor, []).refused(.placeUnknown))
        #expect(fixture.measure(monitor, first: 63, [Agreements.Reading]("11")).refused(.pageCrossed))
        #expect(fixture.measure(monitor, [.value(1)]).refused(.readingWrong))
        #expect(fixture.measure(monitor, [.counter(.init(from: 0, to: 1))]).refused(.readingWrong))
        #expect(fixture.measure(monitor, period: 1, up).refused(.measurementEarly))
        #expect(fixture.measure(monitor, first: 68, [Agreements.Reading]("111"), sequence: .max).succeeded)
        #expect(fixture.measure(monitor, first: 68, [Agreements.Reading]("111"), sequence: .max).refused(.sequenceStale))
        let elsewhere = Agreements.Measurement(
            agreement: 7, metric: 0, period: 0, first: 0, readings: Bounded(up)!, evidence: .zero, sequence: 1)
        #expect(fixture.send(monitor, Agreements.measure.reference.call(on: .agreements, elsewhere)).refused(.agreementUnknown))
    }

    @Test func whoContradictsItselfLosesBondAndVoice() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 2, monitorFee: Amount(100), monitorBond: Amount(501)) }
        fixture.passToReport(1)
        let liar = fixture.monitors[0], supply = fixture.chain.supply
        #expect(fixture.measure(liar, [Agreements.Reading]("1?")).succeeded)
        // Having found nothing contradicts nothing, neither way.
        #expect(fixture.measure(liar, [Agreements.Reading]("?1")).succeeded)
        #expect(fixture.agreement.monitors[0].isExpelled == false)
        let fees = fixture.chain.supply
        #expect(fixture.measure(liar, [Agreements.Reading]("0")).succeeded)
        #expect(fixture.chain.events(Agreements.Expelled.self) == [.init(agreement: 0, monitor: liar.address, bond: Amount(501))])
        #expect(fixture.agreement.monitors[0].isExpelled && fixture.agreement.escrow.bonds[0] == .zero)
        // The bond is gone for good.
        #expect(supply > fees && fixture.chain.supply < fees)
        #expect(fixture.measure(liar, [Agreements.Reading]("1")).refused(.monitorExpelled))
        // Two are left, and both are needed; the word of the first counts nothing.
        #expect(fixture.measure(fixture.monitors[1], [Agreements.Reading]("1")).succeeded && fixture.page()?.up == 0)
        #expect(fixture.measure(fixture.monitors[2], [Agreements.Reading]("1")).succeeded && fixture.page()?.up == 1)
        // It earns nothing for what it reported.
        fixture.passToClose()
        #expect(fixture.settle().succeeded)
        #expect(fixture.paidEver(to: liar) == 0)
        #expect(fixture.paidEver(to: fixture.monitors[1]) == 10)
    }

    @Test func signedContradictionsAreProvedByAnyone() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 2, monitorBond: Amount(501)); $0.intervals = 100 }
        let chainID = fixture.chain.genesis.chainID
        func signed(_ person: Person, _ first: UInt32, _ readings: String, chainID: ChainID, metric: UInt8 = 0, period: UInt32 = 0) -> Agreements.SignedMeasurement {
            let measurement = fixture.measurement(metric, period, first, [Agreements.Reading](readings))
            return Agreements.SignedMeasurement(
                measurement: measurement, key: person.key.publicKey,
                signature: person.key.sign(Agreements.SignedMeasurement.signedBytes(measurement, chainID: chainID)))
        }
        func prove(_ person: Person, _ statement: Agreements.SignedMeasurement, _ other: Agreements.SignedMeasurement? = nil) -> Receipt {
            fixture.send(person, Agreements.proveContradiction.reference.call(on: .agreements, statement, other))
        }
        let liar = fixture.monitors[0]
        let says = signed(liar, 0, "110", chainID: chainID), contradicts = signed(liar, 2, "1", chainID: chainID)
        #expect(prove(fixture.stranger, says).refused(.notContradictory))
        #expect(prove(fixture.stranger, says, says).refused(.notContradictory))
        #expect(prove(fixture.stranger, says, signed(liar, 3, "1", chainID: chainID)).refused(.notContradictory))
        #expect(prove(fixture.stranger, says, signed(liar, 2, "?", chainID: chainID)).refused(.notContradictory))
        #expect(prove(fixture.stranger, says, signed(liar, 66, "1", chainID: chainID)).refused(.notContradictory))
        #expect(prove(fixture.stranger, says, signed(liar, 2, "1", chainID: chainID, period: 1)).refused(.notContradictory))
        #expect(prove(fixture.stranger, says, signed(liar, 2, "1", chainID: ChainID())).refused(.signatureInvalid))
        #expect(prove(fixture.stranger, says, signed(fixture.monitors[1], 2, "1", chainID: chainID)).refused(.notContradictory))
        #expect(prove(fixture.stranger, signed(fixture.stranger, 0, "1", chainID: chainID), contradicts).refused(.notMonitor))
        let forged = Agreements.SignedMeasurement(
            measurement: contradicts.measurement, key: liar.key.publicKey, signature: fixture.stranger.key.sign(contradicts.measurement.bcs))
        #expect(prove(fixture.stranger, says, forged).refused(.signatureInvalid))
        #expect(prove(fixture.stranger, says, contradicts).succeeded)
        #expect(fixture.paid(.reward, to: fixture.stranger) == 250 && fixture.agreement.escrow.bonds[0] == .zero)
        #expect(prove(fixture.stranger, says, contradicts).refused(.monitorExpelled))
        // Against what was posted; whoever proves itself wrong gets nothing.
        fixture.passToReport(0)
        let second = fixture.monitors[1]
        #expect(fixture.measure(second, [Agreements.Reading]("1")).succeeded)
        #expect(prove(second, signed(second, 0, "1", chainID: chainID)).refused(.notContradictory))
        #expect(prove(second, signed(second, 0, "0", chainID: chainID)).succeeded)
        #expect(fixture.chain.events(Agreements.Paid.self).isEmpty && fixture.agreement.monitors[1].isExpelled)
    }

    @Test func aMonitorThatStopsEarnsLessAndHoldsNothingUp() throws {
        let fixture = AgreementsFixture()
        try fixture.activate { $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 2, monitorFee: Amount(100), keeperFee: Amount(7)) }
        fixture.passToReport(4)
        #expect(fixture.measure(fixture.monitors[2], [Agreements.Reading](repeating: true, 5)).succeeded)
        fixture.passToReport(0)
        #expect(fixture.measure(fixture.monitors[0], first: 3, [Agreements.Reading]("11")).succeeded)
        fixture.passToReport(9)
        #expect(fixture.measure(fixture.monitors[0], first: 7, [Agreements.Reading]("111")).succeeded)
        #expect(fixture.measure(fixture.monitors[1], first: 7, [Agreements.Reading]("111")).succeeded)
        fixture.passToClose()
        #expect(fixture.settle().succeeded)
        let tally = try #require(fixture.period()?.tally)
        #expect(tally.isClosed && tally.up == 5 && tally.unknown == 5 && tally.reports.elements == [5, 3, 5])
        // Five unknown of ten: none tolerated, they count half: 75 %.
        #expect(fixture.chain.events(Agreements.PeriodClosed.self) == [.init(agreement: 0, period: 0, availability: 750_000, credit: Amount(1_000))])
        #expect(fixture.paid(.monitoring, to: fixture.monitors[0]) == 50)
        #expect(fixture.paid(.monitoring, to: fixture.monitors[1]) == 30)
        #expect(fixture.paid(.monitoring, to: fixture.monitors[2]) == 50)
        #expect(fixture.paid(.refund, to: fixture.consumer) == 170 && fixture.paid(.keeping, to: fixture.keeper) == 7)
    }

    @Test func aProviderThatWithholdsDataHasFailed() throws {
        for policy in [MissingPolicy.breach, .unknown] {
            let fixture = AgreementsFixture()
            try fixture.activate {
                $0.level = ServiceLevel(
                    metrics: Bounded([ServiceMetric(name: "latency", unit: "us", kind: .gauge, objective: .atMost(5_000), missing: policy)])!,
                    tiers: Bounded([CreditTier(below: 950_000, credit: 400_000)])!, unknownPartsPerMillion: 100_000)
            }
            fixture.passToReport(1)
            fixture.measureAll([.missing, .missing])
            #expect(fixture.paidEver(.credit) == (policy == .breach ? 400_000 : 0))
            #expect(fixture.page()?.down == (policy == .breach ? 0b11 : 0) && fixture.page()?.unknown == (policy == .breach ? 0 : 0b11))
        }
    }

    @Test func countersAndGaugesAreJudgedByTheirMedian() throws {
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.weights = [1, 1, 1, 1]
            $0.level = ServiceLevel(
                metrics: Bounded([
                    ServiceMetric(name: "errors", kind: .counter, objective: .atMost(10)),
                    ServiceMetric(name: "latency", kind: .gauge, objective: .atMost(5_000), deviationPartsPerMillion: 200_000),
                ])!, tiers: Bounded([CreditTier(below: 990_000, credit: 400_000)])!)
        }
        fixture.passToReport(1)
        // A reset counts from zero; the highest possible count is one like any other.
        let counts: [[Agreements.Count]] = [
            [.init(from: 100, to: 105), .init(from: 5, to: 50)], [.init(from: 7, to: 3), .init(from: 0, to: .max)],
            [.init(from: .max, to: 9), .init(from: 0, to: 11)], [.init(from: 0, to: .max), .init(from: 0, to: 0)],
        ]
        for (monitor, list) in zip(fixture.monitors, counts) { #expect(fixture.measure(monitor, list.map { .counter($0) }).succeeded) }
        #expect(fixture.page()?.metrics[0].up == 0b01 && fixture.page()?.metrics[0].down == 0b10)
        #expect(fixture.page()?.up == 0 && fixture.page()?.down == 0b10)
        for (monitor, value) in zip(fixture.monitors, [4_000, 4_500, 9_000, 4_200] as [UInt64]) {
            #expect(fixture.measure(monitor, metric: 1, [.value(value)]).succeeded)
        }
        #expect(fixture.page()?.up == 0b01)
        let readings = fixture.chain.ask(Agreements.readings.reference, of: .agreements, 0, 0, 0, 0)
        #expect(readings?.monitors[2].values.elements == [9, 11])
    }

    @Test func theArbiterDecidesWhatMonitorsCannot() throws {
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.weights = [1, 1]
            $0.hasArbiter = true
            $0.windows = Agreements.Windows(settleMilliseconds: 5_000, lateMilliseconds: 300_000, rulingMilliseconds: 300_000)
        }
        func rule(_ person: Person, first: UInt32, count: UInt8 = 1, metric: UInt8 = 0, _ ruling: Agreements.Ruling) -> Receipt {
            fixture.send(person, Agreements.rule.reference.call(on: .agreements, 0, 0, first, count, metric, ruling))
        }
        fixture.passToReport(3)
        #expect(fixture.measure(fixture.monitors[0], first: 1, [Agreements.Reading]("111")).succeeded)
        #expect(rule(fixture.arbiter, first: 1, .down).refused(.notDisputed))
        #expect(fixture.measure(fixture.monitors[1], first: 1, [Agreements.Reading]("000")).succeeded)
        #expect(fixture.chain.events(Agreements.Disputed.self) == [.init(agreement: 0, period: 0, page: 0, intervals: 0b1110)])
        #expect(fixture.paidEver(.credit) == 0)
        #expect(rule(fixture.provider, first: 1, .up).refused(.notArbiter))
        #expect(rule(fixture.arbiter, first: 0, count: 4, .up).refused(.notDisputed))
        #expect(rule(fixture.arbiter, first: .max, count: .max, .up).refused(.placeUnknown))
        #expect(rule(fixture.arbiter, first: 1, metric: 3, .up).refused(.placeUnknown))
        #expect(rule(fixture.arbiter, first: 1, .up).succeeded)
        #expect(rule(fixture.arbiter, first: 1, .down).refused(.notDisputed))
        #expect(rule(fixture.arbiter, first: 2, .down).succeeded)
        #expect(fixture.paid(.credit, to: fixture.consumer) == 1_000_000)
        // The third is never decided: the page waits for the arbiter, and then no longer.
        fixture.pass(to: fixture.timeline.closes(9).rawValue)
        #expect(fixture.settle().succeeded && fixture.agreement.closed == 0 && fixture.agreement.pagesFinal == 0)
        #expect(fixture.settle().refused(.nothingDue))
        fixture.passToClose()
        #expect(fixture.settle().succeeded && fixture.agreement.closed == 1)
        let tally = try #require(fixture.period()?.tally)
        #expect(tally.up == 1 && tally.down == 1 && tally.unknown == 8)
        #expect(rule(fixture.arbiter, first: 3, .down).code != nil)
    }

    @Test func jointAgreementsBlameTheProviderWhoFailed() throws {
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.providers = [(700_000, 0), (300_000, 0)]
            $0.intervals = 100
            $0.level = ServiceLevel(
                metrics: Bounded([ServiceMetric(name: "compute", provider: 0), ServiceMetric(name: "network", provider: 1)])!,
                tiers: Bounded([CreditTier(below: 999_000, credit: 100_000), CreditTier(below: 900_000, credit: 500_000)])!)
        }
        fixture.passToReport(9)
        // Three intervals are the second's fault, one is both's; the order of the reports does not matter.
        fixture.measureAll(metric: 1, [Agreements.Reading]("0000111111"))
        fixture.measureAll(metric: 0, [Agreements.Reading]("0111111111"))
        #expect(fixture.period()?.tally.down == 4 && fixture.period()?.tally.up == 6)
        #expect(fixture.period()?.tally.faults.elements == [1, 4])
        #expect(fixture.paidEver(.credit) == 100_000)
        fixture.passToReport(63)
        fixture.measureAll(metric: 0, first: 10, [Agreements.Reading](repeating: true, 54))
        fixture.measureAll(metric: 1, first: 10, [Agreements.Reading](repeating: true, 54))
        fixture.passToReport(99)
        fixture.measureAll(metric: 0, first: 64, [Agreements.Reading](repeating: true, 36))
        fixture.measureAll(metric: 1, first: 64, [Agreements.Reading](repeating: true, 36))
        fixture.passToClose()
        #expect(fixture.settle().succeeded)
        // One fifth and four fifths of the credit.
        #expect(fixture.paid(.fee, to: fixture.provider) == 680_000 && fixture.paid(.fee, to: fixture.partner) == 220_000)
    }

    @Test func rulesOverSeveralMetrics() throws {
        func outcome(_ rule: ServiceRule, weights: [UInt16] = [1, 1, 1], _ words: [String]) throws -> [UInt64?] {
            let fixture = AgreementsFixture()
            try fixture.activate {
                $0.weights = [1]
                $0.level = ServiceLevel(
                    metrics: Bounded(weights.enumerated().map { ServiceMetric(name: ServiceMetric.Name("m\($0.offset)")!, weight: $0.element) })!, rule: rule,
                    tiers: Bounded([CreditTier(below: 1, credit: 1)])!)
            }
            fixture.passToReport(7)
            for (metric, word) in words.enumerated() { fixture.measureAll(metric: UInt8(metric), [Agreements.Reading](word)) }
            return [fixture.page()?.up, fixture.page()?.down]
        }
        // All eight combinations, the first metric's the lowest bit of the place.
        let words = ["01010101", "00110011", "00001111"]
        #expect(try outcome(.all, words) == [0b1000_0000, 0b0111_1111])
        #expect(try outcome(.any, words) == [0b1111_1110, 0b0000_0001])
        #expect(try outcome(.atLeast(2), words) == [0b1110_1000, 0b0001_0111])
        #expect(try outcome(.weighted(3), weights: [1, 2, 3], words) == [0b1111_1000, 0b0000_0111])
        // What decides already need not wait for the rest.
        #expect(try outcome(.all, ["01010101"]) == [0, 0b0101_0101])
        #expect(try outcome(.any, ["01010101"]) == [0b1010_1010, 0])
    }

    @Test func outagesAreCountedAcrossPagesInAnyOrder() throws {
        func incident(_ order: [UInt32], grace: UInt8) throws -> UInt32? {
            let fixture = AgreementsFixture()
            try fixture.activate {
                $0.weights = [1]
                $0.intervals = 200
                $0.intervalMilliseconds = 1_000
                $0.windows = Agreements.Windows(settleMilliseconds: 0, lateMilliseconds: 500_000)
                $0.level = ServiceLevel(
                    metrics: ServiceLevel.amazonEC2.metrics, tiers: Bounded(), incident: IncidentCredit(ratePartsPerMillion: 10, graceIntervals: grace))
            }
            fixture.passToReport(199)
            // Down from 10 to 12, and from 60 to 139.
            func isUp(_ place: UInt32) -> Bool { !((10...12).contains(place) || (60...139).contains(place)) }
            for first in order {
                fixture.measureAll(first: first, (first..<(first + 8)).map { .state(isUp($0)) })
            }
            #expect(fixture.paidEver(.credit) == UInt128(fixture.period()!.tally.incident) * 10)
            return fixture.period()?.tally.incident
        }
        let forward = Array(stride(from: UInt32(0), to: 200, by: 8))
        var random = SeededGenerator(seed: 3), shuffled = forward
        for place in shuffled.indices.reversed() { shuffled.swapAt(place, random.below(place + 1)) }
        for order in [forward, forward.reversed(), shuffled] {
            #expect(try incident(order, grace: 0) == 83)
            #expect(try incident(order, grace: 2) == 1 + 78)
            #expect(try incident(order, grace: 60) == 20)
        }
    }
}
