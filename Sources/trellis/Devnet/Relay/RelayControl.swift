import Glibc

/// How other commands tell the relay what to do: lines over its socket, each with an answer that ends with `ok` or `error`.
struct RelayControl {
    /// What the system's address of a socket holds, with the zero at its end.
    static let pathBytesMax = 108
    let path: String

    static func address(_ path: String) -> sockaddr_un? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < pathBytesMax else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return address
    }

    /// - Parameter waitingForStart: the relay was started just now, and may not listen yet.
    func ask(_ lines: [String], waitingForStart: Bool = false) throws(CommandFailure) -> [Substring] {
        let descriptor = try connect(tries: waitingForStart ? 200 : 1)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        // A line at a time: neither side has to hold more than that.
        var answers: [Substring] = []
        for line in lines {
            let bytes = Array((line + "\n").utf8)
            guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { throw failure("it does not listen") }
            var text: [UInt8] = []
            while !text.ends("ok\n"), !(text.starts(with: "error".utf8) && text.last == UInt8(ascii: "\n")) {
                var buffer = [UInt8](repeating: 0, count: 4_096)
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0, text.count < 1 << 20 else { throw failure("it does not answer") }
                text += buffer.prefix(count)
            }
            let answer = String(decoding: text, as: UTF8.self)
            if answer.hasPrefix("error") { throw failure("\(line): \(answer.dropLast())") }
            answers += answer.split(separator: "\n").dropLast()
        }
        return answers
    }

    private func connect(tries: Int) throws(CommandFailure) -> Int32 {
        guard let address = Self.address(path) else { throw failure("the path of its socket is too long") }
        for attempt in 1...tries {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            let isConnected = withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 }
            }
            if isConnected { return descriptor }
            close(descriptor)
            if attempt < tries { usleep(20_000) }
        }
        throw failure("nobody listens on \(path)")
    }

    private func failure(_ why: String) -> CommandFailure {
        CommandFailure(code: "devnet.relay", what: "the relay does not do what it is told", why: why, next: "trellis devnet up", status: .unreachable)
    }
}

/// The relay's side of such a connection.
final class RelayConversation {
    private static let lineBytesMax = 1_024

    let descriptor: Int32
    private(set) var isDone = false
    private var text: [UInt8] = []

    init(descriptor: Int32) { self.descriptor = descriptor }

    func read(answering: (Substring) -> String) {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count > 0 else {
            isDone = true
            return
        }
        text += buffer.prefix(count)
        while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
            let answer = Array((answering(Substring(decoding: text[..<end], as: UTF8.self)) + "\n").utf8)
            text.removeFirst(end + 1)
            // An answer fits into the socket's buffer; who does not read it is let go.
            if send(descriptor, answer, answer.count, Int32(MSG_NOSIGNAL)) != answer.count { isDone = true }
        }
        if text.count > Self.lineBytesMax { isDone = true }
    }
}

extension [UInt8] {
    fileprivate func ends(_ text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}
