import Cryptography
public import Execution
import Ledger
public import Primitives

/// Issuers whose word counts, and the way from a certificate to one of them.
///
/// Path validation as browsers do it depends on lists, clocks and taste. Here it is what nodes can agree on: one or two signatures,
/// names equal byte by byte, validity at block time, and refusal of whatever is critical and unknown. Revocation lists are outside the
/// chain and not seen.
extension Identity {
    public static let registerRoot = Method(
        "register_root", "Trusts an issuer of certificates. For governance.",
        Argument("certificate", "The issuer's, in DER.", BoundedBytes<4096>.self)
    ) { context, certificate throws(CallError) in
        try context.require(context.caller == .governance, IdentityRejection.notGovernance)
        let certificate = try read(context, certificate.bytes)
        try requireIssuer(context, certificate)
        let key = certificate.keyFingerprint
        try context.require(try !context.contains(roots, key), IdentityRejection.rootKnown)
        let count = try context.read(rootCount) ?? 0
        try context.require(count < Costs.rootsMax, IdentityRejection.rootsOverLimit)
        guard let subject = BoundedBytes<1024>(certificate.subject), let info = BoundedBytes<640>(certificate.keyInfo) else {
            preconditionFailure("a certificate above its own limits")
        }
        try context.write(roots, key, Root(
            fingerprint: certificate.fingerprint, subject: subject, key: info, notBefore: certificate.notBefore,
            notAfter: certificate.notAfter, pathLength: certificate.authority?.pathLength))
        try context.write(rootCount, count + 1)
        try context.emit(RootRegistered(key: key, certificate: certificate.fingerprint))
        return Nothing()
    }

    public static let removeRoot = Method(
        "remove_root", "Trusts an issuer no more; what it vouched for is shown as lapsed. For governance.",
        Argument("keyFingerprint", "SHA-256 of its SubjectPublicKeyInfo.", Digest.self)
    ) { context, key throws(CallError) in
        try context.require(context.caller == .governance, IdentityRejection.notGovernance)
        try context.require(try context.contains(roots, key), IdentityRejection.rootUnknown)
        let count = try context.read(rootCount) ?? 1
        try context.remove(roots, key)
        try context.write(rootCount, count - 1)
        try context.emit(RootRemoved(key: key))
        return Nothing()
    }

    public static let listRoots = Method("roots", "The issuers that governance trusts.", kind: .view) { context throws(CallError) in
        let found = try context.entries(roots, limit: Int(Costs.rootsMax))
        guard let list = Bounded<16, RootEntry>(found.map { RootEntry(keyFingerprint: $0.key, root: $0.value) }) else {
            preconditionFailure("more roots than may be")
        }
        return list
    }

    /// Checks that `issuance` leads from a registered root to `certificate`, with at most one certificate between.
    static func require(_ context: CallContext, _ issuance: Issuance, leadsTo certificate: Certificate) throws(CallError) {
        guard let root = try context.read(roots, issuance.root) else { throw context.rejection(IdentityRejection.rootUnknown) }
        try context.require(root.isValid(at: context.block.time), IdentityRejection.issuerInvalid, "the root is not valid now")
        try context.charge(GasSchedule.certificate)
        guard let rootKey = try? CertificateKey(info: root.key.bytes) else { throw context.failure(.stateMalformed) }
        try context.charge(GasSchedule.keyCheck(of: rootKey))
        try context.require(!certificate.hasUnknownCriticalExtension, IdentityRejection.certificateMalformed, "a critical extension is unknown")
        guard let middle = issuance.intermediate else {
            return try require(context, certificate, issuedBy: root.subject.bytes, rootKey)
        }
        let intermediate = try read(context, middle.bytes)
        try requireIssuer(context, intermediate)
        try context.require(root.pathLength != 0, IdentityRejection.issuerInvalid, "the root allows no certificate between")
        try require(context, intermediate, issuedBy: root.subject.bytes, rootKey)
        try require(context, certificate, issuedBy: intermediate.subject, intermediate.key)
    }

    private static func requireIssuer(_ context: CallContext, _ certificate: Certificate) throws(CallError) {
        try context.require(
            certificate.authority != nil && !certificate.hasUnknownCriticalExtension && certificate.isValid(at: context.block.time),
            IdentityRejection.issuerInvalid)
    }

    private static func require(
        _ context: CallContext, _ certificate: Certificate, issuedBy issuer: [UInt8], _ key: CertificateKey
    ) throws(CallError) {
        try context.require(certificate.issuer == issuer, IdentityRejection.issuerMismatch, "the certificate names another issuer")
        try context.charge(GasSchedule.verification(of: key) + GasSchedule.hashPerBlock * UInt64(certificate.bytes.count / 64 + 1))
        try context.require(certificate.isSigned(by: key), IdentityRejection.issuerMismatch, "the issuer's signature does not hold")
    }
}
