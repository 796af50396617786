import Foundation

/// What a command left behind.
struct Outcome: Sendable {
    let status: Int32
    let output: String
    let errors: String
}

enum Shell {
    static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Runs a bash script without a terminal, with exactly this environment beside PATH.
    @discardableResult
    static func run(_ script: String, _ environment: [String: String] = [:], in folder: URL? = nil) throws -> Outcome {
        let process = Process(), output = Pipe(), errors = FileManager.default.temporaryDirectory.appending(path: "trellis-\(UUID().uuidString)")
        // Errors go to a file, so that neither stream can fill up while the other is being read.
        try Data().write(to: errors)
        defer { try? FileManager.default.removeItem(at: errors) }
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script]
        process.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"].merging(environment) { $1 }
        process.currentDirectoryURL = folder ?? URL(fileURLWithPath: "/")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }

    static func has(_ tools: String...) -> Bool {
        tools.allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }
    }
}

/// A folder that goes with its owner.
final class Scratch: Sendable {
    let url: URL

    init() throws {
        // Short: sockets of the key agent live below it, and their paths are limited to about a hundred characters.
        url = FileManager.default.temporaryDirectory.appending(path: "trellis-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    var path: String { url.path }

    func write(_ name: String, _ text: String, executable: Bool = false) throws {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
        if executable { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path) }
    }
}

/// A `swift` that does as the environment variable PRETEND says, with the output of the real one.
enum PretendedSwift {
    static let script = #"""
        #!/bin/bash
        mkdir -p .build/release
        printf '%s\n' "$*" >>.build/swift-calls
        case "$*" in
        "build -c release --product trellis") [ "$PRETEND" != build-error ] || { echo "Sources/A.swift:1:1: error: no such thing"; exit 1; } ;;&
        --version) echo "Swift version ${PRETEND_VERSION:-6.3.1} (pretended)"; exit 0 ;;
        "build --build-tests")
            if [ "$PRETEND" = build-error ]; then echo "Sources/A.swift:1:1: error: no such thing" ; exit 1; fi ;;
        "build -c release "*)
            printf '#!/bin/bash\necho fuzzing\n[ "$PRETEND" != fuzz-failure ]\n' >.build/release/fuzz
            printf '#!/bin/bash\necho simulating\n' >.build/release/simulate
            cat >.build/release/trellis <<'SCRIPT'
        #!/bin/bash
        printf '%s\n' "$*" >>.build/trellis-calls
        echo "${TRELLIS_OUTPUT:--} ${TRELLIS_FROM:--} ${TRELLIS_KEYRING:--} ${TRELLIS_PROFILE:--} ${TRELLIS_CONFIG:-}" >>.build/trellis-settings
        case "$*" in
        "devnet up "*) echo "making a network" >&2; [ "$PRETEND" != network-failure ] || { echo "error: no port is free" >&2; exit 1; }; echo "the table" ;;
        "devnet down "*) echo "ended" ;;
        "account transfer "*) [ "$PRETEND" != slow-tour ] || sleep 30 ;;
        esac
        SCRIPT
            chmod +x .build/release/fuzz .build/release/simulate .build/release/trellis ;;
        test*)
            while [ "$1" != --xunit-output ]; do shift; done
            results=$2
            # The runs of the tests that talk, and of those that watch: one each that always passes.
            if [[ $* == *--filter*Tests* ]]; then
                tests=1
                [ "$PRETEND" != nothing ] || tests=0
                printf '<testsuites><testsuite tests="%s">' $tests >"$results"
                [ $tests = 0 ] || printf '<testcase classname="C.D" name="talks()" time="0.1" />' >>"$results"
                printf '</testsuite></testsuites>' >>"$results"
                exit 0
            fi
            echo '◇ Test holds() started.'
            echo '◇ Test dies(_:) started.'
            echo '◇ Test case passing 1 argument x → 1 to dies(_:) started.'
            echo '✔ Test holds() passed after 0.001 seconds.'
            case $PRETEND in
            crash) echo 'Fatal error: index out of range'; kill -TRAP $$ ;;
            nothing) printf '<testsuites><testsuite tests="0"></testsuite></testsuites>' >"$results"; exit 0 ;;
            esac
            failure=
            [ "$PRETEND" != test-failure ] || failure='<failure message="Expectation failed: 1 == 2" />'
            cat >"$results" <<XML
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites><testsuite name="TestResults" errors="0" tests="3" failures="0" skipped="1">
        <testcase classname="A.B" name="holds()" time="0.1" />
        <testcase classname="A.B" name="dies(_:)" time="0.1">$failure</testcase>
        <testcase classname="A.B" name="waits()"><skipped>needs a network namespace</skipped></testcase>
        </testsuite></testsuites>
        XML
            [ -z "$failure" ] ;;
        esac
        """#
}
