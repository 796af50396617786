@testable import Client
import Foundation
import Glibc
import Interface
import Synchronization
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

    /// A stream that breaks goes on behind the last event that was heard, and only there.
    @Test(.timeLimit(.minutes(15))) func aBrokenStreamGoesOnWhereItEnded() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
        func lagged(_ asked: Int, id: String) -> String { "id: \(id)\nevent: stream.lagged\ndata: {\"asked\":\(asked),\"oldest\":9}\n\n" }
        let server = try Answering(
            head + ": alive\n\n" + lagged(1, id: "5-0-1") + "data: {\"half", head + "event: of.tomorrow\ndata: x\n\nid: 7-0-0\n\n" + lagged(2, id: "8-0-0"),
            #"HTTP/1.1 410 Gone\#r\#nContent-Length: 92\#r\#n\#r\#n{"type":"about:blank","title":"t","status":410,"code":"height.pruned","detail":"it is gone"}"#)
        let client = try Client("http://127.0.0.1:\(server.port)")
        var selection = EventSelection()
        selection.from = 3
        var asked: [UInt64] = []
        do {
            for try await item in client.events(selection) {
                if case .lagged(let lagged) = item { asked.append(lagged.asked) }
            }
            Issue.record("the stream ended without a reason")
        } catch { #expect(error.code == "height.pruned") }
        #expect(asked == [1, 2])
        let requests = server.requests.map { $0.lowercased() }
        try #require(requests.count == 3)
        #expect(requests[0].contains("from=3") && !requests[0].contains("last-event-id"))
        #expect(requests[1].contains("last-event-id: 5-0-1\r\n") && !requests[1].contains("from="))
        #expect(requests[2].contains("last-event-id: 8-0-0\r\n"))
    }

    @Test func silenceEndsInTime() async throws {
        let server = try Answering(nil)
        var settings = Client.Settings()
        settings.requestSeconds = 1
        let client = try Client("http://127.0.0.1:\(server.port)", settings: settings)
        await #expect { _ = try await client.chain() } throws: { ($0 as? ClientError)?.code == "client.timeout" }
    }
}

/// A server on this machine that gives each connection its answer, the last one to all that follow, and closes it; nil says nothing.
final class Answering: Sendable {
    let port: UInt16
    private let socket: Int32
    private let heard = Mutex<[String]>([])

    /// What was asked, a request for each connection.
    var requests: [String] { heard.withLock { $0 } }

    init(_ answers: String?...) throws {
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
        Thread.detachNewThread { [weak self] in
            var left = answers[...]
            while true {
                let connection = accept(socket, nil, nil)
                guard connection >= 0 else { return }
                var request = [UInt8](repeating: 0, count: 8_192)
                let count = read(connection, &request, request.count)
                let text = String(decoding: request.prefix(max(count, 0)), as: UTF8.self)
                self?.heard.withLock { $0.append(text) }
                let answer = left.first ?? nil
                if left.count > 1 { left.removeFirst() }
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
