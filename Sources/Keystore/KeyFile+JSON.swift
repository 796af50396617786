import Cryptography
import Foundation
import Primitives

/// The text form of a key file: JSON with these fields and no others, byte strings in lower-case hexadecimal. `address` is there
/// for accounts alone.
///
/// ```
/// {
///   "version": 1,
///   "role": "account",
///   "publicKey": "…64 digits",
///   "address": "…40 digits",
///   "kdf": { "name": "argon2id", "ops": 3, "mem": 268435456, "salt": "…32 digits" },
///   "cipher": "xchacha20poly1305",
///   "nonce": "…48 digits",
///   "ciphertext": "…96 digits",
///   "checksum": "…64 digits"
/// }
/// ```
extension KeyFile {
    /// A key file is about 600 bytes; the rest is for other people's blanks.
    public static let jsonBytesMax = 4096

    public var json: [UInt8] {
        var lines = [
            #"  "version": \#(KeyFile.version),"#,
            #"  "role": "\#(role)","#,
            #"  "publicKey": "\#(publicKeyBytes.hex)","#,
        ]
        if let address { lines.append(#"  "address": "\#(address.hex)","#) }
        lines += [
            #"  "kdf": { "name": "\#(KeyFile.derivation)", "ops": \#(cost.passes), "mem": \#(cost.memoryBytes), "salt": "\#(salt.hex)" },"#,
            #"  "cipher": "\#(KeyFile.cipher)","#,
            #"  "nonce": "\#(nonce.hex)","#,
            #"  "ciphertext": "\#(ciphertext.hex)","#,
            #"  "checksum": "\#(checksum.hex)""#,
        ]
        return Array(("{\n" + lines.joined(separator: "\n") + "\n}\n").utf8)
    }

    /// Reads what ``json`` writes, in any order of fields and with any blanks. What the program does not know comes before what it
    /// finds wrong: version, then algorithms, then cost, then the rest.
    public init(json: [UInt8]) throws(KeystoreError) {
        guard json.count <= KeyFile.jsonBytesMax else {
            throw KeystoreError(.damaged, "\(json.count) bytes; a key file has at most \(KeyFile.jsonBytesMax)")
        }
        let data = Data(json), decoder = JSONDecoder()
        guard let envelope = try? decoder.decode(Envelope.self, from: data) else {
            throw KeystoreError(.damaged, "not a JSON object with a version")
        }
        guard envelope.version == KeyFile.version else {
            throw KeystoreError(.versionUnsupported, "version \(envelope.version); this program reads \(KeyFile.version)")
        }
        let document: Document
        do { document = try decoder.decode(Document.self, from: data) } catch {
            throw KeystoreError(.damaged, "fields are missing, unknown or of another kind")
        }
        guard document.kdf.name == KeyFile.derivation else {
            throw KeystoreError(.algorithmUnsupported, "the key derivation is not \(KeyFile.derivation)")
        }
        guard document.cipher == KeyFile.cipher else {
            throw KeystoreError(.algorithmUnsupported, "the cipher is not \(KeyFile.cipher)")
        }
        guard let cost = Argon2id.Parameters(passes: document.kdf.ops, memoryBytes: document.kdf.mem) else {
            throw KeystoreError(.costOutOfBounds, """
                \(document.kdf.ops) passes over \(document.kdf.mem) bytes; at most \(Argon2id.passesMax) passes over \
                \(Argon2id.memoryBytesMin) … \(Argon2id.memoryBytesMax) bytes are computed
                """)
        }
        guard let role = KeyRole(name: document.role) else { throw KeystoreError(.damaged, "an unknown role") }
        self.init(
            role: role, publicKeyBytes: try KeyFile.bytes(document.publicKey, PublicKey.byteCount, "publicKey"), cost: cost,
            salt: try KeyFile.bytes(document.kdf.salt, Argon2id.saltBytes, "salt"),
            nonce: try KeyFile.nonce(document.nonce),
            ciphertext: try KeyFile.bytes(document.ciphertext, KeyFile.ciphertextBytes, "ciphertext"))
        guard document.address == address?.hex else {
            throw KeystoreError(.damaged, "the address is not that of the public key and the role")
        }
        guard document.checksum == checksum.hex else {
            throw KeystoreError(.damaged, "the checksum is wrong")
        }
    }

    private static func bytes(_ text: String, _ count: Int, _ field: String) throws(KeystoreError) -> [UInt8] {
        // One form only: what a flipped bit turns into the other case has been damaged all the same.
        guard let bytes = [UInt8](hex: text), bytes.count == count, bytes.hex == text else {
            throw KeystoreError(.damaged, "\(field) is not \(2 * count) lower-case hexadecimal digits")
        }
        return bytes
    }

    private static func nonce(_ text: String) throws(KeystoreError) -> XChaCha20Poly1305.Nonce {
        guard let nonce = XChaCha20Poly1305.Nonce(try bytes(text, XChaCha20Poly1305.Nonce.byteCount, "nonce")) else {
            preconditionFailure("the length has been checked")
        }
        return nonce
    }

    /// All that files of every version have.
    private struct Envelope: Decodable { let version: Int }

    private struct Document: Decodable {
        struct Derivation: Decodable {
            let name: String, ops: Int, mem: Int, salt: String
            enum CodingKeys: String, CodingKey, CaseIterable { case name, ops, mem, salt }

            init(from decoder: any Decoder) throws {
                let fields = try strictContainer(of: decoder, CodingKeys.self)
                name = try fields.decode(String.self, forKey: .name)
                ops = try fields.decode(Int.self, forKey: .ops)
                mem = try fields.decode(Int.self, forKey: .mem)
                salt = try fields.decode(String.self, forKey: .salt)
            }
        }

        let role: String, publicKey: String, address: String?, kdf: Derivation
        let cipher: String, nonce: String, ciphertext: String, checksum: String
        enum CodingKeys: String, CodingKey, CaseIterable {
            case version, role, publicKey, address, kdf, cipher, nonce, ciphertext, checksum
        }

        init(from decoder: any Decoder) throws {
            let fields = try strictContainer(of: decoder, CodingKeys.self)
            role = try fields.decode(String.self, forKey: .role)
            publicKey = try fields.decode(String.self, forKey: .publicKey)
            address = try fields.contains(.address) ? fields.decode(String.self, forKey: .address) : nil
            kdf = try fields.decode(Derivation.self, forKey: .kdf)
            cipher = try fields.decode(String.self, forKey: .cipher)
            nonce = try fields.decode(String.self, forKey: .nonce)
            ciphertext = try fields.decode(String.self, forKey: .ciphertext)
            checksum = try fields.decode(String.self, forKey: .checksum)
        }
    }

    private struct AnyField: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// The fields of an object that has no others. What a program ignores, it cannot protect.
    private static func strictContainer<Field: CodingKey & CaseIterable>(
        of decoder: any Decoder, _: Field.Type
    ) throws -> KeyedDecodingContainer<Field> {
        let known = Set(Field.allCases.map(\.stringValue))
        let present = try decoder.container(keyedBy: AnyField.self)
        guard present.allKeys.allSatisfy({ known.contains($0.stringValue) }) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "unknown fields"))
        }
        return try decoder.container(keyedBy: Field.self)
    }
}
