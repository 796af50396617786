import API
import Contracts
import Execution
import Foundation
import Interface
import Ledger
import Primitives
import Synchronization
import Testing

/// One message of a stream.
private struct Message: Equatable {
    var id = ""
    var event: String?
    var data = ""

    static func all(_ text: String) -> [Message] {
        // Chunks of the transfer coding end where lines end; their sizes are lines of their own.
        String(decoding: text.utf8.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self).components(separatedBy: "\n\n").compactMap { block in
            var message = Message()
            for line in block.components(separatedBy: "\n") {
                let line = line.trimmingCharacters(in: .whitespacesAndNewlines)
                if line.hasPrefix("id: ") { message.id = String(line.dropFirst(4)) }
                if line.hasPrefix("event: ") { message.event = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { message.data = String(line.dropFirst(6)) }
            }
            return message.data.isEmpty ? nil : message
        }
    }

    var resource: EventResource? { try? EventResource(json: data.utf8) }
}

/// Something that one thread tells another.
private final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}

@Suite struct StreamTests {
    /// Listens until `mark` has come.
    private func listen(_ api: Served, _ target: String, _ headers: [String: String] = [:], until mark: String) async throws -> [Message] {
        let port = api.port
        return try await off {
            let connection = try RawConnection(port: port)
            let extra = headers.map { "\($0): \($1)\r\n" }.joined()
            try connection.send("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\(extra)\r\n")
            let text = try connection.receiveText(until: mark)
            return Message.all(text)
        }
    }

    @Test func fromABlockOn() async throws {
        try await Served.run { api in
            let node = api.node
            node.advance([node.payment(0, 1, 5), node.payment(1, 2, 6)])
            node.advance()
            node.advance([node.payment(0, 1, 7)])
            let messages = try await listen(api, "/v1/events?from=0&type=Transferred", until: "id: 3-0-0\ndata:")
            #expect(messages.count == 3)
            #expect(messages.map(\.id) == ["1-0-0", "1-1-0", "3-0-0"])
            #expect(messages.allSatisfy { $0.event == nil && $0.resource?.name == "Transferred" && $0.resource?.id == $0.id })

            // Goes on behind what was seen, within a block and behind it.
            let rest = try await listen(api, "/v1/events?type=Transferred", ["Last-Event-ID": "1-0-0"], until: "id: 3-0-0\ndata:")
            #expect(rest.map(\.id) == ["1-1-0", "3-0-0"])
            let last = try await listen(api, "/v1/events?from=0&type=Transferred", ["Last-Event-ID": "1"], until: "id: 3-0-0\ndata:")
            #expect(last.map(\.id) == ["3-0-0"])
        }
    }

    @Test func asItHappens() async throws {
        try await Served.run { api in
            let node = api.node
            async let heard = listen(api, "/v1/events?type=Transferred&blocks=1", until: "id: 3\nevent: block\ndata:")
            while !(try await api.get("/metrics").text.contains("trellis_api_streams 1\n")) { try await Task.sleep(for: .milliseconds(20)) }
            node.advance([node.payment(0, 1, 5)])
            node.advance([node.payment(0, 1, 6)])
            node.advance()
            let messages = try await heard
            #expect(messages.map(\.id) == ["1-0-0", "1", "2-0-0", "2", "3"])
            #expect(messages.filter { $0.event == "block" }.count == 3)
            #expect(try BlockResource(json: messages[1].data.utf8).height == 1)
        }
    }

    @Test func filters() async throws {
        try await Served.run { api in
            let node = api.node
            node.advance([node.payment(0, 1, 5), node.payment(2, 3, 6), node.payment(1, 0, 7)])
            node.advance()
            func ids(_ query: String) async throws -> Int {
                try await listen(api, "/v1/events?from=0&blocks=1&\(query)", until: "id: 2\nevent: block\ndata:").filter { $0.event == nil }.count
            }
            #expect(try await ids("contract=accounts") == 3)
            #expect(try await ids("contract=\(Address.accounts.text(on: .development)),staking&type=Transferred") == 3)
            #expect(try await ids("contract=governance") == 0)
            #expect(try await ids("type=Transferred&subject=\(node.text(0))") == 2)
            #expect(try await ids("type=Transferred&subject=\(node.text(3))") == 1)
            #expect(try await ids("type=Burned") == 0)
            for query in ["contract=nothing", "subject=a&subject=b", "from=x", "other=1", "contract=" + String(repeating: "a,", count: 17)] {
                #expect(try await api.get("/v1/events?\(query)").status == 400, "\(query)")
            }
            let half = try await api.get("/v1/events", ["Last-Event-ID": "1-2"])
            #expect(half.status == 400)
        }
    }

    @Test func whoComesTooLateIsTold() async throws {
        try await Served.run { api in
            let node = api.node
            node.advance([node.payment(0, 1, 5)])
            node.advance(by: 3)
            node.advance([node.payment(0, 1, 6)])
            node.prune(below: 4)
            let messages = try await listen(api, "/v1/events?type=Transferred", ["Last-Event-ID": "1-0-0"], until: "id: 5-0-0\ndata:")
            #expect(messages.first?.event == "stream.lagged")
            #expect(try LaggedResource(json: messages[0].data.utf8) == LaggedResource(asked: 1, oldest: 4))
            #expect(messages.map(\.id) == ["3", "5-0-0"])
        }
    }

    @Test func signsOfLife() async throws {
        try await Served.run { $0.heartbeatSeconds = 0.1 } _: { api in
            let port = api.port
            let node = api.node
            let text = try await off {
                let connection = try RawConnection(port: port)
                try connection.send("GET /v1/events?type=Nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
                _ = try connection.receiveText(until: "retry: 1000")
                node.advance(by: 2)
                // What the client remembers moves on, although it is shown nothing.
                return try connection.receiveText(until: ": 2\nid: 2\n\n")
            }
            #expect(Message.all(text).isEmpty)
        }
    }

    /// Whoever follows costs one reading of a block for all, and is let go when it goes.
    @Test func manyListeners() async throws {
        try await Served.run { $0.heartbeatSeconds = 0.5 } _: { api in
            let node = api.node
            let port = api.port
            let count = 200
            let before = node.reads
            let received = try await off {
                let connections = try (0..<count).map { _ in try RawConnection(port: port) }
                for connection in connections { try connection.send("GET /v1/events?type=Transferred HTTP/1.1\r\nHost: localhost\r\n\r\n") }
                for connection in connections { _ = try connection.receiveText(until: "retry: 1000") }
                for round in 0..<5 { node.advance([node.payment(0, 1, UInt128(round + 1))]) }
                return try connections.map { try $0.receiveText(until: "id: 5-0-0\ndata:") }.filter { Message.all($0).count >= 4 }.count
            }
            #expect(received == count)
            #expect(node.reads - before <= 5 + 8)
            // All are gone: nobody is counted after the next sign of life.
            for _ in 0..<50 {
                node.advance()
                if try await api.get("/metrics").text.contains("trellis_api_streams 0\n") { return }
                try await Task.sleep(for: .milliseconds(100))
            }
            Issue.record("streams are still open")
        }
    }

    @Test func noMoreThanAreAllowed() async throws {
        try await Served.run { $0.streamsMax = 2 } _: { api in
            let port = api.port
            try await off {
                let two = try (0..<2).map { _ in try RawConnection(port: port) }
                for connection in two {
                    try connection.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    _ = try connection.receiveText(until: "retry: 1000")
                }
                let third = try RawConnection(port: port)
                try third.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                #expect(try third.receiveText(until: "node.busy").contains("429"))
            }
        }
    }

    /// A listener that reads nothing holds a few kilobytes, not the chain.
    @Test func aListenerThatDoesNotRead() async throws {
        try await Served.run { $0.deadlines.stall = 1 } _: { api in
            let node = api.node
            for round in 0..<40 { node.advance((0..<50).map { _ in node.payment(0, 1, UInt128(round + 1)) }) }
            let port = api.port
            let before = node.reads
            let isCut = Flag()
            async let listener: Void = off {
                let connection = try RawConnection(port: port, receiveBuffer: 4_096)
                try connection.send("GET /v1/events?from=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                while !isCut.isSet { Thread.sleep(forTimeInterval: 0.05) }
            }
            func streams(_ count: Int) async throws {
                for _ in 0..<600 where !(try await api.get("/metrics").text.contains("trellis_api_streams \(count)\n")) { try await Task.sleep(for: .milliseconds(50)) }
            }
            try await streams(1)
            try await streams(0)
            #expect(node.reads - before < 41, "all blocks were read for somebody who takes none")
            #expect(try await api.get("/metrics").text.contains("trellis_api_streams 0\n"))
            isCut.set()
            try await listener
        }
    }
}
