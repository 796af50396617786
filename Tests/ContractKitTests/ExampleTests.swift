@testable import ContractKit
import Execution
import Foundation
import Testing

/// A directory that goes away with whoever made it.
final class Place {
    let path = NSTemporaryDirectory() + "trellis-kit-\(UInt32.random(in: 0 ... .max))"
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func contract(_ language: ContractLanguage, _ source: String, from template: Template = .counter) throws -> ContractProject {
        let project = try ContractProject.make(at: "\(path)/\(UInt32.random(in: 0 ... .max))", language, from: template)
        try source.write(toFile: project.sourcePath, atomically: true, encoding: .utf8)
        return project
    }
}

let hasToolchain = (try? Toolchain().find("wasm-ld")) != nil && (try? Toolchain().find("clang")) != nil && (try? Toolchain().find("swiftc")) != nil

/// The three examples, in both languages: they build with the Swift toolchain alone, hold their tests, and the fuzzer finds nothing.
@Suite(.enabled(if: hasToolchain, "no Swift toolchain on the path")) struct ExampleTests {
    @Test(arguments: Template.allCases, ContractLanguage.allCases) func examplesHoldTheirTests(_ template: Template, _ language: ContractLanguage) throws {
        let place = try Place(), project = try ContractProject.make(at: place.path + "/example", language, from: template)
        let built = try project.build()
        print("  \(template) in \(language): \(built.code.count) bytes")
        #expect(built.schema.name == template.rawValue)
        #expect(built.code.count < (language == .c ? 12_288 : 20_480))
        let tester = try ContractTester(built, tests: try String(contentsOfFile: project.testPath, encoding: .utf8))
        let (results, gas) = try tester.run()
        #expect(results.count >= 2)
        for result in results {
            #expect(result.failure == nil, "\(result.name), line \(result.failure?.line ?? 0): \(result.failure?.reason ?? "")\n\(result.failure?.trace ?? "")")
        }
        // Every method was called with success by some test, but for init, which deploying has called.
        #expect(Set(gas.map(\.method)).isSuperset(of: built.schema.methods.map(\.name).filter { $0 != "init" && !$0.hasPrefix("invariant_") }))
        #expect(gas.allSatisfy { $0.least > 0 && $0.least <= $0.median && $0.median <= $0.most })
        let finding = try tester.fuzz(count: 300, seed: 7)
        #expect(finding == nil, "\(finding?.reason ?? "")\n\(finding?.calls.joined(separator: "\n") ?? "")\n\(finding?.trace ?? "")")
    }

    /// Both languages make contracts that their callers cannot tell apart.
    @Test(arguments: Template.allCases) func languagesAgree(_ template: Template) throws {
        let place = try Place()
        let one = try ContractProject.make(at: place.path + "/c", .c, from: template).build()
        let other = try ContractProject.make(at: place.path + "/swift", .swift, from: template).build()
        #expect(one.schema == other.schema)
        // The same source makes the same code.
        #expect(try ContractProject(place.path + "/c").build().code == one.code)
    }

    // ── What is wrong is told ──

    private static let head = """
        //! contract odd: Odd.
        //! call run(a: u64) -> u64: Runs.
        //! error 101 low: Low. | Give more.
        //! event Ran(a: u64): It ran.
        //! view invariant_small() -> bool: The value is small.
        //! store 0 value -> u64: A value.
        #include "contract.h"

        """

    @Test func mistakesInASourceAreTheCompilersToTell() throws {
        let place = try Place()
        func refusal(_ source: String, _ language: ContractLanguage = .c) throws -> KitError? {
            let project = try place.contract(language, source)
            return #expect(throws: KitError.self) { try project.build() }
        }
        // Declared and not written; written with another type; a function that nobody has.
        let missing = try refusal(Self.head + "bool invariant_small(void) { return true; }")
        #expect(missing?.code == .buildFailed && missing?.why?.contains("run") == true)
        let other = try refusal(Self.head + "uint32_t run(uint64_t a) { return 1; } bool invariant_small(void) { return true; }")
        #expect(other?.code == .buildFailed && other?.why?.contains("conflicting types for 'run'") == true)
        let swift = try refusal("//! contract odd: Odd.\n//! view run() -> u64: Runs.\nenum Contract: ContractMethods { static func run() -> Bool { true } }", .swift)
        #expect(swift?.code == .buildFailed && swift?.why?.contains("does not conform to protocol") == true)
        // Floating point gets through the compiler and not past the machine.
        let floating = try refusal(Self.head + "uint64_t run(uint64_t a) { volatile double x = a; return x * 1.5; } bool invariant_small(void) { return true; }")
        #expect(floating?.code == .codeRefused && floating?.why?.contains("floating point may not be used") == true && floating?.why?.contains("function ") == true)
    }

    @Test func directoriesAreNotMixedUp() throws {
        let place = try Place(), project = try ContractProject.make(at: place.path + "/one", .c)
        #expect(#expect(throws: KitError.self) { try ContractProject.make(at: place.path + "/one", .c) }?.code == .projectExists)
        #expect(#expect(throws: KitError.self) { try ContractProject(place.path) }?.code == .projectUnknown)
        try "".write(toFile: project.path + "/contract.swift", atomically: true, encoding: .utf8)
        #expect(#expect(throws: KitError.self) { try ContractProject(project.path) }?.code == .projectUnknown)
    }

    /// What goes to a store, an event or a result has a bound, and nothing is written behind it: what is longer is refused, and what was
    /// there stays. The buffer that all share is as long as the longest of them.
    @Test(arguments: ContractLanguage.allCases) func longTextsAreRefusedWhereverTheyGo(_ language: ContractLanguage) throws {
        let place = try Place(), declarations = """
            //! contract names: Keeps names.
            //! call keep(name: text(1000)): Keeps a name.
            //! call keep_at(number: u8, name: text(1000)): Keeps one of many.
            //! call tell(name: text(1000)): Tells a name.
            //! call echo(name: text(1000)) -> text(8): Gives it back.
            //! view title() -> text(8): The name.
            //! view title_at(number: u8) -> text(8): One of many.
            //! event Told(name: text(8)): A name.
            //! store 0 kept -> text(8): The name.
            //! store 1 many(u8) -> text(8): Many.

            """
        let source = declarations + (language == .c ? """
            #include "contract.h"
            void keep(trellis_bytes name) { kept_set(name); }
            void keep_at(uint8_t number, trellis_bytes name) { many_set(number, name); }
            void tell(trellis_bytes name) { emit_Told(name); }
            trellis_bytes echo(trellis_bytes name) { return name; }
            trellis_bytes title(void) { return kept_get(); }
            trellis_bytes title_at(uint8_t number) { return many_get(number); }
            """ : """
            enum Contract: ContractMethods {
                static func keep(name: [UInt8]) { Stores.kept.set(name) }
                static func keepAt(number: UInt8, name: [UInt8]) { Stores.many.set(number, name) }
                static func tell(name: [UInt8]) { emit(Told(name: name)) }
                static func echo(name: [UInt8]) -> [UInt8] { name }
                static func title() -> [UInt8] { Stores.kept.value ?? [] }
                static func titleAt(number: UInt8) -> [UInt8] { Stores.many[number] ?? [] }
            }
            """)
        let nine = "ninebytes", long = String(repeating: "long", count: 250)
        let tests = "test bounds hold\n" + ["keep", "keep_at number=1", "tell", "echo"].flatMap { method in
            ["alice \(method) name=eightbyt", "alice \(method) name=\(nine) !! arguments_malformed", "alice \(method) name=\(long) !! arguments_malformed"]
        }.map { "    \($0)\n" }.joined() + "    view title -> eightbyt\n    view title_at number=1 -> eightbyt\n    alice echo name=eightbyt -> eightbyt\n"
        let result = try ContractTester(place.contract(language, source).build(), tests: tests).run().results[0]
        #expect(result.failure == nil, "line \(result.failure?.line ?? 0), \(result.failure?.step ?? ""): \(result.failure?.reason ?? "")")
    }

    /// Planted mistakes: the fuzzer finds each, and tells how.
    @Test(arguments: [
        ("uint64_t run(uint64_t a) { if (a == 7) __builtin_trap(); return a; }", "it traps: unreachable"),
        ("uint64_t run(uint64_t a) { if (a > 1000) for (;;) value_set(a); return a; }", "more gas than a transaction can have"),
        ("uint64_t run(uint64_t a) { if (a == 3) trellis_refuse(555); return a; }", "refuses with 555"),
        ("uint64_t run(uint64_t a) { if (a == 3) trellis_host_emit(\"Ran\", 3, &a, 7); return a; }", "an event is not what the schema says: Ran"),
        ("uint64_t run(uint64_t a) { value_set(a); return a; }", "invariant_small is not true"),
        ("uint64_t run(uint64_t a) { return 100 / (a - 5); }", "it traps: divisionByZero"),
    ]) func theFuzzerFindsMistakes(_ function: String, _ reason: String) throws {
        let place = try Place()
        let project = try place.contract(.c, Self.head + function + "\nbool invariant_small(void) { return value_get() < 1000000; }\n")
        let tester = try ContractTester(project.build(), tests: "")
        let finding = try #require(try tester.fuzz(count: 600, seed: 1))
        #expect(finding.reason.contains(reason), "\(finding.reason)")
        #expect(finding.calls.last?.contains("run") == true && finding.trace.contains("gas)"))
        // The same seed finds the same.
        #expect(try tester.fuzz(count: 600, seed: 1)?.calls == finding.calls)
    }

    @Test func failedTestsSayWhyAndShowWhatTheCallDid() throws {
        let place = try Place(), project = try place.contract(
            .c, Self.head + "uint64_t run(uint64_t a) { trellis_debug(\"here I am\"); value_set(a); emit_Ran(a); return a + 1; }\nbool invariant_small(void) { return true; }\n")
        func failure(_ steps: String) throws -> ContractTester.Failure? {
            try ContractTester(project.build(), tests: "test one\n    pass 1\n    \(steps)\n").run().results[0].failure
        }
        let wrong = try #require(try failure("alice run a=1 -> 3"))
        #expect(wrong.line == 3 && wrong.reason == "expected 3, got 2" && wrong.step == "alice run a=1 -> 3")
        #expect(wrong.trace.contains("debug \"here I am\"") && wrong.trace.contains("storage_write 00, 0100000000000000") && wrong.trace.contains(" gas)"))
        #expect(try failure("alice run a=1 !! low")?.reason == "expected the failure low, got 2")
        #expect(try failure("alice run b=1")?.reason.contains("b: is not a field") == true)
        #expect(try failure("alice walk")?.reason == "odd has no method walk")
        #expect(try failure("alice run a=1 -> 2\n    emits Ran a=2")?.reason == "emitted was Ran a=1")
        #expect(try failure("alice market.run")?.reason == "there is no contract market")
        #expect(try failure("view run a=1 -> 2")?.reason.contains("readOnly") == true)
        #expect(try failure("alice run a=1 -> 2\n    emits Ran a=1") == nil)
        #expect(#expect(throws: KitError.self) { try ContractTester(project.build(), tests: "deploy a=1\ntest x\n    pass 1").run() }?.code == .scenarioMalformed)
    }

    /// The runtime's arithmetic of 128 bits against Swift's.
    @Test func wideArithmeticIsRight() throws {
        let place = try Place(), project = try place.contract(.c, """
            //! contract wide: Computes.
            //! view product(a: u128, b: u128) -> u128: a times b.
            //! view quotient(a: u128, b: u128) -> u128: a by b.
            //! view rest(a: u128, b: u128) -> u128: What is left.
            //! view left(a: u128, by: u8) -> u128: Shifted left.
            //! view right(a: u128, by: u8) -> u128: Shifted right.
            #include "contract.h"
            trellis_amount product(trellis_amount a, trellis_amount b) { return a * b; }
            trellis_amount quotient(trellis_amount a, trellis_amount b) { return a / b; }
            trellis_amount rest(trellis_amount a, trellis_amount b) { return a % b; }
            trellis_amount left(trellis_amount a, uint8_t by) { return a << by; }
            trellis_amount right(trellis_amount a, uint8_t by) { return a >> by; }
            """)
        var tests = "test it computes\n"
        let values: [UInt128] = [0, 1, 2, 10, 0xffff_ffff, 1 << 32, .init(UInt64.max), 1 << 64, (1 << 64) + 1, 0x1234_5678_9abc_def0_fedc_ba98_7654_3210, 1 << 127, .max - 1, .max]
        for a in values {
            for b in values {
                tests += "    view product a=\(a) b=\(b) -> \(a &* b)\n"
                if b != 0 { tests += "    view quotient a=\(a) b=\(b) -> \(a / b)\n    view rest a=\(a) b=\(b) -> \(a % b)\n" }
            }
            for by in [0, 1, 31, 32, 63, 64, 65, 127] { tests += "    view left a=\(a) by=\(by) -> \(a << UInt128(by))\n    view right a=\(a) by=\(by) -> \(a >> UInt128(by))\n" }
        }
        let result = try ContractTester(project.build(), tests: tests).run().results[0]
        #expect(result.failure == nil && result.steps > 600, "\(result.failure?.step ?? ""): \(result.failure?.reason ?? "")")
    }
}
