import CSodium
public import Primitives

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): encryption that notices any change, for key files and stored secrets.
///
/// Its nonce is long enough to be drawn at random for each message under one key.
public enum XChaCha20Poly1305 {
    public static let keyBytes = 32
    /// Bytes that the encrypted form is longer than the plain one.
    public static let tagBytes = 16

    /// 24 bytes that must never come twice with one key.
    @frozen public struct Nonce: FixedBytes {
        public var words: (UInt64, UInt64, UInt64)
        public init() { words = (0, 0, 0) }
    }

    /// Ciphertext and tag. `additionalData` is not encrypted, but must be the same when the box is opened.
    public static func seal(
        _ plaintext: SecretBytes, key: SecretBytes, nonce: Nonce, additionalData: [UInt8] = []
    ) -> [UInt8] {
        precondition(key.count == keyBytes)
        Sodium.ready
        return [UInt8](unsafeUninitializedCapacity: plaintext.count + tagBytes) { output, count in
            nonce.withBytes { nonce in
                _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
                    output.baseAddress!, nil, plaintext.pointer, UInt64(plaintext.count), additionalData,
                    UInt64(additionalData.count), nil, nonce, key.pointer)
            }
            count = plaintext.count + tagBytes
        }
    }

    /// The plaintext, or nil when key, nonce, additional data and ciphertext do not come from one
    /// ``seal(_:key:nonce:additionalData:)``.
    public static func open(
        _ ciphertext: [UInt8], key: SecretBytes, nonce: Nonce, additionalData: [UInt8] = []
    ) -> SecretBytes? {
        precondition(key.count == keyBytes)
        guard ciphertext.count >= tagBytes else { return nil }
        Sodium.ready
        var status: Int32 = -1
        let plaintext = SecretBytes(count: ciphertext.count - tagBytes) { output in
            status = nonce.withBytes { nonce in
                crypto_aead_xchacha20poly1305_ietf_decrypt(
                    output.baseAddress!.assumingMemoryBound(to: UInt8.self), nil, nil, ciphertext,
                    UInt64(ciphertext.count), additionalData, UInt64(additionalData.count), nonce, key.pointer)
            }
        }
        return status == 0 ? plaintext : nil
    }
}
