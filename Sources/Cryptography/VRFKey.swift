public import Primitives

/// A private key of ``ECVRF``. It is never a signing key: proofs and signatures under one key would need an argument that
/// neither helps to forge the other, which nobody has to make when the keys differ.
public final class VRFKey: Sendable {
    public let publicKey: VRFPublicKey
    // SHA-512 of the seed: the clamped scalar x in the first half, the nonce's seed in the second.
    private let expanded: SecretBytes

    /// Bytes of a seed.
    public static let seedBytes = 32

    /// The key of a 32-byte seed of full entropy (RFC 9381 §5.5, RFC 8032 §5.1.5).
    public init(seed: SecretBytes) {
        precondition(seed.count == VRFKey.seedBytes)
        let expanded = SecretBytes(count: SHA512.digestBytes) { hash in
            seed.withUnsafeBytes { SHA512.hash($0, into: hash.baseAddress!.assumingMemoryBound(to: UInt8.self)) }
            hash[0] &= 248
            hash[31] = hash[31] & 127 | 64
        }
        var secret = VRFKey.secret(of: expanded)
        defer { secret.wipe() }
        // A clamped scalar is below 2²⁵⁵ and a multiple of 8, but no multiple of L, therefore the product exists.
        guard let point = EdwardsPoint.base(times: secret) else { preconditionFailure("a clamped scalar is zero") }
        publicKey = VRFPublicKey(point.bytes)!
        self.expanded = expanded
    }

    /// The proof for `alpha`; always the same one (RFC 9381 §5.1).
    public func prove(alpha: [UInt8]) -> VRFProof {
        let point = EdwardsPoint(publicKey)
        guard let input = ECVRF.encodeToCurve(salt: point, alpha: alpha) else {
            preconditionFailure("256 tries found no point, a chance of 2⁻²⁵⁶")
        }
        var secret = VRFKey.secret(of: expanded)
        defer { secret.wipe() }
        return expanded.withUnsafeBytes { hash in
            ECVRF.prove(
                secret: secret, nonceSeed: UnsafeRawBufferPointer(rebasing: hash[32...]), suite: ECVRF.suite,
                publicKey: point, input: input)
        }
    }

    /// Proof that its maker holds the private key, for its registration by `account` on `chainID`.
    public func provePossession(for account: Address, chainID: ChainID) -> VRFProof {
        prove(alpha: KeyPossession(publicKey, of: account).bytes(chainID: chainID))
    }

    private static func secret(of expanded: SecretBytes) -> Scalar { expanded.withUnsafeBytes { Scalar(reading: $0) } }
}
