@_spi(Verification) public import Primitives

/// Checks validators' messages and certificates on one chain: the only way from an unverified one to a `Verified` one.
///
/// It holds the sets of the epochs that its node can judge, normally the current one and the one before, because the
/// certificate of an epoch's last block travels inside the first messages of the next.
public struct SignatureVerifier: SignatureChecker {
    public let chainID: ChainID
    /// At most ``validatorSetsMax`` sets of distinct epochs.
    public let validatorSets: [ValidatorSet]

    /// The current epoch, the one before, and the next, which a boundary block announces.
    public static let validatorSetsMax = 3

    public init(chainID: ChainID, validatorSets: [ValidatorSet]) {
        precondition(validatorSets.count <= SignatureVerifier.validatorSetsMax)
        for (position, set) in validatorSets.enumerated() {
            precondition(!validatorSets[..<position].contains { $0.epoch == set.epoch })
        }
        self.chainID = chainID
        self.validatorSets = validatorSets
    }

    /// The set of `epoch`, if this verifier knows it.
    public func validatorSet(of epoch: Epoch) -> ValidatorSet? { validatorSets.first { $0.epoch == epoch } }

    public func verify<Message: ValidatorSigned>(_ message: Message) throws(SignatureError) -> Verified<Message> {
        guard let validators = validatorSet(of: message.epoch) else { throw .epochUnknown(message.epoch) }
        guard let validator = validators[message.signer] else { throw .signerUnknown(message.signer, message.epoch) }
        let bytes = message.signingDomain.signedBytes(message.signedBody, chainID: chainID)
        guard Ed25519.isValid(message.signature, of: bytes, by: validator.consensusKey) else {
            throw .signatureInvalid(message.signer)
        }
        try message.verifyEmbedded(with: self)
        return Verified(checked: message)
    }

    public func verify<Certificate: QuorumCertificate>(
        _ certificate: Certificate
    ) throws(CertificateError) -> Verified<Certificate> {
        guard let validators = validatorSet(of: certificate.epoch) else { throw .epochUnknown(certificate.epoch) }
        return try certificate.verified(by: validators, chainID: chainID)
    }
}

extension QuorumCertificate {
    /// The certificate as a value that remembers its check: it is of the epoch of `validators`, its signers are in the set and
    /// strictly ascending, every signature holds, and they have more than two thirds of the weight. A certificate with one
    /// wrong signature is refused even if the others suffice, so that all nodes store the same.
    public func verified(by validators: ValidatorSet, chainID: ChainID) throws(CertificateError) -> Verified<Self> {
        guard epoch == validators.epoch else { throw .epochUnknown(epoch) }
        // Counting comes before curve arithmetic: a peer cannot buy a thousand verifications with a certificate that is
        // short of weight.
        var weight: UInt64 = 0
        var previous: ValidatorIndex?
        for entry in signatures {
            guard let validator = validators[entry.signer] else { throw .signerUnknown(entry.signer, epoch) }
            if let previous, entry.signer <= previous { throw .signerNotAscending(entry.signer) }
            previous = entry.signer
            // No overflow: signers are distinct, and the sum of a set's weights is at most `Limits.totalWeightMax`.
            weight += validator.weight
        }
        guard validators.isQuorum(weight) else {
            throw .quorumMissing(weight: weight, total: validators.totalWeight)
        }
        let message = Self.signingDomain.signedBytes(statement, chainID: chainID)
        for entry in signatures {
            guard let validator = validators[entry.signer],
                  Ed25519.isValid(entry.signature, of: message, by: validator.consensusKey) else {
                throw .signatureInvalid(entry.signer)
            }
        }
        return Verified(checked: self)
    }
}
