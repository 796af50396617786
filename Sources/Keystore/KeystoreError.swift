/// Why a key could not be made, kept or had.
public struct KeystoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What a caller can do about it.
    @frozen public enum Code: String, Sendable, CaseIterable {
        /// The file is whole, but this passphrase does not open it: ask again.
        case wrongPassphrase = "keystore.wrong_passphrase"
        /// Not a key file, or one whose bytes have changed: fetch the backup.
        case damaged = "keystore.damaged"
        /// Written by a newer program.
        case versionUnsupported = "keystore.version_unsupported"
        /// A key derivation or cipher that this program does not have.
        case algorithmUnsupported = "keystore.algorithm_unsupported"
        /// The file asks for more passes or memory than a key file may: it is not one of ours.
        case costOutOfBounds = "keystore.cost_out_of_bounds"
        /// The machine has not the memory that the file asks for.
        case memoryUnavailable = "keystore.memory_unavailable"
        /// Others may read the file: `chmod 600`, and consider the key known.
        case permissionsTooWide = "keystore.permissions_too_wide"
        case notFound = "keystore.not_found"
        /// A key is never overwritten unless that is asked for.
        case alreadyExists = "keystore.already_exists"
        /// The key was made for another role.
        case roleMismatch = "keystore.role_mismatch"
        /// Not UTF-8, or too long.
        case passphraseInvalid = "keystore.passphrase_invalid"
        /// The variable does not hold 64 hexadecimal digits.
        case variableInvalid = "keystore.variable_invalid"
        /// This kind of keyring cannot keep keys.
        case readOnly = "keystore.read_only"
        /// Any other refusal of the operating system.
        case io = "keystore.io"
    }

    public let code: Code
    /// What was being done, and what was found and expected; for people. It never holds a secret.
    public let context: String

    public init(_ code: Code, _ context: String) {
        self.code = code
        self.context = context
    }

    public var description: String { "\(code.rawValue): \(context)" }
}
