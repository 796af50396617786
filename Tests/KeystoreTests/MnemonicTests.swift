import Cryptography
import Primitives
import Testing
@testable import Keystore

@Suite struct MnemonicTests {
    struct Published: Decodable {
        struct Vector: Decodable { let entropy, mnemonic, seed: String }
        let wordlist_sha256: String, vectors: [Vector]
    }

    @Test func theWordsAreThoseOfBIP39() throws {
        #expect(EnglishWords.all.count == 2048)
        let file = EnglishWords.all.map { "\($0)\n" }.joined()
        #expect(SHA256.hash(Array(file.utf8)).hex == (try Vectors.load("bip39-english", as: Published.self)).wordlist_sha256)
        for (index, word) in EnglishWords.all.enumerated() { #expect(EnglishWords.index(of: word) == index) }
        for word in ["", "aardvark", "abando", "abandonn", "zzz"] { #expect(EnglishWords.index(of: word) == nil) }
    }

    @Test func phrasesAndSeedsAreThoseOfTheVectors() throws {
        let vectors = try Vectors.load("bip39-english", as: Published.self).vectors
        #expect(vectors.count == 24)
        for vector in vectors {
            let made = Mnemonic(entropy: SecretBytes(hex: vector.entropy))
            #expect(made.phrase.text == vector.mnemonic)
            let read = try Mnemonic(phrase: SecretBytes(text: vector.mnemonic))
            #expect(read.phrase.text == vector.mnemonic)
            #expect(read.seed(passphrase: try Passphrase(text: "TREZOR")).hex == vector.seed)
        }
    }

    @Test func passphrasesAreNormalised() throws {
        struct Vector: Decodable { let mnemonic, passphrase, seed: String }
        let vectors = try Vectors.list("bip39-unicode", of: Vector.self)
        for vector in vectors {
            let seed = try Mnemonic(phrase: SecretBytes(text: vector.mnemonic)).seed(passphrase: Passphrase(text: vector.passphrase))
            #expect(seed.hex == vector.seed, "\(vector.passphrase)")
        }
        // The same letter, composed and decomposed.
        #expect(vectors.suffix(2).map(\.seed).allSatisfy { $0 == vectors.last?.seed })
    }

    @Test func whatAPersonTypesIsUnderstood() throws {
        let typed = "  Legal WINNER thank\tyear wave sausage\nworth useful legal winner thank yellow\r\n"
        #expect(try Mnemonic(phrase: SecretBytes(text: typed)).phrase.text
            == "legal winner thank year wave sausage worth useful legal winner thank yellow")
    }

    static func failure(_ phrase: String) -> MnemonicError? {
        do throws(MnemonicError) {
            _ = try Mnemonic(phrase: SecretBytes(text: phrase))
            return nil
        } catch { return error }
    }

    @Test func mistakesAreNamed() {
        let words = "legal winner thank year wave sausage worth useful legal winner thank yellow".split(separator: " ").map(String.init)
        for position in 0..<12 {
            for wrong in ["wnner", "légal", "yellowyellowyellowyellow", "\u{1F511}"] {
                var typed = words
                typed[position] = wrong
                #expect(Self.failure(typed.joined(separator: " ")) == .wordUnknown(position: position + 1))
            }
        }
        #expect(Self.failure("") == .wordCount(0))
        #expect(Self.failure(words.dropLast().joined(separator: " ")) == .wordCount(11))
        #expect(Self.failure((words + words + ["abandon", "abandon", "about"]).joined(separator: " ")) == .wordCount(27))
        #expect(Self.failure(String(repeating: "a", count: 1025)) == .phraseTooLong(bytes: 1025))
        #expect(Self.failure(words.reversed().joined(separator: " ")) == .checksumWrong)
    }

    /// With one word exchanged, one phrase in sixteen has the right checksum by chance (four bits for twelve words).
    @Test func theChecksumFindsExchangedWords() {
        let words = "legal winner thank year wave sausage worth useful legal winner thank yellow".split(separator: " ").map(String.init)
        var missed = 0
        for position in 0..<12 {
            for word in EnglishWords.all where word != words[position] {
                var typed = words
                typed[position] = String(word)
                if Self.failure(typed.joined(separator: " ")) != .checksumWrong { missed += 1 }
            }
        }
        // 12 * 2047 tries; the last word carries seven bits of entropy, so exactly 2⁷ − 1 of its exchanges are right.
        #expect((1300...1800).contains(missed), "\(missed)")
    }

    @Test func newPhrasesDiffer() {
        let phrases = Set((0..<20).map { _ in Mnemonic.generate().phrase.text })
        #expect(phrases.count == 20 && phrases.allSatisfy { $0.split(separator: " ").count == 24 })
    }
}
