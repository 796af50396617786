import Primitives

/// The certificates of `Vectors/certificates.json`.
struct CertificateVectors: Decodable {
    struct Entry: Decodable {
        let name, der, key, signer: String
        let fields: Fields
    }

    struct Fields: Decodable, Equatable {
        let serial, issuer, subject, fingerprint, keyFingerprint, version: String
        let commonName: String?
        let notBefore, notAfter: UInt64
    }

    struct Refused: Decodable { let name, der, why: String }
    struct Signed: Decodable { let certificate, message, signature: String }

    /// An altered certificate, with what Python's parser made of it: nothing, or the fields that differ from the original's.
    struct Mutation: Decodable {
        let of: String
        let edits: [Edit]
        let verdict: Verdict

        enum Verdict: Decodable {
            case refused, read(Changed)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                self = if (try? container.decode(String.self)) != nil { .refused } else { .read(try container.decode(Changed.self)) }
            }
        }

        struct Changed: Decodable {
            let serial, issuer, subject, keyFingerprint, version: String?
            /// Present and nil when the original has one and the altered certificate none.
            let commonName: String??
            /// Times before 1970 are negative.
            let notBefore, notAfter: Int64?

            private enum CodingKeys: CodingKey { case serial, issuer, subject, keyFingerprint, version, commonName, notBefore, notAfter }

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                serial = try container.decodeIfPresent(String.self, forKey: .serial)
                issuer = try container.decodeIfPresent(String.self, forKey: .issuer)
                subject = try container.decodeIfPresent(String.self, forKey: .subject)
                keyFingerprint = try container.decodeIfPresent(String.self, forKey: .keyFingerprint)
                version = try container.decodeIfPresent(String.self, forKey: .version)
                commonName = container.contains(.commonName) ? .some(try container.decodeIfPresent(String.self, forKey: .commonName)) : .none
                notBefore = try container.decodeIfPresent(Int64.self, forKey: .notBefore)
                notAfter = try container.decodeIfPresent(Int64.self, forKey: .notAfter)
            }
        }

        struct Edit: Decodable {
            let place, count: Int
            let put: [UInt8]

            init(from decoder: any Decoder) throws {
                var container = try decoder.unkeyedContainer()
                place = try container.decode(Int.self)
                count = try container.decode(Int.self)
                put = [UInt8](hex: try container.decode(String.self))!
            }
        }

        func apply(to bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            for edit in edits { bytes.replaceSubrange(edit.place..<min(bytes.count, edit.place + edit.count), with: edit.put) }
            return bytes
        }
    }

    let certificates: [Entry]
    let refused: [Refused]
    let signatures: [Signed]
    let infinite: Signed
    let mutations: [Mutation]

    func der(_ name: String) -> [UInt8] { [UInt8](hex: certificates.first { $0.name == name }!.der)! }

    static let all: CertificateVectors = try! Vectors.load("certificates")
}

/// The reduced vectors of Project Wycheproof.
struct WycheproofSignatures: Decodable {
    struct Group: Decodable {
        let source, hash, key: String
        let tests: [Case]
    }

    struct Case: Decodable { let comment, msg, sig, result: String }
    let groups: [Group]
}
