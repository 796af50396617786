#if COVERAGE_GUIDED
import ArgumentParser
import Foundation

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The target of this process; libFuzzer calls a C function, which has no context.
nonisolated(unsafe) private var chosen: FuzzTarget?

/// `fuzz guided TARGET [-- libFuzzer arguments]`: present only in the build that `Tests/Fuzz/coverage` makes.
struct Guided: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let libFuzzer follow the coverage of one target.")
    @Argument var target: String
    @Argument(parsing: .captureForPassthrough) var rest: [String] = []

    func run() throws {
        let target = try Fuzz.find(target)
        chosen = target
        let corpus = URL(fileURLWithPath: ".build/fuzz/corpus/\(target.name)")
        try FileManager.default.createDirectory(at: corpus, withIntermediateDirectories: true)
        for (number, sample) in target.samples.enumerated() { try Data(sample).write(to: corpus.appending(path: "sample-\(number)")) }
        let passed = ["fuzz", corpus.path, "-artifact_prefix=.build/fuzz/\(target.name)-"] + rest.filter { $0 != "--" }
        var arguments = passed.map { strdup($0) } + [nil]
        let status = arguments.withUnsafeMutableBufferPointer { buffer in
            var count = CInt(passed.count), base = buffer.baseAddress
            return runDriver(&count, &base) { data, size in
                if let broken = chosen?.check([UInt8](UnsafeBufferPointer(start: data, count: size))) { fatalError(broken) }
                return 0
            }
        }
        throw ExitCode(status)
    }
}

let guided: [any ParsableCommand.Type] = [Guided.self]
#else
import ArgumentParser

/// libFuzzer is linked only by `Tests/Fuzz/coverage`.
let guided: [any ParsableCommand.Type] = []
#endif
