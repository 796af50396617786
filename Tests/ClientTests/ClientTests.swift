@testable import Client
import Foundation
import Glibc
import Interface
import Testing

/// What a client makes of answers that are none. A running node is met in `CommandTests`.
@Suite struct ClientTests {
    @Test(arguments: ["", "nonsense", "ftp://host", "http://", "http://host?x=1", "http://host#x"]) func whatIsNoEndpointIsRefused(text: String) {
        #expect(throws: ClientError.self) { try Client(text) }
    }

    @Test func endpointsLoseTheirLastSlash() throws {
        #expect(try Client("http://127.0.0.1:1/").endpoint == "http://127.0.0.1:1")
        #expect(Client.escape("a b/ü&") == "a%20b%2F%C3%BC%26")
    }

    @Test func nobodyThereIsUnreachable() async throws {
        let client = try Client("http://127.0.0.1:1")
        await #expect { _ = try await client.chain() } throws: { ($0 as? ClientError)?.code == "client.unreachable" }
    }

    /// Each answer once, from a server that says what it is told to.
    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "client.answer"), ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", "client.answer"),
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "client.answer"), ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx", "client.unreachable"),
        ("nonsense\r\n\r\n", "client.unreachable"), ("", "client.unreachable"), ("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n{", "client.answer"),
        (#"HTTP/1.1 429 Too Many\#r\#nContent-Length: 98\#r\#n\#r\#n{"type":"about:blank","title":"t","status":429,"code":"rate.limited","detail":"slower, my friend"}"#, "rate.limited"),
    ]) func answersThatAreNoneAreErrors(answer: String, code: String) async throws {
        let server = try Answering(answer)
        let client = try Client("http://127.0.0.1:\(server.port)")
        do {
            _ = try await client.chain()
            Issue.record("\(answer) was taken for a chain")
        } catch { #expect(error.code == code, "\(error)") }
    }

    @Test func silenceEndsInTime() async throws {
        let server = try Answering(nil)
        var settings = Client.Settings()
        settings.requestSeconds = 1
        let client = try Client("http://127.0.0.1:\(server.port)", settings: settings)
        await #expect { _ = try await client.chain() } throws: { ($0 as? ClientError)?.code == "client.timeout" }
    }
}

/// A server on this machine that gives every connection the same bytes, or none, and closes it.
final class Answering: @unchecked Sendable {
    let port: UInt16
    private let socket: Int32

    init(_ answer: String?) throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in(), size = socklen_t(MemoryLayout<sockaddr_in>.size)
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) == 0 && listen(socket, 8) == 0 && getsockname(socket, $0, &size) == 0 }
        }
        try #require(bound)
        port = UInt16(bigEndian: address.sin_port)
        self.socket = socket
        Thread.detachNewThread {
            while true {
                let connection = accept(socket, nil, nil)
                guard connection >= 0 else { return }
                var request = [UInt8](repeating: 0, count: 8_192)
                _ = read(connection, &request, request.count)
                if let answer {
                    _ = answer.withCString { write(connection, $0, strlen($0)) }
                    close(connection)
                }
            }
        }
    }

    deinit {
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }
}
