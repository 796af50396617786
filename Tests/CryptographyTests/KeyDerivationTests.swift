import Cryptography
import Primitives
import Testing

@Suite struct KeyDerivationTests {
    /// RFC 4231 test cases 1, 2 and 6, and the empty inputs as Python's hmac answers them.
    @Test func codesAreThoseOfRFC4231() {
        func code(_ key: [UInt8], _ message: String) -> String {
            let code = key.withUnsafeBytes { key in
                Array(message.utf8).withUnsafeBytes { HMACSHA512.code(key: key, message: $0) }
            }
            return code.withUnsafeBytes { Array($0).hex }
        }
        #expect(code([UInt8](repeating: 0x0b, count: 20), "Hi There")
            == "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
            + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854")
        #expect(code(Array("Jefe".utf8), "what do ya want for nothing?")
            == "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737")
        #expect(code([UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First")
            == "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
            + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598")
        #expect(code([], "")
            == "b936cee86c9f87aa5d3c6f2e84cb5a4239a5fe50480a6ec66b70ab5b1f4ac673"
            + "0c6c515421b327ec1d69402e53dfb49ad7381eb067b338fd7b0cb22247225d47")
    }

    /// The same cases of RFC 4231 for SHA-256, and the empty inputs as Python's hmac answers them.
    @Test func shorterCodesAreThoseOfRFC4231() {
        func code(_ key: [UInt8], _ message: String) -> String {
            HMACSHA256.code(key: SecretBytes(copying: key), message: Array(message.utf8)).withUnsafeBytes { Array($0).hex }
        }
        #expect(code([UInt8](repeating: 0x0b, count: 20), "Hi There") == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(code(Array("Jefe".utf8), "what do ya want for nothing?") == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(code([UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First")
            == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
        #expect(code([], "") == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    /// The first half of Python's `hmac.new(b"disk-key/v1", bytes(range(32)), "sha512")`.
    @Test func labelledKeysAreHalfACode() {
        let secret = SecretBytes(copying: [UInt8](0..<32))
        let key = HMACSHA512.deriveKey(label: "disk-key/v1", from: secret)
        #expect(key.withUnsafeBytes { Array($0).hex } == "87b5c89cc7c8dbce14413a0ee5732d7d0f116228075bdd29e93a2064ec324e77")
        #expect(!key.matches(HMACSHA512.deriveKey(label: "disk-key/v2", from: secret)))
    }

    @Test func treesAreThoseOfSLIP10() throws {
        struct Vector: Decodable {
            struct Chain: Decodable { let path: String, chain_code, `private`, `public`: Hex }
            let seed: Hex, chains: [Chain]
        }
        let vectors = try Vectors.list("slip10-ed25519", of: Vector.self)
        #expect(vectors.map(\.chains.count) == [6, 6])
        for vector in vectors {
            let root = SLIP10.Node(seed: SecretBytes(copying: vector.seed.bytes))
            for chain in vector.chains {
                let path = try #require(SLIP10.Path(chain.path))
                #expect(path.description == chain.path)
                let node = root.descendant(path)
                #expect(node.privateKey.matches(SecretBytes(copying: chain.private.bytes)), "\(chain.path)")
                #expect(node.chainCode.matches(SecretBytes(copying: chain.chain_code.bytes)), "\(chain.path)")
                #expect([0] + SigningKey(seed: node.privateKey).publicKey.bytes == chain.public.bytes)
            }
        }
    }

    @Test func pathsHaveOneForm() {
        #expect(SLIP10.Path("m")?.indices == [])
        #expect(SLIP10.Path("m/44'/2147483647'")?.indices == [44, 2_147_483_647])
        for text in ["", "44'", "m/", "m/44", "m/44h", "m/'", "m/01'", "m/+1'", "m/-1'", "m/2147483648'", "M/1'", "m//1'", "m/1'/"] {
            #expect(SLIP10.Path(text) == nil, "\(text)")
        }
        #expect(SLIP10.Path([UInt32](repeating: 1, count: 10)) != nil)
        #expect(SLIP10.Path([UInt32](repeating: 1, count: 11)) == nil)
    }

    @Test func passwordsBecomeTheVectorsKeys() throws {
        struct Vector: Decodable { let password: String, salt: Hex, opslimit_t, memlimit_bytes: Int, key: Hex }
        let vectors = try Vectors.list("argon2id", of: Vector.self)
        #expect(vectors.count == 3)
        for vector in vectors {
            let parameters = try #require(Argon2id.Parameters(passes: vector.opslimit_t, memoryBytes: vector.memlimit_bytes))
            let key = try Argon2id.derive(
                password: SecretBytes(copying: Array(vector.password.utf8)), salt: vector.salt.bytes, parameters: parameters)
            #expect(key.matches(SecretBytes(copying: vector.key.bytes)), "\(vector.memlimit_bytes)")
        }
        #expect(Argon2id.Parameters.keyFile == Argon2id.Parameters(passes: 3, memoryBytes: 256 << 20))
    }

    @Test func aFileCannotAskForAnyCost() {
        #expect(Argon2id.Parameters(passes: 0, memoryBytes: 8192) == nil)
        #expect(Argon2id.Parameters(passes: 17, memoryBytes: 8192) == nil)
        #expect(Argon2id.Parameters(passes: 1, memoryBytes: 8191) == nil)
        #expect(Argon2id.Parameters(passes: 1, memoryBytes: 1 << 30 + 1) == nil)
        #expect(Argon2id.Parameters(passes: 1, memoryBytes: .max) == nil)
    }
}
