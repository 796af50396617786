import Cryptography
import Keystore
import Primitives

extension FuzzTargets {
    static let keystore: [FuzzTarget] = [
        // A file that is read is written as a file that says the same, and costs no more than a key file may.
        FuzzTarget(name: "key-file", samples: KeyFileSamples.all.map { Array($0.utf8) }) { input in
            guard let file = try? KeyFile(json: input) else { return nil }
            guard file.cost.passes <= Argon2id.passesMax, file.cost.memoryBytes <= Argon2id.memoryBytesMax else { return "costs too much" }
            return (try? KeyFile(json: file.json)) == file ? nil : "is not read again as it was written"
        },
        // What is read as a recovery phrase has one form.
        FuzzTarget(name: "recovery-phrase", samples: KeyFileSamples.phrases.map { Array($0.utf8) }) { input in
            guard let mnemonic = try? Mnemonic(phrase: SecretBytes(copying: input)) else { return nil }
            let phrase = mnemonic.phrase
            return (try? Mnemonic(phrase: phrase))?.phrase.matches(phrase) == true ? nil : "is not read again as it was written"
        },
    ]

    private enum KeyFileSamples {
        static let all = [
            """
            {
              "version": 1,
              "role": "account",
              "publicKey": "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c",
              "address": "c5f42d4c9e0de03550f6ad9d4fd8028b6f2b500c",
              "kdf": { "name": "argon2id", "ops": 1, "mem": 8192, "salt": "000102030405060708090a0b0c0d0e0f" },
              "cipher": "xchacha20poly1305",
              "nonce": "6465666768696a6b6c6d6e6f707172737475767778797a7b",
              "ciphertext": "ef0c4dc111f07ec419847d316411c46772882df04dd85f8ba51c62e27b79b6dd57f1b5310c6b762d71ed77a55d4fa458",
              "checksum": "7c735e05b269ead19a96a01ba4cf6a2bcfd296d4b6e245bd09e59eefee4b7380"
            }
            """,
            #"{"version": 2, "role": "account"}"#,
        ]
        static let phrases = [
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
            "Legal winner\tthank year wave sausage worth useful legal winner thank yellow\n",
        ]
    }
}
