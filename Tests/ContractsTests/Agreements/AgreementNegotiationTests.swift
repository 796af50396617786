import ChainKit
@testable import Contracts
import Cryptography
import Execution
import Ledger
import Primitives
import Testing

/// From the first offer to the first interval.
@Suite struct AgreementNegotiationTests {
    private func propose(_ fixture: AgreementsFixture, _ person: Person, _ terms: Agreements.Terms) -> Receipt {
        fixture.send(person, Agreements.propose.reference.call(on: .agreements, terms))
    }

    private func accept(_ fixture: AgreementsFixture, _ person: Person, _ terms: Agreements.Terms, number: UInt64 = 0) -> Receipt {
        fixture.send(person, Agreements.accept.reference.call(on: .agreements, number, terms.digest(chainID: fixture.chain.genesis.chainID)))
    }

    @Test func partiesBargainUntilTheySignTheSameDigest() throws {
        let fixture = AgreementsFixture()
        let first = fixture.terms(), second = fixture.terms { $0.payment = Agreements.Payment(fee: Amount(800_000), prepaidPeriods: 1) }
        #expect(propose(fixture, fixture.stranger, first).refused(.notParty))
        #expect(propose(fixture, fixture.provider, first).succeeded)
        #expect(fixture.agreement.phase == .offered && fixture.agreement.acceptances == 0b10)
        #expect(accept(fixture, fixture.provider, first).refused(.acceptedAlready))
        #expect(accept(fixture, fixture.consumer, second).refused(.digestDiffers))
        #expect(fixture.send(fixture.consumer, Agreements.counter.reference.call(on: .agreements, 0, second)).succeeded)
        // What the provider accepted before is not what lies on the table now.
        #expect(accept(fixture, fixture.consumer, first).refused(.digestDiffers))
        #expect(fixture.agreement.acceptances == 0b01 && fixture.agreement.round == 2)
        #expect(accept(fixture, fixture.stranger, second).refused(.notParty))
        #expect(accept(fixture, fixture.provider, second).succeeded)
        #expect(fixture.agreement.phase == .signed && fixture.view.terms == second)
        let digest = second.digest(chainID: fixture.chain.genesis.chainID)
        #expect(fixture.chain.events(Agreements.Signed.self) == [.init(agreement: 0, digest: digest)])
        #expect(fixture.chain.ask(Agreements.findAgreement.reference, of: .agreements, digest) == 0)
        #expect(fixture.send(fixture.consumer, Agreements.counter.reference.call(on: .agreements, 0, first)).refused(.phaseWrong))
        #expect(fixture.send(fixture.consumer, Agreements.withdraw.reference.call(on: .agreements, 0)).refused(.phaseWrong))
        // The same terms make one agreement.
        #expect(propose(fixture, fixture.consumer, second).refused(.termsUsed))
        let roles = fixture.chain.ask(Agreements.agreementsOf.reference, of: .agreements, fixture.monitors[0].address, nil)
        #expect(roles.map(\.agreement) == [0] && roles.map(\.role) == [.monitor])
    }

    @Test func theSameTermsOnTwoTablesMakeOneAgreement() throws {
        let fixture = AgreementsFixture()
        let terms = fixture.terms()
        #expect(propose(fixture, fixture.consumer, terms).succeeded && propose(fixture, fixture.provider, terms).succeeded)
        #expect(accept(fixture, fixture.provider, terms, number: 0).succeeded)
        #expect(accept(fixture, fixture.consumer, terms, number: 1).refused(.termsUsed))
        #expect(fixture.chain.ask(Agreements.agreement.reference, of: .agreements, 1)?.agreement.phase == .offered)
    }

    @Test func signaturesThatWereGatheredElsewhereConclude() throws {
        let fixture = AgreementsFixture { $0.providers = [(600_000, 0), (400_000, 0)] }
        let terms = fixture.terms(), chainID = fixture.chain.genesis.chainID
        let bytes = terms.signedBytes(chainID: chainID)
        func signature(_ person: Person, _ bytes: [UInt8]) -> Agreements.PartySignature {
            Agreements.PartySignature(key: person.key.publicKey, signature: person.key.sign(bytes))
        }
        func conclude(_ person: Person, _ signatures: [Agreements.PartySignature]) -> Receipt {
            fixture.send(person, Agreements.conclude.reference.call(on: .agreements, terms, Bounded(signatures)!))
        }
        let provider = signature(fixture.provider, bytes), partner = signature(fixture.partner, bytes)
        #expect(conclude(fixture.consumer, [provider]).refused(.signatureInvalid))
        #expect(conclude(fixture.consumer, [partner, provider]).refused(.signatureInvalid))
        #expect(conclude(fixture.consumer, [provider, signature(fixture.stranger, bytes)]).refused(.signatureInvalid))
        // Of another chain, or of other terms.
        let other = terms.signedBytes(chainID: ChainID())
        #expect(conclude(fixture.consumer, [provider, signature(fixture.partner, other)]).refused(.signatureInvalid))
        let cheaper = fixture.terms { $0.salt = 8 }.signedBytes(chainID: chainID)
        #expect(conclude(fixture.consumer, [provider, signature(fixture.partner, cheaper)]).refused(.signatureInvalid))
        #expect(conclude(fixture.stranger, [provider, partner]).refused(.notParty))
        #expect(conclude(fixture.consumer, [provider, partner]).succeeded)
        #expect(fixture.agreement.phase == .signed && fixture.agreement.acceptances == 0b111)
        // A replay, by whomever.
        #expect(conclude(fixture.consumer, [provider, partner]).refused(.termsUsed))
        #expect(conclude(fixture.provider, [signature(fixture.consumer, bytes), partner]).refused(.termsUsed))
    }

    @Test func theDigestIsWhatTheSpecificationSays() {
        let fixture = AgreementsFixture()
        let terms = fixture.terms(), chainID = fixture.chain.genesis.chainID
        let bytes = [UInt8]("trellis/terms/1".utf8) + chainID.bytes + Address.agreements.bytes + terms.bcs
        #expect(terms.signedBytes(chainID: chainID) == bytes)
        let check = fixture.chain.ask(Agreements.checkTerms.reference, of: .agreements, terms)
        #expect(check.digest == SHA256.hash(bytes) && check.fault == nil && check.periodCost == Amount(1_000_000) && check.agreement == nil)
    }

    @Test func termsThatCannotBeKeptAreRefused() throws {
        let fixture = AgreementsFixture()
        let metric = ServiceMetric(name: "availability")
        func level(_ metrics: [ServiceMetric], rule: ServiceRule = .all, tiers: [CreditTier]? = nil, incident: IncidentCredit? = nil, cap: UInt32 = 1_000_000) -> ServiceLevel {
            ServiceLevel(
                metrics: Bounded(metrics)!, rule: rule, tiers: Bounded(tiers ?? [CreditTier(below: 999_000, credit: 100_000)])!, incident: incident,
                capPartsPerMillion: cap)
        }
        let faults: [(inout AgreementsFixture.Draft) -> Void] = [
            { $0.providers = [] }, { $0.weights = [] }, { $0.weights = [0, 1] }, { $0.weights = [1_001] },
            { $0.providers = [(999_999, 0)] }, { $0.providers = [(1_000_000, 0), (1, 0)] }, { $0.providers = [(.max, 0), (.max, 0)] },
            { $0.intervals = 0 }, { $0.intervals = (1 << 20) + 1 }, { $0.periods = 0 }, { $0.periods = 1_201 }, { $0.intervals = .max; $0.periods = .max },
            { $0.intervalMilliseconds = 999 }, { $0.intervalMilliseconds = 86_400_001 }, { $0.intervalMilliseconds = .max },
            { $0.intervalMilliseconds = 86_400_000; $0.intervals = 1 << 20; $0.periods = 1_200 },
            { $0.expiresIn = 0 }, { $0.startsIn = 99_999 }, { $0.startsIn = 3 * 366 * 86_400_000 }, { $0.expiresIn = 1 << 62; $0.startsIn = 1 << 62 },
            { $0.payment = Agreements.Payment(fee: .zero) }, { $0.payment = Agreements.Payment(fee: .supplyMax) },
            { $0.payment = Agreements.Payment(fee: Amount(.max), monitorFee: Amount(.max)) },
            { $0.payment = Agreements.Payment(fee: Amount(1 << 95), prepaidPeriods: 2) },
            { $0.payment = Agreements.Payment(fee: Amount(1), prepaidPeriods: 0) }, { $0.payment = Agreements.Payment(fee: Amount(1), prepaidPeriods: 3) },
            { $0.payment = Agreements.Payment(fee: Amount(1), holdBackPartsPerMillion: 1_000_001) },
            { $0.payment = Agreements.Payment(fee: Amount(1), monitorBond: .supplyMax) },
            { $0.providers = [(1_000_000, .max)] }, { $0.providers = [(500_000, 1 << 95), (500_000, UInt128.max - 5)] },
            { $0.windows = Agreements.Windows(settleMilliseconds: .max) }, { $0.windows = Agreements.Windows(lateMilliseconds: 0) },
            { $0.windows = Agreements.Windows(lateMilliseconds: .max) }, { $0.windows = Agreements.Windows(challengeMilliseconds: 1) },
            { $0.windows = Agreements.Windows(noticeMilliseconds: .max) }, { $0.windows = Agreements.Windows(rulingMilliseconds: 1) },
            { $0.level = level([]) }, { $0.level = level([metric, metric]) }, { $0.level = level([ServiceMetric(name: "a b")]) },
            { $0.level = level([ServiceMetric(name: "a", provider: 1)]) }, { $0.level = level([ServiceMetric(name: "a", weight: 0)]) },
            { $0.level = level([ServiceMetric(name: "a", window: 0)]) }, { $0.level = level([ServiceMetric(name: "a", objective: .atMost(1))]) },
            { $0.level = level([ServiceMetric(name: "a", kind: .gauge, objective: .between(.init(lowest: 2, highest: 1)))]) },
            { $0.level = level([metric], rule: .atLeast(0)) }, { $0.level = level([metric], rule: .atLeast(2)) },
            { $0.level = level([metric], rule: .weighted(2)) }, { $0.level = level([metric], rule: .weighted(0)) },
            { $0.level = level([metric], tiers: []) }, { $0.level = level([metric], tiers: [CreditTier(below: 0, credit: 1)]) },
            { $0.level = level([metric], tiers: [CreditTier(below: 1_000_001, credit: 1)]) }, { $0.level = level([metric], tiers: [CreditTier(below: 5, credit: 0)]) },
            { $0.level = level([metric], tiers: [CreditTier(below: 5, credit: 2), CreditTier(below: 5, credit: 3)]) },
            { $0.level = level([metric], tiers: [CreditTier(below: 6, credit: 3), CreditTier(below: 5, credit: 3)]) },
            { $0.level = level([metric], incident: IncidentCredit(ratePartsPerMillion: 0)) },
            { $0.level = level([metric], incident: IncidentCredit(ratePartsPerMillion: 1, graceIntervals: 61)) },
            { $0.level = level([metric], incident: IncidentCredit(ratePartsPerMillion: .max)) },
            { $0.level = level([metric], cap: 0) }, { $0.level = level([metric], cap: .max) },
            // The fee does not cover what a period can cost, and there is no collateral.
            { $0.level = level([metric], cap: 1_000_001) },
        ]
        for (place, fault) in faults.enumerated() {
            let receipt = propose(fixture, fixture.consumer, fixture.terms(fault))
            #expect(receipt.refused(.termsInvalid) || receipt.refused(.notParty), "\(place): \(receipt.outcome)")
            #expect(fixture.chain.ask(Agreements.checkTerms.reference, of: .agreements, fixture.terms(fault)).fault != nil, "\(place)")
        }
        #expect(propose(fixture, fixture.consumer, fixture.terms { $0.level = level([metric], cap: 1_500_000); $0.providers = [(1_000_000, 500_000)] }).succeeded)
    }

    @Test func aPartyMonitorsOnlyWhenAllSaySo() {
        let fixture = AgreementsFixture()
        func terms(_ isAllowed: Bool, monitor: Person, arbiter: Person?) -> Agreements.Terms {
            let base = fixture.terms()
            return Agreements.Terms(
                consumer: base.consumer, service: base.service, providers: base.providers,
                monitors: Bounded([Agreements.Monitor(account: monitor.address, source: "own")])!, arbiter: arbiter?.address, partiesMayMonitor: isAllowed,
                level: base.level, schedule: base.schedule, payment: base.payment, windows: base.windows, expires: base.expires, salt: base.salt)
        }
        let now = fixture.chain.time
        #expect(terms(false, monitor: fixture.provider, arbiter: nil).fault(at: now) != nil)
        #expect(terms(false, monitor: fixture.stranger, arbiter: fixture.consumer).fault(at: now) != nil)
        #expect(terms(true, monitor: fixture.provider, arbiter: fixture.consumer).fault(at: now) == nil)
        #expect(terms(false, monitor: fixture.stranger, arbiter: fixture.arbiter).fault(at: now) == nil)
    }

    @Test func whatNeverBecomesActiveIsGivenBack() throws {
        let fixture = AgreementsFixture()
        let before = [fixture.consumer, fixture.provider, fixture.monitors[0]].map { fixture.chain.balance($0.address) }
        try fixture.sign {
            $0.providers = [(1_000_000, 5_000)]
            $0.payment = Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 1, monitorBond: Amount(70))
        }
        #expect(fixture.settle().refused(.nothingDue))
        #expect(fixture.fund(1).succeeded)
        #expect(fixture.send(fixture.provider, Agreements.deposit.reference.call(on: .agreements, 0, value: Amount(5_000))).succeeded)
        #expect(fixture.send(fixture.monitors[0], Agreements.enlist.reference.call(on: .agreements, 0, value: Amount(69))).refused(.valueWrong))
        #expect(fixture.send(fixture.monitors[0], Agreements.enlist.reference.call(on: .agreements, 0, value: Amount(70))).succeeded)
        #expect(fixture.send(fixture.monitors[0], Agreements.enlist.reference.call(on: .agreements, 0, value: Amount(70))).refused(.enlistedAlready))
        #expect(fixture.send(fixture.stranger, Agreements.enlist.reference.call(on: .agreements, 0, value: Amount(70))).refused(.notMonitor))
        #expect(fixture.agreement.phase == .signed && fixture.agreement.escrow.held == Amount(6_070))
        fixture.pass(100_000)
        #expect(fixture.fund(1).refused(.expired))
        #expect(fixture.send(fixture.monitors[1], Agreements.enlist.reference.call(on: .agreements, 0, value: Amount(70))).refused(.expired))
        #expect(fixture.settle().succeeded)
        #expect(fixture.agreement.phase == .lapsed && fixture.agreement.escrow.held == .zero)
        #expect(fixture.settle().refused(.nothingDue))
        #expect(fixture.fund(1).refused(.phaseWrong))
        // All that they miss are fees.
        for (person, balance) in zip([fixture.consumer, fixture.provider, fixture.monitors[0]], before) {
            let fees = try #require(balance.subtracting(fixture.chain.balance(person.address)))
            #expect(fees < Amount(60_000_000), "\(fees)")
        }
        #expect(fixture.paidEver(to: fixture.consumer) == 1_000 && fixture.paidEver(to: fixture.provider) == 5_000 && fixture.paidEver(to: fixture.monitors[0]) == 70)
    }

    @Test func anOfferThatNobodyTakesLapsesOrIsWithdrawn() {
        let fixture = AgreementsFixture()
        let terms = fixture.terms()
        #expect(propose(fixture, fixture.consumer, terms).succeeded)
        #expect(fixture.send(fixture.stranger, Agreements.withdraw.reference.call(on: .agreements, 0)).refused(.notParty))
        #expect(fixture.send(fixture.provider, Agreements.withdraw.reference.call(on: .agreements, 0)).succeeded)
        #expect(accept(fixture, fixture.provider, terms).refused(.phaseWrong))
        #expect(propose(fixture, fixture.consumer, fixture.terms()).succeeded)
        fixture.pass(100_000)
        #expect(accept(fixture, fixture.provider, fixture.terms(), number: 1).refused(.expired))
        #expect(fixture.send(fixture.stranger, Agreements.settle.reference.call(on: .agreements, 1, 1)).succeeded)
        #expect(fixture.chain.ask(Agreements.agreement.reference, of: .agreements, 1)?.agreement.phase == .lapsed)
        #expect(fixture.send(fixture.stranger, Agreements.settle.reference.call(on: .agreements, 99, 1)).refused(.agreementUnknown))
    }

    @Test func theLastDepositActivates() throws {
        let fixture = AgreementsFixture()
        try fixture.sign { $0.providers = [(500_000, 10), (500_000, 0)]; $0.payment = Agreements.Payment(fee: Amount(100), prepaidPeriods: 2) }
        #expect(fixture.send(fixture.consumer, Agreements.fund.reference.call(on: .agreements, 0, 1, value: Amount(99))).refused(.valueWrong))
        #expect(fixture.send(fixture.consumer, Agreements.fund.reference.call(on: .agreements, 0, 3, value: Amount(300))).refused(.periodsWrong))
        #expect(fixture.send(fixture.consumer, Agreements.fund.reference.call(on: .agreements, 0, 0)).refused(.periodsWrong))
        #expect(fixture.send(fixture.consumer, Agreements.fund.reference.call(on: .agreements, 0, .max, value: Amount(300))).refused(.periodsWrong))
        for monitor in fixture.monitorPeople { #expect(fixture.send(monitor, Agreements.enlist.reference.call(on: .agreements, 0)).succeeded) }
        #expect(fixture.send(fixture.stranger, Agreements.deposit.reference.call(on: .agreements, 0, value: Amount(10))).refused(.notProvider))
        #expect(fixture.send(fixture.provider, Agreements.deposit.reference.call(on: .agreements, 0)).refused(.valueWrong))
        #expect(fixture.fund(1).succeeded)
        #expect(fixture.send(fixture.provider, Agreements.deposit.reference.call(on: .agreements, 0, value: Amount(10))).succeeded)
        #expect(fixture.agreement.phase == .signed)
        // Anyone may pay the rest.
        #expect(fixture.send(fixture.stranger, Agreements.fund.reference.call(on: .agreements, 0, 1, value: Amount(100))).succeeded)
        #expect(fixture.agreement.phase == .active && fixture.chain.events(Agreements.Activated.self).count == 1)
    }

    @Test func secretsAreSealedAndOnlyForParticipants() throws {
        let fixture = AgreementsFixture()
        try fixture.sign { $0.confidential = Digest([UInt8](repeating: 3, count: 32)) }
        let bytes = BoundedBytes<4096>([UInt8](repeating: 9, count: 4096))!
        func seal(_ sender: Person, _ receiver: Person, _ bytes: BoundedBytes<4096>?) -> Receipt {
            fixture.send(sender, Agreements.seal.reference.call(on: .agreements, 0, receiver.address, bytes))
        }
        #expect(seal(fixture.stranger, fixture.provider, bytes).refused(.notParticipant))
        #expect(seal(fixture.provider, fixture.stranger, bytes).refused(.notParticipant))
        #expect(seal(fixture.provider, fixture.monitors[0], nil).refused(.nothingSealed))
        #expect(seal(fixture.provider, fixture.monitors[0], bytes).succeeded)
        #expect(fixture.chain.ask(Agreements.sealed.reference, of: .agreements, 0, fixture.monitors[0].address, fixture.provider.address)?.bytes == bytes)
        #expect(fixture.chain.ask(Agreements.sealed.reference, of: .agreements, 0, fixture.provider.address, fixture.monitors[0].address) == nil)
        #expect(seal(fixture.consumer, fixture.monitors[0], BoundedBytes([1])).succeeded)
        #expect(seal(fixture.provider, fixture.monitors[0], nil).succeeded)
        #expect(fixture.chain.ask(Agreements.sealed.reference, of: .agreements, 0, fixture.monitors[0].address, fixture.provider.address) == nil)
        #expect(fixture.chain.ask(Agreements.sealed.reference, of: .agreements, 0, fixture.monitors[0].address, fixture.consumer.address)?.bytes == BoundedBytes([1]))
        fixture.pass(100_000)
        fixture.settle()
        #expect(seal(fixture.provider, fixture.monitors[0], bytes).refused(.phaseWrong))
        #expect(seal(fixture.consumer, fixture.monitors[0], nil).succeeded)
    }
}
