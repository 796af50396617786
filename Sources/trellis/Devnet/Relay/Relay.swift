import Glibc

/// A process that stands between nodes: one loop over all sockets. Each link is a port that one node dials to reach one other.
final class Relay {
    /// Connections over one link, and to the control socket.
    private static let pipesMax = 64, controlsMax = 16

    private let control: Int32
    private var controls: [RelayConversation] = []
    private var links: [RelayLink] = []

    init(socket path: String) throws(CommandFailure) {
        guard let address = RelayControl.address(path) else { throw CommandFailure(code: "devnet.directory-too-long", what: "\(path) is too long for a socket") }
        control = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Sockets.quiet, 0)
        let isBound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(control, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 }
        }
        guard control >= 0, isBound, listen(control, 16) == 0 else {
            throw CommandFailure(code: "devnet.relay", what: "the relay cannot listen on \(path)", why: String(cString: strerror(errno)), next: "trellis devnet down")
        }
    }

    /// Never returns: the process is killed.
    func run() -> Never {
        while true { step() }
    }

    private func step() {
        var asked: [pollfd] = [pollfd(fd: control, events: Int16(POLLIN), revents: 0)]
        for conversation in controls { asked.append(pollfd(fd: conversation.descriptor, events: Int16(POLLIN), revents: 0)) }
        for link in links { asked.append(pollfd(fd: link.listener, events: Int16(POLLIN), revents: 0)) }
        let now = Clock.now
        var due = UInt64.max
        for link in links {
            for pipe in link.pipes {
                asked += pipe.interests(now)
                due = min(due, pipe.due)
            }
        }
        let milliseconds: Int32 = due == .max ? 1_000 : due <= now ? 0 : Int32(min(1_000, (due - now) / 1_000_000 + 1))
        guard poll(&asked, nfds_t(asked.count), milliseconds) >= 0 else { return }

        var ready: [Int32: Int16] = [:]
        for entry in asked where entry.revents != 0 { ready[entry.fd] = entry.revents }
        for link in links {
            for pipe in link.pipes { pipe.move(ready, link.rule, Clock.now) }
            link.pipes.removeAll { pipe in
                if pipe.isDone { pipe.close(abruptly: false) }
                return pipe.isDone
            }
            if ready[link.listener] != nil { accept(link) }
        }
        for conversation in controls where ready[conversation.descriptor] != nil { conversation.read(answering: obey) }
        controls.removeAll { conversation in
            if conversation.isDone { close(conversation.descriptor) }
            return conversation.isDone
        }
        if ready[control] != nil, case let descriptor = Sockets.accept(control), descriptor >= 0 {
            if controls.count < Self.controlsMax { controls.append(RelayConversation(descriptor: descriptor)) } else { close(descriptor) }
        }
    }

    private func accept(_ link: RelayLink) {
        let descriptor = Sockets.accept(link.listener)
        guard descriptor >= 0 else { return }
        guard !link.rule.isCut, link.pipes.count < Self.pipesMax, let pipe = RelayPipe(accepted: descriptor, target: link.target) else {
            return Sockets.closeAbruptly(descriptor)
        }
        link.pipes.append(pipe)
    }

    // ── What it is told ──

    /// One line of words; the answer is `ok`, lines and `ok`, or `error` and why.
    private func obey(_ line: Substring) -> String {
        let words = line.split(separator: " ").map(String.init)
        switch words.first {
        case "link" where words.count == 5:
            guard let port = UInt16(words[3]), let target = UInt16(words[4]) else { return "error: a port is no number" }
            if links.contains(where: { $0.from == words[1] && $0.to == words[2] }) { return "ok" }
            guard let listener = Sockets.listen(port) else { return "error: port \(port) cannot be listened on: \(String(cString: strerror(errno)))" }
            links.append(RelayLink(from: words[1], to: words[2], listener: listener, target: target))
            return "ok"
        case "cut" where words.count == 3:
            return change(words) { $0.isCut = true }
        case "shape" where words.count == 6:
            guard let delay = UInt64(words[3]), let jitter = UInt64(words[4]), let rate = UInt64(words[5]), max(delay, jitter) <= RelayRule.millisecondsMax else {
                return "error: delay, jitter and rate are numbers, the first two at most \(RelayRule.millisecondsMax)"
            }
            return change(words) { ($0.delay, $0.jitter, $0.rate) = (delay, jitter, rate) }
        case "heal" where words.count == 1:
            for link in links { link.rule = RelayRule() }
            return "ok"
        case "list" where words.count == 1:
            return links.map { link in
                "\(link.from) \(link.to) \(link.rule.isCut ? "cut" : "open") \(link.rule.delay) \(link.rule.jitter) \(link.rule.rate) \(link.pipes.count)\n"
            }.joined() + "ok"
        default: return "error: not understood"
        }
    }

    private func change(_ words: [String], _ body: (inout RelayRule) -> Void) -> String {
        guard let link = links.first(where: { $0.from == words[1] && $0.to == words[2] }) else { return "error: there is no link from \(words[1]) to \(words[2])" }
        body(&link.rule)
        if link.rule.isCut {
            for pipe in link.pipes { pipe.close(abruptly: true) }
            link.pipes = []
        }
        return "ok"
    }
}

/// What happens to a link.
struct RelayRule {
    static let millisecondsMax: UInt64 = 60_000

    /// Connections break, and new ones are refused.
    var isCut = false
    /// Milliseconds that bytes take, and milliseconds more by chance.
    var delay: UInt64 = 0
    var jitter: UInt64 = 0
    /// Bytes per second in each direction; 0 for as many as there are.
    var rate: UInt64 = 0
}

/// A port that `from` dials to reach `to`.
final class RelayLink {
    let from: String
    let to: String
    let listener: Int32
    let target: UInt16
    var rule = RelayRule()
    var pipes: [RelayPipe] = []

    init(from: String, to: String, listener: Int32, target: UInt16) {
        self.from = from
        self.to = to
        self.listener = listener
        self.target = target
    }
}

/// Time that only goes forward.
enum Clock {
    /// Nanoseconds.
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
