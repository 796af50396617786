import COpenSSL
import Cryptography
import Primitives
import Testing

@Suite struct Ed25519Tests {
    @Test func signsAndVerifiesAsRFC8032Says() throws {
        struct Vector: Decodable { let name: String; let secret_key, public_key, message, signature: Hex }
        let vectors = try Vectors.list("ed25519-rfc8032", of: Vector.self)
        #expect(vectors.count == 5)
        for vector in vectors {
            let key = SigningKey(seed: SecretBytes(copying: vector.secret_key.bytes))
            #expect(key.publicKey == PublicKey(vector.public_key), "\(vector.name)")
            let signature = key.sign(vector.message.bytes)
            #expect(signature == Signature(vector.signature), "\(vector.name)")
            #expect(Ed25519.isValid(signature, of: vector.message.bytes, by: key.publicKey))
            #expect(Ed25519.isAcceptable(key.publicKey))
            #expect(key.seed.matches(SecretBytes(copying: vector.secret_key.bytes)))
        }
    }

    @Test func judgesTheSpeccheckCasesAsTheNetworkDoes() throws {
        struct Vector: Decodable {
            struct Verdicts: Decodable { let libsodium_1_0_18, node_strict: Bool }
            let `case`: Int, comment: String, message, pub_key, signature: Hex, accept: Verdicts
        }
        let vectors = try Vectors.list("ed25519-speccheck", of: Vector.self)
        #expect(vectors.count == 12)
        for vector in vectors {
            let key = PublicKey(vector.pub_key)
            let accepted = Ed25519.isValid(Signature(vector.signature), of: vector.message.bytes, by: key)
            #expect(accepted == vector.accept.libsodium_1_0_18, "case \(vector.case): \(vector.comment)")
            #expect((accepted && Ed25519.isAcceptable(key)) == vector.accept.node_strict, "case \(vector.case): \(vector.comment)")
        }
    }

    @Test func refusesEverySmallOrderPair() throws {
        struct Vector: Decodable {
            let key, signature: Hex, libsodium: Bool
            init(from decoder: any Decoder) throws {
                var fields = try decoder.unkeyedContainer()
                key = try fields.decode(Hex.self)
                signature = try fields.decode(Hex.self)
                _ = try fields.decode(Bool.self)
                _ = try fields.decode(Bool.self)
                libsodium = try fields.decode(Bool.self)
            }
        }
        let vectors = try Vectors.list("ed25519-zip215-small-order", of: Vector.self)
        #expect(vectors.count == 196)
        for vector in vectors {
            #expect(!vector.libsodium)
            #expect(!Ed25519.isValid(Signature(vector.signature), of: Array("Zcash".utf8), by: PublicKey(vector.key)))
            #expect(!Ed25519.isAcceptable(PublicKey(vector.key)))
        }
    }

    @Test func agreesWithWycheproof() throws {
        struct Vector: Decodable { let tcId: Int, pk, msg, sig: Hex, valid: Bool }
        let vectors = try Vectors.list("ed25519-wycheproof", of: Vector.self)
        #expect(vectors.count == 151)
        for vector in vectors {
            // A signature of another length is no `Signature`, which is a refusal.
            let accepted = Signature(vector.sig.bytes).map {
                Ed25519.isValid($0, of: vector.msg.bytes, by: PublicKey(vector.pk))
            }
            #expect((accepted ?? false) == vector.valid, "tcId \(vector.tcId)")
        }
    }

    @Test func everyFlippedBitIsRefused() {
        let key = SigningKey(number: 1)
        let message = Array("one bit is enough".utf8)
        let signature = key.sign(message)
        for bit in 0..<(8 * Signature.byteCount) {
            #expect(!Ed25519.isValid(signature.flipping(bit), of: message, by: key.publicKey))
        }
        for bit in 0..<(8 * PublicKey.byteCount) {
            #expect(!Ed25519.isValid(signature, of: message, by: key.publicKey.flipping(bit)))
        }
        for bit in 0..<(8 * message.count) {
            #expect(!Ed25519.isValid(signature, of: message.flipping(bit), by: key.publicKey))
        }
    }

    /// OpenSSL signs and judges ordinary and damaged signatures of ordinary keys as libsodium does.
    @Test func agreesWithOpenSSLOnOrdinaryKeys() {
        var random = SeededGenerator(seed: 20_26)
        var accepted = 0
        for round in 0..<400 {
            let seed = random.bytes(32)
            let key = SigningKey(seed: SecretBytes(copying: seed))
            var message = random.bytes(Int(random.next() % 300))
            var signature = key.sign(message)
            #expect(signature.bytes == OpenSSLEd25519.sign(message, seed: seed))
            switch round % 4 {
            case 0: break
            case 1: signature = signature.flipping(Int(random.next() % 512))
            case 2: if !message.isEmpty { message = message.flipping(Int(random.next() % UInt64(8 * message.count))) }
            default: signature = Signature(random.bytes(64))!
            }
            let verdict = Ed25519.isValid(signature, of: message, by: key.publicKey)
            #expect(verdict == OpenSSLEd25519.isValid(signature.bytes, of: message, by: key.publicKey.bytes))
            accepted += verdict ? 1 : 0
        }
        #expect(accepted >= 100)
    }

    @Test func registrationWantsPrimeOrderAndPossession() throws {
        let chain = ChainID(number: 7), key = SigningKey(number: 1), other = SigningKey(number: 2)
        let account = Address(truncating: Digest(number: 1))
        let proof = key.provePossession(for: account, chainID: chain)
        #expect(!Ed25519.isRegistrable(key.publicKey, for: Address(), possession: proof, chainID: chain))
        #expect(Ed25519.isRegistrable(key.publicKey, for: account, possession: proof, chainID: chain))
        #expect(!Ed25519.isRegistrable(other.publicKey, for: account, possession: proof, chainID: chain))
        #expect(!Ed25519.isRegistrable(key.publicKey, for: account, possession: proof, chainID: ChainID(number: 8)))
        #expect(!Ed25519.isRegistrable(key.publicKey, for: account, possession: key.sign(key.publicKey.bytes), chainID: chain))
    }

    @Test func aSignatureIsWorthNothingElsewhere() {
        struct Note: Signed {
            var signingDomain: SigningDomain
            var signedBody: UInt64
            var signature: Signature
        }
        let key = SigningKey(number: 3), chain = ChainID(number: 1)
        let signature = key.sign(UInt64(5), as: .hello, chainID: chain)
        let note = Note(signingDomain: .hello, signedBody: 5, signature: signature)
        #expect(Ed25519.verify(note, by: key.publicKey, chainID: chain)?.value.signedBody == 5)
        #expect(Ed25519.verify(note, by: key.publicKey, chainID: ChainID(number: 2)) == nil)
        #expect(Ed25519.verify(note, by: SigningKey(number: 4).publicKey, chainID: chain) == nil)
        for domain in SigningDomain.allCases where domain != .hello {
            let other = Note(signingDomain: domain, signedBody: 5, signature: signature)
            #expect(Ed25519.verify(other, by: key.publicKey, chainID: chain) == nil)
        }
    }
}

/// Ed25519 of an independent library, for ordinary keys only: the two disagree on small-order points.
enum OpenSSLEd25519 {
    static func sign(_ message: [UInt8], seed: [UInt8]) -> [UInt8] {
        let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
        let context = EVP_MD_CTX_new()
        defer { EVP_PKEY_free(key); EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 64), length = 64
        precondition(EVP_DigestSignInit(context, nil, nil, nil, key) == 1)
        precondition(EVP_DigestSign(context, &signature, &length, message, message.count) == 1 && length == 64)
        return signature
    }

    static func isValid(_ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]) -> Bool {
        let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count)
        let context = EVP_MD_CTX_new()
        defer { EVP_PKEY_free(key); EVP_MD_CTX_free(context) }
        precondition(EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1)
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
