import Primitives

/// Verifiable secret sharing over the scalars of edwards25519 (Feldman, "A practical scheme for non-interactive verifiable
/// secret sharing", 1987): any `threshold` holders recover the secret, fewer learn nothing beyond `secret · B`, and each can
/// check its share without trusting the dealer.
///
/// The commitments publish `secret · B`. That is harmless for a secret of full entropy and fatal for a password, therefore
/// secrets are scalars made here and never texts; derive keys from one with ``HMACSHA512/deriveKey(label:from:)``.
public enum SecretSharing {
    /// Holders of one secret, such as the validators of a set.
    public static let holdersMax = Limits.validatorsMax
    /// Bytes of randomness per coefficient: twice the length of a scalar, so that the reduction modulo L leaves no bias.
    public static let randomBytesPerCoefficient = 64

    /// What a dealer makes. The commitments are public; each share is for its holder alone, for instance in a sealed box.
    public struct Dealing: Sendable {
        /// 32 bytes: the scalar that is shared.
        public let secret: SecretBytes
        public let commitments: ShareCommitments
        /// Shares 1 … holders, in order.
        public let shares: [SecretShare]
    }

    /// Draws a secret and shares it among `holders`. `randomness` is `threshold` times ``randomBytesPerCoefficient`` bytes of
    /// full entropy; the first 64 make the secret.
    ///
    /// To share an old secret anew, pass it as `secret`; the first 64 random bytes are then not used.
    public static func deal(
        threshold: Int, holders: Int, randomness: SecretBytes, secret: SecretBytes? = nil
    ) -> Dealing {
        precondition(1 <= threshold && threshold <= holders && holders <= holdersMax)
        precondition(randomness.count == threshold * randomBytesPerCoefficient)
        var coefficients = (0..<threshold).map { Scalar(reducing: randomness.pointer + $0 * randomBytesPerCoefficient) }
        defer { for position in coefficients.indices { coefficients[position].wipe() } }
        if let secret {
            precondition(secret.count == Scalar.byteCount)
            coefficients[0] = secret.withUnsafeBytes { Scalar(reading: $0) }
            precondition(coefficients[0].isCanonical, "the secret is not a scalar")
        }
        let commitments = coefficients.map { coefficient in
            // A random coefficient is zero with probability 2⁻²⁵².
            guard let point = EdwardsPoint.base(times: coefficient) else { preconditionFailure("a coefficient is zero") }
            return PublicShare(point)
        }
        let shares = (1...holders).map { index in
            var value = evaluate(coefficients, at: Scalar(UInt64(index)))
            defer { value.wipe() }
            return SecretShare(index: UInt16(index), scalar: value)
        }
        return Dealing(
            secret: SecretBytes(scalar: coefficients[0]), commitments: ShareCommitments(checked: commitments),
            shares: shares)
    }

    /// The secret behind `commitments` from at least a threshold of shares. Shares beyond it are checked too, so that a wrong
    /// one never hides.
    public static func recover(
        from shares: [SecretShare], commitments: ShareCommitments
    ) throws(SecretSharingError) -> SecretBytes {
        guard shares.count >= commitments.threshold else {
            throw .sharesMissing(found: shares.count, threshold: commitments.threshold)
        }
        guard shares.count <= holdersMax else { throw .tooMany(shares.count) }
        var seen: Set<UInt16> = []
        for share in shares {
            guard seen.insert(share.index).inserted else { throw .indexDuplicate(share.index) }
            guard commitments.accepts(share) else { throw .shareInvalid(share.index) }
        }
        let chosen = Array(shares.prefix(commitments.threshold))
        let weights = lagrangeWeights(of: chosen.map(\.index))
        var secret = Scalar()
        defer { secret.wipe() }
        for (share, weight) in zip(chosen, weights) {
            var value = share.scalar
            var term = value * weight
            secret = secret + term
            value.wipe()
            term.wipe()
        }
        return SecretBytes(scalar: secret)
    }

    /// Horner's rule: `c₀ + c₁x + c₂x² + …`.
    private static func evaluate(_ coefficients: [Scalar], at x: Scalar) -> Scalar {
        var value = Scalar()
        for coefficient in coefficients.reversed() { value = value * x + coefficient }
        return value
    }

    /// The factors λᵢ with `f(0) = Σ λᵢ f(xᵢ)` for every polynomial of lower degree than there are indices. The indices are
    /// distinct and not zero.
    static func lagrangeWeights(of indices: [UInt16]) -> [Scalar] {
        indices.map { own in
            var numerator = Scalar(1), denominator = Scalar(1)
            for other in indices where other != own {
                numerator = numerator * Scalar(UInt64(other))
                denominator = denominator * (Scalar(UInt64(other)) - Scalar(UInt64(own)))
            }
            return numerator * denominator.inverse
        }
    }
}

/// Why a secret cannot be recovered.
public enum SecretSharingError: Error, Equatable, Sendable {
    case sharesMissing(found: Int, threshold: Int)
    case tooMany(Int)
    case indexDuplicate(UInt16)
    /// The share is not on the polynomial that the dealer committed to.
    case shareInvalid(UInt16)
}

extension SecretBytes {
    /// A copy of a secret scalar; the caller wipes its own.
    convenience init(scalar: Scalar) {
        self.init(count: Scalar.byteCount) { bytes in
            scalar.withBytes { bytes.copyMemory(from: UnsafeRawBufferPointer(start: $0, count: Scalar.byteCount)) }
        }
    }
}
