import Primitives

/// The object identifiers that certificates are read for, in DER content bytes, and what is read by them: keys and the
/// algorithms of issuers' signatures.
enum ObjectIdentifier {
    static let ed25519: [UInt8] = [0x2b, 0x65, 0x70]
    static let ecPublicKey: [UInt8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]
    static let p256: [UInt8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]
    static let p384: [UInt8] = [0x2b, 0x81, 4, 0, 0x22]
    static let rsaEncryption: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]
    /// ecdsa-with-SHA256 and so on, without the last byte.
    static let ecdsaWithSHA2: [UInt8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3]
    /// sha256WithRSAEncryption and so on, without the last byte.
    static let pkcs1: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1]
    static let commonName: [UInt8] = [0x55, 4, 3]
    static let keyUsage: [UInt8] = [0x55, 0x1d, 0x0f]
    static let subjectAlternativeName: [UInt8] = [0x55, 0x1d, 0x11]
    static let basicConstraints: [UInt8] = [0x55, 0x1d, 0x13]
    static let extendedKeyUsage: [UInt8] = [0x55, 0x1d, 0x25]
}

/// How an issuer signed.
struct CertificateAlgorithm: Hashable, Sendable {
    enum Family { case rsa, ecdsa, ed25519 }
    let family: Family
    let hash: CertificateKey.Hash

    /// Reads an AlgorithmIdentifier; nil for one that is well formed and not known here. RSA has NULL for parameters (RFC 4055 §5),
    /// the others have none (RFC 5758 §3.2, RFC 8410 §3).
    init?(reading reader: inout DERReader) throws(CertificateFailure) {
        var inside = try reader.open(DERReader.Tag.sequence)
        let identifier = try inside.objectIdentifier()
        let parameters = inside.nextTag
        if parameters != nil { _ = try inside.anyElement() }
        try inside.finish()
        let isNull = parameters == DERReader.Tag.null
        if isNull, inside.bytes[inside.end - 1] != 0 { throw inside.fail("NULL has content") }
        let last = identifier.last ?? 0
        if identifier == ObjectIdentifier.ed25519[...], parameters == nil {
            self.init(family: .ed25519, hash: .sha512)
        } else if identifier.dropLast() == ObjectIdentifier.ecdsaWithSHA2[...], parameters == nil, let hash = Self.hashes[last &- 2] {
            self.init(family: .ecdsa, hash: hash)
        } else if identifier.dropLast() == ObjectIdentifier.pkcs1[...], isNull, let hash = Self.hashes[last &- 11] {
            self.init(family: .rsa, hash: hash)
        } else {
            return nil
        }
    }

    private init(family: Family, hash: CertificateKey.Hash) {
        self.family = family
        self.hash = hash
    }

    private static let hashes: [UInt8: CertificateKey.Hash] = [0: .sha256, 1: .sha384, 2: .sha512]
}

extension CertificateKey {
    /// The key of a SubjectPublicKeyInfo in DER, and nothing else.
    public init(info: [UInt8]) throws(CertificateFailure) {
        var reader = DERReader(info)
        try self.init(reading: &reader)
        try reader.finish()
    }

    /// Reads a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 3279, RFC 5480, RFC 8410) and checks the key.
    init(reading reader: inout DERReader) throws(CertificateFailure) {
        var info = try reader.open(DERReader.Tag.sequence)
        var algorithm = try info.open(DERReader.Tag.sequence)
        let identifier = try algorithm.objectIdentifier()
        switch identifier {
        case ObjectIdentifier.ed25519[...]:
            try algorithm.finish()
            let bytes = info.bytes[try info.bitString()]
            guard let key = PublicKey(bytes) else { throw info.fail("an Ed25519 key has 32 bytes") }
            guard Ed25519.isAcceptable(key) else { throw .keyUnsupported }
            self = .ed25519(key)
        case ObjectIdentifier.ecPublicKey[...]:
            // A curve without a name, with its parameters, is not accepted: it could be any.
            guard algorithm.nextTag == DERReader.Tag.objectIdentifier else { throw .keyUnsupported }
            let curve = try algorithm.objectIdentifier()
            try algorithm.finish()
            let point = Array(info.bytes[try info.bitString()])
            if curve == ObjectIdentifier.p256[...], Curve.p256.contains(point) {
                self = .p256(point)
            } else if curve == ObjectIdentifier.p384[...], Curve.p384.contains(point) {
                self = .p384(point)
            } else {
                throw .keyUnsupported
            }
        case ObjectIdentifier.rsaEncryption[...]:
            guard try algorithm.element(DERReader.Tag.null).isEmpty else { throw algorithm.fail("NULL has content") }
            try algorithm.finish()
            var outer = info.part(try info.bitString())
            var key = try outer.open(DERReader.Tag.sequence)
            try outer.finish()
            let modulus = Array(key.bytes[try key.unsignedInteger()].drop { $0 == 0 })
            let exponent = key.bytes[try key.unsignedInteger()]
            try key.finish()
            guard Self.rsaBytes.contains(modulus.count), modulus[0] & 0x80 != 0, modulus[modulus.count - 1] & 1 == 1,
                  exponent.elementsEqual([1, 0, 1]) else { throw .keyUnsupported }
            self = .rsa(modulus)
        default: throw .keyUnsupported
        }
        try info.finish()
    }
}
