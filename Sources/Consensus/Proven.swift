public import Primitives

/// A certificate of which this node knows that every signature holds and that the signers hold a quorum.
///
/// There are three ways to one, and all are in this room: a certificate that `Cryptography` verified, one that travelled
/// inside a message whose embedded signatures were verified, and one that the replica put together from verified votes.
/// Code that takes a `Proven` asks nothing again; code that has only a bare certificate cannot call it.
public struct Proven<Certificate: QuorumCertificate & Hashable>: Hashable, Sendable {
    public let certificate: Certificate

    public init(_ verified: Verified<Certificate>) { certificate = verified.value }

    /// For certificates inside verified messages, from the replica's own tally, or read back from its own journal.
    init(established certificate: Certificate) { self.certificate = certificate }
}

/// A block whose certificate holds. That header, draft and payload are those of the certificate is for the replica to check,
/// because it takes hashing.
public struct AuthenticatedBlock: Sendable {
    public let block: CertifiedBlock
    let certificate: Proven<CommitCertificate>

    init(_ block: CertifiedBlock, certificate: Proven<CommitCertificate>) {
        self.block = block
        self.certificate = certificate
    }
}

extension CertifiedBlock {
    /// The block, once its certificate is verified.
    public func authenticated(by checker: some SignatureChecker) throws(CertificateError) -> AuthenticatedBlock {
        AuthenticatedBlock(self, certificate: Proven(try checker.verify(certificate)))
    }
}
