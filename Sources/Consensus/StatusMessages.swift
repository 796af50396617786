public import Primitives

/// How far a replica is in its view; STATUS says so, and peers answer with what is missing.
@frozen public enum Progress: UInt8, Comparable, CaseIterable, Sendable, BCSCodable {
    /// Its journal is lost; it asks for certified heights and signs no vote.
    case recovering
    /// It left the view below and waits for NEW-VIEW.
    case changingView
    /// It waits for the proposal of its view.
    case awaitingProposal
    /// It holds the proposal and has not sent PREPARE.
    case proposalKnown
    case prepareSent
    case commitSent

    @inlinable public static func < (left: Progress, right: Progress) -> Bool { left.rawValue < right.rawValue }

    public func encode(into encoder: inout BCSEncoder) { encoder.encodeVariant(Int(rawValue)) }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        self = Progress.allCases[try decoder.decodeVariant(count: Progress.allCases.count)]
    }
}

/// What STATUS says. It is never a vote and passes no guard.
public struct StatusStatement: Hashable, Sendable, BCSCodable {
    public let epoch: Epoch
    /// The height in flight; all below are committed.
    public let height: Height
    public let view: View
    public let progress: Progress
    /// A number that a recovering replica drew; answers repeat it, so that an old STATUS cannot pass for a new one. 0 otherwise.
    public let challenge: UInt64

    public init(epoch: Epoch, height: Height, view: View, progress: Progress, challenge: UInt64) {
        self.epoch = epoch
        self.height = height
        self.view = view
        self.progress = progress
        self.challenge = challenge
    }

    public func encode(into encoder: inout BCSEncoder) {
        epoch.encode(into: &encoder)
        height.encode(into: &encoder)
        view.encode(into: &encoder)
        progress.encode(into: &encoder)
        encoder.encode(challenge)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        epoch = try decoder.decode(Epoch.self)
        height = try decoder.decode(Height.self)
        view = try decoder.decode(View.self)
        progress = try decoder.decode(Progress.self)
        challenge = try decoder.decode(UInt64.self)
    }
}

/// STATUS: where a validator is. Sent twice a second to all, and as the answer to a recovering replica, then with the
/// certificate of the newest committed height.
public struct Status: Hashable, ValidatorSigned, BCSCodable {
    public let signer: ValidatorIndex
    public let statement: StatusStatement
    public let signature: Signature
    /// The certificate of `statement.height − 1`; only in answers to a recovering replica.
    public let certificate: CommitCertificate?

    public init(signer: ValidatorIndex, statement: StatusStatement, signature: Signature, certificate: CommitCertificate?) {
        self.signer = signer
        self.statement = statement
        self.signature = signature
        self.certificate = certificate
    }

    public var epoch: Epoch { statement.epoch }
    public var signingDomain: SigningDomain { .status }
    public var signedBody: StatusStatement { statement }

    public func verifyEmbedded(with checker: some SignatureChecker) throws(SignatureError) {
        guard let certificate else { return }
        guard certificate.statement.height == statement.height.predecessor else {
            throw .embeddedInvalid("a certificate of another height than the one below")
        }
        do { _ = try checker.verify(certificate) } catch { throw .certificate(error) }
    }

    public func encode(into encoder: inout BCSEncoder) {
        signer.encode(into: &encoder)
        statement.encode(into: &encoder)
        signature.encode(into: &encoder)
        encoder.encode(certificate)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        signer = try decoder.decode(ValidatorIndex.self)
        statement = try decoder.decode(StatusStatement.self)
        signature = try decoder.decode(Signature.self)
        certificate = try decoder.decodeOption(CommitCertificate.self)
    }
}

/// What COMPLAINT says: up to `height`, primaries passed over this transaction although they could have included it.
public struct ComplaintStatement: Hashable, Sendable, BCSCodable {
    public let epoch: Epoch
    public let height: Height
    public let envelopeHash: Digest

    public init(epoch: Epoch, height: Height, envelopeHash: Digest) {
        self.epoch = epoch
        self.height = height
        self.envelopeHash = envelopeHash
    }

    public func encode(into encoder: inout BCSEncoder) {
        epoch.encode(into: &encoder)
        height.encode(into: &encoder)
        envelopeHash.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        epoch = try decoder.decode(Epoch.self)
        height = try decoder.decode(Height.self)
        envelopeHash = try decoder.decode(Digest.self)
    }
}

/// COMPLAINT: one validator's word that a transaction is being censored. Only a weak quorum of them changes anything.
public struct Complaint: Hashable, ValidatorSigned, BCSCodable {
    public let signer: ValidatorIndex
    public let statement: ComplaintStatement
    public let signature: Signature

    public init(signer: ValidatorIndex, statement: ComplaintStatement, signature: Signature) {
        self.signer = signer
        self.statement = statement
        self.signature = signature
    }

    public var epoch: Epoch { statement.epoch }
    public var signingDomain: SigningDomain { .complaint }
    public var signedBody: ComplaintStatement { statement }

    public func encode(into encoder: inout BCSEncoder) {
        signer.encode(into: &encoder)
        statement.encode(into: &encoder)
        signature.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        signer = try decoder.decode(ValidatorIndex.self)
        statement = try decoder.decode(ComplaintStatement.self)
        signature = try decoder.decode(Signature.self)
    }
}
