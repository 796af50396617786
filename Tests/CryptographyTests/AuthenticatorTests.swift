import Cryptography
import Primitives
import Testing

@Suite struct AuthenticatorTests {
    struct Order: AccountSigned {
        var sender: Address
        var signedBody: UInt64
        var registersKeys = true
        var authenticator: Authenticator
        var signingDomain: SigningDomain { .transaction }
    }

    static let chain = ChainID(number: 4)
    static let keys = (1...5).map { SigningKey(number: $0) }
    static let group = MultisigKeys(threshold: 3, keys: keys.map(\.publicKey))!

    static func message(_ body: UInt64, chain: ChainID = chain) -> [UInt8] {
        SigningDomain.transaction.signedBytes(body, chainID: chain)
    }

    static func failure(_ order: Order) -> AuthenticationError? {
        do throws(AuthenticationError) {
            _ = try order.verified(chainID: chain)
            return nil
        } catch { return error }
    }

    /// Expected values: Python's hashlib on the definition.
    @Test func addressesAreTheHashOfSchemeAndKeys() {
        let keys = [1, 2, 3].map { PublicKey([UInt8](repeating: $0, count: 32))! }
        #expect(Address(of: keys[0]).hex == "dcffe786ded16d283c663846ad0c4ff26558fccd")
        let group = MultisigKeys(threshold: 2, keys: [keys[2], keys[0], keys[1]])!
        #expect(group.keys == keys)
        #expect(Address(of: group).hex == "9ce9b8dd1f5228998c2dfe326260b73e882c3235")
        #expect(Address(of: MultisigKeys(threshold: 1, keys: [keys[0]])!) != Address(of: keys[0]))
    }

    @Test func oneKeySpeaksForItsAccount() throws {
        let key = Self.keys[0]
        let good = Order(
            sender: Address(of: key.publicKey), signedBody: 7,
            authenticator: .single(key.publicKey, key.sign(UInt64(7), as: .transaction, chainID: Self.chain)))
        #expect(try good.verified(chainID: Self.chain).value.signedBody == 7)
        #expect(throws: AuthenticationError.signatureInvalid(key: 0)) { try good.verified(chainID: ChainID(number: 5)) }
        var changed = good
        changed.signedBody = 8
        #expect(Self.failure(changed) == .signatureInvalid(key: 0))
        var stolen = good
        stolen.sender = Address(of: Self.keys[1].publicKey)
        #expect(Self.failure(stolen) == .addressMismatch(expected: stolen.sender, found: good.sender))
    }

    @Test func theFirstMessageRegistersOnlyKeysOfPrimeOrder() throws {
        // Case 3 of the speccheck vectors: libsodium accepts the signature of a key of mixed order.
        struct Vector: Decodable { let message, pub_key, signature: Hex }
        let vector = try Vectors.list("ed25519-speccheck", of: Vector.self)[3]
        let authenticator = Authenticator.single(PublicKey(vector.pub_key), Signature(vector.signature))
        try authenticator.check(vector.message.bytes)
        #expect(throws: AuthenticationError.keyNotAcceptable(key: 0)) { try authenticator.checkKeys() }
        let order = Order(sender: authenticator.address, signedBody: 0, authenticator: authenticator)
        #expect(Self.failure(order) == .keyNotAcceptable(key: 0))
        try Authenticator.multisig(Self.group, MultisigSignature(signers: 0, signatures: [])!).checkKeys()
    }

    @Test func everyGroupOfExactlyTheThresholdSpeaks() throws {
        let sender = Address(of: Self.group)
        for mask in 0..<32 {
            let chosen = Self.group.keys.enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element)
            let signatures = chosen.map { key in Self.keys.first { $0.publicKey == key }!.sign(Self.message(1)) }
            let order = Order(sender: sender, signedBody: 1, authenticator: .multisig(
                Self.group, MultisigSignature(signers: UInt32(mask), signatures: signatures)!))
            let expected: AuthenticationError? =
                chosen.count == 3 ? nil : .signatureCount(found: chosen.count, threshold: 3)
            #expect(Self.failure(order) == expected)
        }
    }

    @Test func groupsRefuseStrangersAndForgeries() throws {
        let message = Self.message(1)
        let good = MultisigSignature(message, keys: Self.group, signingKeys: [Self.keys[4], Self.keys[0], Self.keys[2]])
        func failure(_ signature: MultisigSignature) -> AuthenticationError? {
            Self.failure(Order(
                sender: Address(of: Self.group), signedBody: 1, authenticator: .multisig(Self.group, signature)))
        }
        #expect(failure(good) == nil)
        let beyond = MultisigSignature(signers: 0b100011, signatures: good.signatures)!
        #expect(failure(beyond) == .signerUnknown)
        let positions = (0..<5).filter { good.signers >> UInt32($0) & 1 == 1 }
        for (place, position) in positions.enumerated() {
            var signatures = good.signatures
            signatures[place] = signatures[place].flipping(17)
            #expect(failure(MultisigSignature(signers: good.signers, signatures: signatures)!) == .signatureInvalid(key: position))
        }
        let swapped = MultisigSignature(signers: good.signers, signatures: good.signatures.reversed())!
        #expect(failure(swapped) == .signatureInvalid(key: positions[0]))
    }

    @Test func groupsAndSignaturesHaveOneEncoding() throws {
        let signature = MultisigSignature([1], keys: Self.group, signingKeys: Array(Self.keys[0..<3]))
        let authenticators: [Authenticator] = [
            .single(Self.keys[0].publicKey, Self.keys[0].sign([1])), .multisig(Self.group, signature),
        ]
        for authenticator in authenticators { #expect(try Authenticator(bcs: authenticator.bcs) == authenticator) }
        #expect(authenticators.map(\.signatureCount) == [1, 3])

        let keys = Self.group.keys
        #expect(MultisigKeys(threshold: 0, keys: keys) == nil)
        #expect(MultisigKeys(threshold: 6, keys: keys) == nil)
        #expect(MultisigKeys(threshold: 1, keys: []) == nil)
        #expect(MultisigKeys(threshold: 1, keys: [keys[0], keys[0]]) == nil)
        let many = (0...Limits.multisigKeysMax).map { PublicKey(number: UInt8($0)) }
        #expect(MultisigKeys(threshold: 1, keys: many) == nil)
        #expect(MultisigKeys(threshold: 1, keys: Array(many.dropFirst())) != nil)
        func refuses(_ bytes: [UInt8]) -> Bool { (try? MultisigKeys(bcs: bytes)) == nil }
        #expect(!refuses([2] + keys[0].bytes + keys[1].bytes + [2]))
        #expect(refuses([2] + keys[1].bytes + keys[0].bytes + [2]))
        #expect(refuses([2] + keys[0].bytes + keys[1].bytes + [3]))
        #expect((try? MultisigSignature(bcs: [3, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 64))) == nil)
        #expect((try? Authenticator(bcs: [2] + authenticators[0].bcs.dropFirst())) == nil)
    }

    @Test func aFullGroupUsesEveryBit() throws {
        let keys = (1...UInt8(Limits.multisigKeysMax)).map { SigningKey(number: $0) }
        let group = MultisigKeys(threshold: keys.count, keys: keys.map(\.publicKey))!
        let signature = MultisigSignature([9], keys: group, signingKeys: keys)
        #expect(signature.signers == .max)
        try Authenticator.multisig(group, signature).check([9])
    }
}
