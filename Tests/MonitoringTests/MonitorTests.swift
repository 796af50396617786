import Contracts
import Foundation
@testable import Monitoring
import Primitives
import Synchronization
import Testing

/// Whole monitors over virtual hours: what reaches the chain, whatever sources, chain and machine do.
@Suite struct MonitorTests {
    private let scratch = Scratch()
    private var directory: String { scratch.path + "/journal" }
    private let key = WatchKey(agreement: 5, metric: 1)

    private func kept(_ schedule: IntervalSchedule, maintenance: [TimeWindow] = [], _ answer: @escaping @Sendable ([TimeWindow]) async throws(SourceError) -> [Outcome]) -> Watch {
        let source = ScriptedSource(.history(windows: 50, age: nil)) { windows async throws(SourceError) in
            SourceAnswer(try await answer(windows), digest: IntervalMeasurement.digest(ofQuery: "answer"))
        }
        return Watch(key, kind: .gauge(scale: 1), schedule: schedule, source: source, maintenance: maintenance)
    }

    private func minute(_ window: TimeWindow, of schedule: IntervalSchedule) -> Int64 { Int64(window.start.rawValue - schedule.start.rawValue) / 60_000 }

    @Test func everyIntervalIsToldOnceWhenItHasSettled() async throws {
        let schedule = IntervalSchedule.minutes(150), clock = TestClock(Timestamp(schedule.start.rawValue - 90_000)), times = Mutex<[(Report, Timestamp)]>([])
        let sink = RecordingSink { reports in
            times.withLock { $0 += reports.map { ($0, clock.now) } }
            return nil
        }
        let watch = kept(schedule) { windows in windows.map { .value(MeasuredValue(millionths: minute($0, of: schedule) * 1_000_000)) } }
        _ = try await runMonitor([watch], sink, clock, directory: directory)
        #expect(sink.measurements.map(\.index) == Array(0..<150))
        #expect(sink.measurements.allSatisfy { $0.outcome == .value(MeasuredValue(millionths: Int64($0.index) * 1_000_000)) })
        for (report, time) in times.withLock({ $0 }) {
            let last = report.first + UInt64(report.measurements.count) - 1
            #expect(time >= Timestamp(schedule.settled(last).rawValue + SealingPlan.marginMilliseconds))
            #expect(time < Timestamp(schedule.settled(last).rawValue + 10_000))
            #expect(report.first / 64 == last / 64)
        }
        let sequences = sink.reports.map(\.sequence)
        #expect(zip(sequences, sequences.dropFirst()).allSatisfy { $0 < $1 })
        // What is posted says the same.
        let posted = sink.reports.map(\.posted)
        #expect(posted.flatMap { $0.readings.map(\.self) } == (0..<150).map { Agreements.Reading.value($0) })
        #expect(posted.allSatisfy { $0.agreement == 5 && $0.metric == 1 && $0.period == 0 })
    }

    @Test func waitingForOthersMakesFewerReports() async throws {
        let schedule = IntervalSchedule.minutes(100), clock = TestClock(schedule.start), sink = RecordingSink()
        let watch = kept(schedule) { $0.map { _ in .value(.one) } }
        _ = try await runMonitor([watch], sink, clock, directory: directory, gather: 600_000)
        #expect(sink.measurements.map(\.index) == Array(0..<100))
        // Eleven minutes each, and no page is crossed.
        #expect(sink.reports.count >= 9 && sink.reports.count <= 12)
    }

    @Test func maintenanceAndSilenceAreNotInvented() async throws {
        let schedule = IntervalSchedule.minutes(30), clock = TestClock(schedule.start), sink = RecordingSink()
        let window = try #require(TimeWindow(schedule.window(10).start, schedule.window(14).end))
        let watch = kept(schedule, maintenance: [window]) { windows in
            windows.map { minute($0, of: schedule) % 4 == 0 ? .missing(.gap) : .value(.one) }
        }
        let events = try await runMonitor([watch], sink, clock, directory: directory)
        #expect(sink.measurements.map(\.index) == (0..<30).filter { !(10..<15).contains($0) })
        for measurement in sink.measurements { #expect(measurement.outcome == (measurement.index % 4 == 0 ? .missing(.gap) : .value(.one))) }
        #expect(events.contains { if case .passedOver(_, 10..<15, isMaintenance: true) = $0 { true } else { false } })
        #expect(sink.reports.flatMap { $0.posted.readings.map(\.self) }.count { $0 == .missing } == 7)
    }

    /// A source that is away for an hour is asked again, ever less often, and all that it kept is told.
    @Test func aSourceThatComesBackIsCaughtUpWith() async throws {
        let schedule = IntervalSchedule.minutes(120), clock = TestClock(schedule.start), sink = RecordingSink(), asked = Mutex<[Timestamp]>([])
        let outage = TimeWindow(schedule.window(30).start, schedule.window(90).start)!
        let watch = kept(schedule) { windows async throws(SourceError) in
            let now = clock.now
            if outage.contains(now) {
                asked.withLock { $0.append(now) }
                throw SourceError(.unreachable, "away")
            }
            return windows.map { .value(MeasuredValue(millionths: minute($0, of: schedule))) }
        }
        let events = try await runMonitor([watch], sink, clock, directory: directory)
        #expect(sink.measurements.map(\.outcome) == (0..<120).map { .value(MeasuredValue(millionths: $0)) })
        let times = asked.withLock { $0 }, pauses = zip(times, times.dropFirst()).map { $1.rawValue - $0.rawValue }
        // One and a half hundred would be every half minute.
        #expect(times.count < 100 && times.count > 40)
        #expect(pauses.allSatisfy { $0 >= 800 && $0 <= 72_000 })
        #expect(events.contains { if case .failing(_, let error, _) = $0 { error.code == .unreachable } else { false } })
    }

    /// A source that stays away: its silence is told while the contract still listens.
    @Test func lastingSilenceIsTold() async throws {
        let schedule = IntervalSchedule.minutes(20), clock = TestClock(schedule.start), sink = RecordingSink()
        let watch = kept(schedule) { _ async throws(SourceError) in throw SourceError(.denied, "no") }
        _ = try await runMonitor([watch], sink, clock, directory: directory)
        #expect(sink.measurements.map(\.index) == Array(0..<20))
        #expect(sink.measurements.allSatisfy { $0.outcome == .missing(.source) && $0.answer == .zero })
        for measurement in sink.measurements { #expect(measurement.readAt >= schedule.abandoned(measurement.index) && measurement.readAt < schedule.closed(measurement.index)) }
    }

    /// Pauses grow, but not beyond the time at which silence must be told.
    @Test(arguments: 1...8 as ClosedRange<UInt64>) func silenceIsToldInShortWindowsToo(seed: UInt64) async throws {
        let schedule = IntervalSchedule.minutes(5, settle: 1_000, late: 31_000), clock = TestClock(schedule.start), sink = RecordingSink()
        let watch = kept(schedule) { _ async throws(SourceError) in throw SourceError(.unreachable, "away") }
        _ = try await runMonitor([watch], sink, clock, directory: directory, seed: seed)
        #expect(sink.measurements.map(\.index) == Array(0..<5))
        #expect(sink.measurements.allSatisfy { $0.outcome == .missing(.source) && $0.readAt < schedule.closed($0.index) })
    }

    @Test func anAnswerOfAnotherLengthIsNone() async throws {
        let schedule = IntervalSchedule.minutes(3), clock = TestClock(schedule.start), sink = RecordingSink()
        let watch = kept(schedule) { windows in windows.dropLast().map { _ in .value(.one) } }
        _ = try await runMonitor([watch], sink, clock, directory: directory)
        #expect(sink.measurements.map(\.outcome) == [.missing(.answer), .missing(.answer), .missing(.answer)])
    }

    // ── The chain ──

    @Test func whatTheChainDoesNotTakeNowIsTakenLater() async throws {
        let schedule = IntervalSchedule.minutes(60), clock = TestClock(schedule.start)
        let outage = TimeWindow(schedule.window(10).start, schedule.window(50).start)!
        let sink = RecordingSink { _ in outage.contains(clock.now) ? SinkError(isPassing: true, code: "client.unreachable", text: "away") : nil }
        let watch = kept(schedule) { windows in windows.map { .value(MeasuredValue(millionths: minute($0, of: schedule))) } }
        let events = try await runMonitor([watch], sink, clock, directory: directory)
        #expect(sink.measurements.map(\.outcome) == (0..<60).map { .value(MeasuredValue(millionths: $0)) })
        #expect(events.contains { if case .waiting = $0 { true } else { false } })
    }

    /// One report in a transaction is refused: it alone is dropped.
    @Test func oneBadReportDoesNotHoldTheOthersUp() async throws {
        let schedule = IntervalSchedule.minutes(70, settle: 120_000), clock = TestClock(Timestamp(schedule.closed(0).rawValue - 100_000)), other = WatchKey(agreement: 6, metric: 0)
        let calls = Mutex(0)
        let sink = RecordingSink { reports in
            calls.withLock { $0 += 1 }
            return reports.contains { $0.key == other } ? SinkError(isPassing: false, code: "contract.phaseWrong", text: "no") : nil
        }
        let good = kept(schedule) { $0.map { _ in .value(.one) } }
        let bad = Watch(other, kind: .binary, schedule: schedule, source: good.source)
        let third = Watch(WatchKey(agreement: 7, metric: 0), kind: .binary, schedule: schedule, source: good.source)
        let events = try await runMonitor([good, bad, third], sink, clock, directory: directory)
        let told = Dictionary(grouping: sink.measurements, by: \.key)
        #expect(told[key]?.map(\.index) == Array(0..<70) && told[third.key]?.map(\.index) == Array(0..<70) && told[other] == nil)
        let refused = events.reduce(0) { if case .refused(let report, _) = $1, report.key == other { $0 + report.measurements.count } else { $0 } }
        #expect(refused == 70)
        #expect(calls.withLock { $0 } < 60)
    }

    /// Measurements that nobody took in time are dropped, and told to the person who runs the monitor.
    @Test func whatIsTooLateIsDropped() async throws {
        let schedule = IntervalSchedule.minutes(10, late: 1_200_000), clock = TestClock(schedule.start)
        let sink = RecordingSink { _ in clock.now < Timestamp(schedule.end.rawValue + 900_000) ? SinkError(isPassing: true, code: "client.unreachable", text: "away") : nil }
        let watch = kept(schedule) { $0.map { _ in .value(.one) } }
        let events = try await runMonitor([watch], sink, clock, directory: directory)
        #expect(events.contains { if case .refused(_, let error) = $0 { error.code == "monitor.closed" } else { false } })
        let told = sink.measurements.map(\.index)
        #expect(!told.isEmpty && told.count < 10 && told == Array((10 - UInt64(told.count))..<10))
    }

    // ── Probes ──

    private let effort = ProbeEffort(attempts: 3, seconds: 5, pauseMilliseconds: 1_000)

    private func probed(
        _ schedule: IntervalSchedule, controls: [any MeasurementSource] = [], _ isUp: @escaping @Sendable (TimeWindow) async -> Bool
    ) -> Watch {
        let source = ScriptedSource(.live(effort)) { windows in
            let up = await isUp(windows[0])
            return SourceAnswer([.value(up ? .one : .zero)], digest: .zero, fault: up ? nil : SourceError(.unreachable, "down"))
        }
        return Watch(key, kind: .binary, schedule: schedule, source: source, controls: controls)
    }

    @Test func anIntervalIsDownWhenAllAttemptsFail() async throws {
        let schedule = IntervalSchedule.minutes(40), clock = TestClock(Timestamp(schedule.start.rawValue - 1)), sink = RecordingSink(), attempts = Mutex<[TimeWindow: Int]>([:])
        let watch = probed(schedule) { window in
            let attempt = attempts.withLock { $0[window, default: 0] += 1; return $0[window]! }
            return switch window.start.rawValue / 60_000 % 3 {
            case 0: true
            case 1: attempt == 3
            default: false
            }
        }
        _ = try await runMonitor([watch], sink, clock, directory: directory)
        #expect(sink.measurements.map(\.index) == Array(0..<40))
        for measurement in sink.measurements {
            let kind = measurement.window.start.rawValue / 60_000 % 3
            #expect(measurement.outcome == .value(kind == 2 ? .zero : .one))
            #expect(attempts.withLock { $0[measurement.window] } == (kind == 0 ? 1 : 3))
            #expect(measurement.window.contains(measurement.readAt))
        }
        // They are not all made at one moment of the minute.
        #expect(Set(sink.measurements.map { $0.readAt.rawValue % 60_000 / 1_000 }).count > 10)
    }

    @Test func aMonitorThatIsCutOffDoesNotAccuse() async throws {
        let schedule = IntervalSchedule.minutes(9), clock = TestClock(schedule.start), sink = RecordingSink()
        let control = ScriptedSource(.live(effort)) { windows in
            let up = windows[0].start >= schedule.window(6).start
            return SourceAnswer([.value(up ? .one : .zero)], digest: .zero, fault: up ? nil : SourceError(.unreachable, "down"))
        }
        let watch = probed(schedule, controls: [control]) { $0.start < schedule.window(3).start }
        _ = try await runMonitor([watch], sink, clock, directory: directory)
        let one = Outcome.value(.one), zero = Outcome.value(.zero), cut = Outcome.missing(.control)
        #expect(sink.measurements.map(\.outcome) == [one, one, one, cut, cut, cut, zero, zero, zero])
    }

    /// The machine sleeps in the middle of a probe, or somebody sets its clock: what was seen belongs to no interval.
    @Test func aClockThatJumpsMakesNoMeasurement() async throws {
        let schedule = IntervalSchedule.minutes(10), clock = TestClock(schedule.start), sink = RecordingSink()
        let watch = probed(schedule) { window in
            if window == schedule.window(3) { clock.set(schedule.window(6).start) }
            return true
        }
        _ = try await runMonitor([watch], sink, clock, directory: directory)
        #expect(sink.measurements.map(\.outcome) == (0..<10).map { (3..<6).contains($0) ? .missing(.absent) : .value(.one) })
    }

    /// Stopped and started again: the intervals between are told as missed by a probe, and caught up with by a source that keeps points.
    @Test func aPauseIsToldAsAPause() async throws {
        let schedule = IntervalSchedule.minutes(40), sink = RecordingSink(), first = TestClock(schedule.start), directory = directory
        let live = probed(schedule) { _ in true }, other = WatchKey(agreement: 8, metric: 0)
        let held = Watch(other, kind: .gauge(scale: 1), schedule: schedule, source: ScriptedSource(.history(windows: 7, age: nil)) { windows in
            SourceAnswer(windows.map { _ in .value(.one) }, digest: .zero)
        })
        first.hold(at: schedule.window(10).start)
        let run = Task { try await runMonitor([live, held], sink, first, directory: directory) }
        let end = ContinuousClock.now + .seconds(600)
        while !first.isHeld, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(1)) }
        run.cancel()
        _ = try await run.value
        let before = Set(sink.measurements.map { "\($0.key) \($0.index)" })
        #expect(!before.isEmpty && before.count <= 20)

        let second = TestClock(schedule.window(25).start)
        _ = try await runMonitor([live, held], sink, second, directory: directory)
        for key in [key, other] {
            let told = sink.measurements.filter { $0.key == key }
            #expect(told.map(\.index) == Array(0..<40), "\(key)")
            if key == other { #expect(told.allSatisfy { $0.outcome == .value(.one) }) }
        }
        let missed = sink.measurements.filter { $0.key == key && $0.outcome == .missing(.absent) }.map(\.index)
        #expect(!missed.isEmpty && missed == Array(missed[0]...missed[missed.count - 1]) && missed.last == 24)
    }

    @Test func aMonitorWithoutSenseIsNone() throws {
        let journal = try MeasurementJournal(directory: directory), schedule = IntervalSchedule.minutes(1), watch = kept(schedule) { _ in [] }
        #expect(Monitor([], journal: journal, sink: RecordingSink()) == nil)
        #expect(Monitor([watch, watch], journal: journal, sink: RecordingSink()) == nil)
    }

    /// Evidence is the hash of what it says that it is.
    @Test func evidenceIsOfItsMeasurements() throws {
        let schedule = IntervalSchedule.minutes(200)
        func report(_ range: Range<UInt64>, answer: Digest = .zero) -> Report? {
            Report(key, kind: .binary, periodIntervals: 100, sequence: 1, closes: Timestamp(9), measurements: range.map {
                IntervalMeasurement(key, index: $0, window: schedule.window($0), outcome: .value(.one), query: .zero, answer: answer, readAt: Timestamp(0))
            })
        }
        let first = try #require(report(100..<164))
        #expect(first.posted.period == 1 && first.posted.first == 0 && first.posted.readings.count == 64)
        #expect(try Report(bcs: first.bcs) == first)
        #expect(first.evidence != report(100..<164, answer: IntervalMeasurement.digest(ofQuery: "x"))?.evidence)
        #expect(first.evidence != report(100..<163)?.evidence)
        #expect(report(0..<65) == nil && report(0..<0) == nil)
    }
}
