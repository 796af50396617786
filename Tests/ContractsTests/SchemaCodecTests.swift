import ChainKit
import Contracts
import Execution
import Foundation
import Ledger
import Primitives
import Testing

/// Arguments and results as people write and read them.
@Suite struct SchemaCodecTests {
    private let codec = SchemaCodec(network: .development)

    private func parsed(_ json: String) throws -> DynamicValue { try JSONDecoder().decode(DynamicValue.self, from: Data(json.utf8)) }

    @Test func aCallIsWrittenAsItIsSpoken() throws {
        let bob = Person(2).address
        let arguments = try parsed(#"{"payments": [{"to": "\#(bob.text(on: .development))", "amount": "12.5"}]}"#)
        let bytes = try codec.encode(arguments, as: Accounts.transferMany.schema.arguments)
        #expect(bytes == Accounts.transferMany.reference.encode(Bounded([Payment(to: bob, amount: Amount(12_500_000))])!))
        #expect(try codec.decode(bytes, as: Accounts.transferMany.schema.arguments) == .object([
            .init("payments", .list([.object([.init("to", .text(bob.text(on: .development))), .init("amount", .text("12.5"))])])),
        ]))
    }

    @Test func mistakesAreNamedByPath() throws {
        let bob = Person(2).address
        func mistake(_ json: String) throws -> String {
            do {
                _ = try codec.encode(try parsed(json), as: Accounts.transferMany.schema.arguments)
                return "none"
            } catch let error as SchemaCodec.Mismatch { return error.description }
        }
        let text = bob.text(on: .development)
        #expect(try mistake("{}") == "payments: is missing")
        #expect(try mistake(#"{"payments": [], "extra": 1}"#) == "extra: is not a field; there are payments")
        #expect(try mistake(#"{"payments": [{"to": "\#(text)", "amount": "1.0000001"}]}"#)
            == "payments[0].amount: must be an amount of TRL with at most six decimals")
        #expect(try mistake(#"{"payments": [{"to": "\#(bob.text(on: .main))", "amount": "1"}]}"#).hasPrefix("payments[0].to: is not an address of this network"))
        #expect(try mistake(#"{"payments": 7}"#) == "payments: must be a list of at most 256")
        #expect(try mistake("[]") == "must be an object")
    }

    /// Whatever a contract takes or returns can be written down and read back.
    @Test func everyArgumentOfEveryContractSurvives() throws {
        var arbitrary = Arbitrary(seed: 17, addresses: (0..<4).map { Person($0).address })
        for (_, schema) in Catalogue.standard.schemas {
            for method in schema.methods {
                for _ in 0..<40 {
                    var encoder = BCSEncoder()
                    for argument in method.arguments { arbitrary.encode(argument.type, into: &encoder, depth: 0) }
                    let value = try codec.decode(encoder.bytes, as: method.arguments)
                    #expect(try codec.encode(value, as: method.arguments) == encoder.bytes)
                    // Through JSON, too.
                    let again = try JSONDecoder().decode(DynamicValue.self, from: JSONEncoder().encode(value))
                    #expect(try codec.encode(again, as: method.arguments) == encoder.bytes)
                }
            }
        }
    }

    @Test func hostileSchemasAndBytesAreRefused() throws {
        let empty = TypeSchema.list(of: .nothing, max: 1 << 24)
        #expect(throws: BCSError.self) { try codec.decode([0xff, 0xff, 0xff, 0x07], as: empty) }
        // A few bytes of event that would be a million values, by elements without bytes or by records within records.
        let fields = (0..<256).map { FieldSchema(name: "f\($0)", documentation: "", type: .nothing) }
        let wide = TypeSchema.record(name: "Wide", fields), marked = TypeSchema.record(name: "Marked", fields.dropLast() + [FieldSchema(name: "x", documentation: "", type: .scalar(.u8))])
        for element in [wide, marked] {
            let bytes: [UInt8] = [0x80, 0x20] + [UInt8](repeating: 0, count: 4_096)
            #expect(throws: BCSError.self) { try codec.decode(bytes, as: [FieldSchema(name: "all", documentation: "", type: .list(of: element, max: 1 << 24))]) }
        }
        // Long names make much of few bytes, too.
        let name = String(repeating: "n", count: 64), small = TypeSchema.record(name: "Small", [FieldSchema(name: name, documentation: "", type: .scalar(.u8))])
        #expect(throws: BCSError.self) { try codec.decode([0x80, 0x20] + [UInt8](repeating: 0, count: 4_096), as: .list(of: small, max: 1 << 24)) }
        #expect(try codec.decode([9, 1, 2, 3, 4, 5, 6, 7, 8, 9], as: .list(of: small, max: 9)) == .list((1...9).map { .object([.init(name, .number($0))]) }))
        // As many values as bytes are no wonder.
        let plain = [UInt8](repeating: 7, count: 60_000)
        #expect(try codec.decode([0xe0, 0xd4, 0x03] + plain, as: .list(of: .scalar(.u8), max: 1 << 24)) == .list(plain.map { .number(UInt64($0)) }))
        var deep = TypeSchema.scalar(.u8)
        for _ in 0..<100 { deep = .option(deep) }
        #expect(throws: BCSError.self) { try codec.decode([UInt8](repeating: 1, count: 101), as: deep) }
        #expect(throws: SchemaCodec.Mismatch.self) { try codec.encode(.number(1), as: deep) }
        for bad in [DynamicValue.text("+5"), .text("-1"), .text(""), .number(256), .null, .bool(true)] {
            #expect(throws: SchemaCodec.Mismatch.self) { try codec.encode(bad, as: .scalar(.u8)) }
        }
        #expect(try codec.encode(.text("255"), as: .scalar(.u8)) == [255])
    }
}
