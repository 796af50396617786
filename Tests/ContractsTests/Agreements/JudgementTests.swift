@testable import Contracts
import Ledger
import Primitives
import Testing

/// The conflict rule alone.
@Suite struct JudgementTests {
    private typealias Report = Agreements.Report
    private typealias Verdict = Agreements.MetricVerdict

    private let binary = ServiceMetric(name: "up")
    private func gauge(_ objective: MetricObjective, deviation: UInt32? = nil, missing: MissingPolicy = .unknown) -> ServiceMetric {
        ServiceMetric(name: "latency", kind: .gauge, objective: objective, deviationPartsPerMillion: deviation, missing: missing)
    }

    private func verdict(_ metric: ServiceMetric, total: UInt32, _ reports: (UInt32, UInt64?)...) -> Verdict? {
        Agreements.Judgement(metric: metric, totalWeight: total).verdict(reports.map { Report(weight: $0.0, value: $0.1) })
    }

    @Test func twoThirdsOfAllDecide() {
        #expect(verdict(binary, total: 3) == nil)
        #expect(verdict(binary, total: 3, (1, 0)) == nil)
        #expect(verdict(binary, total: 3, (1, 0), (1, 0)) == .down)
        #expect(verdict(binary, total: 3, (1, 1), (1, 1)) == .up)
        #expect(verdict(binary, total: 3, (1, 1), (1, 0)) == nil)
        #expect(verdict(binary, total: 3, (1, 1), (1, 0), (1, 0)) == .down)
        // Of four monitors three are needed; two against two are a dispute.
        #expect(verdict(binary, total: 4, (1, 1), (1, 1)) == nil)
        #expect(verdict(binary, total: 4, (1, 1), (1, 1), (1, 0), (1, 0)) == .disputed)
        #expect(verdict(binary, total: 1, (1, 0)) == .down)
        #expect(verdict(binary, total: 0) == nil)
    }

    @Test func weightsCountAndNotHeads() {
        #expect(verdict(binary, total: 10, (7, 1), (1, 0), (1, 0), (1, 0)) == .up)
        #expect(verdict(binary, total: 10, (6, 1)) == nil)
        #expect(verdict(binary, total: 10, (6, 1), (4, 0)) == .disputed)
    }

    @Test func whatTheSourceKeepsBackIsABreachOnlyWhereThatWasAgreed() {
        let run = ServiceMetric(name: "up", missing: .breach)
        #expect(verdict(run, total: 3, (1, nil), (1, nil)) == .down)
        #expect(verdict(binary, total: 3, (1, nil), (1, nil)) == .unknown)
        // One monitor that misses what others saw changes nothing.
        #expect(verdict(run, total: 3, (1, nil), (1, 1), (1, 1)) == .up)
        #expect(verdict(run, total: 3, (1, nil), (1, 1), (1, 0)) == .disputed)
        #expect(verdict(gauge(.atMost(5)), total: 3, (1, nil), (1, 1)) == nil)
        // Silence is no report.
        #expect(verdict(run, total: 3) == nil)
    }

    @Test func theLowerWeightedMedianDecides() {
        let least = gauge(.atLeast(100))
        #expect(verdict(least, total: 3, (1, 90), (1, 100), (1, 110)) == .up)
        #expect(verdict(least, total: 3, (1, 90), (1, 99), (1, 1_000)) == .down)
        // Of an even number the lower one.
        #expect(verdict(least, total: 4, (1, 90), (1, 95), (1, 100), (1, 110)) == .down)
        #expect(verdict(gauge(.atMost(95)), total: 4, (1, 90), (1, 95), (1, 100), (1, 110)) == .up)
        #expect(verdict(gauge(.between(.init(lowest: 95, highest: 100))), total: 5, (2, 90), (2, 96), (1, 100)) == .up)
        #expect(verdict(least, total: 10, (6, 100), (1, 1), (1, 2), (2, 3)) == .up)
        #expect(verdict(gauge(.atMost(.max)), total: 3, (1, .max), (1, .max), (1, .max)) == .up)
    }

    @Test func deviantsDoNotMakeAQuorum() {
        let close = gauge(.atMost(1_000), deviation: 100_000)
        #expect(verdict(close, total: 3, (1, 100), (1, 109)) == .up)
        #expect(verdict(close, total: 3, (1, 100), (1, 120)) == nil)
        #expect(verdict(close, total: 3, (1, 100), (1, 120), (1, 105)) == .up)
        #expect(verdict(close, total: 3, (1, 100), (1, 200), (1, 400)) == .disputed)
        #expect(verdict(close, total: 3, (1, 0), (1, 0), (1, .max)) == .up)
        #expect(verdict(gauge(.atLeast(1), deviation: .max), total: 3, (1, 1), (1, .max), (1, .max)) == .up)
    }

    /// With less than a third of the weight at fault, liars cannot move the median out of what honest monitors saw, nor a binary verdict.
    @Test(arguments: 0..<20) func fewLiarsDecideNothing(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let faulty = random.below(4), honest = 2 * faulty + 1 + random.below(3)
            let seen = (0..<honest).map { _ in 500 + random.below(UInt64(100)) }
            let lies: [UInt64] = (0..<faulty).map { _ in [0, UInt64.max, 499, 700][random.below(4)] }
            // Any order of arrival, and any number of reports.
            var all = seen + lies
            for place in all.indices.reversed() { all.swapAt(place, random.below(place + 1)) }
            for count in 1...all.count {
                let reports = all.prefix(count).map { Report(weight: 1, value: $0) }
                for metric in [gauge(.between(.init(lowest: seen.min()!, highest: seen.max()!)))] {
                    let verdict = Agreements.Judgement(metric: metric, totalWeight: UInt32(all.count)).verdict(reports)
                    #expect(verdict == nil || verdict == .up, "\(seen), \(lies)")
                }
            }
            let words = (0..<honest).map { _ in Report(weight: 1, value: 1) } + (0..<faulty).map { _ in Report(weight: 1, value: 0) }
            #expect(Agreements.Judgement(metric: binary, totalWeight: UInt32(words.count)).verdict(words) == .up)
        }
    }
}
