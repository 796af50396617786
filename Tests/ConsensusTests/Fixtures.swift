@testable import Consensus
import Cryptography
@_spi(Verification) public import Primitives

/// Hashing as on the real chain; signatures that anyone could forge but nobody in a test does: two digests of key and bytes.
struct TestCryptography: ReplicaCryptography {
    let key: PublicKey

    func hash(_ domain: HashDomain, _ bytes: [UInt8]) -> Digest { SHA256.hash(domain, bytes) }
    func transactionsRoot(of envelopeHashes: [Digest]) -> Digest { SHA256.hash(envelopeHashes.flatMap(\.bytes)) }
    func sign(_ bytes: [UInt8]) -> Signature { TestCryptography.signature(bytes, by: key) }

    static func signature(_ bytes: [UInt8], by key: PublicKey) -> Signature {
        let half = SHA256.hash(key.bytes + bytes).bytes
        return Signature(half + SHA256.hash(half).bytes)!
    }
}

/// Verifies test signatures the way `Cryptography` verifies real ones, written apart from it.
struct TestChecker: SignatureChecker {
    let chainID: ChainID
    let sets: [ValidatorSet]

    func verify<Message: ValidatorSigned>(_ message: Message) throws(SignatureError) -> Verified<Message> {
        guard let set = sets.first(where: { $0.epoch == message.epoch }) else { throw .epochUnknown(message.epoch) }
        guard let validator = set[message.signer] else { throw .signerUnknown(message.signer, message.epoch) }
        let bytes = message.signingDomain.signedBytes(message.signedBody, chainID: chainID)
        guard TestCryptography.signature(bytes, by: validator.consensusKey) == message.signature else {
            throw .signatureInvalid(message.signer)
        }
        try message.verifyEmbedded(with: self)
        return Verified(checked: message)
    }

    func verify<Certificate: QuorumCertificate>(
        _ certificate: Certificate
    ) throws(CertificateError) -> Verified<Certificate> {
        guard let set = sets.first(where: { $0.epoch == certificate.epoch }) else { throw .epochUnknown(certificate.epoch) }
        let bytes = Certificate.signingDomain.signedBytes(certificate.statement, chainID: chainID)
        var weight: UInt64 = 0
        for entry in certificate.signatures {
            guard let validator = set[entry.signer] else { throw .signerUnknown(entry.signer, certificate.epoch) }
            guard TestCryptography.signature(bytes, by: validator.consensusKey) == entry.signature else {
                throw .signatureInvalid(entry.signer)
            }
            weight += validator.weight
        }
        guard set.isQuorum(weight) else { throw .quorumMissing(weight: weight, total: set.totalWeight) }
        return Verified(checked: certificate)
    }
}

enum Fixture {
    static let chainID = ChainID(Array(repeating: 7, count: 32))!
    static let genesisTime: Timestamp = 1_000_000

    static func key(_ number: Int) -> PublicKey { PublicKey(SHA256.hash([0x01, UInt8(number)]).bytes)! }

    static func validators(_ weights: [UInt64], epoch: Epoch = 0, firstKey: Int = 0) -> ValidatorSet {
        try! ValidatorSet(epoch: epoch, validators: weights.enumerated().map { position, weight in
            Validator(
                consensusKey: key(firstKey + position), vrfKey: VRFPublicKey(SHA256.hash([0x02, UInt8(firstKey + position)]).bytes)!,
                weight: weight)
        })
    }

    static func parameters(epochBlocks: UInt64 = 1_000, heartbeat: UInt64 = 1_000_000) -> ConsensusParameters {
        ConsensusParameters(
            protocolVersion: 1, epochBlocks: epochBlocks, epochMilliseconds: 1_000_000_000, heartbeatMilliseconds: heartbeat,
            blockIntervalMilliseconds: 0, precisionMilliseconds: 500, messageDelayMilliseconds: 2_000,
            evidenceMilliseconds: 10_000_000)
    }

    static func genesis(_ validators: ValidatorSet, _ parameters: ConsensusParameters) -> ChainPosition {
        let beacon = Beacon(SHA256.hash([0x03]).bytes)!
        return ChainPosition(
            genesisHash: SHA256.hash([0x04]), time: genesisTime, beacon: beacon,
            epoch: EpochState(
                validators: validators, parameters: parameters, startHeight: 0, startTime: genesisTime, startBeacon: beacon,
                cryptography: TestCryptography(key: key(0))))
    }

    static func transaction(_ number: Int) -> Digest { SHA256.hash([0x05, UInt8(truncatingIfNeeded: number), UInt8(number >> 8)]) }

    /// A stand-in for the VRF: the beacon that every proposer of a height must arrive at.
    static func beacon(after parent: Beacon) -> Beacon { Beacon(SHA256.hash(parent.bytes + [0x06]).bytes)! }

    /// A vote that any validator could sign: what a faulty one may send.
    static func vote<Statement: ConsensusStatement>(_ signer: Int, _ statement: Statement) -> Vote<Statement> {
        let bytes = Statement.signingDomain.signedBytes(statement, chainID: chainID)
        return Vote(
            signer: ValidatorIndex(UInt16(signer)), statement: statement, signature: TestCryptography.signature(bytes, by: key(signer)))
    }

    static func viewChange(_ signer: Int, to view: View, at position: ChainPosition, prepared: PreparedProposal? = nil) -> ViewChange {
        ViewChange(
            vote: vote(signer, ViewChangeStatement(
                epoch: position.epoch.epoch, height: position.height.successor, view: view, parentHash: position.headerHash,
                prepared: prepared?.certificate.claim)),
            prepared: prepared)
    }

    /// A proposal for the height above `position`, as its primary would make it.
    static func proposal(
        by proposer: Int, view: View = 0, at position: ChainPosition, payload: [Digest] = [], time: UInt64 = 1_100
    ) -> Proposal {
        let cryptography = TestCryptography(key: key(proposer))
        return Proposal(
            draft: HeaderDraft(
                height: position.height.successor, epoch: position.epoch.epoch, originView: view,
                time: Timestamp(position.time.rawValue + time), proposer: ValidatorIndex(UInt16(proposer)),
                parentHash: position.headerHash, transactionsRoot: cryptography.transactionsRoot(of: payload),
                validatorsHash: position.epoch.validatorsHash, vrfProof: VRFProof(), beacon: beacon(after: position.beacon),
                protocolVersion: 1, parentVotes: position.certificate?.signers ?? ValidatorBitmap()),
            payload: payload)
    }

    static func digest(_ proposal: Proposal) -> Digest { TestCryptography(key: key(0)).draftDigest(proposal.draft) }

    static func prePrepare(_ proposal: Proposal, by signer: Int, view: View = 0, at position: ChainPosition) -> ConsensusMessage {
        .prePrepare(PrePrepare(
            vote: vote(signer, PrePrepareStatement(
                epoch: proposal.draft.epoch, height: proposal.draft.height, view: view, draftDigest: digest(proposal))),
            proposal: proposal, parentCertificate: position.certificate))
    }

    static func prepared(_ proposal: Proposal, in view: View, by signers: [Int]) -> PreparedProposal {
        let statement = PrepareStatement(
            epoch: proposal.draft.epoch, height: proposal.draft.height, view: view, draftDigest: digest(proposal))
        return PreparedProposal(
            certificate: PreparedCertificate(statement: statement, signatures: signers.map { signer in
                CertificateSignature(signer: ValidatorIndex(UInt16(signer)), signature: vote(signer, statement).signature)
            })!,
            proposal: proposal)
    }

    static func configuration(_ key: PublicKey?) -> ReplicaConfiguration {
        ReplicaConfiguration(
            chainID: chainID, consensusKey: key, viewTimeoutTicks: 10, viewTimeoutTicksMax: 80, statusTicks: 5, blockRequestTicks: 6)
    }
}

extension ValidatorIndex: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: UInt16) { self.init(value) }
}
