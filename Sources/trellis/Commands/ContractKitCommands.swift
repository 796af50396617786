import ArgumentParser
import ContractKit
import Execution
import Foundation

struct ContractNew: ResultCommand {
    static let configuration = CommandConfiguration(
        "new", "Makes a directory with a contract to begin with: source, tests, and what it is built on.",
        examples: ["trellis contract new counter", "trellis contract new token --lang swift --from token"])

    @Argument(help: ArgumentHelp("The directory, which must not exist.", valueName: "name")) var directory: String
    @Option(help: "What it is written in: c or swift.", transform: Self.word) var lang: ContractLanguage = .c
    @Option(help: ArgumentHelp("The example to begin with: counter, token or payment.", valueName: "example"), transform: Self.word) var from: Template = .counter
    @OptionGroup var output: OutputOptions

    @Sendable private static func word<Choice: RawRepresentable<String> & CaseIterable>(_ text: String) throws -> Choice {
        guard let choice = Choice(rawValue: text) else {
            throw ValidationError("\(text) is none of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    func result() async throws -> CommandOutput {
        let project = try ContractProject.make(at: directory, lang, from: from)
        Console.note("Next: trellis contract test \(directory)")
        return .fields([
            ("directory", .text(project.path)), ("source", .text(project.sourcePath)), ("tests", .text(project.testPath)), ("language", .text(lang.rawValue)),
        ], name: project.path)
    }
}

struct ContractBuild: ResultCommand {
    static let configuration = CommandConfiguration(
        "build", "Compiles a contract and checks it as a network would; the result is build/contract.wasm.",
        discussion: "It takes clang, swiftc and wasm-ld of the Swift toolchain.", examples: ["trellis contract build counter"])

    @Argument(help: "The directory.") var directory = "."
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let project = try ContractProject(directory), built = try project.build()
        return .fields([
            ("contract", .text(built.schema.name)), ("code", .text(project.codePath)), ("bytes", .number(UInt64(built.code.count))), ("loadGas", .number(built.loadGas)),
            ("methods", .list(built.schema.methods.map { .text($0.name) })),
        ], name: project.codePath)
    }
}

struct ContractTest: ResultCommand {
    static let configuration = CommandConfiguration(
        "test", "Builds a contract, runs its tests, calls it by chance, and reports gas.",
        discussion: """
            Everything happens in this process, on the machine that networks run, with all contracts of the protocol. A failure shows what the \
            call asked of its host. The fuzzer calls every method with values at the edges and with arguments that are none; a view that is \
            called invariant_… must stay true.
            """,
        examples: ["trellis contract test counter", "trellis contract test token --fuzz 5000 --seed 3"])

    @Argument(help: "The directory.") var directory = "."
    @Option(help: ArgumentHelp("How many calls the fuzzer makes; 0 for none.", valueName: "calls")) var fuzz = 300
    @Option(help: ArgumentHelp("Where the fuzzer begins; the same seed makes the same calls.", valueName: "number")) var seed: UInt64 = 1
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0...1_000_000).contains(fuzz) else { throw ValidationError("--fuzz must be from 0 to 1000000") }
    }

    func result() async throws -> CommandOutput {
        let project = try ContractProject(directory), built = try project.build()
        let tests = try Files.read(project.testPath, max: 1 << 20)
        let tester = try ContractTester(built, tests: String(decoding: tests, as: UTF8.self))
        let (results, gas) = try tester.run()
        let finding = fuzz == 0 ? nil : try tester.fuzz(count: fuzz, seed: seed)
        let data = DynamicValue.fields([
            ("contract", .text(built.schema.name)), ("bytes", .number(UInt64(built.code.count))), ("loadGas", .number(built.loadGas)),
            ("tests", .list(results.map(Self.value))), ("fuzz", .fields([("calls", .number(UInt64(fuzz))), ("seed", .number(seed)), ("finding", finding.map(Self.value))])),
            ("gas", .list(gas.map(Self.value))),
        ])
        let isGood = finding == nil && results.allSatisfy { $0.failure == nil }
        return CommandOutput(
            data, names: results.filter { $0.failure != nil }.map(\.name), view: view(built, results, gas, finding), status: isGood ? .ok : .failure)
    }

    private func view(
        _ built: BuiltContract, _ results: [ContractTester.TestResult], _ gas: [ContractTester.MethodGas], _ finding: ContractFuzzer.Finding?
    ) -> TextView {
        func indented(_ text: String) -> String { text.split(separator: "\n").map { "        \($0)" }.joined(separator: "\n") }
        var lines = results.map { result -> String in
            guard let failure = result.failure else { return "ok    \(result.name)  (\(result.steps) steps)" }
            return "FAIL  \(result.name)\n      line \(failure.line): \(failure.step)\n      \(failure.reason)\n\(indented(failure.trace))"
        }
        if let finding {
            let calls = finding.calls.joined(separator: "\n")
            lines.append("FAIL  fuzz, seed \(seed): \(finding.reason)\n      after\n\(indented(calls))\n      which asked\n\(indented(finding.trace))")
        } else if fuzz > 0 {
            lines.append("ok    fuzz  (\(fuzz) calls, seed \(seed))")
        }
        let passed = results.count { $0.failure == nil }
        lines.append("\n\(passed) passed, \(results.count - passed) failed; \(built.code.count) bytes, \(built.loadGas) gas to load")
        return .parts([
            .text(lines.joined(separator: "\n")),
            .table(columns: ["method", "calls", "least gas", "median", "most"], rows: gas.map { [$0.method, "\($0.calls)", "\($0.least)", "\($0.median)", "\($0.most)"] }),
        ])
    }

    private static func value(_ result: ContractTester.TestResult) -> DynamicValue {
        .fields([
            ("name", .text(result.name)), ("steps", .number(UInt64(result.steps))), ("passed", .bool(result.failure == nil)),
            ("failure", result.failure.map { failure in
                .fields([
                    ("line", .number(UInt64(failure.line))), ("step", .text(failure.step)), ("reason", .text(failure.reason)),
                    ("trace", .list(failure.trace.split(separator: "\n").map { .text(String($0)) })),
                ])
            }),
        ])
    }

    private static func value(_ finding: ContractFuzzer.Finding) -> DynamicValue {
        .fields([
            ("reason", .text(finding.reason)), ("calls", .list(finding.calls.map { .text($0) })),
            ("trace", .list(finding.trace.split(separator: "\n").map { .text(String($0)) })),
        ])
    }

    private static func value(_ gas: ContractTester.MethodGas) -> DynamicValue {
        .fields([
            ("method", .text(gas.method)), ("calls", .number(UInt64(gas.calls))), ("least", .number(gas.least)), ("median", .number(gas.median)),
            ("most", .number(gas.most)),
        ])
    }
}
