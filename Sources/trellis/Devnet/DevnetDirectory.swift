import Foundation
import Glibc
import Keystore
import Primitives

/// Where a local network is:
///
///     devnet.json        what is known of it, see ``DevnetState``
///     genesis.bcs        its genesis document
///     keys/NAME.json     the keys of the faucet and of the accounts, so that the directory is a home for other commands
///     passphrase         opens them and the keys of the nodes
///     nodes/NAME/        the home of a node, and its log
struct DevnetDirectory {
    let path: String

    var home: Home { Home(path: path) }
    var statePath: String { path + "/devnet.json" }
    var passphrasePath: String { path + "/passphrase" }
    var nodes: String { path + "/nodes" }
    var relayLog: String { path + "/relay.log" }
    var relaySocket: String { path + "/relay.sock" }
    private var lockPath: String { path + "/lock" }
    private var noticePath: String { home.keys + "/WORTHLESS.txt" }

    func home(_ name: String) -> Home { Home(path: "\(nodes)/\(name)") }
    func log(_ name: String) -> String { "\(nodes)/\(name)/log" }

    // ── What is known ──

    /// nil when no network is here.
    func stateIfPresent() throws(CommandFailure) -> DevnetState? {
        guard FileManager.default.fileExists(atPath: statePath) else { return nil }
        let bytes = try Files.read(statePath, max: 1 << 20)
        guard let state = try? JSONDecoder().decode(DevnetState.self, from: Data(bytes)), state.version == DevnetState.versionNow else {
            throw CommandFailure(
                code: "devnet.state-malformed", what: "\(statePath) is not what this program writes", why: "it is of another version, or damaged",
                next: "End its processes, and move the directory away.")
        }
        return state
    }

    func state() throws(CommandFailure) -> DevnetState {
        if let state = try stateIfPresent() { return state }
        throw CommandFailure(code: "devnet.absent", what: "no local network is in \(path)", next: "trellis devnet up", status: .notFound)
    }

    func save(_ state: DevnetState) throws(CommandFailure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        guard let data = try? encoder.encode(state) else { preconditionFailure("texts and numbers can be encoded") }
        try Files.write(Array(data) + [UInt8(ascii: "\n")], to: statePath, replacing: true)
    }

    /// Keeps other commands from changing the network until the lock is let go.
    func lock() throws(CommandFailure) -> DevnetLock {
        try Files.makeDirectory(path)
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CommandFailure(code: "file.unwritable", what: "\(lockPath) cannot be written", next: "ls -ld \(path)") }
        let lock = DevnetLock(descriptor: descriptor)
        for _ in 0..<300 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return lock }
            usleep(100_000)
        }
        throw CommandFailure(
            code: "devnet.locked", what: "another command has been working on \(path) for 30 seconds", next: "Wait for it, or end it.", status: .unreachable)
    }

    /// Takes away what this program made here, and nothing else.
    func erase() {
        for path in [statePath, home.genesis, passphrasePath, nodes, home.keys, relayLog, relaySocket] { try? FileManager.default.removeItem(atPath: path) }
    }

    // ── Keys ──

    func passphrase() throws -> Passphrase {
        var bytes = try Files.read(passphrasePath, max: Passphrase.bytesMax)
        return try Passphrase(wiping: &bytes)
    }

    func makePassphrase() throws -> Passphrase {
        try Files.makeDirectory(path)
        var bytes = Array(Entropy.bytes(16).hex.utf8)
        let descriptor = open(passphrasePath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CommandFailure(code: "file.unwritable", what: "\(passphrasePath) cannot be written", next: "ls -l \(path)") }
        defer { close(descriptor) }
        guard write(descriptor, bytes, bytes.count) == bytes.count else {
            throw CommandFailure(code: "file.unwritable", what: "\(passphrasePath) cannot be written", next: "df \(path)")
        }
        return try Passphrase(wiping: &bytes)
    }

    func writeNotice() throws(CommandFailure) {
        let text = """
            These keys belong to a local test network. Their passphrase lies beside them: whoever reads this directory owns them.
            Never send anything of value to their addresses.

            """
        try Files.write(Array(text.utf8), to: noticePath)
    }
}

/// Let go when nobody refers to it any more.
final class DevnetLock {
    private let descriptor: Int32
    init(descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }
}
