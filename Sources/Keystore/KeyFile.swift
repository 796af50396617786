public import Cryptography
public import Primitives

/// One private key under a passphrase, as it lies on disk.
///
/// The passphrase and a random salt become a key by Argon2id; XChaCha20-Poly1305 encrypts the 32-byte seed with that key and a
/// random nonce. The additional data are the canonical bytes of everything else in the file (``header``), so that no field can
/// be exchanged. A plain SHA-256 over header and ciphertext tells a damaged file from a wrong passphrase before the expensive
/// step; it protects nobody from anything else.
///
/// A file's numbers are a stranger's: they are bounded before anything is computed with them.
public struct KeyFile: Equatable, Sendable {
    public static let version = 1
    static let derivation = "argon2id"
    static let cipher = "xchacha20poly1305"
    static let ciphertextBytes = SigningKey.seedBytes + XChaCha20Poly1305.tagBytes

    public let role: KeyRole
    /// The 32 bytes of the public key, in the clear: a file can be recognised without its passphrase.
    public let publicKeyBytes: [UInt8]
    public let cost: Argon2id.Parameters
    let salt: [UInt8]
    let nonce: XChaCha20Poly1305.Nonce
    let ciphertext: [UInt8]

    /// Encrypts `key`. Fails only when the machine cannot spare the memory.
    public init(_ key: RoleKey, passphrase: Passphrase, cost: Argon2id.Parameters = .keyFile) throws(KeystoreError) {
        guard let nonce = XChaCha20Poly1305.Nonce(Entropy.bytes(XChaCha20Poly1305.Nonce.byteCount)) else {
            preconditionFailure("as many bytes as asked for")
        }
        try self.init(key, passphrase: passphrase, cost: cost, salt: Entropy.bytes(Argon2id.saltBytes), nonce: nonce)
    }

    init(
        _ key: RoleKey, passphrase: Passphrase, cost: Argon2id.Parameters, salt: [UInt8], nonce: XChaCha20Poly1305.Nonce
    ) throws(KeystoreError) {
        let empty = KeyFile(
            role: key.role, publicKeyBytes: key.publicKeyBytes, cost: cost, salt: salt, nonce: nonce, ciphertext: [])
        let sealed = XChaCha20Poly1305.seal(
            key.seed, key: try empty.fileKey(passphrase), nonce: nonce, additionalData: empty.header)
        self.init(
            role: key.role, publicKeyBytes: key.publicKeyBytes, cost: cost, salt: salt, nonce: nonce, ciphertext: sealed)
    }

    init(
        role: KeyRole, publicKeyBytes: [UInt8], cost: Argon2id.Parameters, salt: [UInt8], nonce: XChaCha20Poly1305.Nonce,
        ciphertext: [UInt8]
    ) {
        precondition(publicKeyBytes.count == PublicKey.byteCount && salt.count == Argon2id.saltBytes)
        self.role = role
        self.publicKeyBytes = publicKeyBytes
        self.cost = cost
        self.salt = salt
        self.nonce = nonce
        self.ciphertext = ciphertext
    }

    /// Decrypts the key. ``KeystoreError/Code/wrongPassphrase`` also stands for a file that somebody altered together with its
    /// checksum: nothing can tell the two apart.
    public func open(_ passphrase: Passphrase) throws(KeystoreError) -> RoleKey {
        guard let seed = XChaCha20Poly1305.open(
            ciphertext, key: try fileKey(passphrase), nonce: nonce, additionalData: header) else {
            throw KeystoreError(.wrongPassphrase, "the passphrase does not open the \(role) key \(publicKeyBytes.hex)")
        }
        guard seed.count == SigningKey.seedBytes else {
            throw KeystoreError(.damaged, "a seed of \(seed.count) bytes instead of \(SigningKey.seedBytes)")
        }
        let key = RoleKey(role: role, seed: seed)
        guard key.publicKeyBytes == publicKeyBytes else {
            throw KeystoreError(.damaged, "the file names the public key \(publicKeyBytes.hex), but holds \(key.publicKeyBytes.hex)")
        }
        return key
    }

    /// The account's address; nil for other roles.
    public var address: Address? {
        role == .account ? PublicKey(publicKeyBytes).map(Address.init(of:)) : nil
    }

    /// What the encryption covers without hiding it: `trellis/key-file/1` || BCS of version (u8), role (u8), public key (32 bytes),
    /// derivation (string), passes (u64), memory (u64), salt (16 bytes), cipher (string), nonce (24 bytes).
    var header: [UInt8] {
        var encoder = BCSEncoder()
        encoder.append(Array("trellis/key-file/1".utf8))
        encoder.encode(UInt8(KeyFile.version))
        encoder.encode(UInt8(role.rawValue))
        encoder.append(publicKeyBytes)
        encoder.encode(KeyFile.derivation)
        encoder.encode(UInt64(cost.passes))
        encoder.encode(UInt64(cost.memoryBytes))
        encoder.append(salt)
        encoder.encode(KeyFile.cipher)
        nonce.encode(into: &encoder)
        return encoder.bytes
    }

    var checksum: Digest { SHA256.hash(header + ciphertext) }

    private func fileKey(_ passphrase: Passphrase) throws(KeystoreError) -> SecretBytes {
        do throws(Argon2id.Failure) {
            return try Argon2id.derive(
                password: passphrase.bytes, salt: salt, parameters: cost, count: XChaCha20Poly1305.keyBytes)
        } catch {
            throw KeystoreError(.memoryUnavailable, "the key derivation needs \(cost.memoryBytes) bytes of memory")
        }
    }
}
