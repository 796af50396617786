import NIOCore
import Primitives

/// Everything that happens because time has passed, four times a second.
extension Connection {
    static let step: TimeAmount = .milliseconds(250)
    /// How long a connection that another one wants to replace has to show a sign of life.
    static let probe: Duration = .seconds(5)

    func startClock() {
        clock = channel.eventLoop.scheduleRepeatedTask(initialDelay: Self.step, delay: Self.step) { _ in self.tick() }
    }

    /// Another connection to the same peer was refused in favour of this one: it has to show that it is alive.
    func probe() {
        onLoop { connection in
            guard case .connected = connection.phase, connection.probeEndsAt == nil else { return }
            connection.probeEndsAt = Self.now + Self.probe.nanosecondsClamped
            connection.sendPing(Self.now)
        }
    }

    private func tick() {
        let now = Self.now, timeouts = switchboard.configuration.timeouts
        switch phase {
        case .securing, .greeting:
            if Self.isOver(timeouts.handshake, since: openedAt, now) {
                fail(NetworkError(.handshakeTimeout, "no welcome within \(timeouts.handshake)"))
            }
        case .connected:
            if let error = overdue(now, timeouts) { return fail(error) }
            if Self.isOver(timeouts.ping, since: pingedAt, now) { sendPing(now) }
            flush(completely: true)
        case .draining(_, let deadline):
            if now > deadline { close() }
        case .closing, .closed:
            break
        }
    }

    private func overdue(_ now: UInt64, _ timeouts: ConnectionTimeouts) -> NetworkError? {
        if Self.isOver(timeouts.idle, since: heardAt, now) { return NetworkError(.idle, "nothing was heard for \(timeouts.idle)") }
        if let probeEndsAt, now > probeEndsAt { return NetworkError(.idle, "no sign of life within \(Self.probe) of being asked") }
        if let insideFrameSince, Self.isOver(timeouts.frame, since: insideFrameSince, now) {
            return NetworkError(.frameTimeout, "a frame took longer than \(timeouts.frame)")
        }
        if bytesInFlight > 0, Self.isOver(timeouts.stall, since: wroteAt, now) {
            return NetworkError(.stalled, "\(bytesInFlight) bytes were not taken within \(timeouts.stall)")
        }
        return nil
    }

    private func sendPing(_ now: UInt64) {
        pingedAt = now
        let number = (ping?.number ?? 0) + 1
        ping = (number, now)
        say(.ping(number))
    }

    private static func isOver(_ duration: Duration, since start: UInt64, _ now: UInt64) -> Bool {
        now > start && now - start > duration.nanosecondsClamped
    }
}
