import ContractVM
import Foundation
import ModuleKit
import Testing

/// Modules made by chance, here and in the Swift toolchain's own interpreter: the same result, or a trap in both.
struct DifferentialTests {
    private static let seeds: Range<UInt64> = 1000..<1120
    private static let gas: UInt64 = 20_000_000

    /// `wasmkit` beside the `swift` that is on the path, or on the path itself.
    private static let wasmkit: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let real = folders.map { URL(fileURLWithPath: "\($0)/swift").resolvingSymlinksInPath().deletingLastPathComponent().path }
        return (real + folders).map { "\($0)/wasmkit" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    @Test("The toolchain's interpreter agrees", .enabled(if: wasmkit != nil, "no wasmkit beside swift or on the path"))
    func agreement() throws {
        let wasmkit = try #require(Self.wasmkit)
        let directory = FileManager.default.temporaryDirectory.appending(path: "trellis-vm-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var results = 0, traps = 0
        for seed in Self.seeds {
            // It reads signed numbers only.
            let bytes = RandomModule.bytes(seed: seed), argument = seed &* 0x9e37_79b9 & 0x7fff_ffff
            let module = try PreparedModule(bytes, profile: testProfile)
            let ours = Interpreter(testProfile).run(try Instance(module), "run", [argument], gas: Self.gas)
            // Too long for a comparison.
            if ours.trap == .outOfGas { continue }
            let file = directory.appending(path: "\(seed).wasm")
            try Data(bytes).write(to: file)
            let theirs = try Self.run(wasmkit, ["run", file.path, "run", "i32:\(argument)"])
            if ours.trap != nil {
                traps += 1
                #expect(theirs.failed, "seed \(seed): \(ours) here, \(theirs.output) there")
            } else {
                results += 1
                #expect(!theirs.failed && theirs.output.contains("i64(\(ours.results[0]))"), "seed \(seed): \(ours) here, \(theirs.output) there")
            }
        }
        // Neither all results nor all traps, and few that ran too long: else the modules are too tame.
        #expect(results > 60 && traps > 3)
    }

    /// What the program prints, results and complaints.
    private static func run(_ path: String, _ arguments: [String]) throws -> (output: String, failed: Bool) {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ["SWIFT_BACKTRACE": "enable=no"]
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (String(decoding: output, as: UTF8.self), process.terminationStatus != 0)
    }
}
