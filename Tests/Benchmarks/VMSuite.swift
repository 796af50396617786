import ContractVM
import Foundation

extension Suite {
    /// The contract interpreter with gas on, and beside it, run by run, the interpreter of the Swift toolchain on the same module.
    static let vm = Suite(name: "vm", summary: "WebAssembly: kernels against the toolchain's wasmkit, calls, requests, loading, hard code; --check as with gas") { report, quick in
        let bench = ContractBench()
        for idle in ContractBench.idleModules {
            let call = bench.emptyCall(idle.name, idle.bytes, count: idle.calls, rounds: quick ? 3 : 25)
            report.add("\(call.name)_us", call.microseconds, unit: "us CPU")
            report.add("\(call.name)_ns_per_gas", call.nanosecondsPerGas, unit: GasBench.hotUnit)
        }
        for cost in bench.requests(rounds: quick ? 3 : 15) {
            report.add("host_\(cost.name)_us", cost.microseconds, unit: "us CPU")
            report.add("host_\(cost.name)_ns_per_gas", cost.nanosecondsPerGas, unit: GasBench.hotUnit)
        }
        for load in bench.loads(rounds: quick ? 2 : 9) {
            report.add("load_\(load.name)_us_per_kb", load.microsecondsPerKiB, unit: "us CPU")
            report.add("load_\(load.name)_ns_per_gas", load.nanosecondsPerGas, unit: GasBench.hotUnit)
        }
        let rounds = quick ? 1 : 7
        for code in try HardCode.all() {
            report.add("code_\(code.name)_ns_per_gas", try (0..<rounds).map { _ in try code.nanosecondsPerGas() }, unit: GasBench.hotUnit)
        }
        guard let clang = Toolchain.find("clang") else {
            print("vm: no clang beside swift or on the path: nothing to run")
            return
        }
        let wasmkit = Toolchain.find("wasmkit")
        if wasmkit == nil { print("vm: no wasmkit beside swift or on the path: nothing to compare with") }
        let directory = try TemporaryDirectory()
        // What wasmkit takes to start and to do next to nothing.
        var startup = 0.0
        for kernel in Kernel.all {
            let path = try kernel.compile(clang, into: directory.path)
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            var ours: [Double] = [], ratios: [Double] = [], rates: [Double] = []
            if startup == 0, let wasmkit { startup = try (0..<5).map { _ in try Toolchain.seconds(wasmkit, ["run", path, "run", "i32:1"]).cpu }.min()! }
            for _ in 0..<rounds {
                let (seconds, result, gas) = try kernel.run(bytes)
                ours.append(seconds * 1e3)
                rates.append(seconds * 1e9 / Double(gas))
                guard let wasmkit else { continue }
                let theirs = try Toolchain.seconds(wasmkit, ["run", path, "run", "i32:\(kernel.argument)"])
                guard theirs.output.contains("\(result)") else { throw ToolFailure("\(kernel.name): \(result) here, \(theirs.output) there") }
                ratios.append(seconds / (theirs.cpu - startup))
            }
            report.add("\(kernel.name)_ms", ours, unit: "ms CPU")
            report.add("\(kernel.name)_ns_per_gas", rates, unit: GasBench.unit)
            if !ratios.isEmpty { report.add("\(kernel.name)_vs_wasmkit", ratios, unit: "of its CPU time") }
        }
        report.add("prepare_us_per_kb", try Kernel.preparation(clang, into: directory.path, rounds: quick ? 20 : 400), unit: "us CPU")
    }
}

/// A C program for the interpreter and the argument of its exported `run`.
private struct Kernel {
    let name: String
    let argument: UInt64

    static let all = [
        Kernel(name: "fib", argument: 30), Kernel(name: "sieve", argument: 10), Kernel(name: "sha256", argument: 4), Kernel(name: "sla", argument: 1_000_000),
    ]
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Kernels")
    private static let profile = {
        var profile = Profile.contracts(Interface(imports: [], exports: [("run", FunctionType([.i32], [.i32]))], memoryExport: "memory"))
        // One of them works on a little more than a contract has.
        profile.memoryPagesMax = 64
        return profile
    }()

    /// Compiles the kernel for the features that contracts may use; returns the module's path.
    func compile(_ clang: String, into directory: String) throws -> String {
        let output = "\(directory)/\(name).wasm"
        _ = try Toolchain.seconds(clang, [
            "--target=wasm32", "-mcpu=mvp", "-msign-ext", "-mmutable-globals", "-mbulk-memory", "-nostdlib", "-ffreestanding", "-O2",
            "-Wl,--no-entry", "-o", output, Self.folder.appending(path: "\(name).c").path,
        ])
        return output
    }

    /// CPU seconds, result and gas of one run, instance included.
    func run(_ bytes: [UInt8]) throws -> (Double, UInt64, UInt64) {
        let module = try PreparedModule(bytes, profile: Self.profile), interpreter = Interpreter(Self.profile)
        let instance = try Instance(module)
        guard let function = instance.function("run") else { throw ToolFailure("\(name) has no run") }
        var gas = UInt64(1) << 40
        let watch = Stopwatch()
        let results = try interpreter.call(function, [argument], gas: &gas)
        return (watch.threadCPU, results[0], UInt64(1) << 40 &- gas)
    }

    /// Microseconds per KiB to decode, validate and translate the kernels.
    static func preparation(_ clang: String, into directory: String, rounds: Int) throws -> [Double] {
        let modules = try all.map { [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\($0.name).wasm"))) }
        let size = Double(modules.reduce(0) { $0 + $1.count }) / 1024
        return try (0..<rounds).map { _ in
            let watch = Stopwatch()
            for bytes in modules { consume(try PreparedModule(bytes, profile: profile)) }
            return watch.threadCPU * 1e6 / size
        }
    }
}

private struct ToolFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Programs of the Swift toolchain.
private enum Toolchain {
    /// On the path, or beside the `swift` that is on the path.
    static func find(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let real = folders.map { URL(fileURLWithPath: "\($0)/swift").resolvingSymlinksInPath().deletingLastPathComponent().path }
        return (real + folders).map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs a program; its CPU time and what it printed.
    static func seconds(_ path: String, _ arguments: [String]) throws -> (cpu: Double, output: String) {
        let process = Process(), pipe = Pipe(), before = childrenCPU()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw ToolFailure("\(path) \(arguments) ended with \(process.terminationStatus)") }
        return (childrenCPU() - before, String(decoding: output, as: UTF8.self))
    }

    private static func childrenCPU() -> Double {
        // RUSAGE_CHILDREN, whose name is imported with a type that the function does not take.
        var usage = rusage()
        getrusage(-1, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
