import Execution
import Foundation
import Testing
@testable import trellis

@Suite struct OutputTests {
    @Test(arguments: [
        "null", "true", "[]", "{}", #""""#, "18446744073709551615", #"{"b":1,"a":[1,{"x":null},[[]]]}"#, #""\u0001\"\\ é 😀""#,
    ]) func jsonIsReadAsItWasWritten(text: String) throws {
        let value = try JSONReader.value(Array(text.utf8))
        #expect(try JSONReader.value(Array(PrettyJSON.text(value).utf8)) == value)
        #expect(try JSONReader.value(Array(PrettyJSON.line(value).utf8)) == value)
        // Another reader agrees.
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(PrettyJSON.text(value).utf8), options: .fragmentsAllowed) }
    }

    @Test func textsAreReadWithTheirEscapes() throws {
        #expect(try JSONReader.value(Array(#""A\u00e9\ud83d\ude00\n\/""#.utf8)) == .text("Aé😀\n/"))
        #expect(try JSONReader.value(Array("-1.5e3".utf8)) == .text("-1.5e3"))
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "01", "+1", "1.", "\"\n\"", "\"\\x\"", "\"\\ud83d\"", "\"\\ud83dx\"", "\"\\udc00\"", "\"",
        "tru", "1 2", "\"\\u12g4\"", "\"\\u+123\"", "{1:2}", String(repeating: "[", count: 100), "\u{feff}1",
    ]) func whatIsNotJSONIsRefused(text: String) {
        #expect(throws: JSONReader.Failure.self) { try JSONReader.value(Array(text.utf8)) }
    }

    /// What is cut off anywhere, or altered anywhere, never does more than fail.
    @Test func alteredJSONNeverTraps() throws {
        let good = Array(#"{"a":[1,-2.5,true,null,"x\u00e9\ud83d\ude00"],"b":{"c":"d"}}"#.utf8)
        var generator = SystemRandomNumberGenerator()
        for end in good.indices { _ = try? JSONReader.value(Array(good[..<end])) }
        for _ in 0..<2_000 {
            var bytes = good
            bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            _ = try? JSONReader.value(bytes)
        }
    }

    @Test func yamlQuotesWhatCouldBeSomethingElse() {
        let value = DynamicValue.fields([
            ("plain", .text("word-1.x")), ("number", .text("12")), ("truth", .text("yes")), ("none", .null), ("empty", .list([])),
            ("list", .list([.number(1), .object([.init("a", .text("b: c")), .init("d", .bool(true))]), .list([.text("")])])),
        ])
        #expect(YAMLWriter.text(value) == """
            plain: word-1.x
            number: "12"
            truth: "yes"
            none: null
            empty: []
            list:
              - 1
              - a: "b: c"
                d: true
              - - ""

            """)
    }

    @Test func tablesAreAlignedAndStrangersTextCommandsNoTerminal() {
        let output = CommandOutput.list(
            [.fields([("a", .text("x\u{1b}[31m")), ("b", .number(7))]), .fields([("a", .text("longer")), ("b", .null)])], columns: ["a", "b"], name: "a")
        let text = output.text(.table, schema: "s", warnings: [])
        #expect(!text.contains("\u{1b}"))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 4 && lines[0].hasPrefix("A") && lines[2].hasPrefix("longer"))
        #expect(lines[0].firstIndex(of: "B")?.utf16Offset(in: lines[0]) == lines[1].firstIndex(of: "7")?.utf16Offset(in: lines[1]))
        #expect(output.text(.name, schema: "s", warnings: []).hasSuffix("longer\n"))
    }
}
