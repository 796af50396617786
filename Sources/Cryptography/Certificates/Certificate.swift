public import Primitives

/// An X.509 certificate (RFC 5280) in its one strict encoding, and what is kept of it.
///
/// The reader takes less than libraries do: version 3 in DER, with names in UTF-8, printable or IA5 strings, an accepted key (see
/// ``CertificateKey``), and no unique identifiers. What it takes, every library reads the same way; a certificate that anybody could
/// read in two ways is none.
public struct Certificate: Hashable, Sendable {
    public let bytes: [UInt8]
    /// Not negative, at most 20 bytes, most significant first.
    public let serial: [UInt8]
    /// The DER of the issuer's name.
    public let issuer: [UInt8]
    /// The DER of the subject's name.
    public let subject: [UInt8]
    /// The subject's common name, when it has one.
    public let commonName: String?
    public let notBefore: Timestamp
    /// The last second of validity.
    public let notAfter: Timestamp
    public let key: CertificateKey
    /// The DER of the SubjectPublicKeyInfo.
    public let keyInfo: [UInt8]
    /// Present when the certificate may issue others.
    public let authority: Authority?
    /// Whether an extension that must be understood is not. It matters where trust is derived from the certificate.
    public let hasUnknownCriticalExtension: Bool
    /// What the issuer signed, in `bytes`.
    private let signed: Range<Int>
    /// nil when the issuer signed with an algorithm that is not accepted.
    private let algorithm: CertificateAlgorithm?
    private let signature: Range<Int>

    /// What an issuing certificate is allowed.
    public struct Authority: Hashable, Sendable {
        /// Certificates that may stand between this one and the last of a chain; nil for any number.
        public let pathLength: UInt8?
    }

    /// Bytes of a certificate.
    public static let bytesMax = 8 * 1024

    /// SHA-256 of the certificate.
    public var fingerprint: Digest { SHA256.hash(bytes) }
    /// SHA-256 of the key with its algorithm, as in RFC 7469: the same for every certificate of one key.
    public var keyFingerprint: Digest { SHA256.hash(keyInfo) }

    /// Whether `time` lies in the certificate's validity; the second of its end belongs to it.
    public func isValid(at time: Timestamp) -> Bool { notBefore <= time && time.rawValue < notAfter.rawValue + 1_000 }

    /// Whether the holder of `key` signed this certificate, by an accepted algorithm.
    public func isSigned(by key: CertificateKey) -> Bool {
        guard let algorithm else { return false }
        let message = Array(bytes[signed])
        let raw = Array(bytes[signature])
        switch (key, algorithm.family) {
        case (.ed25519, .ed25519), (.rsa, .rsa): return key.isValid(raw, of: message, hash: algorithm.hash)
        case (.p256, .ecdsa), (.p384, .ecdsa):
            guard let fixed = try? Self.fixedSignature(raw, size: key.signatureBytes / 2) else { return false }
            return key.isValid(fixed, of: message, hash: algorithm.hash)
        default: return false
        }
    }

    /// r ‖ s of an ECDSA-Sig-Value (RFC 3279 §2.2.3).
    private static func fixedSignature(_ bytes: [UInt8], size: Int) throws(CertificateFailure) -> [UInt8] {
        var reader = DERReader(bytes)
        var pair = try reader.open(DERReader.Tag.sequence)
        try reader.finish()
        let fixed = try pair.unsignedInteger(size: size) + pair.unsignedInteger(size: size)
        try pair.finish()
        return fixed
    }

    /// Reads `bytes`, which must be one certificate and nothing else.
    public init(_ bytes: [UInt8]) throws(CertificateFailure) {
        guard bytes.count <= Certificate.bytesMax else { throw .tooLong(bytes.count) }
        self.bytes = bytes
        var reader = DERReader(bytes)
        var outer = try reader.open(DERReader.Tag.sequence)
        try reader.finish()
        signed = try outer.whole(DERReader.Tag.sequence)
        let algorithmStart = outer.position
        algorithm = try CertificateAlgorithm(reading: &outer)
        let outerAlgorithm = bytes[algorithmStart..<outer.position]
        signature = try outer.bitString()
        try outer.finish()

        var enclosing = outer.part(signed)
        var body = try enclosing.open(DERReader.Tag.sequence)
        var version = try body.open(DERReader.Tag.context(0))
        guard try version.unsignedInteger(size: 1) == [2] else { throw version.fail("only version 3 is accepted") }
        try version.finish()
        serial = Array(bytes[try body.unsignedInteger()])
        guard serial.count <= 20 else { throw body.fail("a serial number has at most 20 bytes") }
        guard bytes[try body.whole(DERReader.Tag.sequence)] == outerAlgorithm else { throw body.fail("the algorithms of the signature differ") }
        issuer = try DistinguishedName(reading: &body).bytes
        var validity = try body.open(DERReader.Tag.sequence)
        notBefore = try validity.time()
        notAfter = try validity.time()
        try validity.finish()
        guard notBefore <= notAfter else { throw validity.fail("the validity ends before it begins") }
        let name = try DistinguishedName(reading: &body)
        subject = name.bytes
        commonName = name.commonName
        let keyStart = body.position
        key = try CertificateKey(reading: &body)
        keyInfo = Array(bytes[keyStart..<body.position])
        let extensions = try CertificateExtensions(reading: &body)
        authority = extensions.authority
        hasUnknownCriticalExtension = extensions.hasUnknownCritical
        try body.finish()
    }
}

/// Why bytes are not a certificate that is accepted.
public enum CertificateFailure: Error, Equatable, Sendable {
    case tooLong(Int)
    /// What is wrong, and about where.
    case malformed(offset: Int, StaticReason)
    /// The subject's key is of another kind, or no key at all.
    case keyUnsupported
}

extension CertificateFailure: CustomStringConvertible {
    /// Receipts hold it, so that it is the same for every node, whatever built it.
    public var description: String {
        switch self {
        case .tooLong(let count): "\(count) bytes, at most \(Certificate.bytesMax)"
        case .malformed(let offset, let reason): "offset \(offset): \(reason)"
        case .keyUnsupported: "the key is of no supported kind"
        }
    }
}
