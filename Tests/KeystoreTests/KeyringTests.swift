import Cryptography
import Foundation
import Primitives
import Testing
@testable import Keystore

@Suite struct KeyringTests {
    static let name = KeyName("alice-1")!

    private func never() throws(KeystoreError) -> Passphrase {
        Issue.record("asked for a passphrase")
        return .none
    }

    @Test func theOptionChooses() {
        #expect(Keyring("file", directory: "d") == .file(directory: "d"))
        #expect(Keyring("env", directory: "d") == .environment)
        #expect(Keyring("test", directory: "d") == .test)
        for option in ["", "File", "os", "memory"] { #expect(Keyring(option, directory: "d") == nil) }
        #expect(Keyring.file(directory: "d").warning == nil)
        #expect(Keyring.environment.warning != nil)
        #expect(Keyring.test.warning?.contains("public") == true)
    }

    @Test func filesAreKeptAndFound() throws {
        let scratch = Scratch(), keyring = Keyring.file(directory: scratch.path + "/keys"), key = RoleKey.generate(.validator)
        let passphrase = try Passphrase(text: "p")
        #expect(try keyring.names() == [])
        #expect(code { _ = try keyring.key(Self.name, role: .validator, passphrase: never) } == .notFound)
        try keyring.store(key, as: Self.name, passphrase: passphrase, cost: .cheap)
        try keyring.store(.generate(.node), as: KeyName("zoe")!, passphrase: passphrase, cost: .cheap)
        #expect(code { try keyring.store(key, as: Self.name, passphrase: passphrase, cost: .cheap) } == .alreadyExists)
        #expect(try keyring.names().map(\.text) == ["alice-1", "zoe"])
        let found = try keyring.key(Self.name, role: .validator) { () throws(KeystoreError) in passphrase }
        #expect(found.seed.matches(key.seed))
        #expect(code { _ = try keyring.key(Self.name, role: .account, passphrase: never) } == .roleMismatch)
        var status = stat()
        #expect(stat(scratch.path + "/keys", &status) == 0 && status.st_mode & 0o777 == 0o700)
    }

    @Test func variablesAreRead() throws {
        let seed = String(repeating: "0a", count: 32)
        let key = try Keyring.key(Self.name, role: .node) { $0 == "TRELLIS_KEY_ALICE_1" ? seed : nil }
        #expect(key.seed.hex == seed && key.role == .node)
        #expect(code { _ = try Keyring.key(Self.name, role: .node) { _ in nil } } == .notFound)
        for text in ["", "0a", seed + "0a", String(seed.dropLast()), "zz" + seed.dropFirst(2)] {
            #expect(code { _ = try Keyring.key(Self.name, role: .node) { _ in text } } == .variableInvalid)
        }
        #expect(code { _ = try Keyring.environment.key(KeyName("surely-not-set")!, role: .node, passphrase: never) } == .notFound)
    }

    @Test func testKeysAreTheSameEverywhereAndDiffer() throws {
        let keys = try KeyRole.allCases.flatMap { role in
            try ["alice", "bob", "validator-0"].map { try Keyring.test.key(KeyName($0)!, role: role, passphrase: never) }
        }
        #expect(Set(keys.map(\.publicKeyBytes)).count == keys.count)
        #expect(Set(keys.map(\.seed.hex)).count == keys.count)
        // Made with Python's hashlib and hmac: SHA-256("alice") begins with 2bd806c9, half of which is index 367788900.
        #expect(keys[0].seed.hex == "825967b5f45857d2b8724f5d43ec07eb13f80a2a4d97f8fce2f82ff49b0e25b7")
        #expect(code { try Keyring.test.store(keys[0], as: Self.name, passphrase: .none, cost: .cheap) } == .readOnly)
        #expect(code { try Keyring.environment.store(keys[0], as: Self.name, passphrase: .none, cost: .cheap) } == .readOnly)
        #expect(try Keyring.test.names() == [])
    }

    @Test func namesLeadNowhereElse() {
        for name in ["a", "0", "validator-0", String(repeating: "a", count: 64)] { #expect(KeyName(name)?.text == name) }
        for name in ["", "-a", "A", "a b", "../a", "a/b", ".", "a.json", "é", "a_b", "a\0", String(repeating: "a", count: 65)] {
            #expect(KeyName(name) == nil, "\(name)")
        }
    }

    @Test func pathsHaveFiveHardenedLevels() throws {
        #expect(DerivationPath(role: .account)?.description == "m/44'/1'/0'/0'/0'")
        #expect(DerivationPath(account: 7, role: .vrf, index: 9)?.description == "m/44'/1'/7'/3'/9'")
        #expect(DerivationPath(account: 1 << 31, role: .node) == nil && DerivationPath(role: .node, index: 1 << 31) == nil)
        let seed = Mnemonic(entropy: SecretBytes(copying: [UInt8](repeating: 0, count: 32))).seed()
        let keys = KeyRole.allCases.map { RoleKey(DerivationPath(role: $0)!, seed: seed) }
        #expect(Set(keys.map(\.seed.hex)).count == 5)
        let node = SLIP10.Node(seed: seed).child(44).child(1).child(0).child(2).child(0)
        #expect(keys[2].seed.matches(node.privateKey))
    }

    @Test func entropyIsNotConstant() {
        #expect(Entropy.bytes(0).isEmpty && Entropy.secret(0).count == 0)
        #expect(Set((0..<100).map { _ in Entropy.bytes(16).hex }).count == 100)
        #expect(Set((0..<100).map { _ in Entropy.secret(16).hex }).count == 100)
        // 80,000 fair bits: a share outside 45 … 55 % has a chance below 10⁻¹⁷⁰.
        let ones = Entropy.bytes(10_000).reduce(0) { $0 + $1.nonzeroBitCount }
        #expect((36_000...44_000).contains(ones))
    }
}
