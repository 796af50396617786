import Foundation
import Testing

/// `Deploy/test` over a pretended toolchain: what it counts, says and answers.
@Suite(.enabled(if: Shell.has("python3"), "python3 is not installed"))
struct TestCommandTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        for folder in ["Deploy", ".ci"] {
            try FileManager.default.copyItem(at: Shell.project.appending(path: folder), to: scratch.url.appending(path: "a house/\(folder)"))
        }
        try scratch.write("bin/swift", PretendedSwift.script, executable: true)
    }

    private var house: String { "\(scratch.path)/a house" }

    private func test(_ arguments: String = "", pretend: String = "", version: String = "6.3.1", command: String = "Deploy/test --no-packages") throws -> Outcome {
        try Shell.run("'\(house)'/\(command) \(arguments)", [
            "PATH": "\(scratch.path)/bin:/usr/bin:/bin", "HOME": scratch.path, "TRELLIS_SWIFT_PLACES": "",
            "PRETEND": pretend, "PRETEND_VERSION": version,
        ])
    }

    private var calls: [String] {
        get throws { try String(contentsOfFile: "\(house)/.build/swift-calls", encoding: .utf8).split(separator: "\n").map(String.init) }
    }

    @Test func everythingPasses() throws {
        let outcome = try test()
        #expect(outcome.output == "6 passed, 0 failed, 1 skipped\n")
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("skipped: A.B/waits() (needs a network namespace)"))
        // Again, over what the first run left.
        #expect(try test().output == outcome.output)
    }

    @Test func continuousIntegrationRunsTheSame() throws {
        // The toolchain and packages of the machine do not matter to the pretended run.
        let outcome = try test(command: ".ci/run --no-packages")
        #expect(outcome.output == "6 passed, 0 failed, 1 skipped\n" && outcome.status == 0)
    }

    @Test func aTestFails() throws {
        let outcome = try test(pretend: "test-failure")
        #expect(outcome.output == "5 passed, 1 failed, 1 skipped\n")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("failed: A.B/dies(_:)"))
        #expect(outcome.errors.contains("Expectation failed: 1 == 2"))
        #expect(outcome.errors.contains("\(house)/.build/logs/tests-that-compute.log"))
    }

    @Test func theTestProcessDies() throws {
        let outcome = try test(pretend: "crash")
        // One test had ended, one had only started; the release steps still run.
        #expect(outcome.output == "5 passed, 1 failed, 0 skipped\n")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("failed: dies(_:)"))
        #expect(outcome.errors.contains("was running when the process ended"))
        #expect(outcome.errors.contains("Fatal error: index out of range"))
    }

    @Test func theBuildFails() throws {
        let outcome = try test(pretend: "build-error")
        #expect(outcome.output == "0 passed, 1 failed, 0 skipped\n")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("error: no such thing"))
        #expect(outcome.errors.contains("\(house)/.build/logs/build.log"))
        #expect(try !calls.contains { $0.hasPrefix("test") })
    }

    @Test func aReleaseStepFails() throws {
        let outcome = try test(pretend: "fuzz-failure")
        #expect(outcome.output == "5 passed, 1 failed, 1 skipped\n")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("fuzz-smoke.log"))
    }

    @Test func nothingRan() throws {
        let outcome = try test("--quick", pretend: "nothing")
        #expect(outcome.output == "0 passed, 0 failed, 2 skipped\n")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("no test ran"))
    }

    @Test func quickAndFiltered() throws {
        let quick = try test("--quick")
        #expect(quick.output == "4 passed, 0 failed, 3 skipped\n" && quick.status == 0)
        #expect(quick.errors.contains("skipped: fuzz smoke (left out by --quick or --filter)"))
        let filtered = try test("--filter 'A|B c'")
        #expect(filtered.status == 0)
        #expect(try calls.contains { $0.hasPrefix("test ") && $0.hasSuffix("--filter A|B c") })
        #expect(try !calls.contains { $0.contains("release") })
    }

    @Test func helpAndMistakes() throws {
        let help = try test("--help")
        #expect(help.status == 0 && help.output.contains("--filter PATTERN") && help.output.contains("6.2"))
        let mistake = try test("--colour")
        #expect(mistake.status == 2 && mistake.output.isEmpty && mistake.errors.contains("unknown option --colour"))
    }

    @Test(arguments: ["5.10", "6.1.2"]) func anOldToolchainIsNotUsed(_ version: String) throws {
        let outcome = try test(version: version)
        #expect(outcome.output == "0 passed, 1 failed, 0 skipped\n")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("Swift 6.2 or later"))
        #expect(outcome.errors.contains("--install-toolchain"))
    }

    // Packages: dpkg-query and apt-get are pretended too, and note how they were called.

    private func installing(asRoot: Bool, sudo: Bool, asks: Bool = false, terminal: Bool = false) throws -> (outcome: Outcome, calls: [String]) {
        let notes = "\(scratch.path)/notes"
        func note(_ name: String, _ rest: String = "") throws {
            try scratch.write("bin/\(name)", "#!/bin/bash\necho \"\(name) $* [$DEBIAN_FRONTEND]\" >>\(notes)\n\(rest)\n", executable: true)
        }
        // Only libsodium-dev is missing, until it has been installed.
        try scratch.write("bin/dpkg-query", """
            #!/bin/bash
            if [[ $* == *libsodium-dev* ]] && ! grep -q install \(notes) 2>/dev/null; then exit 1; fi
            echo install ok installed
            """, executable: true)
        try scratch.write("bin/id", "#!/bin/bash\necho \(asRoot ? 0 : 1000)", executable: true)
        // Optional tools are there, whatever the machine has.
        for tool in ["promtool", "systemd-analyze", "chromium"] { try scratch.write("bin/\(tool)", "#!/bin/bash\n", executable: true) }
        try note("apt-get")
        // A Python that has the module, whatever the machine's has, and that fetches nothing.
        try scratch.write("bin/python", "#!/bin/bash\ncase $1 in -c) ;; -m) exit 1 ;; *) exec /usr/bin/python3 \"$@\" ;; esac\n", executable: true)
        // One that asks takes a password from the terminal, in the foreground only, and believes for a while.
        let ticket = "\(scratch.path)/ticket"
        if sudo {
            try note("sudo", """
                case $1 in
                -v) read -r -t 10 password </dev/tty && [ "$password" = secret ] && touch \(ticket) ;;
                -n) shift; \(asks ? "[ -e \(ticket) ] || exit 1" : ":"); exec "$@" ;;
                *) exit 1 ;;
                esac
                """)
        }
        let path = sudo || asRoot ? "\(scratch.path)/bin:/usr/bin:/bin" : try withoutSudo()
        let command = "'\(house)'/Deploy/test --quick"
        let typed = "(sleep 3; echo secret; sleep 1) | script -qec \"\(command)\" /dev/null"
        let outcome = try Shell.run(terminal ? typed : command, [
            "PATH": path, "HOME": scratch.path, "TRELLIS_SWIFT_PLACES": "", "TRELLIS_PYTHON": "\(scratch.path)/bin/python",
        ])
        let calls = (try? String(contentsOfFile: notes, encoding: .utf8)) ?? ""
        return (outcome, calls.split(separator: "\n").map(String.init))
    }

    /// A PATH with everything that the machine has but sudo.
    private func withoutSudo() throws -> String {
        try Shell.run("mkdir '\(scratch.path)/tools' && ln -s /usr/bin/* '\(scratch.path)/tools/' && rm -f '\(scratch.path)/tools/sudo'")
        return "\(scratch.path)/bin:\(scratch.path)/tools"
    }

    @Test func missingPackagesAreInstalledOnce() throws {
        let (outcome, calls) = try installing(asRoot: true, sudo: false)
        #expect(outcome.output == "4 passed, 0 failed, 3 skipped\n" && outcome.status == 0)
        #expect(calls == [
            "apt-get -q update [noninteractive]",
            "apt-get -q install -y --no-install-recommends libsodium-dev [noninteractive]",
        ])
        #expect(try installing(asRoot: true, sudo: false).calls.count == 2)
    }

    @Test func aUserInstallsWithSudo() throws {
        let calls = try installing(asRoot: false, sudo: true).calls
        #expect(calls.map { $0.split(separator: " ").first } == ["sudo", "sudo", "apt-get", "sudo", "sudo", "apt-get"])
        #expect(calls.allSatisfy { !$0.hasPrefix("sudo") || $0.hasPrefix("sudo -n ") })
    }

    @Test func aUserWhosePasswordNobodyCanAskForIsTold() throws {
        let (outcome, calls) = try installing(asRoot: false, sudo: true, asks: true)
        #expect(outcome.output == "0 passed, 1 failed, 0 skipped\n" && outcome.status == 1 && calls == ["sudo -n true []"])
        #expect(outcome.errors.contains("without a password") && outcome.errors.contains("apt-get install libsodium-dev"))
    }

    @Test(.enabled(if: Shell.has("script"), "script is not installed: the package bsdutils has it")) func aUserIsAskedForThePasswordBeforeTheStep() throws {
        let (outcome, calls) = try installing(asRoot: false, sudo: true, asks: true, terminal: true)
        #expect(outcome.output.contains("4 passed, 0 failed, 3 skipped"), "\(outcome.output)\(outcome.errors)")
        #expect(calls.map { $0.split(separator: " ").prefix(2).joined(separator: " ") } == ["sudo -n", "sudo -v", "sudo -n", "apt-get -q", "sudo -n", "sudo -n", "apt-get -q"])
    }

    @Test func aUserWithoutSudoIsTold() throws {
        let (outcome, calls) = try installing(asRoot: false, sudo: false)
        #expect(outcome.output == "0 passed, 1 failed, 0 skipped\n" && outcome.status == 1 && calls.isEmpty)
        #expect(outcome.errors.contains("neither root nor sudo") && outcome.errors.contains("libsodium-dev"))
    }
}
