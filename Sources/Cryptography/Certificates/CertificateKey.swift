import COpenSSL
public import Primitives

/// The public key of a certificate, of the kinds that are accepted.
///
/// What a signature must be is said here to the last bit, because nodes must agree on it:
/// - Ed25519: 64 bytes; the key of prime order, the signature by the one rule of ``Ed25519``.
/// - ECDSA on P-256 or P-384: r ‖ s, each as long as the order, in 1 … n − 1 (FIPS 186-5 §6.4.2). s may be in the upper half, as most
///   programs make it: nothing is ever told apart by the bytes of a signature.
/// - RSA with an odd modulus of 2048 to 4096 bits in whole bytes and the exponent 65537: PKCS#1 v1.5 (RFC 8017 §8.2.2), exactly as many
///   bytes as the modulus, a number below it, compared with the one right encoding byte by byte. PSS is left out: it has parameters to
///   disagree on, and any number of signatures of one message; v1.5 has one, and every program makes it.
public enum CertificateKey: Hashable, Sendable {
    case ed25519(PublicKey)
    /// 04 ‖ x ‖ y, a point of the curve.
    case p256([UInt8])
    case p384([UInt8])
    /// The modulus, most significant byte first.
    case rsa([UInt8])

    /// A hash that is signed.
    public enum Hash: Sendable { case sha256, sha384, sha512 }

    static let rsaBytes = 256...512

    /// Whether `signature` in the fixed form above holds over `message`. Ed25519 hashes by itself, whatever `hash` says.
    public func isValid(_ signature: [UInt8], of message: [UInt8], hash: Hash = .sha256) -> Bool {
        switch self {
        case .ed25519(let key):
            guard let signature = Signature(signature) else { return false }
            return Ed25519.isValid(signature, of: message, by: key)
        case .p256(let point): return Curve.p256.isValid(signature, of: hash.digest(message), by: point)
        case .p384(let point): return Curve.p384.isValid(signature, of: hash.digest(message), by: point)
        case .rsa(let modulus):
            guard signature.count == modulus.count else { return false }
            var opened = [UInt8](repeating: 0, count: modulus.count)
            let result = trellis_rsa_open(modulus, modulus.count, signature, &opened)
            precondition(result >= 0, "no memory")
            return result == 1 && opened == hash.encoded(message, in: modulus.count)
        }
    }

    /// Bytes of a signature in the fixed form.
    public var signatureBytes: Int {
        switch self {
        case .ed25519: Signature.byteCount
        case .p256: 2 * Curve.p256.size
        case .p384: 2 * Curve.p384.size
        case .rsa(let modulus): modulus.count
        }
    }
}

/// A curve of prime order, by OpenSSL's arithmetic.
struct Curve: @unchecked Sendable {
    static let p256 = Curve(trellis_curve_p256(), size: 32)
    static let p384 = Curve(trellis_curve_p384(), size: 48)

    /// Never written after it was made, and never freed.
    private let group: OpaquePointer
    /// Bytes of a coordinate and of the order.
    let size: Int

    private init(_ group: OpaquePointer?, size: Int) {
        guard let group else { preconditionFailure("OpenSSL does not know a standard curve") }
        self.group = group
        self.size = size
    }

    func contains(_ point: [UInt8]) -> Bool {
        guard point.count == 1 + 2 * size, point[0] == 4 else { return false }
        let result = trellis_ec_point_valid(group, point, point.count)
        precondition(result >= 0, "no memory")
        return result == 1
    }

    func isValid(_ signature: [UInt8], of digest: [UInt8], by point: [UInt8]) -> Bool {
        guard signature.count == 2 * size else { return false }
        let result = trellis_ecdsa_verify(group, point, point.count, digest, digest.count, signature, size)
        precondition(result >= 0, "no memory")
        return result == 1
    }
}

extension CertificateKey.Hash {
    func digest(_ message: [UInt8]) -> [UInt8] {
        switch self {
        case .sha256: return SHA256.hash(message).bytes
        case .sha384:
            var digest = [UInt8](repeating: 0, count: 48)
            trellis_sha384(message, message.count, &digest)
            return digest
        case .sha512:
            var digest = [UInt8](repeating: 0, count: 64)
            trellis_sha512(message, message.count, &digest)
            return digest
        }
    }

    /// EMSA-PKCS1-v1_5 (RFC 8017 §9.2): 00 01 FF … FF 00, then the hash's DigestInfo with its NULL.
    func encoded(_ message: [UInt8], in length: Int) -> [UInt8] {
        let last: UInt8 = switch self {
        case .sha256: 1
        case .sha384: 2
        case .sha512: 3
        }
        let digest = digest(message)
        let size = UInt8(digest.count)
        let info: [UInt8] = [0x30, 0x11 + size, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, last, 5, 0, 4, size] + digest
        return [0, 1] + [UInt8](repeating: 0xff, count: length - info.count - 3) + [0] + info
    }
}
