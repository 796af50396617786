public import Execution
public import Ledger
public import Primitives

extension Identity {
    /// Why a binding ended.
    public enum UnbindingCause: Choice {
        case endedByAccount, endedByKey, movedByKey, replaced

        public static let cases: [Case<UnbindingCause>] = [
            Case("endedByAccount", "The account ended it.", .endedByAccount), Case("endedByKey", "The certificate's key ended it.", .endedByKey),
            Case("movedByKey", "The key speaks for another account now.", .movedByKey),
            Case("replaced", "The account bound a certificate in its place.", .replaced),
        ]
    }

    /// A certificate was bound to an account.
    public struct CertificateBound: Hashable, ContractEvent {
        public static let name: EventName = "CertificateBound"
        public static let documentation: StaticString = "A certificate was bound to an account."
        public let account: Address
        public let certificate: Digest
        public let key: Digest
        public let root: Digest?

        public init(account: Address, certificate: Digest, key: Digest, root: Digest?) {
            self.account = account
            self.certificate = certificate
            self.key = key
            self.root = root
        }

        public static let fields = Fields(
            Field("account", "Whose it is.") { $0.account },
            Field("certificate", "Its fingerprint.") { $0.certificate },
            Field("key", "The fingerprint of its key.") { $0.key },
            Field("root", "The root that vouches for its names.") { $0.root }, make: CertificateBound.init)
    }

    /// A binding ended.
    public struct CertificateUnbound: Hashable, ContractEvent {
        public static let name: EventName = "CertificateUnbound"
        public static let documentation: StaticString = "A binding ended."
        public let account: Address
        public let certificate: Digest
        public let cause: UnbindingCause

        public init(account: Address, certificate: Digest, cause: UnbindingCause) {
            self.account = account
            self.certificate = certificate
            self.cause = cause
        }

        public static let fields = Fields(
            Field("account", "Whose it was.") { $0.account },
            Field("certificate", "The certificate's fingerprint.") { $0.certificate },
            Field("cause", "Who ended it.") { $0.cause }, make: CertificateUnbound.init)
    }

    /// Governance trusts an issuer.
    public struct RootRegistered: Hashable, ContractEvent {
        public static let name: EventName = "RootRegistered"
        public static let documentation: StaticString = "Governance trusts an issuer."
        public let key: Digest
        public let certificate: Digest

        public init(key: Digest, certificate: Digest) {
            self.key = key
            self.certificate = certificate
        }

        public static let fields = Fields(
            Field("key", "The fingerprint of its key.") { $0.key },
            Field("certificate", "That of its certificate.") { $0.certificate }, make: RootRegistered.init)
    }

    /// Governance trusts an issuer no more.
    public struct RootRemoved: Hashable, ContractEvent {
        public static let name: EventName = "RootRemoved"
        public static let documentation: StaticString = "Governance trusts an issuer no more."
        public let key: Digest

        public init(key: Digest) {
            self.key = key
        }

        public static let fields = Fields(
            Field("key", "The fingerprint of its key.") { $0.key }, make: RootRemoved.init)
    }
}
