import Foundation
import Glibc
import Monitoring
import Primitives

/// A monitor that measures nothing but chance and posts into a file, for a test that kills it: `monitor-writer DIRECTORY FOUNDED SPEED`.
///
/// No two runs would measure the same of one interval, so that a value that is measured or told twice shows. Time runs `SPEED` times as
/// fast as the machine's, counted from `FOUNDED`, in milliseconds since 1970. It ends when everything is told.
@main
enum MonitorWriter {
    static func main() async throws {
        guard CommandLine.arguments.count == 4, let founded = UInt64(CommandLine.arguments[2]), let speed = UInt64(CommandLine.arguments[3]), speed > 0 else {
            print("usage: monitor-writer DIRECTORY FOUNDED SPEED")
            exit(2)
        }
        let directory = CommandLine.arguments[1]
        guard let schedule = IntervalSchedule(
            start: Timestamp(founded), interval: 10_000, periodIntervals: 100, periods: 3, settle: 20_000, late: 40_000_000) else { exit(2) }
        let live = ChanceSource(presence: .live(ProbeEffort(attempts: 2, seconds: 1, pauseMilliseconds: 100)))
        let kept = ChanceSource(presence: .history(windows: 20, age: nil))
        let watches = [
            Watch(WatchKey(agreement: 1, metric: 0), kind: .gauge(scale: 1), schedule: schedule, source: live),
            Watch(WatchKey(agreement: 1, metric: 1), kind: .gauge(scale: 1), schedule: schedule, source: kept),
            Watch(WatchKey(agreement: 2, metric: 0), kind: .gauge(scale: 1), schedule: schedule, source: kept),
        ]
        let journal = try MeasurementJournal(directory: directory + "/journal")
        guard let monitor = Monitor(watches, journal: journal, sink: FileSink(directory + "/posted"), clock: FastClock(founded: founded, speed: speed)) else { exit(2) }
        try await monitor.run()
        print("all is told")
    }
}

private struct FastClock: MonitorClock {
    let founded: UInt64
    let speed: UInt64

    var now: Timestamp {
        let time = UInt64(Date().timeIntervalSince1970 * 1_000)
        return Timestamp(founded + (time > founded ? time - founded : 0) * speed)
    }

    func sleep(for duration: Duration) async { try? await Task.sleep(for: duration / Int(speed)) }
}

private struct ChanceSource: MeasurementSource {
    let query = "chance"
    let presence: Presence

    func read(_ windows: [TimeWindow]) async throws(SourceError) -> SourceAnswer {
        if Int.random(in: 0..<5) == 0 { throw SourceError(.unreachable, "by chance") }
        return SourceAnswer(windows.map { _ in .value(MeasuredValue(millionths: .random(in: 0 ... .max))) }, digest: IntervalMeasurement.digest(ofQuery: "answer"))
    }
}

/// A line for each report. Sometimes nothing is written, and sometimes it is said that nothing was.
private actor FileSink: MeasurementSink {
    private let descriptor: Int32

    init(_ path: String) { descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640) }

    func post(_ reports: [Report]) async throws(SinkError) -> String {
        let chance = Int.random(in: 0..<6), lost = SinkError(isPassing: true, code: "test.lost", text: "by chance")
        if chance == 0 { throw lost }
        // A line that was torn by a kill ends here.
        let text = Array(("\n" + reports.map(\.bcs.hex).joined(separator: "\n") + "\n").utf8)
        guard write(descriptor, text, text.count) == text.count else { throw lost }
        if chance == 1 { throw lost }
        return "line"
    }
}
