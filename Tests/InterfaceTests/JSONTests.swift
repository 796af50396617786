import Execution
import Foundation
import Interface
import Ledger
import Primitives
import Testing

@Suite struct JSONTests {
    private let event = SimulatedEvent(
        contract: AddressText(Address(), on: .development), contractName: nil, name: "line\nquote\" back\\slash \u{1} é 🌳",
        fields: .object([.init("b", .list([.null, .bool(true), .number(.max)])), .init("a", .text("x"))]), data: Hex([1, 2]))

    @Test func membersKeepTheirOrderAndTextIsEscaped() throws {
        let text = String(decoding: event.json, as: UTF8.self)
        #expect(text == #"{"contract":"\#(event.contract.text)","name":"line\u000aquote\" back\\slash \u0001 é 🌳","#
            + #""fields":{"b":[null,true,18446744073709551615],"a":"x"},"data":"0x0102"}"#)
    }

    /// Another reader understands what the writer wrote.
    @Test func foundationReadsIt() throws {
        let read = try SimulatedEvent(json: event.json)
        #expect(read.name == event.name)
        #expect(read.fields?["b"] == event.fields?["b"])
        let page = PageResource(items: [event, event], next: "n", height: 3)
        #expect(try PageResource<SimulatedEvent>(json: page.json).items.map(\.data) == [event.data, event.data])
        let empty = PageResource<SimulatedEvent>(items: [], next: nil, height: 0)
        #expect(String(decoding: empty.json, as: UTF8.self) == #"{"items":[],"height":0}"#)
    }

    @Test func wrongFieldsSayWhere() throws {
        let json = #"{"calls":[{"contract":"accounts","method":"x","value":"1"},{"contract":"accounts","method":"x","value":"1.5"}]}"#
        let error = #expect(throws: DecodingError.self) { try SimulationRequest(json: json.utf8) }
        guard case .dataCorrupted(let context) = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(context.codingPath.map(\.stringValue) == ["calls", "Index 1", "value"])
        #expect(context.debugDescription.contains("base units"))
    }

    @Test(arguments: [
        ("", 0), ("{", 1), ("{}", nil), (" [1, -0.5e+3, \"\\u00e9\", true, null] ", nil), ("{\"a\":}", 5), ("{\"a\" 1}", 5), ("01", 1), ("[01]", 2),
        ("\"a", 2), ("\"\\x\"", 2), ("\"\u{1}\"", 1), ("truth", 3), ("1.", 2), ("-", 1), ("{'a':1}", 1), ("[] []", 3), ("nul", 3),
    ] as [(String, Int?)])
    func whereJSONEnds(_ text: String, _ fault: Int?) {
        #expect(JSONScanner.fault(in: Array(text.utf8)) == fault)
        #expect(((try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil) == (fault == nil))
    }

    @Test func deepJSON() {
        // Foundation on this system takes a comma at the end.
        #expect(JSONScanner.fault(in: Array("[1,]".utf8)) == 3)
        #expect(JSONScanner.fault(in: [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)) == 513)
    }
}
