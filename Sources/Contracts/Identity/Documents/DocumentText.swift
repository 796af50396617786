import Ledger
public import Primitives

/// The text forms of identifiers and their documents, the same everywhere for the same record.
extension Identity {
    /// `did:trellis:<prefix>:<address>`, as `did:trellis:trl:trl1…`: the address in its text form, which a checksum protects, behind
    /// the prefix of its network.
    public static func identifier(of account: Address, on network: NetworkKind) -> String {
        "did:trellis:\(network.addressPrefix):\(account.text(on: network))"
    }

    /// The account of an identifier; nil when `text` is none of this network. Only the lower-case form is one.
    public static func account(ofIdentifier text: String, on network: NetworkKind) -> Address? {
        let prefix = "did:trellis:\(network.addressPrefix):"
        guard text.utf8.starts(with: prefix.utf8) else { return nil }
        let rest = String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        guard let account = try? Address(text: rest, on: network), identifier(of: account, on: network) == text else { return nil }
        return account
    }
}

extension Identity.DocumentEntry {
    /// The document as DID Core 1.0 has it, in JSON-LD without white space. What it cannot say is left out: version and times belong
    /// to the metadata of a resolution. A deactivated document has its identifier and nothing else.
    ///
    /// Keys stand as Multikey (Ed25519 and X25519), several of them as ConditionalProof2022 with a threshold, the account itself by
    /// its CAIP-10 account identifier, and a certificate by its SHA-256 thumbprint (RFC 7515 §4.1.8).
    public func text(on network: NetworkKind, chainID: ChainID) -> String {
        let id = Identity.identifier(of: subject, on: network)
        let writer = Writer(id: id, account: "trellis:\(chainID.hex.prefix(32)):\(subject.text(on: network))", certificate: certificate)
        guard let content else { return JSON.object([("@context", Writer.contexts), ("id", .text(id))]).text }
        var members: [(String, JSON)] = [("@context", Writer.contexts), ("id", .text(id))]
        if !content.alsoKnownAs.isEmpty { members.append(("alsoKnownAs", .array(content.alsoKnownAs.map { .text($0.text) }))) }
        members.append(("controller", .array(content.controllers.map { .text(Identity.identifier(of: $0, on: network)) })))
        // The certificate's method is there while there is a valid certificate.
        let methods = content.methods.filter { $0.material != .certificate || certificate != nil }
        members.append(("verificationMethod", .array(methods.map(writer.method))))
        for (name, purpose) in Writer.relationships {
            let used = methods.filter { $0.purposes.contains(purpose) }
            if !used.isEmpty { members.append((name, .array(used.map { .text("\(id)#\($0.fragment)") }))) }
        }
        if !content.services.isEmpty {
            members.append(("service", .array(content.services.map {
                .object([("id", .text("\(id)#\($0.fragment)")), ("type", .text($0.kind.text)), ("serviceEndpoint", .text($0.endpoint.text))])
            })))
        }
        return JSON.object(members).text
    }

    /// Verification methods of one document.
    private struct Writer {
        let id: String
        let account: String
        let certificate: Identity.Binding?

        static let contexts = JSON.array([.text("https://www.w3.org/ns/did/v1"), .text("https://w3id.org/security/multikey/v1")])
        static let relationships: [(String, Identity.Purpose)] = [
            ("authentication", .authentication), ("assertionMethod", .assertion), ("keyAgreement", .agreement),
            ("capabilityInvocation", .invocation), ("capabilityDelegation", .delegation),
        ]

        func method(_ method: Identity.VerificationMethod) -> JSON {
            let name = "\(id)#\(method.fragment)"
            func object(_ type: String, _ rest: [(String, JSON)]) -> JSON {
                .object([("id", .text(name)), ("type", .text(type)), ("controller", .text(id))] + rest)
            }
            switch method.material {
            case .account: return object("TrellisAccount", [("blockchainAccountId", .text(account))])
            case .ed25519(let key): return object("Multikey", [("publicKeyMultibase", .text(Multibase.ed25519(key.bytes)))])
            case .x25519(let key): return object("Multikey", [("publicKeyMultibase", .text(Multibase.x25519(key.bytes)))])
            case .multisig(let set):
                let keys = set.keys.enumerated().map { index, key in
                    JSON.object([
                        ("id", .text("\(name)-\(index)")), ("type", .text("Multikey")), ("controller", .text(id)),
                        ("publicKeyMultibase", .text(Multibase.ed25519(key.bytes))),
                    ])
                }
                return object("ConditionalProof2022", [("threshold", .number(UInt64(set.threshold))), ("conditionThreshold", .array(keys))])
            case .certificate:
                let thumbprint = Multibase.base64URL(certificate?.fingerprint.bytes ?? [])
                return object("X509Certificate", [("x5t#S256", .text(thumbprint))])
            }
        }
    }
}

/// Text for bytes as DID documents write them.
private enum Multibase {
    /// Multicodec 0xed and 0xec with their varint, base58btc with its `z`.
    static func ed25519(_ key: [UInt8]) -> String { "z" + base58([0xed, 0x01] + key) }
    static func x25519(_ key: [UInt8]) -> String { "z" + base58([0xec, 0x01] + key) }

    /// Bitcoin's alphabet; each leading zero byte is a `1`.
    static func base58(_ bytes: [UInt8]) -> String {
        let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
        var digits: [Int] = []
        for byte in bytes {
            var carry = Int(byte)
            for place in digits.indices {
                carry += digits[place] << 8
                digits[place] = carry % 58
                carry /= 58
            }
            while carry > 0 {
                digits.append(carry % 58)
                carry /= 58
            }
        }
        let zeros = bytes.prefix { $0 == 0 }.count
        return String(decoding: [UInt8](repeating: alphabet[0], count: zeros) + digits.reversed().map { alphabet[$0] }, as: UTF8.self)
    }

    /// RFC 4648 §5, without padding.
    static func base64URL(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = Array(bytes[start..<min(start + 3, bytes.count)])
            let word = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0...group.count { text.append(alphabet[word >> (18 - 6 * place) & 63]) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// The JSON that documents need, written and never read.
private indirect enum JSON {
    case text(String), number(UInt64), array([JSON]), object([(String, JSON)])

    /// RFC 8259, without white space; members stand in their order.
    var text: String {
        switch self {
        case .text(let value): return JSON.quoted(value)
        case .number(let value): return String(value)
        case .array(let values): return "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let members): return "{" + members.map { JSON.quoted($0.0) + ":" + $0.1.text }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..."\u{1f}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
