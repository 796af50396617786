public import Primitives

/// PRE-PREPARE: the primary's proposal for (height, view), with the certificate of the block below, so that a replica that
/// missed the end of that height learns it at once.
public struct PrePrepare: Hashable, ValidatorSigned, BCSCodable {
    public let vote: Vote<PrePrepareStatement>
    public let proposal: Proposal
    /// nil exactly for the first block, below which is genesis.
    public let parentCertificate: CommitCertificate?

    public init(vote: Vote<PrePrepareStatement>, proposal: Proposal, parentCertificate: CommitCertificate?) {
        self.vote = vote
        self.proposal = proposal
        self.parentCertificate = parentCertificate
    }

    public var epoch: Epoch { vote.epoch }
    public var signer: ValidatorIndex { vote.signer }
    public var signingDomain: SigningDomain { vote.signingDomain }
    public var signedBody: PrePrepareStatement { vote.statement }
    public var signature: Signature { vote.signature }

    public func verifyEmbedded(with checker: some SignatureChecker) throws(SignatureError) {
        try verifyParent(parentCertificate, of: vote.statement.height, with: checker)
    }

    public func encode(into encoder: inout BCSEncoder) {
        vote.encode(into: &encoder)
        proposal.encode(into: &encoder)
        encoder.encode(parentCertificate)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        vote = try decoder.decode(Vote.self)
        proposal = try decoder.decode(Proposal.self)
        parentCertificate = try decoder.decodeOption(CommitCertificate.self)
    }
}

/// COMMIT: the vote, with the result of execution beside it, so that a halted chain can say who computed what.
public struct Commit: Hashable, ValidatorSigned, BCSCodable {
    public let vote: Vote<CommitStatement>
    public let result: HeaderResult

    public init(vote: Vote<CommitStatement>, result: HeaderResult) {
        self.vote = vote
        self.result = result
    }

    public var epoch: Epoch { vote.epoch }
    public var signer: ValidatorIndex { vote.signer }
    public var signingDomain: SigningDomain { vote.signingDomain }
    public var signedBody: CommitStatement { vote.statement }
    public var signature: Signature { vote.signature }

    public func encode(into encoder: inout BCSEncoder) {
        vote.encode(into: &encoder)
        result.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        vote = try decoder.decode(Vote.self)
        result = try decoder.decode(HeaderResult.self)
    }
}

/// VIEW-CHANGE: the vote, with the certificate and the proposal that its claim names.
public struct ViewChange: Hashable, ValidatorSigned, BCSCodable {
    public let vote: Vote<ViewChangeStatement>
    /// Present exactly when the statement claims a prepared view.
    public let prepared: PreparedProposal?

    public init(vote: Vote<ViewChangeStatement>, prepared: PreparedProposal?) {
        self.vote = vote
        self.prepared = prepared
    }

    public var epoch: Epoch { vote.epoch }
    public var signer: ValidatorIndex { vote.signer }
    public var signingDomain: SigningDomain { vote.signingDomain }
    public var signedBody: ViewChangeStatement { vote.statement }
    public var signature: Signature { vote.signature }

    public func verifyEmbedded(with checker: some SignatureChecker) throws(SignatureError) {
        let statement = vote.statement
        try verifyClaim(
            statement.prepared, by: prepared, epoch: statement.epoch, height: statement.height, below: statement.view, with: checker)
    }

    public func encode(into encoder: inout BCSEncoder) {
        vote.encode(into: &encoder)
        encoder.encode(prepared)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        vote = try decoder.decode(Vote.self)
        prepared = try decoder.decodeOption(PreparedProposal.self)
    }
}

/// NEW-VIEW: the primary shows the quorum of view changes that lets it start the view, and what they oblige it to propose.
/// With a claim it is the proposal of its view; without one a PRE-PREPARE follows.
///
/// Invariant: the signers of `viewChanges` are strictly ascending.
public struct NewView: Hashable, ValidatorSigned, BCSCodable {
    public let vote: Vote<NewViewStatement>
    public let viewChanges: [Vote<ViewChangeStatement>]
    /// nil exactly for the first block.
    public let parentCertificate: CommitCertificate?
    /// Present exactly when the statement names a claim.
    public let prepared: PreparedProposal?

    /// nil unless the signers of `viewChanges` are strictly ascending and at most ``Limits/validatorsMax``.
    public init?(
        vote: Vote<NewViewStatement>, viewChanges: [Vote<ViewChangeStatement>], parentCertificate: CommitCertificate?,
        prepared: PreparedProposal?
    ) {
        guard viewChanges.count <= Limits.validatorsMax,
              zip(viewChanges, viewChanges.dropFirst()).allSatisfy({ $0.signer < $1.signer }) else { return nil }
        self.vote = vote
        self.viewChanges = viewChanges
        self.parentCertificate = parentCertificate
        self.prepared = prepared
    }

    public var epoch: Epoch { vote.epoch }
    public var signer: ValidatorIndex { vote.signer }
    public var signingDomain: SigningDomain { vote.signingDomain }
    public var signedBody: NewViewStatement { vote.statement }
    public var signature: Signature { vote.signature }

    public func verifyEmbedded(with checker: some SignatureChecker) throws(SignatureError) {
        let statement = vote.statement
        for change in viewChanges { _ = try checker.verify(change) }
        try verifyParent(parentCertificate, of: statement.height, with: checker)
        try verifyClaim(
            statement.prepared, by: prepared, epoch: statement.epoch, height: statement.height, below: statement.view, with: checker)
    }

    public func encode(into encoder: inout BCSEncoder) {
        vote.encode(into: &encoder)
        encoder.encode(viewChanges)
        encoder.encode(parentCertificate)
        encoder.encode(prepared)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        let vote = try decoder.decode(Vote<NewViewStatement>.self)
        let viewChanges = try decoder.decodeSequence(of: Vote<ViewChangeStatement>.self, limit: Limits.validatorsMax)
        let parentCertificate = try decoder.decodeOption(CommitCertificate.self)
        let prepared = try decoder.decodeOption(PreparedProposal.self)
        guard let message = NewView(
            vote: vote, viewChanges: viewChanges, parentCertificate: parentCertificate, prepared: prepared)
        else { throw decoder.refuse("view change signers are not strictly ascending") }
        self = message
    }
}

/// The certificate of the block below `height` must be there unless that block is genesis, and must hold.
private func verifyParent(
    _ certificate: CommitCertificate?, of height: Height, with checker: some SignatureChecker
) throws(SignatureError) {
    guard let certificate else {
        guard height.rawValue == 1 else { throw .embeddedInvalid("the parent's certificate is missing") }
        return
    }
    guard certificate.statement.height == height.predecessor, certificate.statement.height.rawValue > 0 else {
        throw .embeddedInvalid("the parent's certificate is of another height")
    }
    do { _ = try checker.verify(certificate) } catch { throw .certificate(error) }
}

/// A claim must come with the certificate it names, of an earlier view of the same height.
private func verifyClaim(
    _ claim: PreparedClaim?, by prepared: PreparedProposal?, epoch: Epoch, height: Height, below view: View,
    with checker: some SignatureChecker
) throws(SignatureError) {
    guard let claim else {
        guard prepared == nil else { throw .embeddedInvalid("a certificate without a claim") }
        return
    }
    guard let prepared else { throw .embeddedInvalid("a claim without its certificate") }
    let statement = prepared.certificate.statement
    guard statement.epoch == epoch, statement.height == height, prepared.certificate.claim == claim, claim.view < view else {
        throw .embeddedInvalid("a certificate for another claim")
    }
    do { _ = try checker.verify(prepared.certificate) } catch { throw .certificate(error) }
}
