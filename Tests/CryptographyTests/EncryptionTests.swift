import CSodium
import Cryptography
import Primitives
import Testing

@Suite struct EncryptionTests {
    static let message = Array("to whom it concerns".utf8)

    /// draft-irtf-cfrg-xchacha-03, Appendix A.3.1.
    @Test func encryptsAsTheDraftSays() throws {
        let plaintext = Array("""
            Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.
            """.utf8)
        let key = SecretBytes(copying: [UInt8](0x80...0x9f))
        let nonce = XChaCha20Poly1305.Nonce([UInt8](0x40...0x57))!
        let data = [UInt8](hex: "50515253c0c1c2c3c4c5c6c7")!
        let sealed = XChaCha20Poly1305.seal(SecretBytes(copying: plaintext), key: key, nonce: nonce, additionalData: data)
        #expect(sealed.hex == "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
            + "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
            + "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
            + "21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49")
        let opened = try #require(XChaCha20Poly1305.open(sealed, key: key, nonce: nonce, additionalData: data))
        #expect(opened.matches(SecretBytes(copying: plaintext)))
    }

    @Test func anyChangeIsNoticed() {
        let key = SecretBytes(copying: [UInt8](repeating: 1, count: 32)), nonce = XChaCha20Poly1305.Nonce(number: 2)
        let sealed = XChaCha20Poly1305.seal(SecretBytes(copying: Self.message), key: key, nonce: nonce, additionalData: [3])
        func opens(
            _ sealed: [UInt8], key: SecretBytes = key, nonce: XChaCha20Poly1305.Nonce = nonce, data: [UInt8] = [3]
        ) -> Bool { XChaCha20Poly1305.open(sealed, key: key, nonce: nonce, additionalData: data) != nil }
        #expect(opens(sealed))
        for bit in 0..<(8 * sealed.count) { #expect(!opens(sealed.flipping(bit))) }
        #expect(!opens(sealed, key: SecretBytes(copying: [UInt8](repeating: 4, count: 32))))
        #expect(!opens(sealed, nonce: XChaCha20Poly1305.Nonce(number: 5)))
        #expect(!opens(sealed, data: []))
        for count in 0..<sealed.count { #expect(!opens(Array(sealed.prefix(count)))) }
    }

    @Test func emptyMessagesHaveBoxesToo() throws {
        let key = SecretBytes(copying: [UInt8](repeating: 1, count: 32)), nonce = XChaCha20Poly1305.Nonce(number: 2)
        let empty = SecretBytes(copying: [])
        #expect(XChaCha20Poly1305.open(XChaCha20Poly1305.seal(empty, key: key, nonce: nonce), key: key, nonce: nonce)?.count == 0)
        let recipient = SealingKey(seed: key)
        let box = try #require(recipient.publicKey.seal(empty, ephemeralSeed: SecretBytes(copying: [UInt8](repeating: 9, count: 32))))
        #expect(recipient.open(box)?.count == 0)
    }

    /// Our boxes open with `crypto_box_seal_open`, whose own boxes open here.
    @Test func boxesAreThoseOfLibsodium() throws {
        let recipient = SealingKey(seed: SecretBytes(copying: [UInt8](repeating: 7, count: 32)))
        var publicKey = [UInt8](repeating: 0, count: 32), secretKey = publicKey
        #expect(crypto_box_seed_keypair(&publicKey, &secretKey, [UInt8](repeating: 7, count: 32)) == 0)
        #expect(recipient.publicKey.bytes == publicKey)

        let seed = SecretBytes(copying: [UInt8](repeating: 8, count: 32))
        let ours = try #require(recipient.publicKey.seal(SecretBytes(copying: Self.message), ephemeralSeed: seed))
        var opened = [UInt8](repeating: 0, count: Self.message.count)
        #expect(crypto_box_seal_open(&opened, ours, UInt64(ours.count), publicKey, secretKey) == 0)
        #expect(opened == Self.message)

        var theirs = [UInt8](repeating: 0, count: Self.message.count + SealingPublicKey.overheadBytes)
        #expect(crypto_box_seal(&theirs, Self.message, UInt64(Self.message.count), publicKey) == 0)
        #expect(recipient.open(theirs)?.matches(SecretBytes(copying: Self.message)) == true)
    }

    @Test func boxesOpenForTheirRecipientAlone() throws {
        let recipient = SealingKey(seed: SecretBytes(copying: [UInt8](repeating: 7, count: 32)))
        let stranger = SealingKey(seed: SecretBytes(copying: [UInt8](repeating: 6, count: 32)))
        let seed = SecretBytes(copying: [UInt8](repeating: 8, count: 32))
        let box = try #require(recipient.publicKey.seal(SecretBytes(copying: Self.message), ephemeralSeed: seed))
        #expect(recipient.open(box) != nil)
        #expect(stranger.open(box) == nil)
        // Curve25519 ignores the top bit of a public key, but the box's nonce covers it.
        for bit in 0..<(8 * box.count) { #expect(recipient.open(box.flipping(bit)) == nil, "bit \(bit)") }
        for count in 0..<box.count { #expect(recipient.open(Array(box.prefix(count))) == nil) }
        // A key of small order would make the shared secret public.
        #expect(SealingPublicKey().seal(SecretBytes(copying: Self.message), ephemeralSeed: seed) == nil)
    }

    @Test func secretsShowNothing() {
        var bytes = Array("hunter2".utf8)
        let secret = SecretBytes(wiping: &bytes)
        #expect(bytes.isEmpty)
        #expect("\(secret)" == "SecretBytes(7)")
        #expect(String(reflecting: secret) == "SecretBytes(7)")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("hunter2") && !dumped.contains("0x"))
        #expect(secret.matches(SecretBytes(copying: Array("hunter2".utf8))))
        #expect(!secret.matches(SecretBytes(copying: Array("hunter3".utf8))))
        #expect(!secret.matches(SecretBytes(copying: Array("hunter".utf8))))
    }
}
