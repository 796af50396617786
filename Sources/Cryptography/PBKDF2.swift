import COpenSSL

/// PBKDF2 with HMAC-SHA-512 (RFC 8018 §5.2), for the seed of a BIP-39 phrase and nothing else: it costs an attacker little, and
/// key files use ``Argon2id``.
public enum PBKDF2 {
    /// A key of `count` bytes, 1 … 64, after `rounds` rounds, at least 1.
    public static func deriveHMACSHA512(password: SecretBytes, salt: SecretBytes, rounds: Int, count: Int) -> SecretBytes {
        precondition((1...64).contains(count) && (1...Int(Int32.max)).contains(rounds))
        precondition(password.count <= Int32.max && salt.count <= Int32.max)
        return SecretBytes(count: count) { key in
            let status = password.withUnsafeBytes { password in
                salt.withUnsafeBytes { salt in
                    PKCS5_PBKDF2_HMAC(
                        password.baseAddress!.assumingMemoryBound(to: CChar.self), Int32(password.count),
                        salt.baseAddress!.assumingMemoryBound(to: UInt8.self), Int32(salt.count), Int32(rounds), EVP_sha512(),
                        Int32(key.count), key.baseAddress!.assumingMemoryBound(to: UInt8.self))
                }
            }
            // It fails for want of memory alone: the arguments are in range and the digest is built in.
            precondition(status == 1, "OpenSSL could not derive a key")
        }
    }
}
