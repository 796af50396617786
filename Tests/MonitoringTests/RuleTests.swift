import Contracts
@testable import Monitoring
import Primitives
import Testing

@Suite struct RuleTests {
    private let effort = ProbeEffort(attempts: 2, seconds: 5, pauseMilliseconds: 1_000)

    private func at(_ schedule: IntervalSchedule, _ milliseconds: UInt64) -> Timestamp { Timestamp(schedule.start.rawValue + milliseconds) }

    @Test func aLiveSourceIsAskedDuringTheIntervalAlone() {
        let schedule = IntervalSchedule.minutes(10), rule = WatchRule(schedule, .live(effort))
        #expect(rule.step(next: 0, now: Timestamp(0)) == .wait(until: schedule.start))
        #expect(rule.step(next: 0, now: schedule.start) == .read(0..<1))
        #expect(rule.step(next: 0, now: schedule.start, phase: 4_000) == .wait(until: at(schedule, 4_000)))
        // No phase takes the time that attempts need.
        #expect(rule.step(next: 0, now: schedule.start, phase: .max) == .wait(until: at(schedule, (60_000 - effort.budget) / 2)))
        #expect(rule.step(next: 0, now: at(schedule, 60_000 - effort.budget)) == .read(0..<1))
        #expect(rule.step(next: 0, now: at(schedule, 60_001 - effort.budget)) == .missed(0..<1, .absent))
        #expect(rule.step(next: 0, now: at(schedule, 60_000)) == .missed(0..<1, .absent))
        #expect(rule.step(next: 0, now: at(schedule, 200_000)) == .missed(0..<3, .absent))
        #expect(rule.step(next: 3, now: at(schedule, 100_000)) == .wait(until: at(schedule, 180_000)))
        #expect(rule.step(next: 9, now: at(schedule, 700_000)) == .missed(9..<10, .absent))
        #expect(rule.step(next: 10, now: at(schedule, 700_000)) == .finished)
    }

    @Test func aKeptSourceIsAskedWhenIntervalsHaveSettled() {
        let schedule = IntervalSchedule.minutes(10), rule = WatchRule(schedule, .history(windows: 4, age: nil))
        #expect(rule.step(next: 0, now: schedule.start) == .wait(until: at(schedule, 180_000)))
        #expect(rule.step(next: 0, now: at(schedule, 180_000)) == .read(0..<1))
        #expect(rule.step(next: 0, now: at(schedule, 299_999)) == .read(0..<2))
        #expect(rule.step(next: 0, now: at(schedule, 3_000_000)) == .read(0..<4))
        #expect(rule.step(next: 8, now: at(schedule, 3_000_000)) == .read(8..<10))
        // The contract takes nothing of the first three any more.
        #expect(rule.step(next: 0, now: at(schedule, 7_200_000 + 200_000)) == .closed(0..<3))
    }

    @Test func coarsenedPointsAreMissing() {
        let schedule = IntervalSchedule.minutes(10), rule = WatchRule(schedule, .history(windows: 100, age: 600_000))
        #expect(rule.step(next: 0, now: at(schedule, 600_000)) == .read(0..<8))
        #expect(rule.step(next: 0, now: at(schedule, 600_001)) == .missed(0..<1, .aged))
        #expect(rule.step(next: 1, now: at(schedule, 600_001)) == .read(1..<8))
        #expect(rule.step(next: 0, now: at(schedule, 720_000)) == .missed(0..<2, .aged))
    }

    @Test func maintenanceIsPassedOverWhereItFillsAnInterval() throws {
        let schedule = IntervalSchedule.minutes(20)
        let windows = try [(60_000, 200_000), (190_000, 250_000), (300_001, 420_000), (600_000, 660_000), (1_140_000, 9_000_000)].map { from, to in
            try #require(TimeWindow(at(schedule, UInt64(from)), at(schedule, UInt64(to))))
        }
        let rule = WatchRule(schedule, .history(windows: 100, age: nil), maintenance: windows.reversed())
        #expect(rule.exclusions == [1..<4, 6..<7, 10..<11, 19..<20])
        #expect(rule.step(next: 0, now: at(schedule, 6_000_000)) == .read(0..<1))
        #expect(rule.step(next: 1, now: at(schedule, 0)) == .excluded(1..<4))
        #expect(rule.step(next: 4, now: at(schedule, 6_000_000)) == .read(4..<6))
        #expect(rule.step(next: 19, now: at(schedule, 6_000_000)) == .excluded(19..<20))
        let before = try #require(TimeWindow(Timestamp(1), schedule.start))
        #expect(WatchRule(schedule, .live(effort), maintenance: [before]).exclusions.isEmpty)
    }

    /// Whatever the clock does, each interval is decided once, in order, by the one step that suits it: held against a plain reading of
    /// the same promises for each interval by itself.
    @Test(arguments: 0..<200 as Range<UInt64>) func everyIntervalIsDecidedOnce(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let interval = UInt64(1_000 * (20 + generator.below(100))), count = UInt32(20 + generator.below(300))
        let settle = UInt64(generator.below(400)) * 1_000
        let schedule = try #require(IntervalSchedule(
            start: Timestamp(1_000_000 + generator.below(UInt64(90_000))), interval: interval, periodIntervals: count, periods: 1, settle: settle,
            late: settle + 1_000 + UInt64(generator.below(8_000)) * 1_000))
        let isLive = generator.chance(1, in: 2), age: UInt64? = generator.chance(1, in: 3) ? settle + interval + UInt64(generator.below(5_000_000)) : nil
        let rule = WatchRule(
            schedule, isLive ? .live(effort) : .history(windows: 1 + generator.below(50), age: age),
            maintenance: (0..<generator.below(4)).compactMap { _ in
                let from = schedule.start.rawValue - 1_000 + generator.below(interval * UInt64(count))
                return TimeWindow(Timestamp(from), Timestamp(from + generator.below(interval * 9)))
            })
        var next: UInt64 = 0, now = schedule.start.rawValue - 500_000, steps = 0
        while true {
            steps += 1
            try #require(steps < 100_000)
            let time = Timestamp(now), step = rule.step(next: next, now: time, phase: UInt64(generator.below(Int(interval))))
            switch step {
            case .finished:
                #expect(next == schedule.count)
                return
            case .wait(let until):
                #expect(until > time)
                #expect(until <= Timestamp(schedule.window(next).end.rawValue + (isLive ? 0 : settle)))
                now = until.rawValue
                // The machine slept longer, or its clock was set back.
                if generator.chance(1, in: 10) { now += generator.below(interval * 20) }
                if generator.chance(1, in: 10) { now -= min(now - 1_000, generator.below(interval * 3)) }
            case .excluded(let range):
                try check(range, next)
                #expect(rule.exclusions.contains { $0.contains(range.lowerBound) && $0.upperBound == range.upperBound })
                next = range.upperBound
            case .closed(let range):
                try check(range, next)
                for index in range { #expect(schedule.window(index).end.rawValue + schedule.late <= now) }
                next = range.upperBound
            case .missed(let range, let reason):
                try check(range, next)
                for index in range {
                    let window = schedule.window(index)
                    if isLive {
                        #expect(reason == .absent && now + effort.budget > window.end.rawValue)
                    } else {
                        #expect(try reason == .aged && window.start.rawValue + #require(age) < now && now >= window.end.rawValue + settle)
                    }
                    #expect(!rule.exclusions.contains { $0.contains(index) })
                }
                next = range.upperBound
            case .read(let range):
                try check(range, next)
                for index in range {
                    let window = schedule.window(index)
                    if isLive {
                        #expect(range.count == 1 && window.contains(time) && now + effort.budget <= window.end.rawValue)
                    } else {
                        #expect(now >= window.end.rawValue + settle)
                        if let age { #expect(now <= window.start.rawValue + age) }
                    }
                    #expect(!rule.exclusions.contains { $0.contains(index) })
                }
                next = range.upperBound
                now += UInt64(generator.below(isLive ? Int(effort.budget) : 30_000))
            }
        }
    }

    private func check(_ range: Range<UInt64>, _ next: UInt64) throws {
        #expect(range.lowerBound == next)
        try #require(!range.isEmpty)
    }

    @Test func pausesDoubleWithinTheirBounds() {
        for seed in 0..<50 as Range<UInt64> {
            var pauses = RetryPauses(first: 500, last: 8_000, jitterPercent: 25, seed: seed), step = 500.0
            for _ in 0..<10 {
                let pause = pauses.next()
                #expect(pause >= .milliseconds(Int(step * 0.75)) && pause <= .milliseconds(Int(step * 1.25)))
                step = min(step * 2, 8_000)
            }
            pauses.reset()
            let first = pauses.next()
            #expect(first <= .milliseconds(625))
        }
        // They differ, or jitter is none.
        #expect(Set((0..<20 as Range<UInt64>).map { seed in
            var pauses = RetryPauses(first: 1_000, last: 1_000, seed: seed)
            return pauses.next()
        }).count > 10)
    }

    @Test func schedulesOfAChainCannotOverflow() {
        #expect(IntervalSchedule(start: Timestamp(.max), interval: 1_000, periodIntervals: 1, periods: 1) == nil)
        #expect(IntervalSchedule(start: Timestamp(0), interval: 86_400_000, periodIntervals: .max, periods: .max) == nil)
        #expect(IntervalSchedule(start: Timestamp(0), interval: 999, periodIntervals: 1, periods: 1) == nil)
        #expect(IntervalSchedule(start: Timestamp(0), interval: 1_000, periodIntervals: 0, periods: 1) == nil)
        #expect(IntervalSchedule(start: Timestamp(0), interval: 1_000, periodIntervals: 1, periods: 1, settle: 5, late: 5) == nil)
    }

    @Test(arguments: [1, 63, 64, 65, 130] as [UInt32]) func pagesAreCountedFromTheStartOfAPeriod(length: UInt32) throws {
        let schedule = try #require(IntervalSchedule(start: Timestamp(0), interval: 1_000, periodIntervals: length, periods: 3))
        for index in 0..<schedule.count {
            let page = schedule.page(from: index), period = index / UInt64(length), place = index % UInt64(length)
            #expect(page.lowerBound == index)
            for other in page {
                #expect(other / UInt64(length) == period)
                #expect((other % UInt64(length)) / 64 == place / 64)
            }
            let end = page.upperBound
            #expect(end == schedule.count || end / UInt64(length) != period || (end % UInt64(length)) / 64 != place / 64)
        }
    }
}
