import Foundation
import Testing

/// Runs the program that kills writers and judges what they leave. `TRELLIS_KILL_ROUNDS` sets the number of rounds, 200 without it.
@Suite struct CrashTests {
    let scratch = Scratch()

    /// Runs `crash-writer`, which is built beside the tests; `shell` goes in front of it.
    func run(_ arguments: String..., shell: String = "exec") throws -> (status: Int32, output: String) {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("crash-writer").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "\(shell) \"$0\" \"$@\"", program] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    /// The value of `name` in the program's report.
    func figure(_ name: String, in output: String) -> Int? {
        output.split(separator: "\n").first { $0.hasPrefix(name + " ") }.flatMap { Int($0.dropFirst(name.count + 1)) }
    }

    @Test func killedAgainAndAgain() throws {
        let rounds = Int(ProcessInfo.processInfo.environment["TRELLIS_KILL_ROUNDS"] ?? "") ?? 200
        let (status, output) = try run("torture", scratch.path + "/chain", String(rounds), "\(UInt32.random(in: 0 ... .max))")
        #expect(status == 0, "\(output)")
        #expect(figure("kill_rounds", in: output) == rounds)
        #expect(figure("acknowledged_lost", in: output) == 0)
        // The rounds must have had something to lose.
        #expect(try #require(figure("acknowledged", in: output)) > rounds * 5)
        #expect(try #require(figure("blocks_replayed", in: output)) > rounds)
    }

    @Test func powerLostAgainAndAgain() throws {
        let (status, output) = try run("power", scratch.path, "15", "\(UInt32.random(in: 0 ... .max))")
        #expect(status == 0, "\(output)")
        if output.hasPrefix("skipped") {
            print(output)
        } else {
            #expect(figure("acknowledged_lost", in: output) == 0)
        }
    }

    /// Restorations of snapshots, killed between chunks, at the decision and in the switch of directories.
    @Test func restorationsAreKilledAgainAndAgain() throws {
        let (status, output) = try run("restorations", scratch.path + "/chain", "60", "\(UInt32.random(in: 0 ... .max))")
        #expect(status == 0, "\(output)")
        #expect(figure("kill_rounds", in: output) == 60)
        #expect(try #require(figure("resumed", in: output)) > 5)
        #expect(try #require(figure("restored", in: output)) > 0)
    }

    @Test func aFullDiskIsSurvived() throws {
        let (status, output) = try run("full", scratch.path)
        #expect(status == 0, "\(output)")
        #expect(output.contains("log: refused as full") && output.contains("state: refused as full"))
    }

    /// A limit on address space below the map that is asked for: a smaller one is taken.
    @Test func lessAddressSpaceIsEnough() throws {
        let (status, output) = try run("torture", scratch.path + "/chain", "3", "1", shell: "ulimit -v 900000; exec")
        #expect(status == 0, "\(output)")
    }
}
