import API
import Foundation
import Interface
import Primitives
import Testing

@Suite struct RefusalTests {
    @Test func pathsAndMethods() async throws {
        try await Served.run { api in
            for target in ["/v2/status", "/v1", "/v1/", "/v1//status", "/v1/status/", "/v1/../livez", "/%2e%2e/etc/passwd", "/v1/blocks/1/2", "/../../etc/passwd", "*", "status"] {
                let answer = try await api.get(target)
                #expect(answer.status == 404 || answer.status == 400, "\(target): \(answer.status)")
                if answer.status == 404 { #expect(try answer.problem.code == "route.unknown", "\(target)") }
            }
            let wrong = try await api.ask("DELETE", "/v1/transactions")
            #expect(wrong.status == 405 && wrong.headers["allow"] == "POST")
            #expect(try wrong.problem.code == "route.method")
            #expect(try await api.ask("POST", "/v1/status", [:], []).headers["allow"] == "GET")
            #expect(try await api.ask("PATCH", "/v1/status").status == 405)
            #expect(try await api.ask("FROBNICATE", "/v1/status").status == 400)
            let head = try await api.ask("HEAD", "/v1/chain")
            let get = try await api.get("/v1/chain")
            #expect(head.status == 200 && head.body.isEmpty && head.headers["content-length"] == String(get.body.count))
        }
    }

    @Test func queries() async throws {
        try await Served.run { api in
            for (target, location) in [
                ("/v1/status?x=1", "x"), ("/v1/blocks?limit=0", "limit"), ("/v1/blocks?limit=201", "limit"), ("/v1/blocks?limit=", "limit"),
                ("/v1/blocks?limit=5&limit=6", "limit"), ("/v1/blocks?limit=+5", "limit"), ("/v1/blocks?limit=%D9%A3", "limit"), ("/v1/parameters?height=-1", "height"),
                ("/v1/parameters?height=99999999999999999999", "height"), ("/v1/accounts/\(api.node.text(0))?proof=yes", "proof"),
                ("/v1/accounts/\(api.node.text(0))?Height=1", "Height"),
            ] {
                let answer = try await api.get(target)
                let problem = try answer.problem
                #expect(answer.status == 400 && problem.code == "request.query" && problem.location == location, "\(target): \(answer.text)")
            }
            #expect(try await api.get("/v1/blocks?%ff=1").problem.code == "request.query")
            for cursor in ["", "zz", "00", String(repeating: "0", count: 42), String(repeating: "ab", count: 200)] {
                #expect(try await api.get("/v1/blocks?cursor=\(cursor)").problem.code == "cursor.malformed", "\(cursor)")
            }
            #expect(try await api.get("/v1/blocks?").status == 200)
            #expect(try await api.get("/v1/blocks?&limit=1&").status == 200)
            #expect(try await api.get("/v1/parameters?height=5").problem.code == "height.unknown")
        }
    }

    @Test func bodies() async throws {
        try await Served.run { api in
            for (json, part) in [
                ("", "not JSON"), ("{", "not JSON"), ("[]", "wrong type"), ("null", "null"), (#"{"transaction":1}"#, "wrong type"),
                (#"{"transaction":"zz"}"#, "hexadecimal"), (#"{"transaktion":"0x"}"#, "missing"), ("\u{0}", "not JSON"),
                (String(repeating: "[", count: 100_000), ""), (#"{"transaction":"0x00","transaction":"0x"#, "not JSON"),
            ] {
                let answer = try await api.post("/v1/transactions", json)
                let problem = try answer.problem
                #expect(answer.status == 400 && problem.code == "request.malformed", "\(json.prefix(40)): \(answer.text)")
                #expect(problem.detail.contains(part) || part.isEmpty || part == "null", "\(json.prefix(40)): \(problem.detail)")
            }
            #expect(try await api.post("/v1/transactions", #"{"transaction":1}"#).problem.location == "transaction")
            #expect(try await api.post("/v1/transactions", #"{"transaction":'0x'}"#).problem.location == "byte 15")
            let invalid = try await api.ask("POST", "/v1/transactions", ["Content-Type": "application/json"], [0x22, 0xff, 0xfe, 0x22])
            #expect(invalid.status == 400)
            for type in ["application/xml", "", "multipart/form-data; boundary=x"] {
                let answer = try await api.ask("POST", "/v1/transactions", ["Content-Type": type], Array("{}".utf8))
                #expect(answer.status == 415, "\(type)")
            }
            let deep = #"{"method":"balance","arguments":"# + String(repeating: #"{"a":"#, count: 400) + "1" + String(repeating: "}", count: 401)
            #expect(try await api.post("/v1/contracts/accounts/view", deep).status == 400)
        }
    }

    @Test func largeThings() async throws {
        try await Served.run { api in
            let told = try await api.send(Array(
                "POST /v1/transactions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 1048577\r\n\r\n".utf8))
            #expect(told.status == 413)
            #expect(try told.problem.code == "request.too-large")
            // Without a length: noticed on the way.
            let port = api.port
            let answer = try await off {
                let connection = try RawConnection(port: port)
                try connection.send("POST /v1/transactions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
                let chunk = [UInt8](repeating: 0x20, count: 0x10000)
                for _ in 0..<17 { try? connection.send(Array("10000\r\n".utf8) + chunk + Array("\r\n".utf8)) }
                try? connection.send("0\r\n\r\n")
                return try Answer(try connection.receive { _ in false })
            }
            #expect(answer.status == 413)
            let long = try await api.get("/v1/blocks?cursor=" + String(repeating: "a", count: 9_000))
            #expect(long.status == 414)
            let header = try await api.get("/v1/status", ["X-Large": String(repeating: "a", count: 20_000)])
            #expect(header.status == 400 || header.status == 431)
            let many = try await api.get("/v1/status", Dictionary(uniqueKeysWithValues: (0..<100).map { ("X-H\($0)", "1") }))
            #expect(many.status == 400 || many.status == 431)
            // As large as allowed is only wrong.
            let full = try await api.post("/v1/transactions", bytes: [UInt8](repeating: 0, count: 1 << 20))
            #expect(full.status == 400)
        }
    }

    @Test func names() async throws {
        try await Served.run { $0.hostNames = ["board.example"] } _: { api in
            for host in ["127.0.0.1:\(api.port)", "localhost", "LOCALHOST:1", "[::1]:80", "board.example", "Board.Example:443"] {
                #expect(try await api.get("/v1/status", ["Host": host]).status == 200, "\(host)")
            }
            for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "board.example.evil"] {
                let answer = try await api.get("/v1/status", ["Host": host])
                #expect(answer.status == 421, "\(host)")
                #expect(try answer.problem.code == "request.host")
            }
        }
    }

    @Test func otherOrigins() async throws {
        try await Served.run { $0.origins = ["https://board.example"] } _: { api in
            let friend = try await api.get("/v1/status", ["Origin": "https://board.example"])
            #expect(friend.headers["access-control-allow-origin"] == "https://board.example" && friend.headers["vary"] == "Origin")
            let preflight = try await api.ask("OPTIONS", "/v1/transactions", ["Origin": "https://board.example", "Access-Control-Request-Method": "POST"])
            #expect(preflight.status == 204 && preflight.headers["access-control-allow-methods"]?.contains("POST") == true)
            #expect(try await api.get("/v1/status", ["Origin": "https://evil.example"]).headers["access-control-allow-origin"] == nil)
        }
        try await Served.run { api in
            let answer = try await api.get("/v1/status", ["Origin": "https://board.example"])
            #expect(answer.headers["access-control-allow-origin"] == nil)
            let preflight = try await api.ask("OPTIONS", "/v1/transactions", ["Origin": "https://board.example"])
            #expect(preflight.status == 405)
        }
    }

    @Test func tooManyRequests() async throws {
        try await Served.run { $0.rate = APIConfiguration.RateLimit(perSecond: 0.001, burst: 5) } _: { api in
            for left in (0..<5).reversed() {
                let answer = try await api.get("/v1/status")
                #expect(answer.status == 200 && answer.headers["ratelimit-limit"] == "5" && answer.headers["ratelimit-remaining"] == String(left))
            }
            let refused = try await api.get("/v1/status")
            #expect(refused.status == 429)
            #expect(try refused.problem.code == "rate.limited")
            #expect(refused.headers["retry-after"].flatMap(Int.init).map { (900...1_000).contains($0) } == true, "\(refused.headers)")
            // Probes are not counted.
            #expect(try await api.get("/livez").status == 200)
            #expect(try await api.get("/readyz").status == 200)
        }
    }

    @Test func aNodeThatFails() async throws {
        try await Served.run { api in
            api.node.fail(.storage("disk 3 is on fire"))
            let broken = try await api.get("/v1/blocks/head")
            #expect(broken.status == 500)
            #expect(try broken.problem.code == "node.storage")
            #expect(!broken.text.contains("fire"))
            api.node.fail(.shuttingDown)
            let stopping = try await api.get("/v1/parameters")
            #expect(stopping.status == 503 && stopping.headers["retry-after"] == "1")
        }
    }
}
