import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives
import Testing

/// Random services against a slow model that looks at everything at once, and random behaviour that must break nothing.
@Suite struct AgreementRandomTests {
    /// What all monitors said, by metric, interval and monitor; the outer option is whether they said it.
    private typealias Words = [[[Bool??]]]

    /// An agreement as its page tells it, on lists.
    private struct Model {
        let level: ServiceLevel
        let weights: [Int]
        let excluded: [Bool]
        let words: Words

        /// 1 up, −1 down, 0 unknown.
        func verdict(_ metric: Int, _ interval: Int) -> Int {
            let total = weights.reduce(0, +)
            func weight(_ said: Bool?) -> Int { zip(words[metric][interval], weights).reduce(0) { $1.0 == .some(said) ? $0 + $1.1 : $0 } }
            if 3 * weight(true) >= 2 * total { return 1 }
            if 3 * weight(false) >= 2 * total { return -1 }
            if 3 * weight(nil) >= 2 * total { return level.metrics[metric].missing == .breach ? -1 : 0 }
            return 0
        }

        /// "+" up, "-" down, "x" excluded, "?" unknown.
        var intervals: [Character] {
            excluded.indices.map { interval in
                if excluded[interval] { return "x" }
                let verdicts = level.metrics.indices.map { verdict($0, interval) }
                let units = level.metrics.map { if case .weighted = level.rule { Int($0.weight) } else { 1 } }
                let needed = switch level.rule {
                case .all: units.reduce(0, +)
                case .any: 1
                case .atLeast(let count): Int(count)
                case .weighted(let weight): Int(weight)
                }
                let up = zip(verdicts, units).reduce(0) { $1.0 > 0 ? $0 + $1.1 : $0 }
                let open = zip(verdicts, units).reduce(0) { $1.0 == 0 ? $0 + $1.1 : $0 }
                return up >= needed ? "+" : up + open < needed ? "-" : "?"
            }
        }

        /// Lengths of outages.
        var outages: [Int] { String(intervals).split(whereSeparator: { $0 != "-" }).map(\.count) }
    }

    @Test(arguments: 0..<24) func aModelOfListsAgrees(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let metrics = 1 + random.below(3), intervals = 1 + random.below(150), monitors = 1 + random.below(5)
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.intervals = UInt32(intervals)
            $0.intervalMilliseconds = 1_000
            $0.periods = 1
            $0.weights = (0..<monitors).map { _ in UInt16(1 + random.below(3)) }
            $0.windows = Agreements.Windows(settleMilliseconds: 0, lateMilliseconds: 2_000_000)
            $0.payment = Agreements.Payment(fee: Amount(UInt128(1 + random.below(UInt64(1_000_000)))), prepaidPeriods: 1, monitorFee: Amount(1_000))
            let list = (0..<metrics).map {
                ServiceMetric(
                    name: ServiceMetric.Name("m\($0)")!, weight: UInt16(1 + random.below(4)), missing: random.chance(1, in: 2) ? .breach : .unknown)
            }
            let rules: [ServiceRule] = [.all, .any, .atLeast(UInt8(1 + random.below(metrics))), .weighted(UInt32(1 + random.below(metrics)))]
            $0.level = ServiceLevel(
                metrics: Bounded(list)!, rule: rules[random.below(4)],
                tiers: Bounded([CreditTier(below: 950_000, credit: 100_000), CreditTier(below: 700_000, credit: 400_000)])!,
                incident: random.chance(2, in: 3) ? IncidentCredit(ratePartsPerMillion: 5_000, graceIntervals: UInt8(random.below(8))) : nil,
                capPartsPerMillion: 600_000, unknownPartsPerMillion: 100_000, maintenanceIntervalsMax: UInt32(intervals))
        }
        var excluded = [Bool](repeating: false, count: intervals)
        for _ in 0..<random.below(4) {
            let first = random.below(intervals), count = 1 + random.below(min(9, intervals - first))
            guard excluded.count(where: { $0 }) + count < intervals else { continue }
            let receipt = fixture.send(
                fixture.provider, Agreements.announce.reference.call(on: .agreements, 0, 0, UInt32(first), UInt32(count)))
            // Announcements may overlap; each counts against the limit.
            if receipt.succeeded { for place in first..<(first + count) { excluded[place] = true } }
        }
        fixture.passToReport(UInt32(intervals - 1))

        // Mostly the truth, in which outages last; in pieces of any size and in any order.
        var truth: [Bool] = []
        for _ in 0..<intervals { truth.append((truth.last ?? true) ? !random.chance(1, in: 12) : random.chance(1, in: 4)) }
        var words: Words = Array(repeating: Array(repeating: Array(repeating: nil, count: monitors), count: intervals), count: metrics)
        var pieces: [(monitor: Int, metric: Int, first: Int, count: Int)] = []
        for monitor in 0..<monitors {
            for metric in 0..<metrics {
                var first = 0
                while first < intervals {
                    let count = 1 + random.below(min(30, intervals - first, 64 - first % 64))
                    if !random.chance(1, in: 8) { pieces.append((monitor, metric, first, count)) }
                    first += count
                }
            }
        }
        for place in pieces.indices.reversed() { pieces.swapAt(place, random.below(place + 1)) }
        var credit = fixture.paidEver(.credit)
        for piece in pieces {
            let said = (piece.first..<(piece.first + piece.count)).map { interval -> Bool? in
                if let kept = words[piece.metric][interval][piece.monitor] { return kept }
                return random.chance(1, in: 20) ? nil : random.chance(1, in: 30) ? !truth[interval] : truth[interval]
            }
            let receipt = fixture.measure(
                fixture.monitors[piece.monitor], metric: UInt8(piece.metric), first: UInt32(piece.first),
                said.map { $0.map { .state($0) } ?? .missing })
            try #require(receipt.succeeded, "\(receipt.outcome)")
            for (offset, value) in said.enumerated() { words[piece.metric][piece.first + offset][piece.monitor] = .some(value) }
            #expect(fixture.paidEver(.credit) >= credit)
            credit = fixture.paidEver(.credit)
        }
        fixture.passToClose()
        #expect(fixture.settle().succeeded)

        let model = Model(level: fixture.draft.level, weights: fixture.draft.weights.map { Int($0) }, excluded: excluded, words: words)
        let states = model.intervals
        func number(_ state: Character) -> Int { states.count { $0 == state } }
        let tally = try #require(fixture.period()?.tally)
        #expect([tally.up, tally.down, tally.excluded, tally.unknown].map { Int($0) } == [number("+"), number("-"), number("x"), number("?")], "\(String(states))")
        let grace = fixture.draft.level.incident.map { Int($0.graceIntervals) }
        let billed = grace.map { grace in model.outages.reduce(0) { $0 + max(0, $1 - grace) } } ?? 0
        #expect(Int(tally.incident) == billed, "\(String(states))")
        for page in 0..<((intervals + 63) / 64) {
            guard let kept = fixture.page(UInt32(page)) else { continue }
            for place in 0..<min(64, intervals - 64 * page) {
                let bits = [kept.up, kept.down, kept.excluded, kept.unknown].map { $0 >> UInt64(place) & 1 == 1 }
                #expect(bits == ["+", "-", "x", "?"].map { states[64 * page + place] == $0 })
            }
        }
        // The money, with whole numbers of their own.
        let fee = Int(fixture.draft.payment.fee.units)
        let tolerated = min(number("?"), intervals / 10), counting = intervals - number("x") - tolerated
        let halves = 2 * number("-") + number("?") - tolerated
        let availability = counting <= 0 ? 1_000_000 : 1_000_000 * (2 * counting - min(2 * counting, halves)) / (2 * counting)
        func part(_ millionths: Int) -> Int { (fee * millionths + 999_999) / 1_000_000 }
        let tier = availability < 700_000 ? part(400_000) : availability < 950_000 ? part(100_000) : 0
        let due = min(part(600_000), tier + billed * (grace == nil ? 0 : part(5_000)))
        #expect(Int(fixture.paidEver(.credit)) == due && Int(fixture.paidEver(.fee)) == fee - due)
        for (place, person) in fixture.monitorPeople.enumerated() {
            let reported = words.reduce(0) { $0 + $1.count { $0[place] != nil } }
            #expect(Int(fixture.paidEver(to: person)) == 1_000 * reported / (intervals * metrics))
        }
        #expect(fixture.agreement.phase == .settled && fixture.agreement.escrow.held == .zero)

        // What readers are told: the same runs, and every unit of the credit belongs to one of them or to what is unknown.
        let told = try #require(fixture.chain.ask(Agreements.outages.reference, of: .agreements, 0, 0, 0))
        var runs: [(Int, Int)] = []
        for (place, state) in states.enumerated() where state == "-" {
            if let last = runs.last, last.0 + last.1 == place { runs[runs.count - 1].1 += 1 } else { runs.append((place, 1)) }
        }
        #expect(told.outages.map { [Int($0.first), Int($0.count)] } == runs.map { [$0.0, $0.1] } && told.next == nil, "\(String(states))")
        #expect(Int(told.outages.reduce(told.unknownCredit.units) { $0 + $1.credit.units }) == due)
        if let last = told.outages.last {
            let rest = try #require(fixture.chain.ask(Agreements.outages.reference, of: .agreements, 0, 0, last.first))
            #expect(rest.outages.elements == [last] && rest.unknownCredit == told.unknownCredit)
        }
        let view = fixture.view, meanings = ["+": Agreements.IntervalState.up, "-": .down, "x": .excluded, "?": .unknown]
        for (place, state) in states.enumerated() {
            guard let page = fixture.page(UInt32(place / 64)) else { continue }
            #expect(view.state(of: place % 64, page, page: UInt32(place / 64), period: 0) == meanings[String(state)])
        }
    }

    /// Anybody does anything at any time, with the largest numbers there are; then all fall silent. Nothing traps, no money is lost, and strangers
    /// can bring everything to its end.
    @Test(arguments: 0..<24) func whateverAnybodyDoesAllMoneyComesOut(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed &+ 1_000)
        let fixture = AgreementsFixture()
        try fixture.activate {
            $0.providers = random.chance(1, in: 2) ? [(600_000, 500_000), (400_000, 500_000)] : [(1_000_000, 900_000)]
            $0.weights = (0..<(1 + random.below(5))).map { _ in UInt16(1 + random.below(3)) }
            $0.intervals = UInt32(1 + random.below(90))
            $0.intervalMilliseconds = 10_000
            $0.periods = UInt32(1 + random.below(6))
            $0.hasArbiter = random.chance(1, in: 2)
            let prepaid = UInt32(1 + random.below(UInt64($0.periods)))
            $0.payment = Agreements.Payment(
                fee: Amount(1_000_000), prepaidPeriods: prepaid, holdBackPartsPerMillion: UInt32(random.below(UInt64(1_000_001))),
                monitorFee: Amount(1_003), monitorBond: Amount(77), keeperFee: Amount(3))
            $0.windows = Agreements.Windows(
                settleMilliseconds: random.below(UInt64(30_000)), lateMilliseconds: 1_000 + random.below(UInt64(900_000)),
                rulingMilliseconds: $0.hasArbiter ? random.below(UInt64(500_000)) : 0, challengeMilliseconds: $0.hasArbiter ? random.below(UInt64(500_000)) : 0,
                noticeMilliseconds: random.below(UInt64(900_000)), graceMilliseconds: random.below(UInt64(900_000)))
            let kinds: [ServiceMetric] = [
                ServiceMetric(name: "up", missing: .breach),
                ServiceMetric(name: "latency", kind: .gauge, objective: .atMost(100), provider: UInt8($0.providers.count - 1), deviationPartsPerMillion: 300_000),
                ServiceMetric(name: "requests", kind: .counter, objective: .atLeast(5)),
            ]
            $0.level = ServiceLevel(
                metrics: Bounded(Array(kinds.prefix(1 + random.below(3))))!, rule: random.chance(1, in: 2) ? .all : .any,
                tiers: Bounded([CreditTier(below: 990_000, credit: 300_000), CreditTier(below: 800_000, credit: 1_900_000)])!,
                incident: IncidentCredit(ratePartsPerMillion: 40_000, graceIntervals: 2), capPartsPerMillion: 1_900_000, maintenanceIntervalsMax: 20)
        }
        let people = [fixture.consumer, fixture.provider, fixture.partner, fixture.arbiter, fixture.stranger] + fixture.monitors.prefix(5)
        let extreme: [UInt32] = [0, 1, 63, 64, .max - 1, .max]
        func small(_ bound: UInt32) -> UInt32 { random.chance(1, in: 12) ? extreme[random.below(extreme.count)] : UInt32(random.below(UInt64(bound))) }
        func reading(_ metric: UInt8) -> Agreements.Reading {
            let values: [UInt64] = [0, 1, 90, 95, 110, .max]
            switch (random.chance(1, in: 30) ? UInt8(random.below(4)) : metric, random.below(8)) {
            case (_, 0): return .missing
            case (0, let word): return .state(word > 2)
            case (1, _): return .value(values[random.below(6)])
            default: return .counter(.init(from: values[random.below(6)], to: values[random.below(6)]))
            }
        }
        let refusals = Set([SystemRejection.stateMalformed.rawValue])
        for _ in 0..<150 {
            let person = people[random.below(people.count)], number = fixture.number
            // Mostly where the time is.
            let timeline = fixture.timeline, passed = timeline.firstInterval(from: fixture.chain.time), length = UInt64(fixture.draft.intervals)
            let period = random.chance(1, in: 6) ? small(4) : UInt32(passed / length), recent = UInt32(passed % length)
            let call: Call
            switch random.below(20) {
            case 0: call = Agreements.fund.reference.call(on: .agreements, number, small(3), value: Amount(UInt128(min(small(3), 5)) * (1_000_003 + 1_003 * UInt128(fixture.draft.weights.count))))
            case 1: call = Agreements.deposit.reference.call(on: .agreements, number, value: Amount(UInt128(small(500_000))))
            case 2: call = random.chance(1, in: 8) ? Agreements.terminate.reference.call(on: .agreements, number) : Agreements.stop.reference.call(on: .agreements, number)
            case 3: call = Agreements.resume.reference.call(on: .agreements, number)
            case 4: call = Agreements.announce.reference.call(on: .agreements, number, period, small(UInt32(length) + 2), small(5))
            case 5: call = Agreements.rule.reference.call(on: .agreements, number, period, small(UInt32(length)), UInt8(truncatingIfNeeded: small(4)), UInt8(truncatingIfNeeded: small(3)), [.up, .down, .unknown][random.below(3)])
            case 6: call = Agreements.award.reference.call(on: .agreements, number, UInt8(truncatingIfNeeded: small(3)), Amount(random.chance(1, in: 5) ? .max : UInt128(small(300_000))))
            case 7, 8: call = Agreements.settle.reference.call(on: .agreements, number, UInt16(truncatingIfNeeded: small(10)))
            case 9: call = Agreements.enlist.reference.call(on: .agreements, number, value: Amount(77))
            default:
                let metric = UInt8(truncatingIfNeeded: small(UInt32(fixture.draft.level.metrics.count)))
                let first = random.chance(1, in: 4) ? small(UInt32(length)) : recent - min(recent, UInt32(random.below(9)))
                let list = (0..<(1 + random.below(5))).map { _ in reading(metric) }
                call = Agreements.measure.reference.call(on: .agreements, fixture.measurement(metric, period, first, list))
            }
            let measures = call.method == "measure" && !random.chance(1, in: 10)
            let receipt = fixture.send(measures ? fixture.monitorPeople[random.below(fixture.monitorPeople.count)] : person, call)
            #expect(receipt.outcome.receiptClass != 2 && !refusals.contains(receipt.code ?? 0), "\(call.method): \(receipt.outcome)")
            if random.chance(1, in: 60) { fixture.chain.advance(time: Timestamp(fixture.chain.time.rawValue + 700_000)) } else { fixture.pass(random.below(UInt64(20_000))) }
        }
        // Silence.
        fixture.pass(20_000_000)
        var calls = 0
        while fixture.agreement.phase != .settled && calls < 200 {
            let receipt = fixture.settle(UInt16(1 + random.below(20)))
            #expect(receipt.outcome.receiptClass != 2 && !refusals.contains(receipt.code ?? 0), "\(receipt.outcome)")
            if !receipt.succeeded { fixture.pass(1_000_000) }
            calls += 1
        }
        let agreement = fixture.agreement
        #expect(agreement.phase == .settled && agreement.escrow.held == .zero && agreement.escrow.paidIn == agreement.escrow.paidOut)
        #expect(fixture.chain.balance(Address.subaccount(0, of: .agreements)) == .zero)
        // What nobody was paid was destroyed: bonds of the expelled.
        let expelled = agreement.monitors.count { $0.isExpelled }
        #expect(Amount(fixture.payments.reduce(0) { $0 + $1.amount.units } + 77 * UInt128(expelled)) == agreement.escrow.paidOut)
    }
}
