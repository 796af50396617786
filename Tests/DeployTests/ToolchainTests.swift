import Foundation
import Testing

/// `Deploy/toolchain` against a server on this machine: a release is believed for its signature alone.
@Suite(.enabled(if: Shell.has("gpg", "curl", "python3"), "gpg, curl or python3 is not installed"))
struct ToolchainTests {
    private let scratch: Scratch
    private let releases: Releases

    init() throws {
        scratch = try Scratch()
        releases = try Releases.shared.get()
    }

    private func environment(_ release: String, keys: String = "keys.asc", fingerprint: String? = nil) -> [String: String] {
        [
            "HOME": scratch.path, "TRELLIS_SWIFT_HOME": "\(scratch.path)/swift", "TRELLIS_SWIFT_PLACES": "",
            "TRELLIS_SWIFT_VERSION": Releases.version, "TRELLIS_SWIFT_DOWNLOAD": "\(releases.server)/\(release)",
            "TRELLIS_SWIFT_KEYS": "\(releases.server)/\(keys)", "TRELLIS_SWIFT_FINGERPRINT": fingerprint ?? releases.fingerprint,
        ]
    }

    private func toolchain(_ verb: String, _ environment: [String: String]) throws -> Outcome {
        try Shell.run("'\(Shell.project.path)'/Deploy/toolchain \(verb)", environment)
    }

    private var installed: String { "\(scratch.path)/swift/swift-\(Releases.version)/usr/bin" }

    /// Refused, in words, with nothing left that could be taken for a toolchain.
    private func expectRefusal(_ environment: [String: String], _ words: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let outcome = try toolchain("install", environment)
        #expect(outcome.status == 1, sourceLocation: sourceLocation)
        #expect(outcome.errors.contains("refused: \(words)"), "\(outcome.errors)", sourceLocation: sourceLocation)
        #expect(!FileManager.default.fileExists(atPath: installed), sourceLocation: sourceLocation)
        #expect(try toolchain("find", environment).status == 1, sourceLocation: sourceLocation)
        let left = try Shell.run("find '\(scratch.path)/swift' -name '*.tar.gz' -o -name 'swift'  -type f", [:])
        #expect(left.output.isEmpty, "\(left.output)", sourceLocation: sourceLocation)
    }

    @Test func aGoodSignatureInstalls() throws {
        let environment = environment("good")
        #expect(try toolchain("find", environment).status == 1)
        let outcome = try toolchain("install", environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try toolchain("find", environment).output == installed + "\n")
        let again = try toolchain("install", environment)
        #expect(again.status == 0 && again.errors.contains("is there already"))
    }

    @Test func anAlteredArchive() throws { try expectRefusal(environment("altered"), "the signature does not match the archive") }
    @Test func aStrangersSignature() throws { try expectRefusal(environment("stranger"), "the archive is signed by a key other than") }
    @Test func noSignature() throws { try expectRefusal(environment("unsigned"), "there is no signature at") }
    @Test func anEmptySignature() throws { try expectRefusal(environment("empty"), "the signature of the archive is not valid") }

    @Test func keysWithoutThePinnedOne() throws {
        try expectRefusal(environment("good", fingerprint: String(repeating: "A", count: 40)), "the keys at")
    }

    /// The key server may hold many keys; a valid signature of another one of them is worth nothing.
    @Test func aKnownKeyThatIsNotThePinnedOne() throws {
        try expectRefusal(environment("stranger", keys: "both-keys.asc"), "the archive is signed by a key other than")
    }

    @Test func aKeyThatExpiredAfterSigning() throws {
        let outcome = try toolchain("install", environment("expired", keys: "expired.asc", fingerprint: releases.expiredFingerprint))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("the release key has expired since"))
    }

    @Test func plainHTTPIsOnlyForThisMachine() throws {
        var environment = environment("good")
        environment["TRELLIS_SWIFT_KEYS"] = "http://192.0.2.1/keys.asc"
        let outcome = try toolchain("install", environment)
        #expect(outcome.status == 1 && outcome.errors.contains("not supported or disabled"), "\(outcome.errors)")
    }

    @Test func anInterruptedDownloadIsFetchedAgain() throws {
        let environment = environment("good")
        try scratch.write("swift/downloads/\(Releases.archive).part", "the first bytes of something else")
        #expect(try toolchain("install", environment).status == 0)
        #expect(try toolchain("find", environment).output == installed + "\n")
    }

    @Test func theTestCommandInstallsAndUsesIt() throws {
        try FileManager.default.copyItem(at: Shell.project.appending(path: "Deploy"), to: scratch.url.appending(path: "house/Deploy"))
        let outcome = try Shell.run("'\(scratch.path)'/house/Deploy/test --no-packages --install-toolchain", environment("good"))
        #expect(outcome.output == "6 passed, 0 failed, 1 skipped\n", "\(outcome.errors)")
        #expect(outcome.status == 0)
    }

    @Test func theTestCommandRefusesToo() throws {
        try FileManager.default.copyItem(at: Shell.project.appending(path: "Deploy"), to: scratch.url.appending(path: "house/Deploy"))
        let outcome = try Shell.run("'\(scratch.path)'/house/Deploy/test --no-packages --install-toolchain", environment("altered"))
        #expect(outcome.output == "0 passed, 1 failed, 0 skipped\n" && outcome.status == 1)
        #expect(outcome.errors.contains("refused: the signature does not match"))
    }
}

/// Pretended releases with real signatures of throw-away keys, and a server that lives as long as this process.
final class Releases: @unchecked Sendable {
    static let version = "6.3.1"
    static let platform = {
        #if arch(arm64)
        "debian12-aarch64"
        #else
        "debian12"
        #endif
    }()
    static let archive = "swift-\(version)-RELEASE-\(platform).tar.gz"
    static let shared = Result { try Releases() }

    let server: String
    let fingerprint: String
    let expiredFingerprint: String
    private let scratch: Scratch
    private let process = Process()
    private let input = Pipe()

    private init() throws {
        scratch = try Scratch()
        try scratch.write("release/usr/bin/swift", PretendedSwift.script, executable: true)
        let made = try Shell.run(Self.make, [
            "ROOT": scratch.path, "ARCHIVE": Self.archive,
            "FOLDER": "swift-\(Self.version)-release/\(Self.platform)/swift-\(Self.version)-RELEASE",
        ])
        let fingerprints = made.output.split(separator: "\n").map(String.init)
        guard made.status == 0, fingerprints.count == 2 else { throw CocoaError(.featureUnsupported, userInfo: ["errors": made.errors]) }
        fingerprint = fingerprints[0]
        expiredFingerprint = fingerprints[1]

        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", Self.serve, "\(scratch.path)/www"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let port = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        server = "http://127.0.0.1:\(port)"
    }

    /// Prints the fingerprints of the release key and of one that has expired.
    private static let make = #"""
        set -euo pipefail
        cd "$ROOT"
        mkdir -m 700 keys old
        trap 'gpgconf --homedir "$ROOT/keys" --kill gpg-agent; gpgconf --homedir "$ROOT/old" --kill gpg-agent' EXIT
        key() { gpg --homedir "$1" --batch --quiet --passphrase "" "${@:3}" --quick-gen-key "$2 <$2@example.invalid>" ed25519 sign "${life:-2d}"; }
        fingerprint() { gpg --homedir "$1" --batch --with-colons --list-keys "$2" | awk -F: '$1 == "fpr" { print $10; exit }'; }
        sign() { gpg --homedir "$1" --batch --quiet --passphrase "" "${@:4}" --local-user "$2" --output "$3.sig" --detach-sign "$3"; }
        long_ago="--faked-system-time=20200101T000000!"
        key keys release; key keys stranger; key old release "$long_ago"
        mkdir www
        gpg --homedir keys --armor --export release >www/keys.asc
        gpg --homedir keys --armor --export >www/both-keys.asc
        gpg --homedir old --armor --export >www/expired.asc
        mkdir "top"; mv release top/swift-release
        tar -C top -czf archive.tar.gz swift-release
        for name in good altered stranger unsigned empty expired; do
            mkdir -p "www/$name/$FOLDER"
            cp archive.tar.gz "www/$name/$FOLDER/$ARCHIVE"
        done
        for name in good altered; do sign keys release "www/$name/$FOLDER/$ARCHIVE"; done
        sign keys stranger "www/stranger/$FOLDER/$ARCHIVE"
        sign old release "www/expired/$FOLDER/$ARCHIVE" "$long_ago"
        : >"www/empty/$FOLDER/$ARCHIVE.sig"
        # One more entry behind the signed ones: it still unpacks.
        gzip -d <archive.tar.gz >altered.tar; touch top/swift-release/more; tar -C top -rf altered.tar swift-release/more
        gzip -c altered.tar >"www/altered/$FOLDER/$ARCHIVE"
        fingerprint keys release; fingerprint old release
        """#

    /// Serves a folder on a free port, which it prints, until its input closes.
    private static let serve = """
        import functools, http.server, os, sys, threading
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        print(server.server_address[1], flush=True)
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
        server.serve_forever()
        """
}
