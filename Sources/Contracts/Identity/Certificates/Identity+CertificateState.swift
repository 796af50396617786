import Cryptography
public import Execution
public import Ledger
public import Primitives

/// X.509 certificates bound to accounts. The certificate's key signed for the account, and the account sent the transaction: neither
/// can claim the other alone, and each can end the binding alone.
extension Identity {
    static let bindings = StoredMap(20, "certificates", "The certificate of each account that has one.", Address.self, Binding.self)
    static let keyHolders = StoredMap(
        21, "certificate_keys", "Keys that made a statement, by their fingerprint.", Digest.self, KeyHolder.self)
    static let certificateHolders = StoredMap(
        22, "certificate_holders", "Accounts by the fingerprint of their certificate.", Digest.self, Address.self)
    static let roots = StoredMap(23, "certificate_roots", "Issuers that governance trusts, by the fingerprint of their key.", Digest.self, Root.self)
    static let rootCount = StoredValue(24, "certificate_root_count", "How many roots there are.", UInt32.self)

    /// What the key of a certificate signs: `"trellis/certificate-binding/1" || chain ID || BCS(this)`.
    public struct BindingStatement: Hashable, Record {
        /// The zero address to end a binding.
        public let account: Address
        public let number: UInt64
        public let certificate: Digest

        public init(account: Address, number: UInt64, certificate: Digest) {
            self.account = account
            self.number = number
            self.certificate = certificate
        }

        public func message(chainID: ChainID) -> [UInt8] { SigningDomain.certificateBinding.signedBytes(self, chainID: chainID) }

        public static let fields = Fields(
            Field("account", "For whom the key speaks; the zero address for nobody any more.") { $0.account },
            Field("number", "Above that of every earlier statement of the key.") { $0.number },
            Field("certificate", "SHA-256 of the certificate.") { $0.certificate }, make: BindingStatement.init)
    }

    /// The last statement of a key.
    public struct KeyHolder: Hashable, Record {
        public var account: Address?
        public var number: UInt64

        public init(account: Address?, number: UInt64) {
            self.account = account
            self.number = number
        }

        public static let fields = Fields(
            Field("account", "Whose certificate has this key now; none when the binding ended.") { $0.account },
            Field("number", "The number of the key's last statement.") { $0.number }, make: KeyHolder.init)
    }

    /// The kind of a certificate's key.
    public enum KeyKind: Choice {
        case ed25519, p256, p384, rsa

        init(_ key: CertificateKey) {
            self = switch key {
            case .ed25519: .ed25519
            case .p256: .p256
            case .p384: .p384
            case .rsa: .rsa
            }
        }

        public static let cases: [Case<KeyKind>] = [
            Case("ed25519", "Ed25519.", .ed25519), Case("p256", "ECDSA on P-256.", .p256), Case("p384", "ECDSA on P-384.", .p384),
            Case("rsa", "RSA of 2048 to 4096 bits.", .rsa),
        ]
    }

    /// What is kept of a bound certificate. The certificate itself is in the transaction that bound it.
    public struct Binding: Hashable, Record {
        public let fingerprint: Digest
        public let keyFingerprint: Digest
        public let keyKind: KeyKind
        public let subject: BoundedBytes<1024>
        public let commonName: Text128?
        public let issuer: BoundedBytes<1024>
        public let serial: BoundedBytes<20>
        public let notBefore: Timestamp
        public let notAfter: Timestamp
        public let bound: Timestamp
        public let root: Digest?

        public init(
            fingerprint: Digest, keyFingerprint: Digest, keyKind: KeyKind, subject: BoundedBytes<1024>, commonName: Text128?,
            issuer: BoundedBytes<1024>, serial: BoundedBytes<20>, notBefore: Timestamp, notAfter: Timestamp, bound: Timestamp, root: Digest?
        ) {
            self.fingerprint = fingerprint
            self.keyFingerprint = keyFingerprint
            self.keyKind = keyKind
            self.subject = subject
            self.commonName = commonName
            self.issuer = issuer
            self.serial = serial
            self.notBefore = notBefore
            self.notAfter = notAfter
            self.bound = bound
            self.root = root
        }

        public static let fields = Fields(
            Field("fingerprint", "SHA-256 of the certificate.") { $0.fingerprint },
            Field("keyFingerprint", "SHA-256 of its SubjectPublicKeyInfo.") { $0.keyFingerprint },
            Field("keyKind", "The kind of its key.") { $0.keyKind }, Field("subject", "The subject's name, in DER.") { $0.subject },
            Field("commonName", "The subject's common name.") { $0.commonName }, Field("issuer", "The issuer's name, in DER.") { $0.issuer },
            Field("serial", "The serial number, most significant byte first.") { $0.serial },
            Field("notBefore", "When validity begins.") { $0.notBefore }, Field("notAfter", "The last second of validity.") { $0.notAfter },
            Field("bound", "Block time of the binding.") { $0.bound },
            Field("root", """
                The key of the root to which the issuer's signatures were followed; none when nobody but the certificate's \
                holder says who it is.
                """) { $0.root },
            make: Binding.init)
    }

    /// Whether a bound certificate is within its validity.
    public enum BindingStanding: Choice {
        case valid, expired

        public static let cases: [Case<BindingStanding>] = [
            Case("valid", "The certificate is valid now.", .valid),
            Case("expired", "The certificate has expired; the binding is worth nothing.", .expired),
        ]
    }

    /// On whose word the names in a certificate rest.
    public enum BindingLevel: Hashable, Choice {
        case selfAsserted, issued(Digest), lapsed(Digest)

        public static let cases: [Case<BindingLevel>] = [
            Case("selfAsserted", "The key is proven, the names are its holder's own word.", .selfAsserted),
            Case("issued", """
                A registered root vouched for the names when the certificate was bound, and is still registered and valid.
                """, BindingLevel.issued) {
                if case .issued(let root) = $0 { root } else { nil }
            },
            Case("lapsed", "The root that vouched for the names is no longer registered, or has expired.", BindingLevel.lapsed) {
                if case .lapsed(let root) = $0 { root } else { nil }
            },
        ]
    }

    /// A binding as a view shows it.
    public struct BindingEntry: Hashable, Record {
        public let binding: Binding
        public let standing: BindingStanding
        public let level: BindingLevel

        public init(binding: Binding, standing: BindingStanding, level: BindingLevel) {
            self.binding = binding
            self.standing = standing
            self.level = level
        }

        public static let fields = Fields(
            Field("binding", "What is kept of the certificate.") { $0.binding }, Field("standing", "Whether it is valid now.") { $0.standing },
            Field("level", "On whose word its names rest.") { $0.level }, make: BindingEntry.init)
    }

    /// How a certificate leads to a registered root.
    public struct Issuance: Hashable, Record {
        public let root: Digest
        public let intermediate: BoundedBytes<4096>?

        public init(root: Digest, intermediate: BoundedBytes<4096>? = nil) {
            self.root = root
            self.intermediate = intermediate
        }

        public static let fields = Fields(
            Field("root", "The fingerprint of the root's key.") { $0.root },
            Field("intermediate", """
                The certificate that the root issued and that issued the bound one; none when the root did it itself.
                """) { $0.intermediate },
            make: Issuance.init)
    }

    /// An issuer that governance trusts to know who is who.
    public struct Root: Hashable, Record {
        public let fingerprint: Digest
        public let subject: BoundedBytes<1024>
        public let key: BoundedBytes<640>
        public let notBefore: Timestamp
        public let notAfter: Timestamp
        public let pathLength: UInt8?

        public init(
            fingerprint: Digest, subject: BoundedBytes<1024>, key: BoundedBytes<640>, notBefore: Timestamp, notAfter: Timestamp, pathLength: UInt8?
        ) {
            self.fingerprint = fingerprint
            self.subject = subject
            self.key = key
            self.notBefore = notBefore
            self.notAfter = notAfter
            self.pathLength = pathLength
        }

        func isValid(at time: Timestamp) -> Bool { notBefore <= time && time.rawValue < notAfter.rawValue + 1_000 }

        public static let fields = Fields(
            Field("fingerprint", "SHA-256 of the certificate that was registered.") { $0.fingerprint },
            Field("subject", "Its name, in DER.") { $0.subject }, Field("key", "Its SubjectPublicKeyInfo.") { $0.key },
            Field("notBefore", "When its validity begins.") { $0.notBefore }, Field("notAfter", "The last second of its validity.") { $0.notAfter },
            Field("pathLength", "Certificates that may stand between it and the last one; none for any number.") { $0.pathLength }, make: Root.init)
    }

    /// A root in a list.
    public struct RootEntry: Hashable, Record {
        public let keyFingerprint: Digest
        public let root: Root

        public init(keyFingerprint: Digest, root: Root) {
            self.keyFingerprint = keyFingerprint
            self.root = root
        }

        public static let fields = Fields(
            Field("keyFingerprint", "SHA-256 of its SubjectPublicKeyInfo, by which it is called.") { $0.keyFingerprint },
            Field("root", "What is kept of it.") { $0.root }, make: RootEntry.init)
    }
}
