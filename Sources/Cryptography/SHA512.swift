import CSodium

/// SHA-512 (FIPS 180-4), which Ed25519, ECVRF and SLIP-10 are built on. Nothing of the chain is identified by it.
enum SHA512 {
    static let digestBytes = 64

    /// The digest of `bytes`, written to 64 bytes at `digest`.
    static func hash(_ bytes: UnsafeRawBufferPointer, into digest: UnsafeMutablePointer<UInt8>) {
        _ = crypto_hash_sha512(digest, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
    }

    /// The digest of public bytes.
    static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: digestBytes)
        bytes.withUnsafeBytes { hash($0, into: &digest) }
        return digest
    }
}
