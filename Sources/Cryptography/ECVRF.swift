public import Primitives

/// The verifiable random function ECVRF-EDWARDS25519-SHA512-TAI (RFC 9381 §5, suite 0x03).
///
/// The holder of a private key computes one output per input and proves it; nobody else can predict it, and the holder
/// cannot choose it. The network's rule is stricter than the RFC: public key and Gamma have prime order. Without that, a key's
/// holder could make a second proof of the same output (Gamma plus a point of small order), and libraries would disagree.
///
/// Alpha is public here, therefore the try-and-increment loop, whose length depends on alpha, tells nobody anything.
public enum ECVRF {
    /// The output of a valid proof, or nil (RFC 9381 §5.3 with the strict rule).
    public static func verify(_ proof: VRFProof, alpha: [UInt8], by key: VRFPublicKey) -> VRFOutput? {
        let parts = Parts(proof)
        let publicKey = EdwardsPoint(key)
        guard publicKey.isValid, parts.gamma.isValid, parts.s.isCanonical,
              let input = encodeToCurve(salt: publicKey, alpha: alpha),
              isConsistent(parts, suite: suite, publicKey: publicKey, input: input) else { return nil }
        return output(of: parts.gamma, suite: suite)
    }

    /// `proof_to_hash` (RFC 9381 §5.2): the output that a proof claims, or nil when Gamma is no point. It checks nothing else;
    /// only for a proof that has been verified or was made here.
    public static func claimedOutput(of proof: VRFProof) -> VRFOutput? { output(of: Parts(proof).gamma, suite: suite) }

    /// Whether `key` may be registered: canonical and of prime order.
    public static func isAcceptable(_ key: VRFPublicKey) -> Bool { EdwardsPoint(key).isValid }

    /// Whether `account` may register `key`: `possession` is a proof by ``VRFKey/provePossession(for:chainID:)``.
    public static func isRegistrable(_ key: VRFPublicKey, for account: Address, possession: VRFProof, chainID: ChainID) -> Bool {
        verify(possession, alpha: KeyPossession(key, of: account).bytes(chainID: chainID), by: key) != nil
    }
}

// The steps of RFC 9381, which the threshold variant shares under another suite byte.
extension ECVRF {
    static let suite: UInt8 = 0x03

    /// A proof taken apart: Gamma ‖ c ‖ s.
    struct Parts {
        var gamma: EdwardsPoint
        /// The 16-byte challenge, as a scalar.
        var challenge: Scalar
        var s: Scalar

        init(_ proof: VRFProof) {
            gamma = EdwardsPoint()
            gamma.words = (proof.words.0, proof.words.1, proof.words.2, proof.words.3)
            challenge = Scalar()
            challenge.words = (proof.words.4, proof.words.5, 0, 0)
            s = Scalar()
            s.words = (proof.words.6, proof.words.7, proof.words.8, proof.words.9)
        }

        init(gamma: EdwardsPoint, challenge: Scalar, s: Scalar) {
            self.gamma = gamma
            self.challenge = challenge
            self.s = s
        }

        var proof: VRFProof {
            var proof = VRFProof()
            proof.words = (
                gamma.words.0, gamma.words.1, gamma.words.2, gamma.words.3, challenge.words.0, challenge.words.1,
                s.words.0, s.words.1, s.words.2, s.words.3
            )
            return proof
        }
    }

    /// `encode_to_curve_try_and_increment` (RFC 9381 §5.4.1.1): a point of the prime-order group whose discrete logarithm
    /// nobody knows. nil when none of the 256 tries succeeds, which happens with probability about 2⁻²⁵⁶.
    static func encodeToCurve(salt: EdwardsPoint, alpha: [UInt8]) -> EdwardsPoint? {
        var message: [UInt8] = [suite, 0x01]
        message.reserveCapacity(36 + alpha.count)
        message.append(contentsOf: salt.bytes)
        message.append(contentsOf: alpha)
        message.append(0)
        message.append(0x00)
        let counterPosition = message.count - 2
        for counter in 0...UInt8.max {
            message[counterPosition] = counter
            let candidate = EdwardsPoint(SHA512.hash(message).prefix(EdwardsPoint.byteCount))!
            // libsodium reduces y modulo p, whereas RFC 8032 §5.1.3 refuses y ≥ p.
            guard candidate.isCanonical, let point = candidate.multipliedByCofactor, point != .identity else { continue }
            return point
        }
        return nil
    }

    /// `challenge_generation` (RFC 9381 §5.4.3): 16 bytes over five points.
    static func challenge(
        suite: UInt8, _ publicKey: EdwardsPoint, _ input: EdwardsPoint, _ gamma: EdwardsPoint, _ u: EdwardsPoint,
        _ v: EdwardsPoint
    ) -> Scalar {
        var message: [UInt8] = [suite, 0x02]
        message.reserveCapacity(3 + 5 * EdwardsPoint.byteCount)
        for point in [publicKey, input, gamma, u, v] { message.append(contentsOf: point.bytes) }
        message.append(0x00)
        let digest = SHA512.hash(message)
        return Scalar(digest.prefix(16) + [UInt8](repeating: 0, count: 16))!
    }

    /// Whether U = sB − cY and V = sH − cΓ give the challenge back. Any operation that libsodium refuses is a refusal here.
    static func isConsistent(_ parts: Parts, suite: UInt8, publicKey: EdwardsPoint, input: EdwardsPoint) -> Bool {
        guard let sB = EdwardsPoint.base(times: parts.s), let cY = publicKey.multiplied(by: parts.challenge),
              let sH = input.multiplied(by: parts.s), let cGamma = parts.gamma.multiplied(by: parts.challenge),
              let u = sB.subtracting(cY), let v = sH.subtracting(cGamma) else { return false }
        return challenge(suite: suite, publicKey, input, parts.gamma, u, v) == parts.challenge
    }

    /// `SHA-512(suite ‖ 03 ‖ 8·Gamma ‖ 00)`, or nil when Gamma is no point.
    static func output(of gamma: EdwardsPoint, suite: UInt8) -> VRFOutput? {
        guard let point = gamma.multipliedByCofactor else { return nil }
        return VRFOutput(SHA512.hash([suite, 0x03] + point.bytes + [0x00]))!
    }

    /// Proves `gamma = secret · input` beside `publicKey = secret · B` (RFC 9381 §5.1 steps 4 to 8). `nonceSeed` is 32 secret
    /// bytes: the nonce is a function of them and the input alone (§5.4.2.2), so that it never repeats for another input.
    static func prove(
        secret: Scalar, nonceSeed: UnsafeRawBufferPointer, suite: UInt8, publicKey: EdwardsPoint, input: EdwardsPoint
    ) -> VRFProof {
        var nonce = withSecretScratch(32 + EdwardsPoint.byteCount + SHA512.digestBytes) { scratch in
            precondition(nonceSeed.count == 32)
            UnsafeMutableRawPointer(scratch).copyMemory(from: nonceSeed.baseAddress!, byteCount: 32)
            input.withBytes { (scratch + 32).update(from: $0, count: EdwardsPoint.byteCount) }
            let digest = scratch + 32 + EdwardsPoint.byteCount
            SHA512.hash(UnsafeRawBufferPointer(start: scratch, count: 32 + EdwardsPoint.byteCount), into: digest)
            return Scalar(reducing: digest)
        }
        defer { nonce.wipe() }
        // The secret is not zero modulo L and the nonce is zero with probability 2⁻²⁵²; the input is of prime order by making.
        guard let gamma = input.multiplied(by: secret), let u = EdwardsPoint.base(times: nonce),
              let v = input.multiplied(by: nonce) else { preconditionFailure("a VRF input or key outside the group") }
        let challenge = challenge(suite: suite, publicKey, input, gamma, u, v)
        var product = challenge * secret
        defer { product.wipe() }
        return Parts(gamma: gamma, challenge: challenge, s: nonce + product).proof
    }
}
