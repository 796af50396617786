@testable import Client
import Testing

@Suite struct EventLinesTests {
    private typealias Message = EventLines.Message

    private func messages(_ text: String, pieces: Int = .max) throws -> [EventLines.Message] {
        var lines = EventLines(), all: [EventLines.Message] = []
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            all += try lines.append(bytes.prefix(pieces))
            bytes = bytes.dropFirst(pieces)
        }
        return all
    }

    private func message(_ event: String = "message", _ data: String? = nil, id: String? = nil, retry: UInt64? = nil) -> EventLines.Message {
        EventLines.Message(event: event, data: Array((data ?? "").utf8), id: id, retry: retry, hasData: data != nil)
    }

    /// Examples of the HTML Living Standard, §9.2.6.
    @Test func theStandardsExamplesAreRead() throws {
        #expect(try messages("data: YHOO\ndata: +2\ndata: 10\n\n") == [message("message", "YHOO\n+2\n10")])
        #expect(try messages(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n") == [
            message("message", "first event", id: "1"), message("message", "second event", id: ""), message("message", " third event"),
        ])
        #expect(try messages("data\n\ndata\ndata\n\ndata:") == [message("message", ""), message("message", "\n")])
        #expect(try messages("data:test\n\ndata: test\n\n") == [message("message", "test"), message("message", "test")])
    }

    /// Whatever ends lines, and wherever the pieces are cut.
    @Test(arguments: ["\n", "\r", "\r\n"], [1, 2, 3, 7, 1_000]) func linesEndInThreeWays(end: String, pieces: Int) throws {
        let text = ["\u{feff}retry: 1000", "id: 4", "", ": alive", "event: block", "data: {}", "id: 5", "", "data: é", ""].map { $0 + end }.joined()
        #expect(try messages(text, pieces: pieces) == [
            message(id: "4", retry: 1_000), message("block", "{}", id: "5"), message("message", "é"),
        ])
    }

    @Test func aMessageWithoutEndIsNotKeptForEver() throws {
        var lines = EventLines()
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        #expect(throws: EventLines.TooLong.self) {
            for _ in 0..<5 { _ = try lines.append(piece) }
        }
    }
}
