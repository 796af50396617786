import CSodium

/// Argon2id version 1.3 with one lane (RFC 9106): the key of a password.
public enum Argon2id {
    public static let saltBytes = 16

    /// The cost of one guess.
    public struct Parameters: Equatable, Sendable {
        /// Passes over the memory: 1 … ``Argon2id/passesMax``.
        public let passes: Int
        /// Bytes of memory: ``Argon2id/memoryBytesMin`` … ``Argon2id/memoryBytesMax``.
        public let memoryBytes: Int

        /// nil out of range: the numbers may come from a key file, and such a file must not be able to exhaust the machine.
        public init?(passes: Int, memoryBytes: Int) {
            guard (1...passesMax).contains(passes), (memoryBytesMin...memoryBytesMax).contains(memoryBytes) else { return nil }
            self.passes = passes
            self.memoryBytes = memoryBytes
        }

        private init(checkedPasses: Int, memoryBytes: Int) {
            passes = checkedPasses
            self.memoryBytes = memoryBytes
        }

        /// Three passes over 256 MiB, libsodium's "moderate": about a second of one core.
        public static let keyFile = Parameters(checkedPasses: 3, memoryBytes: 256 * 1024 * 1024)
    }

    /// More passes only make the owner wait; memory is what costs an attacker.
    public static let passesMax = 16
    /// The least that libsodium takes.
    public static let memoryBytesMin = 8192
    /// What a small machine can spare for a moment.
    public static let memoryBytesMax = 1024 * 1024 * 1024

    public enum Failure: Error, Equatable, Sendable {
        /// The system refused the memory.
        case memoryUnavailable(bytes: Int)
    }

    /// A key of `count` bytes, 16 … 64. `salt` is ``saltBytes`` long and new for every password.
    public static func derive(
        password: SecretBytes, salt: [UInt8], parameters: Parameters, count: Int = 32
    ) throws(Failure) -> SecretBytes {
        precondition(salt.count == saltBytes && (16...64).contains(count))
        Sodium.ready
        var status: Int32 = -1
        let key = SecretBytes(count: count) { key in
            let output = key.baseAddress!.assumingMemoryBound(to: UInt8.self)
            status = password.withUnsafeBytes { text in
                crypto_pwhash(
                    output, UInt64(count), text.baseAddress!.assumingMemoryBound(to: CChar.self), UInt64(text.count), salt,
                    UInt64(parameters.passes), parameters.memoryBytes, crypto_pwhash_ALG_ARGON2ID13)
            }
        }
        guard status == 0 else { throw .memoryUnavailable(bytes: parameters.memoryBytes) }
        return key
    }
}
