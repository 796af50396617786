public import Execution
public import Ledger
public import Primitives

/// Decentralised identifiers (W3C DID Core 1.0): `did:trellis:<network>:<address>`. Every account has one and needs to do nothing for
/// it; a document is written when the default one is not enough.
///
/// The identifier is the account's address and never changes. Keys do: methods are replaced by an update, and so are the controllers,
/// who alone may update. An account that is not among its document's controllers has no say over it any more, which is how an
/// identity outlives the key that it began with.
extension Identity {
    static let documents = StoredMap(30, "documents", "Documents that differ from the default.", Address.self, Document.self)

    /// For what a verification method may be used (DID Core §5.3).
    public enum Purpose: Choice {
        case authentication, assertion, agreement, invocation, delegation

        public static let cases: [Case<Purpose>] = [
            Case("authentication", "To log in as the subject.", .authentication), Case("assertion", "To issue credentials.", .assertion),
            Case("agreement", "To encrypt for the subject.", .agreement), Case("invocation", "To use the subject's capabilities.", .invocation),
            Case("delegation", "To hand capabilities on.", .delegation),
        ]
    }

    /// With what a proof is checked.
    public enum Material: Hashable, Choice {
        case account, ed25519(PublicKey), x25519(Digest), multisig(KeySet), certificate

        public static let cases: [Case<Material>] = [
            Case("account", "Whatever signs the account's transactions.", .account),
            Case("ed25519", "An Ed25519 key.", Material.ed25519) { if case .ed25519(let key) = $0 { key } else { nil } },
            Case("x25519", "An X25519 key, for agreement only.", Material.x25519) { if case .x25519(let key) = $0 { key } else { nil } },
            Case("multisig", "Some of several Ed25519 keys.", Material.multisig) { if case .multisig(let keys) = $0 { keys } else { nil } },
            Case("certificate", "The certificate that is bound to the account at the time, while it is valid.", .certificate),
        ]
    }

    /// Keys of which `threshold` are needed.
    public struct KeySet: Hashable, Record {
        public let threshold: UInt8
        public let keys: Bounded<16, PublicKey>

        public init(threshold: UInt8, keys: Bounded<16, PublicKey>) {
            self.threshold = threshold
            self.keys = keys
        }

        public static let fields = Fields(
            Field("threshold", "How many must sign.") { $0.threshold }, Field("keys", "Distinct keys.") { $0.keys }, make: KeySet.init)
    }

    /// One way to prove something in the subject's name.
    public struct VerificationMethod: Hashable, Record {
        public let fragment: Text32
        public let material: Material
        public let purposes: Bounded<5, Purpose>

        public init(fragment: Text32, material: Material, purposes: Bounded<5, Purpose>) {
            self.fragment = fragment
            self.material = material
            self.purposes = purposes
        }

        public static let fields = Fields(
            Field("fragment", "What it is called behind the #.") { $0.fragment }, Field("material", "With what a proof is checked.") { $0.material },
            Field("purposes", "For what it may be used; each once.") { $0.purposes }, make: VerificationMethod.init)
    }

    /// A service of the subject.
    public struct Service: Hashable, Record {
        public let fragment: Text32
        public let kind: Text32
        public let endpoint: Text256

        public init(fragment: Text32, kind: Text32, endpoint: Text256) {
            self.fragment = fragment
            self.kind = kind
            self.endpoint = endpoint
        }

        public static let fields = Fields(
            Field("fragment", "What it is called behind the #.") { $0.fragment }, Field("kind", "Its type, as LinkedDomains.") { $0.kind },
            Field("endpoint", "Its URI.") { $0.endpoint }, make: Service.init)
    }

    /// What a controller decides about.
    public struct DocumentContent: Hashable, Record {
        public let controllers: Bounded<8, Address>
        public let methods: Bounded<16, VerificationMethod>
        public let services: Bounded<8, Service>
        public let alsoKnownAs: Bounded<4, Text256>

        public init(
            controllers: Bounded<8, Address>, methods: Bounded<16, VerificationMethod>, services: Bounded<8, Service> = Bounded(),
            alsoKnownAs: Bounded<4, Text256> = Bounded()
        ) {
            self.controllers = controllers
            self.methods = methods
            self.services = services
            self.alsoKnownAs = alsoKnownAs
        }

        /// What an account has that wrote nothing: itself.
        public static func `default`(of account: Address) -> DocumentContent {
            guard let controllers = Bounded<8, Address>([account]),
                  let purposes = Bounded<5, Purpose>([.authentication, .assertion, .invocation, .delegation]),
                  let methods = Bounded<16, VerificationMethod>([VerificationMethod(fragment: "account", material: .account, purposes: purposes)])
            else { preconditionFailure("one of each") }
            return DocumentContent(controllers: controllers, methods: methods)
        }

        public static let fields = Fields(
            Field("controllers", "Who may change the document; at least one.") { $0.controllers },
            Field("methods", "Ways to prove something in the subject's name.") { $0.methods },
            Field("services", "Services of the subject.") { $0.services },
            Field("alsoKnownAs", "Other URIs of the subject, by its own word.") { $0.alsoKnownAs }, make: DocumentContent.init)
    }

    /// A document as it is kept. A deactivated one has no content and stays so.
    public struct Document: Hashable, Record {
        public let content: DocumentContent?
        public let version: UInt64
        public let created: Timestamp
        public let updated: Timestamp

        public init(content: DocumentContent?, version: UInt64, created: Timestamp, updated: Timestamp) {
            self.content = content
            self.version = version
            self.created = created
            self.updated = updated
        }

        public static let fields = Fields(
            Field("content", "What it says; none when the identifier was deactivated.") { $0.content },
            Field("version", "1 for the first that was written, one more with each change.") { $0.version },
            Field("created", "Block time of the first.") { $0.created }, Field("updated", "Block time of this one.") { $0.updated },
            make: Document.init)
    }

    /// A document as a view shows it, with all that is needed to render it.
    public struct DocumentEntry: Hashable, Record {
        public let subject: Address
        public let content: DocumentContent?
        public let version: UInt64
        public let created: Timestamp?
        public let updated: Timestamp?
        public let certificate: Binding?

        public init(subject: Address, content: DocumentContent?, version: UInt64, created: Timestamp?, updated: Timestamp?, certificate: Binding?) {
            self.subject = subject
            self.content = content
            self.version = version
            self.created = created
            self.updated = updated
            self.certificate = certificate
        }

        public static let fields = Fields(
            Field("subject", "Whose it is.") { $0.subject },
            Field("content", "What it says; none when the identifier was deactivated.") { $0.content },
            Field("version", "0 for the default one.") { $0.version }, Field("created", "When the first was written.") { $0.created },
            Field("updated", "When this one was written.") { $0.updated },
            Field("certificate", "The certificate that is bound to the subject and valid now.") { $0.certificate }, make: DocumentEntry.init)
    }
}
