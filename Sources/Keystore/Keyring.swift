public import Cryptography
import Glibc
import Primitives

/// Where a program finds its keys: what `--keyring file|env|test` chooses.
public enum Keyring: Equatable, Sendable {
    /// Key files `NAME.json` in a directory, each under a passphrase.
    case file(directory: String)
    /// Variables `TRELLIS_KEY_NAME` with the 64 hexadecimal digits of a seed, for containers whose platform keeps the secret. Whoever
    /// may look into the process may read them.
    case environment
    /// Keys that everybody knows, the same on every machine: for tests and networks without value. See ``warning``.
    case test

    /// Keys of a directory, for listing them; more than anybody has.
    public static let namesMax = 10_000

    /// Reads the option's value, `file`, `env` or `test`; nil for any other.
    public init?(_ option: String, directory: String) {
        switch option {
        case "file": self = .file(directory: directory)
        case "env": self = .environment
        case "test": self = .test
        default: return nil
        }
    }

    /// What the program must print every time before it uses this keyring.
    public var warning: String? {
        switch self {
        case .file: nil
        case .environment: "keys come from environment variables, which other programs of the same user can read"
        case .test: "keys of the test keyring are public: anyone can sign with them. Never let them hold or decide anything of value"
        }
    }

    /// The key called `name`, which must have been made for `role`. `passphrase` is asked for when the keyring needs one, after
    /// everything that can be found wrong without it.
    public func key(
        _ name: KeyName, role: KeyRole, passphrase: () throws(KeystoreError) -> Passphrase
    ) throws(KeystoreError) -> RoleKey {
        switch self {
        case .file(let directory):
            let file = try KeyFile.read(Keyring.path(name, in: directory))
            guard file.role == role else {
                throw KeystoreError(.roleMismatch, "the key \(name) is of the role \(file.role), not \(role)")
            }
            return try file.open(try passphrase())
        case .environment:
            return try Keyring.key(name, role: role) { variable in getenv(variable).map { String(cString: $0) } }
        case .test:
            return Keyring.testKey(name, role: role)
        }
    }

    /// Keeps `key` under `name`, for ``file(directory:)`` alone; the directory is made if it is missing.
    public func store(
        _ key: RoleKey, as name: KeyName, passphrase: Passphrase, cost: Argon2id.Parameters = .keyFile, replacing: Bool = false
    ) throws(KeystoreError) {
        guard case .file(let directory) = self else { throw KeystoreError(.readOnly, "only the file keyring can keep keys") }
        if mkdir(directory, 0o700) != 0, errno != EEXIST { throw SystemCall.failure("make directory \(directory)") }
        try KeyFile(key, passphrase: passphrase, cost: cost).write(to: Keyring.path(name, in: directory), replacing: replacing)
    }

    /// The names of the keys in the directory, in ascending order, at most ``namesMax``; none for the other kinds, which cannot be
    /// listed, and none when there is no directory yet.
    public func names() throws(KeystoreError) -> [KeyName] {
        guard case .file(let directory) = self else { return [] }
        guard let stream = opendir(directory) else {
            if errno == ENOENT { return [] }
            throw SystemCall.failure("list \(directory)")
        }
        defer { closedir(stream) }
        var names: [KeyName] = []
        while names.count < Keyring.namesMax, let entry = readdir(stream) {
            let file = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if file.hasSuffix(Keyring.suffix), let name = KeyName(String(file.dropLast(Keyring.suffix.count))) { names.append(name) }
        }
        return names.sorted { $0.text < $1.text }
    }

    private static let suffix = ".json"
    private static func path(_ name: KeyName, in directory: String) -> String { "\(directory)/\(name)\(suffix)" }

    /// The key that `variables` holds for `name`.
    static func key(
        _ name: KeyName, role: KeyRole, variables: (String) -> String?
    ) throws(KeystoreError) -> RoleKey {
        guard let text = variables(name.variable) else { throw KeystoreError(.notFound, "the variable \(name.variable) is not set") }
        guard var seed = [UInt8](hex: text), seed.count == SigningKey.seedBytes else {
            throw KeystoreError(.variableInvalid, "the variable \(name.variable) does not hold 64 hexadecimal digits")
        }
        return RoleKey(role: role, seed: SecretBytes(wiping: &seed))
    }

    /// The phrase that development tools of other chains use for the same purpose.
    static let testPhrase = "test test test test test test test test test test test junk"

    private static let testSeed: SecretBytes = {
        guard let mnemonic = try? Mnemonic(phrase: SecretBytes(copying: Array(testPhrase.utf8))) else {
            preconditionFailure("the phrase is a constant")
        }
        return mnemonic.seed()
    }()

    /// The key of ``testPhrase`` at the index that the first 31 bits of the name's SHA-256 are.
    private static func testKey(_ name: KeyName, role: KeyRole) -> RoleKey {
        let digest = SHA256.hash(Array(name.text.utf8)).bytes
        let index = digest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) } >> 1
        guard let path = DerivationPath(role: role, index: index) else { preconditionFailure("31 bits") }
        return RoleKey(path, seed: testSeed)
    }
}

/// What a person calls a key: 1 … 64 lower-case letters, digits and hyphens, not beginning with a hyphen. So it is also a file name
/// that leads nowhere else, and the end of a variable's name.
public struct KeyName: Hashable, Sendable, CustomStringConvertible {
    public static let bytesMax = 64
    public let text: String

    public init?(_ text: String) {
        guard (1...KeyName.bytesMax).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "-"),
              text.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") }) else { return nil }
        self.text = text
    }

    public var description: String { text }

    /// `TRELLIS_KEY_` and the name in upper case with underscores.
    var variable: String {
        let tail = text.utf8.map { (97...122).contains($0) ? $0 - 32 : $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
        return "TRELLIS_KEY_" + String(decoding: tail, as: UTF8.self)
    }
}
