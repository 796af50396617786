import Cryptography
import Foundation
import Primitives

/// Certificates of the openssl command line, one for each kind of key, and a signature by each; from the vectors of the tests.
struct CertificateSample: Sendable {
    let kind: String
    let bytes: [UInt8]
    let certificate: Certificate
    let message: [UInt8]
    let signature: [UInt8]

    static let all: [CertificateSample] = {
        struct Vectors: Decodable {
            struct Entry: Decodable { let name, der: String }
            struct Signed: Decodable { let certificate, message, signature: String }
            let certificates: [Entry]
            let signatures: [Signed]
        }
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../CryptographyTests/Vectors/certificates.json")
        do {
            let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
            return try vectors.signatures.compactMap { signed in
                guard let entry = vectors.certificates.first(where: { $0.name == signed.certificate }), let bytes = [UInt8](hex: entry.der),
                      let message = [UInt8](hex: signed.message), let signature = [UInt8](hex: signed.signature) else { return nil }
                return CertificateSample(
                    kind: String(entry.name.dropFirst(4)), bytes: bytes, certificate: try Certificate(bytes), message: message, signature: signature)
            }
        } catch { preconditionFailure("\(error)") }
    }()

    static func of(_ kind: String) -> CertificateSample { all.first { $0.kind == kind }! }
}
