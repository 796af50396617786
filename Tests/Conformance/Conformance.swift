import ArgumentParser
import Foundation

/// `conformance DIRECTORY`: runs the WebAssembly specification's own tests, converted by wast2json (one JSON of commands and the binary
/// modules per file), in the profile that allows what only such tests need. The data are not part of this project.
@main
struct Conformance: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance", abstract: "Run the WebAssembly specification's tests.")

    @Argument(help: "A directory with NAME.json and NAME.N.wasm files.") var directory: String
    @Option(help: "Only the file of this name, without its ending.") var only: String?
    @Flag(help: "Print every failure and why something was skipped.") var verbose = false

    func run() throws {
        let folder = URL(fileURLWithPath: directory)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
            .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.filter { only == nil || $0 == only }.sorted()
        guard !names.isEmpty else { throw ValidationError("no .json files in \(directory)") }
        var total = Tally()
        for name in names {
            var script = try Script(folder: folder, name: name)
            script.run()
            let tally = script.tally
            total.add(tally)
            let reasons = Set(tally.skipReasons).sorted().joined(separator: ", ")
            print("\(name): passed \(tally.passed), failed \(tally.failures.count), skipped \(tally.skipped)" + (reasons.isEmpty ? "" : " (\(reasons))"))
            for failure in verbose ? tally.failures[...] : tally.failures.prefix(5) { print("  \(failure)") }
        }
        print("passed \(total.passed), failed \(total.failures.count), skipped \(total.skipped)")
        if !total.failures.isEmpty { throw ExitCode.failure }
    }
}

/// What became of the assertions of a file.
struct Tally {
    var passed = 0
    var failures: [String] = []
    var skipped = 0
    var skipReasons: [String] = []

    mutating func add(_ other: Tally) {
        passed += other.passed
        failures += other.failures
        skipped += other.skipped
    }
}
