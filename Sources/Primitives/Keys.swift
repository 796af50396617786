/// Keys and signatures as values. The rules that make one acceptable live in `Cryptography`; holding one of these
/// says only that the length is right.

/// An Ed25519 public key in its 32-byte encoding (RFC 8032 §5.1.5).
@frozen public struct PublicKey: FixedBytes {
    public var words: (UInt64, UInt64, UInt64, UInt64)
    @inlinable public init() { words = (0, 0, 0, 0) }
}

/// An Ed25519 signature R ‖ S (RFC 8032 §5.1.6).
@frozen public struct Signature: FixedBytes {
    public var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
    @inlinable public init() { words = (0, 0, 0, 0, 0, 0, 0, 0) }
}

/// An ECVRF-EDWARDS25519-SHA512-TAI public key (RFC 9381 §5.5), kept apart from signing keys by its type.
@frozen public struct VRFPublicKey: FixedBytes {
    public var words: (UInt64, UInt64, UInt64, UInt64)
    @inlinable public init() { words = (0, 0, 0, 0) }
}

/// An ECVRF proof Gamma ‖ c ‖ s: 32 + 16 + 32 bytes (RFC 9381 §5.1).
@frozen public struct VRFProof: FixedBytes {
    public var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
    @inlinable public init() { words = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0) }
}

/// An ECVRF output beta: 64 bytes (RFC 9381 §5.2).
@frozen public struct VRFOutput: FixedBytes {
    public var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
    @inlinable public init() { words = (0, 0, 0, 0, 0, 0, 0, 0) }
}

/// An account or a contract: the first 20 bytes of a SHA-256 digest; shown to people as bech32m.
@frozen public struct Address: FixedBytes {
    public var words: (UInt32, UInt32, UInt32, UInt32, UInt32)
    @inlinable public init() { words = (0, 0, 0, 0, 0) }

    /// The first 20 bytes of `digest`.
    @inlinable public init(truncating digest: Digest) {
        self = withUnsafeBytes(of: digest) { Address(reading: $0) }
    }
}
