import ArgumentParser
import Foundation
import Primitives

/// `fuzz list | smoke | run TARGET | replay TARGET FILE`: throws altered encodings at every decoder of the project.
///
/// The seeds are fixed, so that the same input is tried as the n-th on every machine. `Tests/Fuzz/coverage` runs the same
/// targets with libFuzzer, which follows coverage and is meant for hours.
@main
struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz", abstract: "Throw altered encodings at the decoders.",
        subcommands: [List.self, Smoke.self, Run.self, Replay.self] + guided)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the targets.")
        func run() { for target in FuzzTargets.all { print(target.name) } }
    }

    struct Smoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give every target a short turn.")
        @Option(help: "Seconds for all targets together.") var seconds = 20.0
        @Option(help: "Inputs per target, instead of a time.") var iterations: Int?

        func run() throws {
            var failures = 0
            for target in FuzzTargets.all {
                let share = seconds / Double(FuzzTargets.all.count)
                failures += try Session(target, seed: 1).run(seconds: iterations == nil ? share : nil, iterations: iterations)
            }
            if failures > 0 { throw ExitCode.failure }
        }
    }

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Work on one target.")
        @Argument(help: "A name that `fuzz list` prints.") var target: String
        @Option(help: "For how long.") var seconds = 60.0
        @Option(help: "Where the sequence of inputs starts.") var seed: UInt64 = 1

        func run() throws {
            if try Session(find(target), seed: seed).run(seconds: seconds, iterations: nil) > 0 { throw ExitCode.failure }
        }
    }

    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Try one input again.")
        @Argument(help: "A name that `fuzz list` prints.") var target: String
        @Argument(help: "The file that holds the input; TARGET.current is what was being tried when a run died.") var file: String

        func run() throws {
            var input = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
            if file.hasSuffix(".current") { input = try CurrentInput.read(input) }
            if let broken = try find(target).check(input) {
                print("\(target): \(broken)")
                throw ExitCode.failure
            }
            print("\(target): \(input.count) bytes, no complaint")
        }
    }

    static func find(_ name: String) throws -> FuzzTarget {
        guard let target = FuzzTargets.named(name) else { throw ValidationError("there is no target \(name); see fuzz list") }
        return target
    }
}

/// One target's turn. What is being tried lies in a mapped file, so that it is still there when the decoder traps.
struct Session {
    private static let failuresMax = 5
    private let target: FuzzTarget
    private let seed: UInt64

    init(_ target: FuzzTarget, seed: UInt64) {
        self.target = target
        self.seed = seed
    }

    /// Returns the number of inputs that broke a promise, at most ``failuresMax``.
    func run(seconds: Double?, iterations: Int?) throws -> Int {
        let folder = URL(fileURLWithPath: ".build/fuzz")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let current = try CurrentInput(folder.appending(path: "\(target.name).current"))
        var mutator = Mutator(samples: target.samples, seed: seed), failures = 0, tried = 0
        for sample in target.samples {
            if let broken = target.check(sample) {
                print("\(target.name): a sample \(broken): \(sample.hex)")
                failures += 1
            }
        }
        let started = ContinuousClock.now
        while failures < Self.failuresMax {
            // The clock is asked once per batch.
            if tried.isMultiple(of: 256), let seconds, started.duration(to: .now) > .seconds(seconds) { break }
            if let iterations, tried >= iterations { break }
            let input = mutator.next()
            current.set(input)
            if let broken = target.check(input) {
                failures += 1
                let file = folder.appending(path: "\(target.name)-\(tried)")
                try Data(input).write(to: file)
                print("\(target.name): input \(tried) of seed \(seed) \(broken); try it again with: fuzz replay \(target.name) \(file.relativePath)")
            }
            tried += 1
        }
        current.remove()
        print("\(target.name): \(tried) inputs, \(failures) failures")
        return failures
    }
}

/// The input that is being tried, in memory shared with a file: it outlives the process at the price of a copy.
final class CurrentInput {
    private let url: URL
    private let memory: UnsafeMutableRawPointer
    private static let size = Mutator.inputBytesMax + 8

    init(_ url: URL) throws {
        self.url = url
        try Data(count: Self.size).write(to: url)
        let descriptor = open(url.path, O_RDWR)
        defer { close(descriptor) }
        guard descriptor >= 0, let mapped = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), mapped != MAP_FAILED else {
            throw CocoaError(.fileWriteUnknown)
        }
        memory = mapped
    }

    deinit { munmap(memory, Self.size) }

    /// The length as eight little-endian bytes, then the input.
    func set(_ input: [UInt8]) {
        memory.storeBytes(of: UInt64(input.count).littleEndian, as: UInt64.self)
        input.withUnsafeBytes { (memory + 8).copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(memory), byteCount: $0.count) }
    }

    /// The input that ``set(_:)`` left in a file.
    static func read(_ bytes: [UInt8]) throws -> [UInt8] {
        var decoder = BCSDecoder(bytes)
        let length = try decoder.decode(UInt64.self)
        guard length <= decoder.remaining else { throw ValidationError("the file does not hold an input") }
        return Array(bytes.dropFirst(8).prefix(Int(length)))
    }

    func remove() { try? FileManager.default.removeItem(at: url) }
}
