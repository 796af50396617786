@testable import Execution
import Foundation
import Ledger
import Primitives
import Testing

/// Values that describe themselves, and the JSON that comes of it.
@Suite struct SchemaTests {
    @Test func recordsAndChoicesAreTheirLists() throws {
        #expect(Corner.schema == .record(name: "Corner", [
            FieldSchema(name: "x", documentation: "To the east.", type: .scalar(.u16)),
            FieldSchema(name: "y", documentation: "To the north.", type: .scalar(.u16)),
        ]))
        #expect(Corner(x: 1, y: 2)!.bcs == [1, 0, 2, 0])
        #expect(throws: BCSError.self) { try Corner(bcs: [2, 0, 1, 0]) }
        #expect(Shape.point.bcs == [0])
        #expect(Shape.circle(3).bcs == [1, 3, 0, 0, 0, 0, 0, 0, 0])
        let path = Shape.path(Bounded([Corner(x: 1, y: 2)!])!)
        #expect(path.bcs == [2, 1, 1, 0, 2, 0])
        for shape in [.point, .circle(3), path] { #expect(try Shape(bcs: shape.bcs) == shape) }
        #expect(throws: BCSError.self) { try Shape(bcs: [3]) }
        #expect(UInt64?.schema == .option(.scalar(.u64)) && BoundedBytes<9>.schema == .bytes(max: 9))
        #expect(throws: BCSError.self) { try BoundedBytes<2>(bcs: [3, 1, 1, 1]) }
    }

    @Test func keysSortAsTheirValuesDo() {
        func bytes(_ key: some OrderedKey) -> [UInt8] {
            var bytes: [UInt8] = []
            key.append(to: &bytes)
            return bytes
        }
        var random = SeededGenerator(seed: 5)
        for _ in 0..<500 {
            let one = KeyPair(UInt16(random.next() % 500), random.next() >> (random.next() % 64))
            let two = KeyPair(UInt16(random.next() % 500), random.next() >> (random.next() % 64))
            let sorted = (one.first, one.second) < (two.first, two.second)
            #expect(bytes(one).lexicographicallyPrecedes(bytes(two)) == sorted)
            var position = 0
            #expect(KeyPair<UInt16, UInt64>(reading: bytes(one), at: &position) == one && position == 10)
            position = 1
            #expect(KeyPair<UInt16, UInt64>(reading: bytes(one), at: &position) == nil)
        }
        let pair = KeyPair("ab" as MethodName, Address([UInt8](repeating: 7, count: 20))!)
        var position = 0
        #expect(KeyPair<MethodName, Address>(reading: bytes(pair), at: &position) == pair && position == 23)
    }

    @Test func theDocumentSurvivesJSON() throws {
        let schema = ProbeA.contractSchema
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let json = try encoder.encode(schema)
        #expect(try JSONDecoder().decode(ContractSchema.self, from: json) == schema)
        let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        let methods = try #require(object["methods"] as? [[String: Any]])
        let touch = try #require(methods.first { $0["name"] as? String == "touch" })
        #expect(touch["kind"] as? String == "call" && touch["takesValue"] as? Bool == true)
        #expect((touch["result"] as? [String: Any])?["type"] as? String == "u64")
        #expect((object["errors"] as? [[String: Any]])?.first?["hint"] as? String == "Ask for something else.")
        #expect((object["storage"] as? [[String: Any]])?.map { $0["name"] as? String } == ["counter", "marks", "raw"])
    }

    @Test func everyTypeSurvivesJSON() throws {
        let types: [TypeSchema] = TypeSchema.Scalar.allCases.map { .scalar($0) } + [
            .fixedBytes(12), .bytes(max: 5), .text(max: 6), .option(.scalar(.u8)), .list(of: .text(max: 3), max: 4), Shape.schema, Corner.schema, .nothing,
        ]
        for type in types {
            #expect(try JSONDecoder().decode(TypeSchema.self, from: JSONEncoder().encode(type)) == type)
        }
        for bad in [#"{"type":"u9"}"#, #"{"type":"list","of":{"type":"u8"}}"#, #"{"type":"bytes","max":-1}"#, #"{}"#, #"{"type":"option"}"#] {
            #expect(throws: DecodingError.self) { try JSONDecoder().decode(TypeSchema.self, from: Data(bad.utf8)) }
        }
        let deep = String(repeating: #"{"type":"option","of":"#, count: 100) + #"{"type":"u8"}"# + String(repeating: "}", count: 100)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(TypeSchema.self, from: Data(deep.utf8)) }
    }

    /// What a stranger's schema may not be: it would mislead who reads it, or become more than its bytes.
    @Test func strangersSchemasAreChecked() throws {
        func survives(
            methods: [String] = [], arguments: [FieldSchema] = [], errors: [String] = [], events: [String] = [], storage: [String] = [], result: TypeSchema = .nothing
        ) throws -> Bool {
            let schema = ContractSchema(
                name: "Any name is text", documentation: "", methods: methods.map { MethodSchema(name: $0, documentation: "", kind: .call, takesValue: false, arguments: arguments, result: result) },
                errors: errors.enumerated().map { ErrorSchema(code: UInt32(100 + $0.offset), name: $0.element, text: "", hint: "") },
                events: events.map { EventSchema(name: $0, documentation: "", fields: []) },
                storage: storage.enumerated().map { StorageSchema(tag: UInt8($0.offset), name: $0.element, documentation: "", key: nil, value: .nothing) })
            guard let found = try? ContractSchema(bcs: schema.bcs) else { return false }
            #expect(found == schema)
            return true
        }
        func field(_ name: String, _ type: TypeSchema = .scalar(.u8)) -> FieldSchema { FieldSchema(name: name, documentation: "", type: type) }
        func record(_ fields: FieldSchema...) -> TypeSchema { .record(name: "R", fields) }
        func choice(_ names: String...) -> TypeSchema { .choice(name: "C", names.map { CaseSchema(name: $0, documentation: "", type: nil) }) }
        #expect(try survives(methods: ["run", "Run", "run_2"], arguments: [field("a"), field("b")], errors: ["low", "high"], events: ["E", "F"], storage: ["s", "t"], result: record(field("a"), field("b", choice("x", "y")))))
        // Names: the Kelvin sign is a K to Swift, and not to the machine.
        for bad in ["", "1a", "_a", "a b", "caf\u{e9}", "\u{212a}ind", "a.b", "a\u{0}"] {
            #expect(try !survives(methods: [bad]) && !survives(errors: [bad]) && !survives(events: [bad]) && !survives(storage: [bad]))
            #expect(try !survives(methods: ["run"], arguments: [field(bad)]) && !survives(methods: ["run"], result: record(field(bad))) && !survives(methods: ["run"], result: choice(bad)))
        }
        #expect(try !survives(methods: ["a", "a"]) && !survives(errors: ["a", "a"]) && !survives(events: ["a", "b", "a"]) && !survives(storage: ["a", "a"]))
        #expect(try !survives(methods: ["run"], arguments: [field("a"), field("a")]) && !survives(methods: ["run"], result: record(field("a"), field("a"))) && !survives(methods: ["run"], result: choice("a", "a")))
        // Lists whose elements take no bytes, however that is hidden.
        for empty in [.nothing, record(), record(field("a", .nothing)), record(field("a", record(field("b", .fixedBytes(0)))))] as [TypeSchema] {
            #expect(try survives(methods: ["run"], result: empty) && !survives(methods: ["run"], result: .list(of: empty, max: 3)))
            #expect(try !survives(methods: ["run"], result: .option(record(field("a", .list(of: empty, max: 3))))))
            #expect(try survives(methods: ["run"], result: .list(of: .option(empty), max: 3)) && survives(methods: ["run"], result: .list(of: record(field("a", empty), field("b")), max: 3)))
        }
    }

    @Test func theMachinesOwnRecordsAreDescribed() {
        let names = ChainRecords.storage.map(\.name)
        #expect(Set(names).count == names.count && Set(ChainRecords.storage.map(\.tag)).count == names.count)
        guard case .record(_, let fields) = NetworkParameters.schema else { return #expect(Bool(false)) }
        #expect(fields.count == NetworkParameters.fields.count + 1)
        #expect(ErrorSchema.system.allSatisfy { $0.code < 100 && !$0.text.isEmpty && !$0.hint.isEmpty })
    }
}
