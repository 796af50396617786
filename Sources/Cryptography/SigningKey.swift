import CSodium
public import Primitives

/// An Ed25519 private key (RFC 8032 §5.1.5). The caller brings the seed; nothing is drawn here.
///
/// Signatures are deterministic, yet the holder of a key can always make another one: never use the bytes of a signature as
/// an identity.
public final class SigningKey: Sendable {
    public let publicKey: PublicKey
    // Seed ‖ public key, as libsodium keeps it; wiped with the last reference.
    private let expanded: SecretBytes

    /// The key of a 32-byte seed of full entropy.
    public init(seed: SecretBytes) {
        precondition(seed.count == SigningKey.seedBytes)
        Sodium.ready
        var publicKey = PublicKey()
        expanded = SecretBytes(count: Int(crypto_sign_SECRETKEYBYTES)) { secret in
            publicKey.withMutableBytes { publicKey in
                _ = crypto_sign_seed_keypair(
                    publicKey, secret.baseAddress!.assumingMemoryBound(to: UInt8.self), seed.pointer)
            }
        }
        self.publicKey = publicKey
    }

    /// Bytes of a seed.
    public static let seedBytes = 32

    /// The seed, for a key file.
    public var seed: SecretBytes {
        expanded.withUnsafeBytes { SecretBytes(copying: $0.prefix(SigningKey.seedBytes)) }
    }

    public func sign(_ message: [UInt8]) -> Signature {
        var signature = Signature()
        signature.withMutableBytes { signature in
            _ = crypto_sign_detached(signature, nil, message, UInt64(message.count), expanded.pointer)
        }
        return signature
    }

    /// Signs `domain || chainID || BCS(body)`.
    public func sign(_ body: some BCSCodable, as domain: SigningDomain, chainID: ChainID) -> Signature {
        sign(domain.signedBytes(body, chainID: chainID))
    }

    /// Proof that its maker holds the private key, for its registration by `account` on `chainID`: a signature over account and
    /// public key.
    public func provePossession(for account: Address, chainID: ChainID) -> Signature {
        sign(KeyPossession(publicKey, of: account).bytes(chainID: chainID))
    }
}
