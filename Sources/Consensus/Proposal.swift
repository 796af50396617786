public import Primitives

/// A draft with what it orders: the envelope hashes of its transactions. The bodies are not consensus's business; whoever
/// holds them knows them by these hashes.
public struct Proposal: Hashable, Sendable, BCSCodable {
    public let draft: HeaderDraft
    /// Envelope hashes in block order, at most ``Limits/blockTransactionsMax``; `draft.transactionsRoot` is their RFC 6962 root.
    public let payload: [Digest]

    public init(draft: HeaderDraft, payload: [Digest]) {
        precondition(payload.count <= Limits.blockTransactionsMax)
        self.draft = draft
        self.payload = payload
    }

    public func encode(into encoder: inout BCSEncoder) {
        draft.encode(into: &encoder)
        encoder.encode(payload)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        draft = try decoder.decode(HeaderDraft.self)
        payload = try decoder.decodeSequence(of: Digest.self, limit: Limits.blockTransactionsMax)
    }
}

/// More than two thirds of the weight say PREPARE to one draft in one view. Votes of different views are never added up.
///
/// Invariant: signers are strictly ascending.
public struct PreparedCertificate: Hashable, QuorumCertificate, BCSCodable {
    public static var signingDomain: SigningDomain { .prepare }
    public let statement: PrepareStatement
    public let signatures: [CertificateSignature]

    public var epoch: Epoch { statement.epoch }
    /// What a view change that carries this certificate claims.
    public var claim: PreparedClaim { PreparedClaim(view: statement.view, draftDigest: statement.draftDigest) }

    /// The single votes of the certificate.
    public var votes: [AnyVote] {
        signatures.map { .prepare(Vote(signer: $0.signer, statement: statement, signature: $0.signature)) }
    }

    /// nil unless signers are strictly ascending and at most ``Limits/validatorsMax``.
    public init?(statement: PrepareStatement, signatures: [CertificateSignature]) {
        guard signatures.count <= Limits.validatorsMax,
              zip(signatures, signatures.dropFirst()).allSatisfy({ $0.signer < $1.signer }) else { return nil }
        self.statement = statement
        self.signatures = signatures
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        statement.encode(into: &encoder)
        encoder.encode(signatures)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        let statement = try decoder.decode(PrepareStatement.self)
        let signatures = try decoder.decodeSequence(of: CertificateSignature.self, limit: Limits.validatorsMax)
        guard let certificate = PreparedCertificate(statement: statement, signatures: signatures) else {
            throw decoder.refuse("certificate signers are not strictly ascending")
        }
        self = certificate
    }
}

/// A prepared certificate with the proposal it is for, so that whoever receives it can propose the same again.
public struct PreparedProposal: Hashable, Sendable, BCSCodable {
    public let certificate: PreparedCertificate
    public let proposal: Proposal

    public init(certificate: PreparedCertificate, proposal: Proposal) {
        self.certificate = certificate
        self.proposal = proposal
    }

    public func encode(into encoder: inout BCSEncoder) {
        certificate.encode(into: &encoder)
        proposal.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        certificate = try decoder.decode(PreparedCertificate.self)
        proposal = try decoder.decode(Proposal.self)
    }
}

/// A final block without its bodies: header, the certificate that makes it final, and the envelope hashes in order.
public struct CertifiedBlock: Hashable, Sendable, BCSCodable {
    public let header: Header
    public let certificate: CommitCertificate
    public let payload: [Digest]

    public init(header: Header, certificate: CommitCertificate, payload: [Digest]) {
        precondition(payload.count <= Limits.blockTransactionsMax)
        self.header = header
        self.certificate = certificate
        self.payload = payload
    }

    public var height: Height { header.height }
    public var proposal: Proposal { Proposal(draft: header.draft, payload: payload) }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        header.encode(into: &encoder)
        certificate.encode(into: &encoder)
        encoder.encode(payload)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        header = try decoder.decode(Header.self)
        certificate = try decoder.decode(CommitCertificate.self)
        payload = try decoder.decodeSequence(of: Digest.self, limit: Limits.blockTransactionsMax)
    }
}
