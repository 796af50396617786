import Foundation

/// The programs of the Swift toolchain that make contracts: `clang`, `swiftc` and `wasm-ld`.
struct Toolchain {
    /// The features that contracts may use: those of the first WebAssembly with mutable globals, sign extension and bulk memory.
    static let features = ["-mcpu=mvp", "-msign-ext", "-mmutable-globals", "-mbulk-memory"]
    /// A program that hangs is ended.
    private static let secondsMax = 300

    private let folders: [String]

    init(path: String = ProcessInfo.processInfo.environment["PATH"] ?? "") {
        let named = path.split(separator: ":").map(String.init)
        // Beside the `swift` on the path, wherever that really is: its own clang knows WebAssembly, another one may not.
        folders = named.map { URL(fileURLWithPath: "\($0)/swift").resolvingSymlinksInPath().deletingLastPathComponent().path } + named
    }

    func find(_ name: String) throws(KitError) -> String {
        guard let found = folders.map({ "\($0)/\(name)" }).first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw KitError(.toolMissing, "there is no \(name) beside swift or on the path", next: "Install the Swift toolchain: https://www.swift.org/install")
        }
        return found
    }

    /// Runs a tool; what it prints is the reason when it fails, and is returned when it does not.
    @discardableResult
    func run(_ name: String, _ arguments: [String], in directory: String) throws(KitError) -> String {
        let path = try find(name), process = Process()
        let log = FileManager.default.temporaryDirectory.appending(path: "trellis-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: log) }
        do {
            try Data().write(to: log)
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
            process.currentDirectoryURL = URL(fileURLWithPath: directory)
            process.standardInput = FileHandle.nullDevice
            let file = try FileHandle(forWritingTo: log)
            process.standardOutput = file
            process.standardError = file
            let ended = DispatchSemaphore(value: 0)
            process.terminationHandler = { _ in ended.signal() }
            try process.run()
            if ended.wait(timeout: .now() + .seconds(Self.secondsMax)) == .timedOut {
                process.terminate()
                if ended.wait(timeout: .now() + .seconds(5)) == .timedOut {
                    kill(process.processIdentifier, SIGKILL)
                    ended.wait()
                }
            }
        } catch { throw KitError(.buildFailed, "\(name) does not run", why: "\(error)") }
        let printed = String(decoding: (try? Data(contentsOf: log)) ?? Data(), as: UTF8.self)
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw KitError(.buildFailed, "\(name) refuses the contract", why: printed.trimmed)
        }
        return printed
    }
}
