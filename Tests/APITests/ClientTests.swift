import API
import ChainKit
import Foundation
import Interface
import Ledger
import Primitives
import Testing

/// How clients behave on their connections, well and badly.
@Suite struct ClientTests {
    @Test func manyRequestsOnOneConnection() async throws {
        try await Served.run { api in
            let port = api.port
            let text = try await off {
                let connection = try RawConnection(port: port)
                // Two at once, then one in pieces, then the last.
                try connection.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nGET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
                try connection.send("GET /livez HTTP")
                Thread.sleep(forTimeInterval: 0.05)
                try connection.send("/1.1\r\nHost: localhost\r\n\r\nGET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return String(decoding: try connection.receive { _ in false }, as: UTF8.self)
            }
            #expect(text.components(separatedBy: "HTTP/1.1 200 OK").count == 5)
        }
    }

    @Test(arguments: ["GET / HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n", "GET /livez HTTP/1.1\r\nHost : x\r\n\r\n", "GET /livez HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"])
    func whatIsNoHTTP(_ text: String) async throws {
        try await Served.run { api in
            let port = api.port
            let answer = try await off {
                let connection = try RawConnection(port: port)
                try connection.send(text)
                return String(decoding: try connection.receive { _ in false }, as: UTF8.self)
            }
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.0 4") || answer.hasPrefix("HTTP/1.1 505"), "\(answer.prefix(100))")
            #expect(try await api.get("/livez").status == 200)
        }
    }

    /// A byte now and then keeps no connection open. A busy machine may be late, but not as late as the deadlines that nobody has set, 30 s.
    @Test func slowHeadsAndBodies() async throws {
        try await Served.run {
            $0.deadlines.head = 0.5
            $0.deadlines.body = 0.5
        } _: { api in
            let port = api.port
            func ends(_ start: String) async throws -> Bool {
                try await off {
                    let connection = try RawConnection(port: port)
                    try connection.send(start)
                    // Twenty seconds and more, and fewer bytes than were announced.
                    for _ in 0..<200 {
                        Thread.sleep(forTimeInterval: 0.1)
                        // The second send after the other side has closed fails.
                        do { try connection.send("a") } catch { return true }
                    }
                    return false
                }
            }
            #expect(try await ends("GET /livez HTTP/1.1\r\nX-Slow: "))
            #expect(try await ends("POST /v1/transactions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"))
            let idle = try await off {
                let connection = try RawConnection(port: port)
                let began = Date()
                _ = try connection.receive()
                return Date().timeIntervalSince(began)
            }
            #expect(idle > 0.3 && idle < 20)
            // What takes long on the server's side is not the client's fault.
            let signed = api.node.payment(0, 1, 1)
            let waiting = try await api.post("/v1/transactions?wait=committed&timeout=2", #"{"transaction":"0x\#(signed.envelope.hex)"}"#)
            #expect(waiting.status == 202)
        }
    }

    @Test func aBodyAnnounced() async throws {
        try await Served.run { api in
            let port = api.port
            let text = try await off {
                let connection = try RawConnection(port: port)
                try connection.send("POST /v1/transactions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
                let invitation = try connection.receiveText(until: "\r\n\r\n")
                try connection.send("{}")
                return invitation + String(decoding: try connection.receive { _ in false }, as: UTF8.self)
            }
            #expect(text.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400"), "\(text.prefix(80))")
        }
    }

    @Test func moreConnectionsThanAllowedWait() async throws {
        try await Served.run {
            $0.connectionsMax = 3
            $0.deadlines.head = 1
        } _: { api in
            let port = api.port
            let text = try await off {
                let idle = try (0..<3).map { _ in try RawConnection(port: port) }
                Thread.sleep(forTimeInterval: 0.2)
                let fourth = try RawConnection(port: port)
                try fourth.send("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                // The idle ones are closed in time, and make room.
                let text = String(decoding: try fourth.receive { _ in false }, as: UTF8.self)
                _ = idle.count
                return text
            }
            #expect(text.contains("200 OK"))
        }
    }

    @Test func filesFromMemory() async throws {
        let files = StaticFiles([
            "/index.html": StaticFiles.File(bytes: Array("<h1>board</h1>".utf8), contentType: "text/html; charset=utf-8"),
            "/app.js": StaticFiles.File(bytes: Array("1".utf8), contentType: "text/javascript"),
        ])
        try await Served.run(files: files) { api in
            let page = try await api.get("/")
            #expect(page.text == "<h1>board</h1>" && page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.headers["content-security-policy"]?.contains("default-src 'self'") == true)
            let etag = try #require(page.headers["etag"])
            let again = try await api.get("/index.html", ["If-None-Match": "\"x\", \(etag)"])
            #expect(again.status == 304 && again.body.isEmpty)
            #expect(try await api.get("/app.js", ["If-None-Match": etag]).text == "1")
            #expect(try await api.ask("HEAD", "/app.js").headers["content-length"] == "1")
            for target in ["/app.js/", "//app.js", "/./app.js", "/%61pp.js", "/APP.JS"] { #expect(try await api.get(target).status == 404, "\(target)") }
            #expect(try await api.ask("POST", "/", [:], []).status == 404)
        }
    }

    @Test func aPortInUse() async throws {
        try await Served.run { api in
            var configuration = APIConfiguration()
            configuration.port = api.port
            let second = APIServer(node: TestNode(), configuration: configuration)
            let port = Task { try await second.port }
            await #expect(throws: (any Error).self) { try await second.run() }
            await #expect(throws: (any Error).self) { try await port.value }
        }
    }
}
