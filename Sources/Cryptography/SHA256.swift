import COpenSSL
public import Primitives

/// SHA-256 (FIPS 180-4) through OpenSSL's low-level interface.
///
/// Measured alternatives are printed by `benchmarks hash`. libsodium 1.0.18 does not use the processor's SHA instructions;
/// OpenSSL's own one-shot call looks the algorithm up each time.
public enum SHA256 {
    @inlinable public static func hash(_ bytes: [UInt8]) -> Digest { bytes.withUnsafeBytes { hash($0) } }

    @inlinable public static func hash(_ bytes: UnsafeRawBufferPointer) -> Digest {
        var digest = Digest()
        withUnsafeMutableBytes(of: &digest) { raw(bytes, into: $0) }
        return digest
    }

    /// `SHA-256(domain || bytes)`.
    public static func hash(_ domain: HashDomain, _ bytes: [UInt8]) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(domain.prefix)
        hasher.update(bytes)
        return hasher.finalize()
    }

    /// `SHA-256(domain || BCS(value))`.
    public static func hash(_ domain: HashDomain, of value: some BCSCodable) -> Digest {
        var encoder = BCSEncoder(reserving: 256)
        encoder.append(domain.prefix)
        value.encode(into: &encoder)
        return hash(encoder.bytes)
    }

    @usableFromInline static func raw(_ bytes: UnsafeRawBufferPointer, into digest: UnsafeMutableRawBufferPointer) {
        trellis_sha256(
            bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count,
            digest.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }

    /// `SHA-256(prefix || left || right)`: an inner node or a leaf of a binary tree. 65 bytes are two blocks, which are padded
    /// here so that the library is entered once.
    public static func node(prefix: UInt8, _ left: Digest, _ right: Digest) -> Digest {
        // One byte of prefix in front of 64 bytes, the 0x80 that ends a message, and its length of 520 bits at the end.
        var block = (
            UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0),
            UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(520).bigEndian
        )
        var digest = Digest()
        withUnsafeMutableBytes(of: &block) { message in
            message[0] = prefix
            message.storeBytes(of: left, toByteOffset: 1, as: Digest.self)
            message.storeBytes(of: right, toByteOffset: 33, as: Digest.self)
            message[65] = 0x80
            withUnsafeMutableBytes(of: &digest) { result in
                trellis_sha256_padded(
                    message.baseAddress!.assumingMemoryBound(to: UInt8.self), 2,
                    result.baseAddress!.assumingMemoryBound(to: UInt8.self))
            }
        }
        return digest
    }
}

/// SHA-256 over pieces.
public struct SHA256Hasher {
    private var context = SHA256_CTX()

    public init() { SHA256_Init(&context) }

    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) { SHA256_Update(&context, bytes.baseAddress, bytes.count) }

    public consuming func finalize() -> Digest {
        var digest = Digest()
        withUnsafeMutableBytes(of: &digest) {
            _ = SHA256_Final($0.baseAddress!.assumingMemoryBound(to: UInt8.self), &context)
        }
        return digest
    }
}
