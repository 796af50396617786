import Client
public import Primitives

/// Where a monitor gets its time from.
public protocol MonitorClock: Sendable {
    var now: Timestamp { get }
    /// Returns when `duration` has passed, or earlier when the task is cancelled.
    func sleep(for duration: Duration) async
}

extension MonitorClock {
    /// Sleeps until `time` of this clock, for at most `limit`: the clock may be set while a task sleeps.
    func sleep(until time: Timestamp, atMost limit: Duration = .seconds(30)) async {
        let now = now
        guard now < time else { return }
        // A wait of more than a day is cut, before its milliseconds could overflow.
        await sleep(for: min(.milliseconds(Int64(min(time.rawValue - now.rawValue, 86_400_000))), limit))
    }
}

/// This machine's clock.
public struct SystemClock: MonitorClock {
    public init() {}
    public var now: Timestamp { .system }
    public func sleep(for duration: Duration) async { try? await Task.sleep(for: duration) }
}
