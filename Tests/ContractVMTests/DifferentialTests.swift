import ContractVM
import Foundation
import ModuleKit
import PythonRunner
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

    /// A Python with the package wasmtime, whose compiler shares nothing with ours or the toolchain's.
    private static let wasmtime: String? = {
        let name = ProcessInfo.processInfo.environment["TRELLIS_WASMTIME"] ?? "python3"
        return (try? Python.run(name, ["-c", "import wasmtime"], input: [])) != nil ? name : nil
    }()

    /// Runs each module of a directory with the argument in its name, and prints the result or that it trapped.
    private static let program = """
        import os, sys, wasmtime
        configuration = wasmtime.Config()
        configuration.consume_fuel = True
        engine = wasmtime.Engine(configuration)
        for name in sorted(os.listdir(sys.argv[1])):
            seed, argument = name.removesuffix(".wasm").split("-")
            store = wasmtime.Store(engine)
            store.set_fuel(10**9)
            module = wasmtime.Module.from_file(engine, os.path.join(sys.argv[1], name))
            instance = wasmtime.Instance(store, module, [])
            try:
                print(seed, instance.exports(store)["run"](store, int(argument)) & (1 << 64) - 1)
            except (wasmtime.Trap, wasmtime.WasmtimeError):
                print(seed, "trap")
        """

    @Test("A compiler agrees", .enabled(if: wasmtime != nil, "TRELLIS_WASMTIME names no Python with the package wasmtime; Deploy/test sets it"))
    func compilerAgreement() throws {
        let python = try #require(Self.wasmtime)
        let directory = FileManager.default.temporaryDirectory.appending(path: "trellis-vm-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var ours: [String: String] = [:]
        for seed in UInt64(5000)..<5600 {
            let bytes = RandomModule.bytes(seed: seed), argument = seed &* 0x9e37_79b9 & 0x7fff_ffff
            let ended = Interpreter(testProfile).run(try Instance(PreparedModule(bytes, profile: testProfile)), "run", [argument], gas: Self.gas)
            if ended.trap == .outOfGas { continue }
            ours["\(seed)"] = ended.trap == nil ? "\(ended.results[0])" : "trap"
            try Data(bytes).write(to: directory.appending(path: "\(seed)-\(argument).wasm"))
        }
        let printed = String(decoding: try Python.run(python, ["-c", Self.program, directory.path], input: []), as: UTF8.self)
        var compared = 0
        for line in printed.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            compared += 1
            #expect(ours[words[0]] == words[1], "seed \(words[0])")
        }
        #expect(compared == ours.count && ours.values.count { $0 == "trap" } > 15 && ours.values.count { $0 != "trap" } > 300)
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
