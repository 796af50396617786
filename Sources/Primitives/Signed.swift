/// The shapes of signed values. The rooms that own such values conform them; `Cryptography` alone checks them.

/// A message with one signature over `domain || chainID || BCS(body)`.
public protocol Signed: Sendable {
    associatedtype Body: BCSCodable
    var signingDomain: SigningDomain { get }
    /// What the signature covers; it may leave out what travels beside the message.
    var signedBody: Body { get }
    var signature: Signature { get }
}

/// A message that a validator signs with its consensus key.
///
/// Invariant: ``Signed/signedBody`` covers `epoch`, so that the index of one epoch is never read as that of another.
public protocol ValidatorSigned: Signed {
    var epoch: Epoch { get }
    var signer: ValidatorIndex { get }

    /// Checks every signature inside the message that ``Signed/signedBody`` leaves to it, such as the certificate that travels
    /// beside a view change. It runs after the message's own signature. A message without such parts need not implement it.
    func verifyEmbedded(with checker: some SignatureChecker) throws(SignatureError)
}

extension ValidatorSigned {
    public func verifyEmbedded(with checker: some SignatureChecker) throws(SignatureError) {}
}

/// Signatures of validators of one epoch over one statement, which prove something once they hold a quorum of its weight.
///
/// Invariant: `statement` covers `epoch`.
public protocol QuorumCertificate: Sendable {
    associatedtype Statement: BCSCodable
    static var signingDomain: SigningDomain { get }
    var epoch: Epoch { get }
    var statement: Statement { get }
    var signatures: [CertificateSignature] { get }
}

extension CommitCertificate: QuorumCertificate {
    public static var signingDomain: SigningDomain { .commit }
    public var epoch: Epoch { statement.epoch }
}

/// Checks validators' signatures against the sets of the epochs that it knows. `Cryptography` has the real one; a simulation
/// may put a cheaper one in its place.
public protocol SignatureChecker: Sendable {
    /// The message, once its signature and all those inside it hold.
    func verify<Message: ValidatorSigned>(_ message: Message) throws(SignatureError) -> Verified<Message>
    /// The certificate, once each of its signatures holds and together they are a quorum.
    func verify<Certificate: QuorumCertificate>(_ certificate: Certificate) throws(CertificateError) -> Verified<Certificate>
}

/// Why a signed message is refused. The signature errors cost the peer that sent the message; an unknown epoch may only
/// mean that this node is behind.
public enum SignatureError: Error, Equatable, Sendable {
    case epochUnknown(Epoch)
    case signerUnknown(ValidatorIndex, Epoch)
    case signatureInvalid(ValidatorIndex)
    /// A certificate inside the message.
    case certificate(CertificateError)
    /// The parts inside the message do not support what it says; the reason is a fixed text.
    case embeddedInvalid(StaticReason)
}

/// Why a certificate proves nothing.
public enum CertificateError: Error, Equatable, Sendable {
    case epochUnknown(Epoch)
    case signerUnknown(ValidatorIndex, Epoch)
    /// A signer that is not above the one before it: a duplicate, or out of order.
    case signerNotAscending(ValidatorIndex)
    case signatureInvalid(ValidatorIndex)
    /// The signers hold `weight` of `total`, which is not more than two thirds.
    case quorumMissing(weight: UInt64, total: UInt64)
}

// Receipts hold these texts, so that they are the same for every node, whatever built it.

extension SignatureError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .epochUnknown(let epoch): "the voters of epoch \(epoch) are not known"
        case .signerUnknown(let signer, let epoch): "epoch \(epoch) has no voter \(signer)"
        case .signatureInvalid(let signer): "the signature of voter \(signer) does not hold"
        case .certificate(let error): "a certificate inside: \(error)"
        case .embeddedInvalid(let reason): reason.description
        }
    }
}

extension CertificateError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .epochUnknown(let epoch): "the voters of epoch \(epoch) are not known"
        case .signerUnknown(let signer, let epoch): "epoch \(epoch) has no voter \(signer)"
        case .signerNotAscending(let signer): "voter \(signer) stands twice or out of order"
        case .signatureInvalid(let signer): "the signature of voter \(signer) does not hold"
        case .quorumMissing(let weight, let total): "the signers hold \(weight) of \(total), no more than two thirds"
        }
    }
}
