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

    private func devnet(_ arguments: String = "", pretend: String = "", version: String = "6.3.1", settings: [String: String] = [:], interruptedAt call: String? = nil) throws -> Outcome {
        let command = "'\(house)'/Deploy/devnet --no-packages \(arguments)"
        // What a person types at a terminal once the pretended program was called like this.
        let seen = "for turn in {1..300}; do grep -q '\(call ?? "")' '\(house)/.build/trellis-calls' 2>/dev/null && break; sleep 0.2; done"
        let typed = "(\(seen); sleep 1; printf '\\003'; sleep 5) | script -qec \"\(command)\" /dev/null"
        return try Shell.run(call == nil ? command : typed, settings.merging([
            "PATH": "\(scratch.path)/bin:/usr/bin:/bin", "HOME": scratch.path, "TRELLIS_SWIFT_PLACES": "", "PRETEND": pretend, "PRETEND_VERSION": version,
        ]) { $1 }, in: scratch.url)
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

    @Test func relativeNamesAreThoseOfTheCaller() throws {
        #expect(try devnet("--no-tour --directory net").status == 0)
        #expect(try calls == ["devnet up --detach --directory \(scratch.path)/net"])
    }

    /// The tour of a network that answers nothing fails, and the network is not forgotten.
    @Test func afterAFailedTourTheNetworkRunsOn() throws {
        let outcome = try devnet("--directory net", settings: ["TRELLIS_OUTPUT": "json", "TRELLIS_FROM": "nobody", "TRELLIS_KEYRING": "env", "TRELLIS_PROFILE": "other"])
        #expect(outcome.status == 1 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("Deploy/devnet --down --directory \(scratch.path)/net"))
        #expect(try calls.contains { $0.hasPrefix("account transfer account-02 25") })
        let settings = try String(contentsOfFile: "\(house)/.build/trellis-settings", encoding: .utf8).split(separator: "\n")
        #expect(Set(settings) == ["- - - - \(scratch.path)/net/profiles.json"])
    }

    @Test(.enabled(if: Shell.has("script"), "script is not installed: the package bsdutils has it")) func controlCDuringTheTourEndsTheNetwork() throws {
        let outcome = try devnet("--directory net", pretend: "slow-tour", interruptedAt: "account transfer")
        #expect(outcome.output.contains("ending the network"), "\(outcome.output)")
        #expect(try calls.last == "devnet down --directory \(scratch.path)/net")
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
