import Contracts
import Execution
import Foundation
import PythonRunner
import Testing

/// The schema of every contract, as the documents that users get.
@Suite struct SchemaDocumentTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func everythingHasAnExplanation() {
        for (_, schema) in Catalogue.standard.schemas {
            #expect(!schema.documentation.isEmpty && !schema.methods.isEmpty)
            for method in schema.methods { #expect(method.documentation.hasSuffix("."), "\(schema.name).\(method.name)") }
            for error in schema.errors { #expect(error.text.hasSuffix(".") && error.hint.hasSuffix("."), "\(schema.name).\(error.name)") }
            #expect(Set(schema.methods.map(\.name)).count == schema.methods.count)
            #expect(Set(schema.events.map(\.name)).count == schema.events.count)
        }
    }

    /// An independent validator holds them against the published JSON Schema, and refuses what is not one.
    @Test(.enabled(if: Python.withSchemas != nil, Python.schemasMissing)) func documentsFollowThePublishedForm() throws {
        let python = try #require(Python.withSchemas)
        let form = try Data(contentsOf: Self.root.appending(path: "Genesis/contract-schema.json"))
        let script = """
            import json, sys, jsonschema
            lines = sys.stdin.buffer.read().split(b"\\n")
            form = json.loads(lines[0])
            jsonschema.Draft202012Validator.check_schema(form)
            judge = jsonschema.Draft202012Validator(form)
            print([judge.is_valid(json.loads(line)) for line in lines[1:]])
            """
        var lines = [Data(String(decoding: form, as: UTF8.self).replacing("\n", with: " ").utf8)]
        for (_, schema) in Catalogue.standard.schemas { lines.append(try JSONEncoder().encode(schema)) }
        let good = lines.count - 1
        for (old, new) in [(#""version":1"#, #""version":2"#), (#""kind":"view""#, #""kind":"look""#), (#""type":"address""#, #""type":"adress""#)] {
            let text = String(decoding: lines[1], as: UTF8.self)
            #expect(text.contains(old))
            lines.append(Data(text.replacing(old, with: new).utf8))
        }
        let answer = try Python.run(python, ["-c", script], input: [UInt8](Data(lines.joined(separator: [0x0a]))))
        let expected = Array(repeating: "True", count: good) + Array(repeating: "False", count: 3)
        #expect(String(decoding: answer, as: UTF8.self) == "[" + expected.joined(separator: ", ") + "]\n")
    }
}
