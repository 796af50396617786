import Cryptography
import Primitives

/// The certificate of a node: a fixed X.509 form around its Ed25519 key, signed by that key (RFC 5280, RFC 8410).
///
/// It says nothing but the key. Names, dates and serial number are constants, and a certificate is accepted only if it is, byte
/// for byte, the one that its key would have: nothing of it is parsed, and there is no second certificate for the same key.
enum NodeCertificate {
    /// The certificate of `key`, in DER.
    static func make(for key: SigningKey) -> [UInt8] {
        let body = body(for: key.publicKey)
        return assemble(body, signature: key.sign(body))
    }

    /// The key of which `certificate` is the certificate.
    static func key(of certificate: [UInt8]) throws(NetworkError) -> PublicKey {
        guard certificate.count == byteCount else {
            throw NetworkError(.certificateMalformed, "\(certificate.count) bytes instead of \(byteCount)")
        }
        let key = PublicKey(certificate[keyRange])!, signature = Signature(certificate.suffix(Signature.byteCount))!
        let body = body(for: key)
        guard certificate == assemble(body, signature: signature) else {
            throw NetworkError(.certificateMalformed, "not the certificate of a node")
        }
        guard Ed25519.isAcceptable(key) else { throw NetworkError(.certificateKey, "the key is not canonical and of prime order") }
        guard Ed25519.isValid(signature, of: body, by: key) else {
            throw NetworkError(.certificateSignature, "the certificate is not signed by its key")
        }
        return key
    }

    // MARK: DER

    /// id-Ed25519, 1.3.101.112.
    private static let algorithm = sequence([0x06, 0x03, 0x2b, 0x65, 0x70])
    private static let prefix: [UInt8] = {
        let version = element(0xa0, [0x02, 0x01, 0x02]), serialNumber: [UInt8] = [0x02, 0x01, 0x01]
        // A single common name (2.5.4.3); issuer and subject are the same.
        let commonName = sequence([0x06, 0x03, 0x55, 0x04, 0x03] + element(0x0c, Array("trellis node".utf8)))
        let name = sequence(element(0x31, commonName))
        // RFC 5280 §4.1.2.5 has the second date for certificates without an end.
        let validity = sequence(element(0x17, Array("700101000000Z".utf8)) + element(0x18, Array("99991231235959Z".utf8)))
        return version + serialNumber + algorithm + name + validity + name
    }()

    private static func body(for key: PublicKey) -> [UInt8] {
        sequence(prefix + sequence(algorithm + element(0x03, [0] + key.bytes)))
    }

    private static func assemble(_ body: [UInt8], signature: Signature) -> [UInt8] {
        sequence(body + algorithm + element(0x03, [0] + signature.bytes))
    }

    private static let byteCount = assemble(body(for: PublicKey()), signature: Signature()).count
    /// The key ends the signed body, and the rest is the algorithm and the signature.
    private static let keyRange: Range<Int> = {
        let end = byteCount - algorithm.count - element(0x03, [0] + Signature().bytes).count
        return end - PublicKey.byteCount..<end
    }()

    private static func sequence(_ content: [UInt8]) -> [UInt8] { element(0x30, content) }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        precondition(content.count < 256)
        return content.count < 128 ? [tag, UInt8(content.count)] + content : [tag, 0x81, UInt8(content.count)] + content
    }
}
