@testable import ContractKit
import Execution
import Primitives
import Testing

/// What the comments of a source become.
@Suite struct DeclarationTests {
    private static let source = """
        //! contract shop: Sells one thing
        //!   and counts.
        //! payable call buy(amount: u64, note: text(20)) -> bool: Buys.
        //! view stock() -> u128: What is left.
        //! error 101 sold_out: Nothing is left. | Come back later.
        //! event Sold(to: address, amount: u64): Somebody bought.
        //! store 3 left -> u128: What is left.
        //! store 4 bought(address, u32) -> u64: By buyer and year.
        int unrelated; //! not at the beginning
        """

    @Test func declarationsBecomeASchema() throws {
        let schema = try Declarations.schema(of: Self.source)
        #expect(schema.name == "shop" && schema.documentation == "Sells one thing and counts.")
        #expect(schema.methods.map(\.name) == ["buy", "stock"])
        #expect(schema.methods[0].kind == .call && schema.methods[0].takesValue && schema.methods[0].result == .scalar(.bool))
        #expect(schema.methods[0].arguments.map(\.type) == [.scalar(.u64), .text(max: 20)])
        #expect(schema.methods[1].kind == .view && schema.methods[1].result == .scalar(.u128))
        #expect(schema.errors.map(\.code) == [100, 101] && schema.errors[1].text == "Nothing is left." && schema.errors[1].hint == "Come back later.")
        #expect(schema.events.map(\.name) == ["Sold"])
        #expect(schema.storage.map(\.tag) == [3, 4] && schema.storage[0].key == nil)
        #expect(schema.storage[1].key == .record(name: "KeyPair", [
            FieldSchema(name: "first", documentation: "Sorts first.", type: .scalar(.address)),
            FieldSchema(name: "second", documentation: "Sorts among equal firsts.", type: .scalar(.u32)),
        ]))
        // What is declared survives the way into code and back.
        #expect(try ContractSchema(bcs: schema.bcs) == schema)
    }

    @Test(arguments: [
        ("contract shop", "line 2"), ("call buy()", "missing"), ("call buy(: Buys.", "a name is missing"), ("call buy(a: u64, a: u64): Buys.", "stands twice"),
        ("call buy(a: float): Buys.", "float is no type"), ("call buy(a: list): Buys.", "list is no type"), ("call for(): Buys.", "nothing can be called for"),
        ("view buy() -> text(99999): Buys.", "number up to 32768"), ("error 99 low: Low.", "begin with 101"), ("error 101 a: A.\n//! error 101 b: B.", "used once"),
        ("store 256 a -> u64: A.", "up to 255"), ("store 1 a(text(3)) -> u64: A.", "a key is"), ("store 1 a(u8, u8, u8) -> u64: A.", "one part or two"),
        ("store 1 a: A.", "-> is missing"), ("payable view a(): A.", "only a call"), ("sell a(): A.", "sell is none of"), ("call a(): A.\n//! view a(): A.", "already"),
        ("contract twice: Again.", "one contract"), ("event E(): E.\n//! event E(): E.", "already"), ("call buy():", "a sentence"),
    ]) func whatIsNoDeclarationIsRefusedWithItsLine(_ line: String, _ reason: String) {
        let error = #expect(throws: KitError.self) { try Declarations.schema(of: "//! contract shop: Sells.\n//! \(line)\n") }
        #expect(error?.code == .declarationMalformed && error?.what.contains("line ") == true)
        if reason != "line 2" { #expect(error?.what.contains(reason) == true, "\(error?.what ?? "")") }
    }

    @Test func aSourceWithoutDeclarationsSaysWhatIsMissing() {
        let error = #expect(throws: KitError.self) { try Declarations.schema(of: "int call(void) { return 0; }") }
        #expect(error?.next == "//! contract NAME: what it is for")
    }

    @Test func testsAreRead() throws {
        let scenario = try Scenario("""
            # A comment.
            deploy name="Two words" with 2.5

            test it works well
                alice buy amount=3 to=@bob with 1 -> true   # and says so
                view stock -> 7
                bob identity.attest subject=@dora kind=x !! subjectSelf
                emits Sold to=@bob amount=3
                bob groups.create members=["@bob","@erin"] label="Two of us"
                pass 60000
            """)
        #expect(scenario.deployment == Scenario.Deployment(arguments: [.init(name: "name", text: "Two words")], value: "2.5"))
        #expect(scenario.tests.map(\.name) == ["it works well"])
        #expect(scenario.tests[0].steps.map(\.step) == [
            .call(who: "alice", contract: nil, method: "buy", [.init(name: "amount", text: "3"), .init(name: "to", text: "@bob")], value: "1", .result("true")),
            .call(who: nil, contract: nil, method: "stock", [], value: nil, .result("7")),
            .call(who: "bob", contract: "identity", method: "attest", [.init(name: "subject", text: "@dora"), .init(name: "kind", text: "x")], value: nil, .failure("subjectSelf")),
            .emits(event: "Sold", [.init(name: "to", text: "@bob"), .init(name: "amount", text: "3")]),
            .call(who: "bob", contract: "groups", method: "create", [.init(name: "members", text: "[\"@bob\",\"@erin\"]"), .init(name: "label", text: "Two of us")], value: nil, .success),
            .pass(60_000),
        ])
        #expect(Set(scenario.people).isSuperset(of: ["alice", "bob", "dora", "erin"]))
        #expect(Scenario.replacing("[\"@bob\", \"@al-ice\"]") { "<\($0)>" } == "[\"<bob>\", \"<al-ice>\"]")
    }

    @Test(arguments: [
        ("alice buy", "steps belong to a test"), ("test", "a test has a name"), ("test a\nalice", "WHO METHOD"), ("test a\nalice buy x", "is not name=value"),
        ("test a\nalice buy -> 1 2", "one word follows"), ("test a\npass soon", "pass MILLISECONDS"), ("test a\nview x with 1 -> 2", "a view takes no value"),
        ("test a\nalice buy x=\"1", "a quote is not closed"), ("test a\nemits", "emits EVENT"),
    ]) func whatIsNoTestIsRefusedWithItsLine(_ text: String, _ reason: String) {
        let error = #expect(throws: KitError.self) { try Scenario(text) }
        #expect(error?.code == .scenarioMalformed && error?.what.contains(reason) == true && error?.what.contains("line ") == true)
    }
}
