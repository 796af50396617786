@testable import Contracts
import Primitives
import Testing

/// Windows and exclusions against a walk in small steps.
@Suite struct TimelineTests {
    private typealias Gap = Agreements.Gap

    private func timeline(_ gaps: [Gap], _ exclusions: [Agreements.Exclusion] = []) -> Agreements.Timeline {
        Agreements.Timeline(
            schedule: .init(start: 1_000, intervalMilliseconds: 1_000, periodIntervals: 100, periods: 3),
            windows: .init(settleMilliseconds: 50, lateMilliseconds: 500, rulingMilliseconds: 70), gaps: gaps, exclusions: exclusions)
    }

    @Test func intervalsAreHalfOpenAndAligned() {
        let timeline = timeline([])
        #expect(timeline.start(of: 0) == 1_000 && timeline.end(of: 0) == 2_000 && timeline.start(ofPeriod: 2) == 201_000)
        #expect(timeline.interval(99, ofPeriod: 1) == 199 && timeline.periodPages == 2)
        #expect(timeline.places(ofPage: 0) == 0..<64 && timeline.places(ofPage: 1) == 64..<100)
        #expect(timeline.firstInterval(from: 0) == 0 && timeline.firstInterval(from: 1_000) == 0 && timeline.firstInterval(from: 1_001) == 1)
        #expect(timeline.periodsBegun(at: 999) == 0 && timeline.periodsBegun(at: 1_000) == 1 && timeline.periodsBegun(at: 101_000) == 2)
        #expect(timeline.opens(0) == 2_050 && timeline.closes(0) == 2_550 && timeline.rulingCloses(0) == 2_620)
    }

    @Test func aGapGivesBackWhatItTookOfAWindow() {
        // The window of interval 0 is 2,000 … 2,550.
        #expect(timeline([Gap(from: 0, until: 1_900)]).closes(0) == 2_550)
        #expect(timeline([Gap(from: 0, until: 2_100)]).closes(0) == 2_650)
        #expect(timeline([Gap(from: 2_500, until: 9_000)]).closes(0) == 9_050)
        #expect(timeline([Gap(from: 2_551, until: 9_000)]).closes(0) == 2_550)
        #expect(timeline([Gap(from: 2_500, until: 9_000), Gap(from: 9_040, until: 10_000)]).closes(0) == 10_010)
        #expect(timeline([Gap(from: 90_000, until: 150_000)]).fundingCloses(period: 1) == 161_000)
        #expect(timeline([Gap(from: 90_000, until: 95_000)]).fundingCloses(period: 1) == 106_000)
    }

    @Test(arguments: 0..<20) func exclusionsAreCountedOnce(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            var gaps: [Gap] = [], time: UInt64 = 50 * random.below(UInt64(100))
            for _ in 0..<random.below(4) {
                let from = time + 50 * random.below(UInt64(400)), until = from + 50 + 50 * random.below(UInt64(600))
                gaps.append(Gap(from: Timestamp(from), until: Timestamp(until)))
                time = until
            }
            let exclusions = (0..<random.below(4)).map { _ -> Agreements.Exclusion in
                let first = random.below(UInt64(120))
                return Agreements.Exclusion(first: first, end: random.chance(1, in: 4) ? nil : first + random.below(UInt64(30)), reason: .maintenance)
            }
            let timeline = timeline(gaps, exclusions)
            let low = random.below(UInt64(100)), high = low + random.below(UInt64(60))
            #expect(timeline.excluded(in: low..<high) == UInt64((low..<high).count { timeline.isExcluded($0) }))
            for interval in low..<high {
                let start = 1_000 + interval * 1_000
                let isSilent = gaps.contains { gap in stride(from: start, to: start + 1_000, by: 50).contains { $0 >= gap.from.rawValue && $0 < gap.until.rawValue } }
                let isAnnounced = exclusions.contains { interval >= $0.first && $0.end.map { interval < $0 } ?? true }
                #expect(timeline.isExcluded(interval) == (isSilent || isAnnounced))
            }
        }
    }
}
