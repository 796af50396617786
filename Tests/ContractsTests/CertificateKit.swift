import COpenSSL
import Contracts
import Cryptography
import Execution
import Foundation
import Primitives

/// The certificates of `Tests/CryptographyTests/Vectors/certificates.json` with their private keys, by which OpenSSL signs here: the
/// other side of what the node only verifies.
struct CertificateKit: Decodable {
    struct Entry: Decodable {
        let name, der, key: String

        var bytes: [UInt8] { [UInt8](hex: der)! }
        var certificate: Certificate { try! Certificate(bytes) }

        /// The signature over `message` with SHA-256 in the fixed form.
        func sign(_ message: [UInt8]) -> [UInt8] {
            let encoded = [UInt8](hex: self.key)!
            var position: UnsafePointer<UInt8>?
            let key = encoded.withUnsafeBufferPointer { buffer in
                position = buffer.baseAddress
                return d2i_AutoPrivateKey(nil, &position, encoded.count)
            }
            let context = EVP_MD_CTX_new()
            defer {
                EVP_MD_CTX_free(context)
                EVP_PKEY_free(key)
            }
            let isEdwards = EVP_PKEY_get_id(key) == EVP_PKEY_ED25519
            var length = 1_024
            var signature = [UInt8](repeating: 0, count: length)
            precondition(EVP_DigestSignInit(context, nil, isEdwards ? nil : EVP_sha256(), nil, key) == 1)
            precondition(EVP_DigestSign(context, &signature, &length, message, message.count) == 1)
            signature = Array(signature.prefix(length))
            guard EVP_PKEY_get_id(key) == EVP_PKEY_EC else { return signature }
            // SEQUENCE of two INTEGERs below 128 bytes each.
            let size = certificate.key.signatureBytes / 2
            func number(at place: Int) -> [UInt8] {
                let digits = signature[(place + 2)..<(place + 2 + Int(signature[place + 1]))].drop { $0 == 0 }
                return [UInt8](repeating: 0, count: size - digits.count) + digits
            }
            return number(at: 2) + number(at: 4 + Int(signature[3]))
        }

        /// A statement of the certificate's key.
        func signed(for account: Address, _ number: UInt64, chainID: ChainID) -> BoundedBytes<512> {
            let statement = Identity.BindingStatement(account: account, number: number, certificate: SHA256.hash(bytes))
            return BoundedBytes<512>(sign(statement.message(chainID: chainID)))!
        }

        var argument: BoundedBytes<4096> { BoundedBytes<4096>(bytes)! }
    }

    let certificates: [Entry]

    subscript(_ name: String) -> Entry { certificates.first { $0.name == name }! }

    static let all: CertificateKit = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../CryptographyTests/Vectors/certificates.json")
        return try! JSONDecoder().decode(CertificateKit.self, from: Data(contentsOf: file))
    }()
}
