import CSodium

/// HMAC-SHA-256 (RFC 2104, FIPS 198-1): how requests to clouds are signed.
public enum HMACSHA256 {
    public static let codeBytes = 32

    /// The 32-byte code of `message` under a key of any length. It is secret because it mostly becomes a key.
    public static func code(key: SecretBytes, message: [UInt8]) -> SecretBytes {
        var state = crypto_auth_hmacsha256_state()
        defer { withUnsafeMutableBytes(of: &state) { sodium_memzero($0.baseAddress!, $0.count) } }
        crypto_auth_hmacsha256_init(&state, key.pointer, key.count)
        // libsodium reads nothing behind an empty array's address.
        crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
        return SecretBytes(count: codeBytes) { code in
            _ = crypto_auth_hmacsha256_final(&state, code.baseAddress!.assumingMemoryBound(to: UInt8.self))
        }
    }
}
