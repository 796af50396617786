import Foundation
@testable import Monitoring
import Primitives
import ServerKit
import Testing

/// Probes against a web server in a process of its own.
@Suite(.enabled(if: Server.python != nil, Server.pythonMissing), .serialized) struct ProbeTests {
    private let window = TimeWindow(Timestamp(0), Timestamp(60_000))!
    private let effort = ProbeEffort(attempts: 1, seconds: 2)

    private func read(_ source: some MeasurementSource) async throws -> SourceAnswer { try await source.read([window]) }

    private func fault(_ path: String, on server: Server, measure: ProbeMeasure = .availability, content: String? = nil) async throws -> SourceError? {
        let answer = try await read(HTTPProbe(server.address + path, content: content, measure: measure, effort: effort))
        #expect(answer.outcomes == [answer.fault == nil ? .value(.one) : .value(.zero)])
        return answer.fault
    }

    @Test func aServerIsUpUntilItIsKilledAndAgainWhenItIsBack() async throws {
        let first = try await Server.script("web.py", ["0"])
        let probe = HTTPProbe(first.address + "/health", effort: effort), port = TCPProbe(host: "127.0.0.1", port: first.port, effort: effort)
        #expect(try await read(probe).outcomes == [.value(.one)])
        #expect(try await read(port).outcomes == [.value(.one)])
        first.stop()
        for answer in [try await read(probe), try await read(port)] {
            #expect(answer.outcomes == [.value(.zero)])
            #expect(answer.fault?.code == .unreachable)
        }
        let second = try await Server.script("web.py", [String(first.port)])
        #expect(second.port == first.port)
        #expect(try await read(probe).outcomes == [.value(.one)])
        #expect(try await read(port).outcomes == [.value(.one)])
    }

    @Test func whatIsNoGoodAnswerIsDownWithAReason() async throws {
        let server = try await Server.script("web.py", ["0"])
        #expect(try await fault("/health", on: server) == nil)
        #expect(try await fault("/health", on: server, content: "all is well") == nil)
        #expect(try await fault("/health", on: server, content: "all is lost")?.code == .content)
        #expect(try await fault("/status/503", on: server)?.code == .status)
        #expect(try await fault("/nothing", on: server)?.code == .status)
        // A redirection is an answer, and is not followed.
        #expect(try await fault("/redirect", on: server) == nil)
        #expect(try await fault("/short", on: server)?.code == .unreachable)
        #expect(try await fault("/garbage", on: server)?.code == .unreachable)
        let unknown = try await read(HTTPProbe("http://nobody.invalid/", effort: effort))
        #expect(unknown.fault?.code == .resolve || unknown.fault?.code == .timeout)
    }

    /// Neither a server that says nothing, nor one that trickles, nor one that never ends, holds a probe up or fills the memory.
    @Test func answersAreBoundedInTimeAndSize() async throws {
        let server = try await Server.script("web.py", ["0"])
        let start = ContinuousClock.now
        #expect(try await fault("/silent", on: server)?.code == .timeout)
        #expect(try await fault("/trickle", on: server)?.code == .timeout)
        #expect(ContinuousClock.now - start < .seconds(12))
        #expect(try await fault("/endless", on: server)?.code == .oversize)
    }

    @Test func latencyIsMeasuredInMilliseconds() async throws {
        let server = try await Server.script("web.py", ["0"])
        for probe in [HTTPProbe(server.address + "/health", measure: .latency, effort: effort) as any MeasurementSource,
                      TCPProbe(host: "127.0.0.1", port: server.port, measure: .latency, effort: effort)] {
            guard case .value(let value)? = try await probe.read([window]).outcomes.first else {
                Issue.record("no latency")
                continue
            }
            #expect(value > .zero && value < MeasuredValue(millionths: 2_000_000_000))
        }
        server.stop()
        let gone = try await read(HTTPProbe(server.address + "/health", measure: .latency, effort: effort))
        #expect(gone.outcomes == [.missing(.source)] && gone.fault?.code == .unreachable)
    }

    /// A monitor with real probes on the real clock: the server dies and comes back, and the intervals tell.
    @Test func aMonitorTellsOfAnOutage() async throws {
        let scratch = Scratch(), server = try await Server.script("web.py", ["0"]), sink = RecordingSink()
        let now = SystemClock().now.rawValue
        let schedule = try #require(IntervalSchedule(
            start: Timestamp(now + 2_000), interval: 4_000, periodIntervals: 6, periods: 1, settle: 100, late: 600_000))
        let watch = Watch(
            WatchKey(agreement: 1, metric: 0), kind: .binary, schedule: schedule,
            source: HTTPProbe(server.address + "/health", effort: ProbeEffort(attempts: 1, seconds: 1, pauseMilliseconds: 1)))
        let journal = try MeasurementJournal(directory: scratch.path + "/j")
        let monitor = try #require(Monitor([watch], journal: journal, sink: sink))
        let run = Task { try await monitor.run() }
        func measured(_ count: UInt64) async throws {
            let end = ContinuousClock.now + .seconds(60)
            while journal.next(watch.key) ?? 0 < count {
                try #require(ContinuousClock.now < end)
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        try await measured(1)
        server.stop()
        try await measured(2)
        let again = try await Server.script("web.py", [String(server.port)])
        try await run.value
        #expect(again.port == server.port)
        #expect(sink.measurements.map(\.index) == Array(0..<6))
        let outcomes = sink.measurements.map(\.outcome)
        // On a busy machine an interval may pass before it is measured; what it is told to be is never wrong.
        #expect(outcomes[0] == .value(.one) || outcomes[0] == .missing(.absent))
        #expect(outcomes[1] == .value(.zero) || outcomes[1] == .missing(.absent))
        #expect(outcomes[5] == .value(.one) || outcomes[5] == .missing(.absent))
        #expect(outcomes.contains(.value(.one)))
    }
}
