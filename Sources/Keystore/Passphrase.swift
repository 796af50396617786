import Cryptography
import Foundation

/// What a person types to open a key file or to complete a recovery phrase: UTF-8 in compatibility decomposition (NFKD, as BIP-39
/// asks for), so that the same text opens the same key whatever keyboard it came from. Wiped with the last reference.
///
/// Text beyond ASCII passes through Foundation's strings on its way, whose copies nobody can wipe.
public struct Passphrase: Sendable {
    /// A sentence or two; more is a file piped in by mistake.
    public static let bytesMax = 1024

    /// Normalised.
    let bytes: SecretBytes

    /// No passphrase, which BIP-39 permits.
    public static let none = Passphrase(normalised: SecretBytes(copying: []))

    /// Takes UTF-8 of at most ``bytesMax`` bytes. The array, which nobody else may hold, is wiped and emptied in any case.
    public init(wiping utf8: inout [UInt8]) throws(KeystoreError) {
        defer { SecretBytes.wipe(&utf8) }
        guard utf8.count <= Passphrase.bytesMax else {
            throw KeystoreError(.passphraseInvalid, "a passphrase of \(utf8.count) bytes; at most \(Passphrase.bytesMax) are taken")
        }
        if utf8.allSatisfy({ $0 < 0x80 }) {
            bytes = SecretBytes(copying: utf8)
            return
        }
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw KeystoreError(.passphraseInvalid, "a passphrase that is not UTF-8")
        }
        var normalised = Array(text.decomposedStringWithCompatibilityMapping.utf8)
        bytes = SecretBytes(wiping: &normalised)
    }

    private init(normalised: SecretBytes) { bytes = normalised }
}
