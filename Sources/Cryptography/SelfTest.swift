public import Primitives

/// The test that a node runs before anything else, against the libraries that it has been linked with.
///
/// Libraries differ in what they accept, and a node that accepts more than its peers forks the chain. Upstream libsodium 1.0.18
/// takes points with a component of order 2 for valid (CVE-2025-69277); the cases named after such points tell it from a repaired
/// build.
/// It takes a few milliseconds and uses no randomness.
public enum SelfTest {
    /// Throws unless the linked libraries behave as the protocol asks.
    public static func run() throws(SelfTestError) { try run(.linked) }

    /// The operations under test. A test of this test puts faulty ones in their place.
    public struct Operations: Sendable {
        public var isValidPoint: @Sendable (PublicKey) -> Bool
        public var isValidSignature: @Sendable (Signature, _ message: [UInt8], PublicKey) -> Bool
        public var verifyProof: @Sendable (VRFProof, _ alpha: [UInt8], VRFPublicKey) -> VRFOutput?
        public var isValidCertificateSignature: @Sendable ([UInt8], _ message: [UInt8], CertificateKey) -> Bool
        public var sha256: @Sendable ([UInt8]) -> Digest
        public var libsodiumVersion: String

        /// What the node runs with.
        public static var linked: Operations {
            Operations(
                isValidPoint: { Ed25519.isAcceptable($0) },
                isValidSignature: { Ed25519.isValid($0, of: $1, by: $2) },
                verifyProof: { ECVRF.verify($0, alpha: $1, by: $2) },
                isValidCertificateSignature: { $2.isValid($0, of: $1) },
                sha256: { SHA256.hash($0) },
                libsodiumVersion: Sodium.version)
        }
    }

    /// Throws at the first operation that behaves otherwise.
    public static func run(_ operations: Operations) throws(SelfTestError) {
        for known in SelfTestCases.digests
        where operations.sha256(known.message) != known.digest { throw .digestWrong(known.name) }
        for point in SelfTestCases.points where operations.isValidPoint(point.point) != point.isValid {
            throw .pointCheckFaulty(point.name, libsodiumVersion: operations.libsodiumVersion)
        }
        for known in SelfTestCases.signatures
        where operations.isValidSignature(known.signature, known.message, known.key) != known.isValid {
            throw .signatureVerdictWrong(known.name, libsodiumVersion: operations.libsodiumVersion)
        }
        for known in SelfTestCases.proofs
        where operations.verifyProof(known.proof, known.alpha, known.key) != known.output {
            throw .proofVerdictWrong(known.name, libsodiumVersion: operations.libsodiumVersion)
        }
        for known in SelfTestCases.certificateSignatures
        where operations.isValidCertificateSignature(known.signature, known.message, known.key) != known.isValid {
            throw .certificateSignatureVerdictWrong(known.name)
        }
    }
}

/// Why a node must not start. The description names the remedy, because it is what an operator reads.
public enum SelfTestError: Error, Equatable, Sendable, CustomStringConvertible {
    case digestWrong(StaticReason)
    case pointCheckFaulty(StaticReason, libsodiumVersion: String)
    case signatureVerdictWrong(StaticReason, libsodiumVersion: String)
    case proofVerdictWrong(StaticReason, libsodiumVersion: String)
    case certificateSignatureVerdictWrong(StaticReason)

    public var description: String {
        switch self {
        case .digestWrong(let name):
            "self-test failed: SHA-256 of \(name) is wrong. Reinstall OpenSSL 3 (package libssl3) from your distribution."
        case .pointCheckFaulty(let name, let version):
            "self-test failed: libsodium \(version) misjudges the point \"\(name)\". \(SelfTestError.remedy)"
        case .signatureVerdictWrong(let name, let version):
            "self-test failed: libsodium \(version) misjudges the signature \"\(name)\". \(SelfTestError.remedy)"
        case .proofVerdictWrong(let name, let version):
            "self-test failed: libsodium \(version) misjudges the VRF proof \"\(name)\". \(SelfTestError.remedy)"
        case .certificateSignatureVerdictWrong(let name):
            "self-test failed: the signature \"\(name)\" is misjudged. Reinstall OpenSSL 3 (package libssl3) from your distribution."
        }
    }

    private static let remedy: String = """
        This node would disagree with its peers and is not started. Install a libsodium with the fix for CVE-2025-69277, \
        such as Debian's libsodium23 1.0.18-1+deb12u1.
        """
}
