import CSodium

/// HMAC-SHA-512 (RFC 2104, FIPS 198-1): the pseudorandom function of key derivation.
public enum HMACSHA512 {
    public static let codeBytes = 64

    /// The 64-byte code of `message` under a key of any length. It is secret because it mostly becomes a key.
    public static func code(key: UnsafeRawBufferPointer, message: UnsafeRawBufferPointer) -> SecretBytes {
        Sodium.ready
        var state = crypto_auth_hmacsha512_state()
        defer { withUnsafeMutableBytes(of: &state) { sodium_memzero($0.baseAddress!, $0.count) } }
        // An empty buffer may have no address, and libsodium wants one.
        var nothing: UInt8 = 0
        withUnsafePointer(to: &nothing) { nothing in
            crypto_auth_hmacsha512_init(
                &state, key.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? nothing, key.count)
            crypto_auth_hmacsha512_update(
                &state, message.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? nothing, UInt64(message.count))
        }
        return SecretBytes(count: codeBytes) { code in
            _ = crypto_auth_hmacsha512_final(&state, code.baseAddress!.assumingMemoryBound(to: UInt8.self))
        }
    }

    /// A 32-byte key for the purpose that `label` names: the first half of `HMAC-SHA-512(label, secret)`. The secret must have
    /// full entropy; for a password use ``Argon2id``.
    public static func deriveKey(label: String, from secret: SecretBytes) -> SecretBytes {
        let block: SecretBytes = secret.withUnsafeBytes { message in
            Array(label.utf8).withUnsafeBytes { code(key: $0, message: message) }
        }
        return block.withUnsafeBytes { SecretBytes(copying: $0.prefix(32)) }
    }
}
