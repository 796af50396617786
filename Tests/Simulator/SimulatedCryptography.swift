public import Consensus
import Cryptography
@_spi(Verification) public import Primitives

/// Signatures for simulations: a keyed hash that costs a few nanoseconds. Hashes are the real ones, because agreement is
/// about them.
///
/// Anyone could compute such a signature from the public key, and within a simulation only this file can: a replica and an
/// adversary hold a ``SimulatedSigner`` of their own key, and have the signatures of others only as those sent them.
public struct SimulatedSigner: ReplicaCryptography {
    let key: PublicKey
    fileprivate let secret: UInt64

    init(_ key: PublicKey) {
        self.key = key
        secret = KeyedHash.secret(of: key.bytes)
    }

    public func hash(_ domain: HashDomain, _ bytes: [UInt8]) -> Digest { SHA256.hash(domain, bytes) }

    public func transactionsRoot(of envelopeHashes: [Digest]) -> Digest {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32 * envelopeHashes.count)
        for hash in envelopeHashes { withUnsafeBytes(of: hash) { bytes.append(contentsOf: $0) } }
        return SHA256.hash(bytes)
    }

    public func sign(_ bytes: [UInt8]) -> Signature { KeyedHash.signature(bytes, secret) }

    func vote<Statement: ConsensusStatement>(_ statement: Statement, as signer: ValidatorIndex) -> Vote<Statement> {
        let bytes = Statement.signingDomain.signedBytes(statement, chainID: Keys.chainID)
        return Vote(signer: signer, statement: statement, signature: sign(bytes))
    }
}

/// Verifies simulated signatures against the sets of some epochs, as the real verifier does with real ones.
struct SimulatedChecker: SignatureChecker {
    let sets: [ValidatorSet]

    func verify<Message: ValidatorSigned>(_ message: Message) throws(SignatureError) -> Verified<Message> {
        guard let set = sets.first(where: { $0.epoch == message.epoch }) else { throw .epochUnknown(message.epoch) }
        guard let validator = set[message.signer] else { throw .signerUnknown(message.signer, message.epoch) }
        let bytes = message.signingDomain.signedBytes(message.signedBody, chainID: Keys.chainID)
        guard KeyedHash.signature(bytes, KeyedHash.secret(of: validator.consensusKey.bytes)) == message.signature else {
            throw .signatureInvalid(message.signer)
        }
        try message.verifyEmbedded(with: self)
        return Verified(checked: message)
    }

    func verify<Certificate: QuorumCertificate>(
        _ certificate: Certificate
    ) throws(CertificateError) -> Verified<Certificate> {
        guard let set = sets.first(where: { $0.epoch == certificate.epoch }) else { throw .epochUnknown(certificate.epoch) }
        let bytes = Certificate.signingDomain.signedBytes(certificate.statement, chainID: Keys.chainID)
        var weight: UInt64 = 0
        var last = -1
        for entry in certificate.signatures {
            guard Int(entry.signer.rawValue) > last else { throw .signerNotAscending(entry.signer) }
            last = Int(entry.signer.rawValue)
            guard let validator = set[entry.signer] else { throw .signerUnknown(entry.signer, certificate.epoch) }
            guard KeyedHash.signature(bytes, KeyedHash.secret(of: validator.consensusKey.bytes)) == entry.signature else {
                throw .signatureInvalid(entry.signer)
            }
            weight += validator.weight
        }
        guard 3 * weight > 2 * set.totalWeight else { throw .quorumMissing(weight: weight, total: set.totalWeight) }
        return Verified(checked: certificate)
    }
}

/// The keys of a simulated network, by number.
enum Keys {
    static let chainID = ChainID(Array(repeating: 7, count: 32))!

    static func consensus(_ number: Int) -> PublicKey { PublicKey(SHA256.hash([1, UInt8(number >> 8), UInt8(number & 255)]).bytes)! }
    static func vrf(_ number: Int) -> VRFPublicKey { VRFPublicKey(SHA256.hash([2, UInt8(number >> 8), UInt8(number & 255)]).bytes)! }

    /// What stands for a VRF: one value per key and parent beacon, that only the key's holder makes.
    static func proof(_ key: VRFPublicKey, _ parent: Beacon) -> VRFProof {
        let half = KeyedHash.signature(parent.bytes, KeyedHash.secret(of: key.bytes)).bytes
        return VRFProof(half + half.prefix(16))!
    }

    static func beacon(_ proof: VRFProof, _ parent: Beacon) -> Beacon { Beacon(SHA256.hash(.beacon, parent.bytes + proof.bytes).bytes)! }
}

/// Mixes bytes under a key, eight at a time; good enough that no two signed texts of a run collide, and nothing more.
enum KeyedHash {
    static func mix(_ seed: UInt64, _ bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { source in
            var state = seed ^ UInt64(source.count)
            var offset = 0
            while offset + 8 <= source.count {
                state = fold(state ^ UInt64(littleEndian: source.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
                offset += 8
            }
            var tail: UInt64 = 0
            while offset < source.count {
                tail = tail << 8 | UInt64(source[offset])
                offset += 1
            }
            return fold(state ^ tail)
        }
    }

    static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return product.high ^ product.low ^ 0xd6e8_feb8_6659_fd93
    }

    fileprivate static func secret(of key: [UInt8]) -> UInt64 { mix(0x5ec4_e75e, key) }

    fileprivate static func signature(_ bytes: [UInt8], _ secret: UInt64) -> Signature {
        let first = mix(secret, bytes)
        let second = mix(~secret, bytes)
        var signature = Signature()
        signature.words = (first, second, fold(first), fold(second), first ^ second, secret & 0, 1, 2)
        return signature
    }
}
