import Cryptography
import Primitives
import Testing

@Suite struct SignatureVerifierTests {
    static let chain = ChainID(number: 9)
    static let keys = (1...4).map { SigningKey(number: $0) }

    /// Four validators; the last has three of the six units of weight.
    static func validators(epoch: Epoch = 5) -> ValidatorSet {
        try! ValidatorSet(epoch: epoch, validators: keys.enumerated().map { position, key in
            Validator(consensusKey: key.publicKey, vrfKey: VRFPublicKey(number: UInt8(position)), weight: position == 3 ? 3 : 1)
        })
    }

    static let statement = CommitStatement(
        epoch: 5, height: 10, view: 1, draftDigest: Digest(number: 1), headerHash: Digest(number: 2))

    static func certificate(
        signers: [UInt16], statement: CommitStatement = statement, domain: SigningDomain = .commit, chain: ChainID = chain
    ) -> CommitCertificate {
        CommitCertificate(statement: statement, signatures: signers.map {
            CertificateSignature(
                signer: ValidatorIndex($0),
                signature: keys[Int($0) % keys.count].sign(statement, as: domain, chainID: chain))
        })!
    }

    static func failure(_ certificate: CommitCertificate, in set: ValidatorSet = validators()) -> CertificateError? {
        do throws(CertificateError) {
            _ = try certificate.verified(by: set, chainID: chain)
            return nil
        } catch { return error }
    }

    @Test func aQuorumOfWeightIsProof() throws {
        let certificate = Self.certificate(signers: [0, 1, 3])
        #expect(try certificate.verified(by: Self.validators(), chainID: Self.chain).value == certificate)
        let verifier = SignatureVerifier(chainID: Self.chain, validatorSets: [Self.validators(epoch: 4), Self.validators()])
        #expect(try verifier.verify(certificate).value == certificate)
    }

    @Test func exactlyTwoThirdsAreNotEnough() {
        // 1 + 3 of 6 is two thirds; three validators of weight 1 are half.
        #expect(Self.failure(Self.certificate(signers: [0, 3])) == .quorumMissing(weight: 4, total: 6))
        #expect(Self.failure(Self.certificate(signers: [0, 1, 2])) == .quorumMissing(weight: 3, total: 6))
        #expect(Self.failure(Self.certificate(signers: [])) == .quorumMissing(weight: 0, total: 6))
    }

    @Test func eachSignatureMustHold() {
        let good = Self.certificate(signers: [0, 1, 2, 3])
        for position in 0..<4 {
            var signatures = good.signatures
            signatures[position] = CertificateSignature(
                signer: signatures[position].signer, signature: signatures[position].signature.flipping(position * 100))
            let bad = CommitCertificate(statement: good.statement, signatures: signatures)!
            #expect(Self.failure(bad) == .signatureInvalid(ValidatorIndex(UInt16(position))))
        }
    }

    @Test func signersAreOfTheSetAndOnce() {
        #expect(Self.failure(Self.certificate(signers: [0, 1, 3, 7])) == .signerUnknown(ValidatorIndex(7), 5))
        struct Loose: QuorumCertificate {
            static let signingDomain = SigningDomain.commit
            let statement: CommitStatement
            let signatures: [CertificateSignature]
            var epoch: Epoch { statement.epoch }
        }
        // A type that does not refuse repeated signers by itself.
        let once = Self.certificate(signers: [3]).signatures[0]
        let loose = Loose(statement: Self.statement, signatures: [once, once])
        #expect(throws: CertificateError.signerNotAscending(ValidatorIndex(3))) {
            try loose.verified(by: Self.validators(), chainID: Self.chain)
        }
    }

    @Test func epochDomainAndChainAreCovered() {
        #expect(Self.failure(Self.certificate(signers: [0, 1, 3]), in: Self.validators(epoch: 6)) == .epochUnknown(5))
        #expect(Self.failure(Self.certificate(signers: [0, 1, 3], domain: .prepare)) == .signatureInvalid(ValidatorIndex(0)))
        #expect(Self.failure(Self.certificate(signers: [0, 1, 3], chain: ChainID(number: 1))) == .signatureInvalid(ValidatorIndex(0)))
        let verifier = SignatureVerifier(chainID: Self.chain, validatorSets: [Self.validators(epoch: 4)])
        #expect(throws: CertificateError.epochUnknown(5)) { try verifier.verify(Self.certificate(signers: [0, 1, 3])) }
    }

    /// A message that carries a certificate beside what it signs.
    struct Report: ValidatorSigned {
        var epoch: Epoch = 5
        var signer: ValidatorIndex
        var height: Height
        var certificate: CommitCertificate
        var signature = Signature()
        var signingDomain: SigningDomain { .status }
        var signedBody: Height { height }

        func verifyEmbedded(with checker: some SignatureChecker) throws(SignatureError) {
            guard certificate.statement.height == height else { throw .embeddedInvalid("another height") }
            do { _ = try checker.verify(certificate) } catch { throw .certificate(error) }
        }

        static func signed(by index: UInt16, height: Height = 10, _ certificate: CommitCertificate) -> Report {
            var report = Report(signer: ValidatorIndex(index), height: height, certificate: certificate)
            report.signature = keys[Int(index) % keys.count].sign(height, as: .status, chainID: chain)
            return report
        }
    }

    @Test func messagesAreCheckedToTheirInnermostSignature() throws {
        let verifier = SignatureVerifier(chainID: Self.chain, validatorSets: [Self.validators()])
        let good = Self.certificate(signers: [1, 2, 3]), weak = Self.certificate(signers: [1])
        #expect(try verifier.verify(Report.signed(by: 2, good)).value.signer == ValidatorIndex(2))
        #expect(throws: SignatureError.certificate(.quorumMissing(weight: 1, total: 6))) {
            try verifier.verify(Report.signed(by: 2, weak))
        }
        #expect(throws: SignatureError.embeddedInvalid("another height")) {
            try verifier.verify(Report.signed(by: 2, height: 11, good))
        }
        #expect(throws: SignatureError.signerUnknown(ValidatorIndex(4), 5)) { try verifier.verify(Report.signed(by: 4, good)) }
        var stolen = Report.signed(by: 2, good)
        stolen.signer = ValidatorIndex(1)
        #expect(throws: SignatureError.signatureInvalid(ValidatorIndex(1))) { try verifier.verify(stolen) }
        var late = Report.signed(by: 2, good)
        late.epoch = 6
        #expect(throws: SignatureError.epochUnknown(6)) { try verifier.verify(late) }
    }
}
