/// What a COMMIT vote says. All votes of one certificate say the same five values, therefore votes of different views are
/// never added up.
public struct CommitStatement: Hashable, Sendable, BCSCodable {
    public let epoch: Epoch
    public let height: Height
    public let view: View
    public let draftDigest: Digest
    public let headerHash: Digest

    public init(epoch: Epoch, height: Height, view: View, draftDigest: Digest, headerHash: Digest) {
        self.epoch = epoch
        self.height = height
        self.view = view
        self.draftDigest = draftDigest
        self.headerHash = headerHash
    }

    public func encode(into encoder: inout BCSEncoder) {
        epoch.encode(into: &encoder)
        height.encode(into: &encoder)
        view.encode(into: &encoder)
        draftDigest.encode(into: &encoder)
        headerHash.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        epoch = try decoder.decode(Epoch.self)
        height = try decoder.decode(Height.self)
        view = try decoder.decode(View.self)
        draftDigest = try decoder.decode(Digest.self)
        headerHash = try decoder.decode(Digest.self)
    }
}

/// One validator's signature in a certificate.
public struct CertificateSignature: Hashable, Sendable, BCSCodable {
    public let signer: ValidatorIndex
    public let signature: Signature

    public init(signer: ValidatorIndex, signature: Signature) {
        self.signer = signer
        self.signature = signature
    }

    public func encode(into encoder: inout BCSEncoder) {
        signer.encode(into: &encoder)
        signature.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        signer = try decoder.decode(ValidatorIndex.self)
        signature = try decoder.decode(Signature.self)
    }
}

/// More than two thirds of an epoch's weight say COMMIT to one header: the block is final. Stored with the block, it proves
/// order, execution result and next validator set, and is all that a light client needs.
///
/// Invariant: signers are strictly ascending and below ``Limits/validatorsMax``. Weight and signatures are checked by `Cryptography`, which alone makes a
/// `Verified<CommitCertificate>`.
public struct CommitCertificate: Hashable, Sendable, BCSCodable {
    public let statement: CommitStatement
    public let signatures: [CertificateSignature]

    /// nil unless signers are strictly ascending and below ``Limits/validatorsMax``.
    public init?(statement: CommitStatement, signatures: [CertificateSignature]) {
        guard signatures.last.map({ Int($0.signer.rawValue) < Limits.validatorsMax }) ?? true,
              zip(signatures, signatures.dropFirst()).allSatisfy({ $0.signer < $1.signer }) else { return nil }
        self.statement = statement
        self.signatures = signatures
    }

    /// The signers, for the `parentVotes` of the next draft.
    public var signers: ValidatorBitmap { ValidatorBitmap(signatures.lazy.map(\.signer)) }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        statement.encode(into: &encoder)
        encoder.encode(signatures)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        let statement = try decoder.decode(CommitStatement.self)
        let signatures = try decoder.decodeSequence(of: CertificateSignature.self, limit: Limits.validatorsMax)
        guard let certificate = CommitCertificate(statement: statement, signatures: signatures) else {
            throw decoder.refuse("certificate signers are not strictly ascending and in range")
        }
        self = certificate
    }
}
