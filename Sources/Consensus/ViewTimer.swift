import Primitives

/// The one timer of a replica: how long it is patient with its view. Patience doubles with each view of a height up to a cap,
/// and is as at first with the next height.
struct ViewTimer: Sendable {
    let ticks: UInt64
    let ticksMax: UInt64
    private(set) var deadline: Tick?

    init(ticks: UInt64, ticksMax: UInt64) {
        self.ticks = ticks
        self.ticksMax = ticksMax
    }

    var isRunning: Bool { deadline != nil }

    func patience(in view: View) -> UInt64 {
        guard view.rawValue < UInt64(ticks.leadingZeroBitCount) else { return ticksMax }
        return min(ticks << view.rawValue, ticksMax)
    }

    mutating func start(at now: Tick, view: View) { deadline = now.advanced(by: patience(in: view)) }
    mutating func stop() { deadline = nil }
    func hasExpired(at now: Tick) -> Bool { deadline.map { $0 <= now } ?? false }
}
