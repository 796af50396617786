import ArgumentParser
import Cryptography
import Foundation
import Keystore
import Primitives

/// Where keys are, and how they are opened.
struct KeyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The directory with keys, genesis and settings (default: $TRELLIS_HOME, or ~/.trellis).", valueName: "directory"))
    var home: String?

    @Option(help: ArgumentHelp("Where keys are: file, env or test.", valueName: "kind"))
    var keyring: String?

    @Option(help: ArgumentHelp("The file with the passphrase, - for stdin; or $TRELLIS_PASSPHRASE_FILE, $TRELLIS_PASSPHRASE, or the terminal.", valueName: "file"))
    var passphraseFile: String?

    func resolvedHome() throws(CommandFailure) -> Home { Home(path: try ProfileSettings.resolve(nil).value(.home, flag: home)) }

    func resolvedKeyring() throws(CommandFailure) -> Keyring {
        let kind = try ProfileSettings.resolve(nil).value(.keyring, flag: keyring)
        guard let keyring = Keyring(kind, directory: try resolvedHome().keys) else {
            throw .usage("key.keyring-unknown", "\(kind) is not a kind of keyring", next: "Use one of file, env and test.")
        }
        return keyring
    }

    /// The key of a name and role, opened.
    func key(_ name: String, role: KeyRole) throws -> RoleKey {
        let keyring = try resolvedKeyring(), name = try Self.name(name)
        if let warning = keyring.warning { Console.warn(warning) }
        return try keyring.key(name, role: role) { () throws(KeystoreError) in
            do throws(CommandFailure) { return try passphrase(for: "the key \(name)") } catch {
                throw KeystoreError(.passphraseInvalid, error.what)
            }
        }
    }

    static func name(_ text: String) throws(CommandFailure) -> KeyName {
        guard let name = KeyName(text) else {
            throw .usage("key.name-invalid", "\(text) is not a name for a key", why: "a name has 1 to 64 lower-case letters, digits and hyphens")
        }
        return name
    }

    /// The passphrase that opens a key.
    func passphrase(for what: String) throws(CommandFailure) -> Passphrase {
        if let given = try givenPassphrase() { return given }
        guard Terminal.isInteractive, var typed = Terminal.secret("Passphrase of \(what): ") else { throw missing }
        return try Self.passphrase(&typed)
    }

    /// A new passphrase, typed twice on a terminal.
    func newPassphrase() throws(CommandFailure) -> Passphrase {
        if let given = try givenPassphrase() { return given }
        guard Terminal.isInteractive, var typed = Terminal.secret("New passphrase: "), var again = Terminal.secret("The same again: ") else { throw missing }
        defer { SecretBytes.wipe(&again) }
        guard typed == again else { throw .usage("key.passphrases-differ", "the two passphrases differ", next: "Run the command again.") }
        return try Self.passphrase(&typed)
    }

    private var missing: CommandFailure {
        .usage(
            "key.passphrase-missing", "a passphrase is needed, and there is no terminal to ask on",
            next: "Give --passphrase-file, or set TRELLIS_PASSPHRASE_FILE or TRELLIS_PASSPHRASE.")
    }

    private func givenPassphrase() throws(CommandFailure) -> Passphrase? {
        var bytes: [UInt8]
        if let path = passphraseFile ?? Terminal.variable("TRELLIS_PASSPHRASE_FILE") {
            bytes = try Files.read(path, max: Passphrase.bytesMax + 2)
            // The end of the line is not part of it.
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        } else if let text = Terminal.variable("TRELLIS_PASSPHRASE") {
            bytes = Array(text.utf8)
        } else {
            return nil
        }
        return try Self.passphrase(&bytes)
    }

    private static func passphrase(_ bytes: inout [UInt8]) throws(CommandFailure) -> Passphrase {
        guard !bytes.isEmpty else { throw .usage("key.passphrase-empty", "the passphrase is empty", next: "Choose one; it protects the key on disk.") }
        do throws(KeystoreError) { return try Passphrase(wiping: &bytes) } catch { throw CommandFailure(error) }
    }
}

/// What opening a key file costs whoever guesses.
enum KeyCost: String, CaseIterable, ExpressibleByArgument {
    /// About a second and 256 MiB.
    case strong
    /// A few milliseconds and 1 MiB: for tests, and for keys without value.
    case light

    var parameters: Argon2id.Parameters {
        switch self {
        case .strong: return .keyFile
        case .light:
            guard let parameters = Argon2id.Parameters(passes: 1, memoryBytes: 1 << 20) else { preconditionFailure("constants within bounds") }
            return parameters
        }
    }
}
