import Cryptography
import Foundation
import Primitives
import Testing
@testable import Keystore

/// The format: what is written, what is read, and what is refused.
@Suite struct KeyFileTests {
    struct Vector: Decodable { let role, seed, passphrase: String, ops, mem: Int, salt, nonce, json: String }

    static let key = RoleKey(role: .account, seed: SecretBytes(copying: [UInt8](repeating: 7, count: 32)))
    static func file(_ passphrase: String = "secret") throws -> KeyFile {
        try KeyFile(key, passphrase: Passphrase(text: passphrase), cost: .cheap)
    }

    @Test func filesAreThoseOfTheVectors() throws {
        let vectors = try Vectors.list("key-files", of: Vector.self)
        #expect(vectors.map(\.role) == KeyRole.allCases.map(\.description))
        for vector in vectors {
            let key = RoleKey(role: try #require(KeyRole(name: vector.role)), seed: SecretBytes(hex: vector.seed))
            let passphrase = try Passphrase(text: vector.passphrase)
            let written = try KeyFile(
                key, passphrase: passphrase,
                cost: try #require(Argon2id.Parameters(passes: vector.ops, memoryBytes: vector.mem)),
                salt: [UInt8](hex: vector.salt)!, nonce: XChaCha20Poly1305.Nonce(hex: vector.nonce)!)
            #expect(String(decoding: written.json, as: UTF8.self) == vector.json)
            let read = try KeyFile(json: Array(vector.json.utf8))
            #expect(read == written)
            #expect(try read.open(passphrase).seed.hex == vector.seed)
        }
    }

    @Test(arguments: KeyRole.allCases) func whatGoesInComesOut(role: KeyRole) throws {
        let key = RoleKey.generate(role)
        let file = try KeyFile(json: KeyFile(key, passphrase: try Passphrase(text: "a"), cost: .cheap).json)
        #expect(file.role == role && file.publicKeyBytes == key.publicKeyBytes && file.address == key.address)
        let opened = try file.open(try Passphrase(text: "a"))
        #expect(opened.seed.matches(key.seed) && opened.role == role)
        #expect((opened.vrfKey == nil) == (role != .vrf) && (opened.sealingKey == nil) == (role != .sealing))
        #expect((opened.signingKey == nil) == (role == .vrf || role == .sealing))
        #expect(opened.publicKeyBytes == opened.signingKey?.publicKey.bytes ?? opened.vrfKey?.publicKey.bytes ?? opened.sealingKey?.publicKey.bytes)
        #expect((opened.address == nil) == (role != .account))
    }

    @Test func theUsualCostIsThatOfTheDesign() throws {
        let file = try KeyFile(Self.key, passphrase: .none)
        #expect(String(decoding: file.json, as: UTF8.self).contains(#""ops": 3, "mem": 268435456"#))
        #expect(try file.open(.none).seed.matches(Self.key.seed))
    }

    @Test func twoFilesOfOneKeyShareNothingSecret() throws {
        let one = try Self.file(), other = try Self.file()
        #expect(one.salt != other.salt && one.nonce != other.nonce && one.ciphertext != other.ciphertext)
    }

    @Test func aWrongPassphraseIsNotADamagedFile() throws {
        let file = try Self.file()
        for wrong in ["", "Secret", "secret ", "secre", "sécret"] {
            #expect(code { _ = try file.open(try Passphrase(text: wrong)) } == .wrongPassphrase)
        }
        #expect(code { _ = try file.open(try Passphrase(text: "secret")) } == nil)
    }

    @Test func theSameTextIsTheSamePassphrase() throws {
        let file = try Self.file("caf\u{e9}")
        #expect(try file.open(try Passphrase(text: "cafe\u{301}")).seed.matches(Self.key.seed))
    }

    @Test func passphrasesAreBoundedAndWiped() throws {
        var long = [UInt8](repeating: 97, count: 1025), broken: [UInt8] = [0xc3, 0x28], good = Array("hunter2".utf8)
        #expect(code { _ = try Passphrase(wiping: &long) } == .passphraseInvalid)
        #expect(code { _ = try Passphrase(wiping: &broken) } == .passphraseInvalid)
        let passphrase = try Passphrase(wiping: &good)
        #expect(long.isEmpty && broken.isEmpty && good.isEmpty)
        #expect(!"\(passphrase)".contains("hunter2"))
    }

    @Test(arguments: [KeyRole.account, .vrf]) func everyFlippedBitIsNoticed(role: KeyRole) throws {
        let file = try KeyFile(RoleKey.generate(role), passphrase: .none, cost: .cheap)
        let json = file.json
        for bit in 0..<(8 * json.count) {
            var altered = json
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            let found = code { _ = try KeyFile(json: altered) }
            let expected: Set<KeystoreError.Code> = [.damaged, .versionUnsupported, .algorithmUnsupported, .costOutOfBounds]
            #expect(found.map(expected.contains) == true, "bit \(bit): \(found?.rawValue ?? "accepted")")
        }
    }

    @Test func everyMissingByteIsNoticed() throws {
        let json = try Self.file().json
        // The last one is the line's end, which nobody needs.
        for count in 0..<(json.count - 1) { #expect(code { _ = try KeyFile(json: Array(json.prefix(count))) } == .damaged) }
    }

    /// Somebody who alters a field and makes the checksum right again still does not get past the encryption.
    @Test func everyFieldIsUnderTheEncryption() throws {
        let file = try Self.file(), secret = try Passphrase(text: "secret")
        func altered(
            role: KeyRole? = nil, publicKeyBytes: [UInt8]? = nil, cost: Argon2id.Parameters? = nil, salt: [UInt8]? = nil,
            nonce: XChaCha20Poly1305.Nonce? = nil, ciphertext: [UInt8]? = nil
        ) throws -> KeyFile {
            let forged = KeyFile(
                role: role ?? file.role, publicKeyBytes: publicKeyBytes ?? file.publicKeyBytes, cost: cost ?? file.cost,
                salt: salt ?? file.salt, nonce: nonce ?? file.nonce, ciphertext: ciphertext ?? file.ciphertext)
            return try KeyFile(json: forged.json)
        }
        func flipped(_ bytes: [UInt8], _ bit: Int) -> [UInt8] {
            var copy = bytes
            copy[bit / 8] ^= 1 << UInt8(bit % 8)
            return copy
        }
        #expect(try altered().open(secret).seed.matches(Self.key.seed))
        #expect(code { _ = try altered(role: .validator).open(secret) } == .wrongPassphrase)
        #expect(code { _ = try altered(cost: Argon2id.Parameters(passes: 2, memoryBytes: 8192)).open(secret) } == .wrongPassphrase)
        // libsodium computes in whole kibibytes, so that 8193 bytes give the key of 8192.
        #expect(code { _ = try altered(cost: Argon2id.Parameters(passes: 1, memoryBytes: 8193)).open(secret) } == .wrongPassphrase)
        for bit in stride(from: 0, to: 8 * 32, by: 13) {
            #expect(code { _ = try altered(publicKeyBytes: flipped(file.publicKeyBytes, bit)).open(secret) } == .wrongPassphrase)
        }
        for bit in 0..<(8 * 16) { #expect(code { _ = try altered(salt: flipped(file.salt, bit)).open(secret) } == .wrongPassphrase) }
        for bit in 0..<(8 * 24) {
            let nonce = XChaCha20Poly1305.Nonce(flipped(file.nonce.bytes, bit))!
            #expect(code { _ = try altered(nonce: nonce).open(secret) } == .wrongPassphrase)
        }
        for bit in 0..<(8 * 48) {
            #expect(code { _ = try altered(ciphertext: flipped(file.ciphertext, bit)).open(secret) } == .wrongPassphrase)
        }
    }

    /// `field` of a good file with another value, as text.
    private static func replacing(_ old: String, _ new: String) throws -> [UInt8] {
        let text = String(decoding: try file().json, as: UTF8.self)
        precondition(text.contains(old))
        return Array(text.replacingOccurrences(of: old, with: new).utf8)
    }

    @Test(arguments: ["0", "-1", "17", "1000000", "9223372036854775807"]) func absurdPassesAreRefused(ops: String) throws {
        let json = try Self.replacing("\"ops\": 1", "\"ops\": \(ops)")
        #expect(code { _ = try KeyFile(json: json) } == .costOutOfBounds)
    }

    @Test(arguments: ["0", "-8192", "8191", "1073741825", "1099511627776", "9223372036854775807"]) func absurdMemoryIsRefused(mem: String) throws {
        let json = try Self.replacing("\"mem\": 8192", "\"mem\": \(mem)")
        #expect(code { _ = try KeyFile(json: json) } == .costOutOfBounds)
    }

    @Test(arguments: [
        ("\"version\": 1", "\"version\": 2", KeystoreError.Code.versionUnsupported),
        ("\"version\": 1", "\"version\": -1", .versionUnsupported),
        ("\"version\": 1", "\"version\": \"1\"", .damaged),
        ("argon2id", "scrypt", .algorithmUnsupported),
        ("xchacha20poly1305", "aes-256-gcm", .algorithmUnsupported),
        ("\"ops\": 1", "\"ops\": 1e400", .damaged),
        ("\"mem\": 8192", "\"mem\": 99999999999999999999999", .damaged),
        ("\"mem\": 8192", "\"mem\": 8192.5", .damaged),
        ("\"role\": \"account\"", "\"role\": \"emperor\"", .damaged),
        ("\"role\": \"account\"", "\"role\": \"node\"", .damaged),
        ("\"cipher\"", "\"comment\": \"hello\", \"cipher\"", .damaged),
        ("\"name\"", "\"lanes\": 1, \"name\"", .damaged),
        ("}\n", "} {}\n", .damaged),
    ])
    func whatIsUnknownIsRefused(_ old: String, _ new: String, _ expected: KeystoreError.Code) throws {
        let json = try Self.replacing(old, new)
        #expect(code { _ = try KeyFile(json: json) } == expected)
    }

    @Test func aNewerVersionMayHaveAnyFields() {
        #expect(code { _ = try KeyFile(json: Array(#"{"version": 2, "kdf": 7, "new": []}"#.utf8)) } == .versionUnsupported)
    }

    @Test func otherBlanksAndOrdersAreRead() throws {
        let file = try Self.file()
        let object = try #require(try JSONSerialization.jsonObject(with: Data(file.json)) as? [String: Any])
        for options in [[], .prettyPrinted, .sortedKeys] as [JSONSerialization.WritingOptions] {
            let other = try JSONSerialization.data(withJSONObject: object, options: options)
            #expect(try KeyFile(json: [UInt8](other)) == file)
        }
        let padded = file.json + [UInt8](repeating: 32, count: KeyFile.jsonBytesMax - file.json.count)
        #expect(try KeyFile(json: padded) == file)
        #expect(code { _ = try KeyFile(json: padded + [32]) } == .damaged)
    }

    @Test func nestingIsNoTrap() {
        let deep = Array(repeatElement(UInt8(ascii: "["), count: 4096))
        #expect(code { _ = try KeyFile(json: deep) } == .damaged)
    }
}
