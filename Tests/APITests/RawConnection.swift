import Foundation
import Glibc

/// A socket to the server, with nothing of HTTP in it: what a test wants to send is sent, in the pieces that it wants.
///
/// It blocks; tests use it on threads of their own, see ``off(_:)``.
final class RawConnection {
    private let descriptor: Int32

    struct Failed: Error, CustomStringConvertible { let description: String }

    init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failed(description: "socket: \(errno)") }
        if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size)) }
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard status == 0 else {
            Glibc.close(descriptor)
            throw Failed(description: "connect: \(errno)")
        }
    }

    deinit { Glibc.close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failed(description: "send: \(errno)") }
            sent += count
        }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// What arrives next; empty at the end.
    func receive(_ max: Int = 65_536) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: max)
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else {
            if errno == ECONNRESET { return [] }
            throw Failed(description: "receive: \(errno)")
        }
        return Array(buffer.prefix(count))
    }

    /// All that arrives until `isEnough`, or the end.
    func receive(until isEnough: ([UInt8]) -> Bool) throws -> [UInt8] {
        var all: [UInt8] = []
        let end = Date().addingTimeInterval(30)
        while !isEnough(all) {
            // Signs of life alone would keep it here for ever.
            guard Date() < end else { throw Failed(description: "not enough in 30 s: \(all.count) bytes") }
            let part = try receive()
            if part.isEmpty { break }
            all += part
        }
        return all
    }

    func receiveText(until mark: String) throws -> String {
        let bytes = Array(mark.utf8)
        return String(decoding: try receive { $0.count >= bytes.count && String(decoding: $0, as: UTF8.self).contains(mark) }, as: UTF8.self)
    }
}

/// Runs what blocks on a thread of its own: the server under test needs the pool's.
func off<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Result { try body() }) }
        thread.start()
    }
}
