import Foundation
import Glibc
import Testing

/// A running node that ends with its owner.
final class RunningNode {
    let program: Program
    let process: Process
    let url: String

    init() async throws {
        program = try Program()
        let port = try Self.freePort()
        url = "http://127.0.0.1:\(port)"
        _ = try program.data(
            "init", "--preset", Program.project.appending(path: "Genesis/single.json").path, "--key-cost", "light",
            "--set", "api.listen=127.0.0.1:\(port)", "--set", "network.listen=127.0.0.1:0")
        _ = try program.data("profile", "set", "node=\(url)", "from=account")
        process = try program.start(["start"])
        for _ in 0..<200 {
            if try program.run("status", "-o", "name").output == "ready\n" { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("the node did not become ready: \(try String(contentsOfFile: program.file("start.log"), encoding: .utf8))")
    }

    /// Tells the node to stop, and waits until it has.
    func stop() -> Int32 {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
        return process.terminationStatus
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    private static func freePort() throws -> UInt16 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in(), size = socklen_t(MemoryLayout<sockaddr_in>.size)
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) == 0 && getsockname(socket, $0, &size) == 0 }
        }
        try #require(bound)
        return UInt16(bigEndian: address.sin_port)
    }
}
