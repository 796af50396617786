import Cryptography
public import Primitives

/// As much of a block as a light client needs: the header, the certificate that makes it final, and the set that signed.
public struct LightBlock: Hashable, Sendable, BCSCodable {
    public let header: Header
    public let certificate: CommitCertificate
    public let validators: ValidatorSet

    public init(header: Header, certificate: CommitCertificate, validators: ValidatorSet) {
        self.header = header
        self.certificate = certificate
        self.validators = validators
    }

    public var height: Height { header.height }

    /// Checks that the three belong together: the header names the set, the certificate speaks of the header, and every one
    /// of its signatures holds, with a quorum of the set in all. It says nothing yet about the set.
    public func checkCertified(chainID: ChainID) throws(LightClientError) {
        let draft = header.draft
        guard validators.epoch == draft.epoch else {
            throw .validatorsOfOtherEpoch(expected: draft.epoch, actual: validators.epoch)
        }
        let digest = validators.digest
        guard digest == draft.validatorsHash else {
            throw .validatorsHashWrong(expected: draft.validatorsHash, actual: digest)
        }
        do { try certificate.check(speaksOf: header) } catch { throw .block(error) }
        do { _ = try certificate.verified(by: validators, chainID: chainID) } catch { throw .certificate(error) }
    }

    /// The summed weight, in `other`, of the validators whose signatures the certificate carries, matched by consensus key.
    func signedWeight(in other: ValidatorSet) -> UInt64 {
        var weight: UInt64 = 0
        // Signers are distinct, as are the keys of a set, therefore none counts twice and the sum stays below the total.
        for entry in certificate.signatures {
            guard let signer = validators[entry.signer], let index = other.index(of: signer.consensusKey),
                  let member = other[index] else { continue }
            weight += member.weight
        }
        return weight
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        encoder.encode(header)
        encoder.encode(certificate)
        encoder.encode(validators)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        header = try decoder.decode(Header.self)
        certificate = try decoder.decode(CommitCertificate.self)
        validators = try decoder.decode(ValidatorSet.self)
    }
}
