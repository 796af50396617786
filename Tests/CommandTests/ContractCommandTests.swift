import Execution
import Foundation
import Testing

/// Writing a contract from the command line: nothing is asked of any node.
@Suite struct ContractCommandTests {
    private static let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    private static let hasToolchain = path.split(separator: ":").contains { FileManager.default.isExecutableFile(atPath: "\($0)/swiftc") }

    private func run(_ program: Program, _ arguments: String...) throws -> Ended { try program.run(arguments, ["PATH": Self.path]) }

    @Test(.enabled(if: hasToolchain, "no Swift toolchain on the path"), arguments: ["c", "swift"]) func aContractIsMadeBuiltAndTested(_ language: String) throws {
        let program = try Program()
        let made = try run(program, "contract", "new", "counter", "--lang", language, "-o", "json")
        #expect(made.status == 0 && made.errors.contains("trellis contract test counter"))
        #expect(try made.document["data"]?["directory"]?.text == program.file("counter"))
        #expect(try Set(FileManager.default.contentsOfDirectory(atPath: program.file("counter"))) == ["contract.\(language)", "contract.test", "kit", ".gitignore"])
        #expect(try run(program, "contract", "new", "counter").status == 1)

        let built = try run(program, "contract", "build", "counter", "-o", "json")
        #expect(built.status == 0, "\(built.output)")
        #expect(try built.document["data"]?["methods"]?.list.map(\.text) == ["increment", "count", "count_of"])
        let tested = try run(program, "contract", "test", "counter", "-o", "json")
        #expect(tested.status == 0, "\(tested.output)")
        #expect(try tested.document["data"]?["tests"]?.list.count == 2 && tested.document["data"]?["fuzz"]?["finding"] == nil)
        #expect(try tested.document["data"]?["gas"]?.list.contains { $0["method"]?.text == "increment" } == true)

        // A test that fails says where, and what the call did; so does the fuzzer.
        try program.write("counter/contract.test", "test wrong\n    alice increment by=2 -> 3\n")
        let failed = try run(program, "contract", "test", "counter", "--fuzz", "0")
        #expect(failed.status == 1 && failed.output.contains("FAIL  wrong") && failed.output.contains("line 2: alice increment by=2 -> 3"))
        #expect(failed.output.contains("expected 3, got 2") && failed.output.contains("storage_write") && failed.output.contains("0 passed, 1 failed"))
        try program.write("counter/contract.test", "test\n")
        let malformed = try run(program, "contract", "test", "counter", "-o", "json")
        #expect(try malformed.status == 1 && malformed.document["error"]?["code"]?.text == "contract.test-malformed")

        let source = program.file("counter/contract.\(language)"), text = try String(contentsOfFile: source, encoding: .utf8)
        try program.write("counter/contract.\(language)", text.replacing("//! view count() -> u64", with: "//! view count() -> u65"))
        let undeclared = try run(program, "contract", "build", "counter", "-o", "json")
        #expect(try undeclared.document["error"]?["code"]?.text == "contract.declaration-malformed" && undeclared.document["error"]?["message"]?.text?.contains("line 3") == true)
        try program.write("counter/contract.\(language)", text + "\nmistake\n")
        #expect(try run(program, "contract", "build", "counter", "-o", "json").document["error"]?["code"]?.text == "contract.build-failed")
    }

    @Test func whatIsMissingIsTold() throws {
        let program = try Program()
        let nowhere = try program.run("contract", "build", "counter", "-o", "json")
        #expect(try nowhere.status == 3 && nowhere.document["error"]?["code"]?.text == "contract.project-unknown")
        #expect(try program.run("contract", "new", "counter").status == 0)
        let bare = try program.run(["contract", "build", "counter", "-o", "json"], ["PATH": program.folder.path])
        #expect(try bare.status == 1 && bare.document["error"]?["code"]?.text == "contract.tool-missing")
        #expect(try program.run("contract", "new", "other", "--lang", "cobol").status == 2)
        #expect(try program.run("contract", "deploy", "counter", "--immutable", "--delay", "5").status == 2)
    }
}
