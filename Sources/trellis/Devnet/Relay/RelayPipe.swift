import Glibc

/// One connection through the relay: two sockets, and a queue of bytes for each direction.
final class RelayPipe {
    /// Bytes that wait in one direction; then its source is not read.
    private static let queueBytesMax = 4 << 20
    private static let readBytesMax = 64 << 10

    /// Bytes on their way from one socket to the other.
    private struct Flow {
        let source: Int32
        let sink: Int32
        var queue: [(due: UInt64, bytes: ArraySlice<UInt8>)] = []
        var queuedBytes = 0
        var lastDue: UInt64 = 0
        /// When the throttle lets the next byte in.
        var freeAt: UInt64 = 0
        var hasEnded = false
        var isShut = false
        /// The sink takes no more for now.
        var isBlocked = false
    }

    private var flows: [Flow]
    private var hasFailed = false
    private var isOpen = true

    /// Dials the target; nil when that is not possible at all.
    init?(accepted: Int32, target: UInt16) {
        guard let dialled = Sockets.connect(target) else { return nil }
        Sockets.noDelay(accepted)
        Sockets.noDelay(dialled)
        flows = [Flow(source: accepted, sink: dialled), Flow(source: dialled, sink: accepted)]
    }

    var isDone: Bool { hasFailed || !isOpen || flows.allSatisfy(\.isShut) }

    func close(abruptly: Bool) {
        guard isOpen else { return }
        isOpen = false
        for flow in flows {
            if abruptly || hasFailed { Sockets.closeAbruptly(flow.source) } else { Glibc.close(flow.source) }
        }
    }

    /// When something has to be written next; `UInt64.max` when nothing waits for time alone.
    var due: UInt64 { flows.reduce(.max) { $1.isBlocked ? $0 : min($0, $1.queue.first?.due ?? .max) } }

    /// What is asked of the system. Each descriptor appears once.
    func interests(_ now: UInt64) -> [pollfd] {
        flows.indices.map { place in
            let reading = flows[place], writing = flows[1 - place]
            var events: Int32 = 0
            if !reading.hasEnded, reading.queuedBytes < Self.queueBytesMax { events |= POLLIN }
            if writing.isBlocked { events |= POLLOUT }
            // A descriptor of −1 is passed over: a socket that is done would wake the loop for ever.
            return pollfd(fd: events == 0 && reading.hasEnded ? -1 : reading.source, events: Int16(events), revents: 0)
        }
    }

    /// Reads what is there, and writes what is due.
    func move(_ ready: [Int32: Int16], _ rule: RelayRule, _ now: UInt64) {
        for place in flows.indices where !hasFailed {
            let events = Int32(ready[flows[place].source] ?? 0)
            if events & POLLERR != 0 { hasFailed = true }
            if events & (POLLIN | POLLHUP) != 0, !flows[place].hasEnded, flows[place].queuedBytes < Self.queueBytesMax { read(&flows[place], rule, now) }
            if Int32(ready[flows[place].sink] ?? 0) & POLLOUT != 0 { flows[place].isBlocked = false }
            if !flows[place].isBlocked { write(&flows[place], now) }
        }
    }

    private func read(_ flow: inout Flow, _ rule: RelayRule, _ now: UInt64) {
        var bytes = [UInt8](repeating: 0, count: Self.readBytesMax)
        let count = recv(flow.source, &bytes, bytes.count, 0)
        guard count > 0 else {
            if count == 0 { flow.hasEnded = true } else if errno != EAGAIN, errno != EINTR, errno != ENOTCONN { hasFailed = true }
            return
        }
        bytes.removeLast(bytes.count - count)
        var due = now
        if rule.rate > 0 {
            flow.freeAt = max(flow.freeAt, now)
            due = flow.freeAt
            flow.freeAt += UInt64(bytes.count) * 1_000_000_000 / rule.rate
        }
        due += (rule.delay + (rule.jitter > 0 ? UInt64.random(in: 0...rule.jitter) : 0)) * 1_000_000
        // Bytes keep their order.
        flow.lastDue = max(flow.lastDue, due)
        flow.queue.append((flow.lastDue, bytes[...]))
        flow.queuedBytes += bytes.count
    }

    private func write(_ flow: inout Flow, _ now: UInt64) {
        while let first = flow.queue.first, first.due <= now {
            let written = first.bytes.withUnsafeBytes { send(flow.sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if written < 0 {
                if errno == EAGAIN || errno == ENOTCONN || errno == EINPROGRESS { flow.isBlocked = true } else if errno != EINTR { hasFailed = true }
                return
            }
            flow.queuedBytes -= written
            if written == first.bytes.count { flow.queue.removeFirst() } else { flow.queue[0].bytes = first.bytes.dropFirst(written) }
        }
        if flow.hasEnded, flow.queue.isEmpty, !flow.isShut {
            shutdown(flow.sink, Int32(SHUT_WR))
            flow.isShut = true
        }
    }
}
