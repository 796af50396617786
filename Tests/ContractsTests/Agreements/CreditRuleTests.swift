@testable import Contracts
import Ledger
import Primitives
import Testing

/// Availability and credits, against what the clouds publish and against fractions.
@Suite struct CreditRuleTests {
    private func tally(up: UInt32 = 0, down: UInt32 = 0, excluded: UInt32 = 0, unknown: UInt32 = 0, incident: UInt32 = 0) -> Agreements.Tally {
        var tally = Agreements.Tally(providers: 1, monitors: 3)
        tally.up = up
        tally.down = down
        tally.excluded = excluded
        tally.unknown = unknown
        tally.incident = incident
        return tally
    }

    /// A month of 30 days by the minute.
    private let month: UInt32 = 43_200
    private func rule(_ level: ServiceLevel, fee: UInt128 = 1_000_000) -> Agreements.CreditRule {
        Agreements.CreditRule(level: level, fee: Amount(fee), intervals: month)
    }

    private func credit(_ level: ServiceLevel, down: UInt32) -> UInt128 { rule(level).due(tally(up: month - down, down: down), isFinal: true).units }

    @Test func theTiersOfAmazonAndAzure() {
        // 99.99 % of 43,200 minutes leave 4.32 minutes, 99 % leave 432, 95 % leave 2,160.
        for (level, middle) in [(ServiceLevel.amazonEC2, UInt128(300_000)), (.azureVirtualMachineZones, 250_000)] {
            #expect(credit(level, down: 0) == 0)
            #expect(credit(level, down: 4) == 0)
            #expect(credit(level, down: 5) == 100_000)
            #expect(credit(level, down: 432) == 100_000)
            #expect(credit(level, down: 433) == middle)
            #expect(credit(level, down: 2_160) == middle)
            #expect(credit(level, down: 2_161) == 1_000_000)
            #expect(credit(level, down: month) == 1_000_000)
        }
    }

    @Test func whatIsOpenCountsAsUp() {
        #expect(rule(.amazonEC2).due(tally(), isFinal: false) == .zero)
        #expect(rule(.amazonEC2).due(tally(down: 4), isFinal: false) == .zero)
        #expect(rule(.amazonEC2).due(tally(down: 5), isFinal: false) == Amount(100_000))
    }

    @Test func exclusionsShortenThePeriod() {
        // Five of 43,200 are too many; so are four of what 3,201 excluded ones leave.
        #expect(rule(.amazonEC2).due(tally(down: 4, excluded: 3_200), isFinal: false) == .zero)
        #expect(rule(.amazonEC2).due(tally(down: 4, excluded: 3_201), isFinal: false) == Amount(100_000))
        #expect(rule(.amazonEC2).availability(tally(excluded: month), isFinal: true) == 1_000_000)
        #expect(rule(.amazonEC2).due(tally(excluded: month), isFinal: true) == .zero)
    }

    @Test func tooMuchSilenceCountsHalf() {
        // Two in a hundred are nobody's fault.
        #expect(rule(.amazonEC2).due(tally(up: month - 864, unknown: 864), isFinal: true) == .zero)
        #expect(rule(.amazonEC2).availability(tally(up: month - 864, unknown: 864), isFinal: true) == 1_000_000)
        // Of the others, half: 864 more are 432 down of 42,336.
        #expect(rule(.amazonEC2).availability(tally(up: month - 1_728, unknown: 1_728), isFinal: true) == 989_795)
        #expect(rule(.amazonEC2).availability(tally(unknown: month), isFinal: true) == 500_000)
        // Not as long as the period is open.
        #expect(rule(.amazonEC2).due(tally(unknown: month), isFinal: false) == .zero)
    }

    @Test func outagesCostByTheIntervalUpToTheCap() {
        let level = ServiceLevel(
            metrics: ServiceLevel.amazonEC2.metrics, tiers: Bounded(), incident: IncidentCredit(ratePartsPerMillion: 1_001, graceIntervals: 2), capPartsPerMillion: 500_000)
        #expect(rule(level, fee: 999).due(tally(down: 3, incident: 1), isFinal: false) == Amount(1))
        // 1.000 base units and a bit are two, in the consumer's favour.
        #expect(rule(level, fee: 1_000).due(tally(down: 3, incident: 3), isFinal: false) == Amount(6))
        #expect(rule(level, fee: 1_000_000).due(tally(down: 502, incident: 500), isFinal: false) == Amount(500_000))
        let most = Agreements.CreditRule(level: level, fee: Amount(Amount.supplyMax.units - 1), intervals: 1 << 20)
        #expect(most.due(tally(down: 1 << 20, incident: 1 << 20), isFinal: true) == Amount((Amount.supplyMax.units - 1 + 1) / 2))
    }

    /// More that is down, excluded or known never lowers a credit, and the close never takes one back.
    @Test(arguments: 0..<20) func aCreditOnlyRises(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let intervals = 1 + UInt32(random.below(UInt64(2_000)))
            var thresholds = Set((0..<4).map { _ in 1 + UInt32(random.below(UInt64(1_000_000))) }).sorted(by: >)
            thresholds = Array(thresholds.prefix(3))
            let tiers = thresholds.enumerated().map { CreditTier(below: $0.element, credit: 100_000 * UInt32($0.offset + 1)) }
            let level = ServiceLevel(
                metrics: ServiceLevel.amazonEC2.metrics, tiers: Bounded(tiers)!, incident: random.chance(1, in: 2) ? IncidentCredit(ratePartsPerMillion: 777) : nil,
                capPartsPerMillion: 250_000, unknownPartsPerMillion: UInt32(random.below(UInt64(100_000))))
            let rule = Agreements.CreditRule(level: level, fee: Amount(UInt128(1 + random.below(UInt64(1_000_000)))), intervals: intervals)
            var state = tally(), before = Amount.zero
            for _ in 0..<intervals {
                switch random.below(5) {
                case 0:
                    state.down += 1
                    state.incident += random.chance(1, in: 2) ? 1 : 0
                case 1: state.excluded += 1
                case 2: state.unknown += 1
                default: state.up += 1
                }
                let due = rule.due(state, isFinal: false)
                #expect(due >= before)
                before = due
            }
            #expect(rule.due(state, isFinal: true) >= before)
            // The formula with fractions, on its own.
            let tolerated = min(Double(state.unknown), (Double(intervals) * Double(level.unknownPartsPerMillion) / 1e6).rounded(.down))
            let counting = Double(intervals) - Double(state.excluded) - tolerated
            let exact = counting <= 0 ? 1 : 1 - (Double(state.down) + (Double(state.unknown) - tolerated) / 2) / counting
            #expect(abs(Double(rule.availability(state, isFinal: true)) - exact * 1e6) <= 1)
        }
    }

    @Test(arguments: 0..<10) func aDivisionGivesAwayAllAndNoMore(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let amount = Amount(UInt128(random.next()) << UInt128(random.below(33)))
            let weights = (0..<(1 + random.below(8))).map { _ in random.chance(1, in: 3) ? UInt128(0) : UInt128(random.next()) << UInt128(random.below(30)) }
            let parts = Agreements.divided(amount, by: weights)
            #expect(Amount.sum(parts) == (weights.contains { $0 > 0 } ? amount : .zero))
            for (part, weight) in zip(parts, weights) where weight == 0 { #expect(part == .zero) }
        }
        #expect(Agreements.divided(Amount(10), by: [1, 1, 1]).map(\.units) == [4, 3, 3])
        #expect(Agreements.divided(Amount(.max), by: [.max, 0]).map(\.units) == [.max, 0])
    }
}
