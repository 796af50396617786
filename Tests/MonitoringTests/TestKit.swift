import Foundation
@testable import Monitoring
import Primitives
import Synchronization

/// A clock that moves on when everybody sleeps: hours pass in milliseconds, and no result depends on how fast the machine is.
final class TestClock: MonitorClock {
    private struct State {
        var now: Timestamp
        var sleepers: [(id: UInt64, wake: Timestamp, continuation: CheckedContinuation<Void, Never>)] = []
        var cancelled: Set<UInt64> = []
        var count: UInt64 = 0
        var last = Timestamp(.max)
        var isHeld = false
    }
    private let state: Mutex<State>
    private let active = Mutex<@Sendable () -> Int>({ 1 })

    init(_ now: Timestamp) { state = Mutex(State(now: now)) }

    /// - Parameter active: how many tasks sleep on this clock when nothing happens.
    func expect(_ active: @escaping @Sendable () -> Int) { self.active.withLock { $0 = active } }

    var now: Timestamp { state.withLock { $0.now } }

    /// Somebody sets the machine's clock.
    func set(_ time: Timestamp) { state.withLock { $0.now = time } }

    /// Time stands still before `last` is passed.
    func hold(at last: Timestamp) { state.withLock { $0.last = last } }

    /// Whether it does.
    var isHeld: Bool { state.withLock { $0.isHeld } }

    func sleep(for duration: Duration) async {
        let (seconds, fraction) = duration.components
        let milliseconds = UInt64(max(1, seconds * 1_000 + fraction / 1_000_000_000_000_000))
        let id = state.withLock { state in
            state.count += 1
            return state.count
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state -> Bool in
                    if state.cancelled.remove(id) != nil { return true }
                    state.sleepers.append((id, Timestamp(state.now.rawValue + milliseconds), continuation))
                    return false
                }
                if isOver { continuation.resume() } else { pulse() }
            }
        } onCancel: {
            let found = state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.sleepers.remove(at: index).continuation
            }
            found?.resume()
        }
    }

    /// Moves to the next wake when everybody sleeps.
    func pulse() {
        let expected = active.withLock { $0 }()
        let woken = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard expected > 0, state.sleepers.count >= expected, let next = state.sleepers.map(\.wake).min() else { return [] }
            guard next <= state.last else {
                state.isHeld = true
                return []
            }
            state.now = max(state.now, next)
            let now = state.now
            let woken = state.sleepers.filter { $0.wake <= now }.map(\.continuation)
            state.sleepers.removeAll { $0.wake <= now }
            return woken
        }
        for continuation in woken { continuation.resume() }
    }
}

/// Remembers what is posted, and refuses what it is told to.
final class RecordingSink: MeasurementSink {
    let posted = Mutex<[[Report]]>([])
    private let judge: @Sendable ([Report]) -> SinkError?

    init(_ judge: @escaping @Sendable ([Report]) -> SinkError? = { _ in nil }) { self.judge = judge }

    func post(_ reports: [Report]) async throws(SinkError) -> String {
        if let error = judge(reports) { throw error }
        posted.withLock { $0.append(reports) }
        return "here"
    }

    var reports: [Report] { posted.withLock { $0.flatMap(\.self) } }
    var measurements: [IntervalMeasurement] { reports.flatMap(\.measurements) }
}

/// A source that answers as a test says.
struct ScriptedSource: MeasurementSource {
    var query = "scripted"
    let presence: Presence
    let answer: @Sendable ([TimeWindow]) async throws(SourceError) -> SourceAnswer

    init(_ presence: Presence, _ answer: @escaping @Sendable ([TimeWindow]) async throws(SourceError) -> SourceAnswer) {
        self.presence = presence
        self.answer = answer
    }

    func read(_ windows: [TimeWindow]) async throws(SourceError) -> SourceAnswer { try await answer(windows) }
}

/// A directory that is removed with the value.
final class Scratch: Sendable {
    let path: String

    init() {
        var template = Array((FileManager.default.temporaryDirectory.path + "/trellis-monitor-XXXXXX").utf8CString)
        path = String(cString: mkdtemp(&template)!)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Where a secret is for the time of a test.
func secretFile(_ text: String, in scratch: Scratch, _ name: String = UUID().uuidString) throws -> SecretPlace {
    let path = scratch.path + "/" + name
    try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: path))
    return .file(path)
}

/// Runs a monitor over virtual time until it has told everything, and returns what it reported.
func runMonitor(
    _ watches: [Watch], _ sink: any MeasurementSink, _ clock: TestClock, directory: String, gather: UInt64 = 0, seed: UInt64 = 1
) async throws -> [MonitorEvent] {
    let journal = try MeasurementJournal(directory: directory), events = Mutex<[MonitorEvent]>([])
    let monitor = Monitor(watches, journal: journal, sink: sink, clock: clock, gather: gather, seed: seed) { event in events.withLock { $0.append(event) } }
    guard let monitor else { throw TestFailure("no monitor") }
    clock.expect { 1 + watches.count { (journal.next($0.key) ?? 0) < $0.schedule.count } }
    let driver = Task {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(2))
            clock.pulse()
        }
    }
    defer {
        driver.cancel()
        clock.expect { 0 }
    }
    try await monitor.run()
    return events.withLock { $0 }
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension IntervalSchedule {
    /// Minutes from the first of December 2026 on.
    static func minutes(_ count: UInt32, settle: UInt64 = 120_000, late: UInt64 = 7_200_000, periods: UInt32 = 1) -> IntervalSchedule {
        IntervalSchedule(start: Timestamp(1_796_083_200_000), interval: 60_000, periodIntervals: count, periods: periods, settle: settle, late: late)!
    }
}
