public import Cryptography
import Primitives

/// A recovery phrase of 12 … 24 English words (BIP-39): entropy with a checksum, in a form that a person can write down. Every key
/// of its owner can be derived from it again.
public struct Mnemonic: Sendable {
    private let entropy: SecretBytes

    /// Bytes of entropy that BIP-39 knows: 12, 15, 18, 21 or 24 words.
    public static let entropyByteCounts = [16, 20, 24, 28, 32]
    /// The longest phrase is 24 words of 8 letters; the rest is for blanks between them.
    public static let phraseBytesMax = 1024
    private static let rounds = 2048

    /// The phrase of `entropy`, whose length is one of ``entropyByteCounts``.
    public init(entropy: SecretBytes) {
        precondition(Mnemonic.entropyByteCounts.contains(entropy.count))
        self.entropy = entropy
    }

    /// A new phrase of 24 words.
    public static func generate() -> Mnemonic { Mnemonic(entropy: Entropy.secret(32)) }

    /// Reads words between blanks, in either case.
    public init(phrase: SecretBytes) throws(MnemonicError) {
        guard phrase.count <= Mnemonic.phraseBytesMax else { throw .phraseTooLong(bytes: phrase.count) }
        entropy = try phrase.withUnsafeBytes { text throws(MnemonicError) in
            let words = text.split(whereSeparator: { " \t\r\n".utf8.contains($0) })
            // 11 bits per word are 32 bits of entropy and one of checksum per three words.
            let byteCount = words.count / 3 * 4
            guard words.count.isMultiple(of: 3), Mnemonic.entropyByteCounts.contains(byteCount) else { throw .wordCount(words.count) }
            let packed = try SecretBytes(count: byteCount + 1) { bits throws(MnemonicError) in
                for (position, word) in words.enumerated() {
                    // Words of up to 15 letters are kept inside the value: nothing is left on the heap.
                    let folded = word.count > 15 ? "" : String(decoding: word.lazy.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
                    guard let index = EnglishWords.index(of: folded) else { throw .wordUnknown(position: position + 1) }
                    for bit in 0..<11 where index >> (10 - bit) & 1 == 1 {
                        let place = 11 * position + bit
                        bits[place / 8] |= 0x80 >> UInt8(place % 8)
                    }
                }
            }
            return try packed.withUnsafeBytes { bits throws(MnemonicError) in
                let entropy = UnsafeRawBufferPointer(rebasing: bits.prefix(byteCount))
                guard bits[byteCount] == Mnemonic.checksum(entropy) else { throw .checksumWrong }
                return SecretBytes(copying: entropy)
            }
        }
    }

    /// The words in lower case with one blank between them.
    public var phrase: SecretBytes {
        entropy.withUnsafeBytes { entropy in
            let checksum = Mnemonic.checksum(entropy)
            func word(_ position: Int) -> Substring {
                var index = 0
                for place in (11 * position)..<(11 * position + 11) {
                    let byte = place / 8 < entropy.count ? entropy[place / 8] : checksum
                    index = index << 1 | Int(byte >> UInt8(7 - place % 8) & 1)
                }
                return EnglishWords.all[index]
            }
            let wordCount = entropy.count / 4 * 3
            let length = (0..<wordCount).reduce(wordCount - 1) { $0 + word($1).utf8.count }
            return SecretBytes(count: length) { text in
                var offset = 0
                for position in 0..<wordCount {
                    if position > 0 {
                        text[offset] = UInt8(ascii: " ")
                        offset += 1
                    }
                    for letter in word(position).utf8 {
                        text[offset] = letter
                        offset += 1
                    }
                }
            }
        }
    }

    /// The 64-byte seed: PBKDF2-HMAC-SHA512 of the phrase, salted with `mnemonic` and the passphrase, 2048 rounds. Every passphrase
    /// gives a seed; a mistyped one gives other keys.
    public func seed(passphrase: Passphrase = .none) -> SecretBytes {
        let label = Array("mnemonic".utf8)
        let salt = SecretBytes(count: label.count + passphrase.bytes.count) { salt in
            salt.copyBytes(from: label)
            passphrase.bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: salt[label.count...]).copyMemory(from: $0) }
        }
        return PBKDF2.deriveHMACSHA512(password: phrase, salt: salt, rounds: Mnemonic.rounds, count: 64)
    }

    /// The first bits of the entropy's SHA-256, one per 32, at the top of a byte.
    private static func checksum(_ entropy: UnsafeRawBufferPointer) -> UInt8 {
        let bits = entropy.count / 4
        return SHA256.hash(entropy).bytes[0] & ~UInt8(truncatingIfNeeded: 0xff >> bits)
    }
}

/// Why a text is no recovery phrase. Positions count words from 1, as a person does; no error repeats a word.
public enum MnemonicError: Error, Equatable, Sendable {
    case phraseTooLong(bytes: Int)
    /// Not 12, 15, 18, 21 or 24.
    case wordCount(Int)
    /// A word that is not in the list: mistyped.
    case wordUnknown(position: Int)
    /// All words are in the list, but one is not the right one or they are in another order.
    case checksumWrong
}
