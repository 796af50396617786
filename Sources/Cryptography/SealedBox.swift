import CSodium
public import Primitives

/// The X25519 key (RFC 7748) to which others seal messages. It is never derived from a signing key.
@frozen public struct SealingPublicKey: FixedBytes {
    public var words: (UInt64, UInt64, UInt64, UInt64)
    public init() { words = (0, 0, 0, 0) }

    /// Bytes that a sealed box is longer than its message: a one-time public key and a tag.
    public static let overheadBytes = 48

    /// libsodium's sealed box for the holder of this key: anyone can make one, and its maker cannot open it again.
    ///
    /// The format is that of `crypto_box_seal`: `epk || box(message, nonce = BLAKE2b-192(epk || pk))`. `ephemeralSeed` is 32
    /// random bytes, new for each box; the caller draws them because nothing in this room does. nil for a key of small order,
    /// which would make the box readable by everybody.
    public func seal(_ message: SecretBytes, ephemeralSeed: SecretBytes) -> [UInt8]? {
        let ephemeral = SealingKey(seed: ephemeralSeed)
        var status: Int32 = -1
        let box = [UInt8](unsafeUninitializedCapacity: message.count + SealingPublicKey.overheadBytes) { output, count in
            let start = output.baseAddress!
            ephemeral.publicKey.withBytes { start.update(from: $0, count: SealingPublicKey.byteCount) }
            let nonce = SealingPublicKey.nonce(ephemeral.publicKey, self)
            status = withBytes { recipient in
                crypto_box_easy(
                    start + SealingPublicKey.byteCount, message.pointer, UInt64(message.count), nonce, recipient,
                    ephemeral.secret.pointer)
            }
            count = message.count + SealingPublicKey.overheadBytes
        }
        return status == 0 ? box : nil
    }

    private static func nonce(_ ephemeral: SealingPublicKey, _ recipient: SealingPublicKey) -> [UInt8] {
        let message = ephemeral.bytes + recipient.bytes
        var nonce = [UInt8](repeating: 0, count: Int(crypto_box_NONCEBYTES))
        _ = crypto_generichash(&nonce, nonce.count, message, UInt64(message.count), nil, 0)
        return nonce
    }
}

/// The private half: opens what others sealed to its holder.
public final class SealingKey: Sendable {
    public let publicKey: SealingPublicKey
    fileprivate let secret: SecretBytes

    /// Bytes of a seed.
    public static let seedBytes = 32

    /// The key of a 32-byte seed of full entropy.
    public init(seed: SecretBytes) {
        precondition(seed.count == SealingKey.seedBytes)
        Sodium.ready
        var publicKey = SealingPublicKey()
        secret = SecretBytes(count: Int(crypto_box_SECRETKEYBYTES)) { secret in
            publicKey.withMutableBytes { publicKey in
                _ = crypto_box_seed_keypair(
                    publicKey, secret.baseAddress!.assumingMemoryBound(to: UInt8.self), seed.pointer)
            }
        }
        self.publicKey = publicKey
    }

    /// The message, or nil when the box was not sealed to this key or has been changed.
    public func open(_ box: [UInt8]) -> SecretBytes? {
        guard box.count >= SealingPublicKey.overheadBytes else { return nil }
        var status: Int32 = -1
        let message = SecretBytes(count: box.count - SealingPublicKey.overheadBytes) { output in
            status = publicKey.withBytes { publicKey in
                crypto_box_seal_open(
                    output.baseAddress!.assumingMemoryBound(to: UInt8.self), box, UInt64(box.count), publicKey,
                    secret.pointer)
            }
        }
        return status == 0 ? message : nil
    }
}
