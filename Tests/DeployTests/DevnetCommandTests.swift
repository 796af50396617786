import Foundation
import Testing

/// `Deploy/devnet` over a pretended toolchain and a pretended program: what it runs, says and answers. Tests with real processes try
/// the program itself.
@Suite struct DevnetCommandTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try FileManager.default.copyItem(at: Shell.project.appending(path: "Deploy"), to: scratch.url.appending(path: "a house/Deploy"))
        try scratch.write("bin/swift", PretendedSwift.script, executable: true)
    }

    private var house: String { "\(scratch.path)/a house" }

    private func devnet(_ arguments: String = "", pretend: String = "", version: String = "6.3.1") throws -> Outcome {
        try Shell.run("'\(house)'/Deploy/devnet --no-packages \(arguments)", [
            "PATH": "\(scratch.path)/bin:/usr/bin:/bin", "HOME": scratch.path, "TRELLIS_SWIFT_PLACES": "", "PRETEND": pretend, "PRETEND_VERSION": version,
        ])
    }

    private var calls: [String] {
        get throws { try String(contentsOfFile: "\(house)/.build/trellis-calls", encoding: .utf8).split(separator: "\n").map(String.init) }
    }

    @Test func theNetworkIsBuiltAndStarted() throws {
        let outcome = try devnet("--no-tour")
        #expect(outcome.status == 0)
        #expect(outcome.output.hasPrefix("the table\n"))
        #expect(outcome.output.contains("End it with: Deploy/devnet --down"))
        #expect(outcome.errors.contains("making a network"))
        // Without a terminal nothing waits for Control-C, and the network stays.
        #expect(try calls == ["devnet up --detach --directory \(house)/.build/devnet"])
    }

    @Test func itIsEndedAndMadeAnew() throws {
        #expect(try devnet("--no-tour --fresh --directory \(scratch.path)/net").status == 0)
        #expect(try devnet("--down --directory \(scratch.path)/net").output == "ended\n")
        #expect(try calls == ["devnet up --detach --directory \(scratch.path)/net --fresh", "devnet down --directory \(scratch.path)/net"])
    }

    @Test func theBuildFails() throws {
        let outcome = try devnet(pretend: "build-error")
        #expect(outcome.status == 1 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("error: no such thing"))
        #expect(outcome.errors.contains("\(house)/.build/logs/build-of-trellis--release-.log"))
    }

    @Test func theNetworkDoesNotStart() throws {
        let outcome = try devnet(pretend: "network-failure")
        #expect(outcome.status == 1 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("error: no port is free") && outcome.errors.contains("/nodes/*/log"))
    }

    @Test func helpAndMistakes() throws {
        let help = try devnet("--help")
        #expect(help.status == 0 && help.output.contains("--down") && help.output.contains("6.2"))
        let mistake = try devnet("--colour")
        #expect(mistake.status == 2 && mistake.output.isEmpty && mistake.errors.contains("unknown option --colour"))
        let old = try devnet(version: "5.10")
        #expect(old.status == 1 && old.errors.contains("Deploy/devnet --install-toolchain"))
    }
}
