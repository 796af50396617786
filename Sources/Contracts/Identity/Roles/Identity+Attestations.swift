public import Execution
public import Ledger
public import Primitives

/// What accounts say about others: that a service knows who is behind an account, that an auditor has seen a data centre. The claim
/// itself stays with those whom it concerns; here is its hash, so that it can be shown to whom it may and be recognised.
///
/// Anybody may attest anything about anybody, therefore an attestation is worth what its attester is: ask for those of attesters that
/// you trust, by name.
extension Identity {
    /// Whose claim of which kind.
    public typealias AttestationKey = KeyPair<Address, Text32>

    /// One claim of an attester about a subject.
    public struct Attestation: Hashable, Record {
        public let claim: Digest
        public let made: Timestamp
        public let expires: Timestamp?
        public var revoked: Timestamp?

        public init(claim: Digest, made: Timestamp, expires: Timestamp?, revoked: Timestamp? = nil) {
            self.claim = claim
            self.made = made
            self.expires = expires
            self.revoked = revoked
        }

        func standing(at time: Timestamp) -> AttestationStanding {
            if revoked != nil { return .revoked }
            return expires.map { $0 <= time } ?? false ? .expired : .valid
        }

        public static let fields = Fields(
            Field("claim", "SHA-256 of the claim, salted when it could be guessed.") { $0.claim },
            Field("made", "Block time at which it was made.") { $0.made },
            Field("expires", "Block time from which it counts no more; none for never.") { $0.expires },
            Field("revoked", "Block time at which its attester took it back.") { $0.revoked }, make: Attestation.init)
    }

    /// Whether an attestation counts.
    public enum AttestationStanding: Hashable, Choice {
        case valid, expired, revoked

        public static let cases: [Case<AttestationStanding>] = [
            Case("valid", "It counts.", .valid), Case("expired", "Its time is over.", .expired),
            Case("revoked", "Its attester took it back.", .revoked),
        ]
    }

    /// An attestation as a view shows it.
    public struct AttestationEntry: Hashable, Record {
        public let attester: Address
        public let kind: Text32
        public let attestation: Attestation
        public let standing: AttestationStanding

        public init(attester: Address, kind: Text32, attestation: Attestation, standing: AttestationStanding) {
            self.attester = attester
            self.kind = kind
            self.attestation = attestation
            self.standing = standing
        }

        public static let fields = Fields(
            Field("attester", "Who says so.") { $0.attester }, Field("kind", "What kind of claim it is.") { $0.kind },
            Field("attestation", "The claim.") { $0.attestation }, Field("standing", "Whether it counts.") { $0.standing },
            make: AttestationEntry.init)
    }

    /// A part of the attestations about an account.
    public struct AttestationPage: Hashable, Record {
        public let entries: Bounded<100, AttestationEntry>
        public let next: AttestationKey?

        public init(entries: Bounded<100, AttestationEntry>, next: AttestationKey?) {
            self.entries = entries
            self.next = next
        }

        public static let fields = Fields(
            Field("entries", "By attester and kind.") { $0.entries },
            Field("next", "Where the next page begins; none at the end.") { $0.next }, make: AttestationPage.init)
    }

    // ── Calls ──

    public static let attest = Method(
        "attest", "Attests a claim about another account; one of the same kind by the same attester is replaced.",
        Argument("subject", "About whom.", Address.self),
        Argument("kind", "What kind of claim, as kyc or iso27001; letters, digits, dot, hyphen, underscore.", Text32.self),
        Argument("claim", "SHA-256 of the claim.", Digest.self),
        Argument("expires", "Block time from which it counts no more; none for never.", Timestamp?.self)
    ) { context, subject, kind, claim, expires throws(CallError) in
        try context.require(subject != context.caller, IdentityRejection.subjectSelf)
        try context.requireToken(kind.text)
        if let expires { try context.require(expires > context.block.time, IdentityRejection.expiryPast, "block time is \(context.block.time)") }
        let attestation = Attestation(claim: claim, made: context.block.time, expires: expires)
        try context.write(attestations, KeyPair(subject, KeyPair(context.caller, kind)), attestation)
        try context.emit(Attested(attester: context.caller, subject: subject, kind: kind, claim: claim, expires: expires))
        return Nothing()
    }

    public static let revoke = Method(
        "revoke", "Takes back what the caller attested. The record stays, so that everybody sees it.",
        Argument("subject", "About whom.", Address.self), Argument("kind", "What kind of claim.", Text32.self)
    ) { context, subject, kind throws(CallError) in
        let key = KeyPair(subject, KeyPair(context.caller, kind))
        guard var attestation = try context.read(attestations, key), attestation.revoked == nil else {
            throw context.rejection(IdentityRejection.attestationUnknown)
        }
        attestation.revoked = context.block.time
        try context.write(attestations, key, attestation)
        try context.emit(Revoked(attester: context.caller, subject: subject, kind: kind))
        return Nothing()
    }

    // ── Views ──

    public static let attestation = Method(
        "attestation", "What one account attests about another, if it ever did.", kind: .view,
        Argument("subject", "About whom.", Address.self), Argument("attester", "Who attests.", Address.self),
        Argument("kind", "What kind of claim.", Text32.self)
    ) { context, subject, attester, kind throws(CallError) in
        try context.read(attestations, KeyPair(subject, KeyPair(attester, kind))).map {
            AttestationEntry(attester: attester, kind: kind, attestation: $0, standing: $0.standing(at: context.block.time))
        }
    }

    public static let attestationsAbout = Method(
        "attestations_about", "All that is attested about an account, page by page.", kind: .view,
        Argument("subject", "About whom.", Address.self),
        Argument("from", "Where to begin; none for the first page. An attester and an empty kind begin with that attester.", AttestationKey?.self),
        Argument("limit", "At most so many, up to 100.", UInt16.self)
    ) { context, subject, from, limit throws(CallError) in
        let found = try context.entries(attestations, first: subject, from: from, limit: Costs.pageSize(limit) + 1)
        let entries = found.map {
            AttestationEntry(
                attester: $0.key.second.first, kind: $0.key.second.second, attestation: $0.value,
                standing: $0.value.standing(at: context.block.time))
        }
        let page = Costs.page(entries, limit) as (Bounded<100, AttestationEntry>, next: AttestationEntry?)
        return AttestationPage(entries: page.0, next: page.next.map { KeyPair($0.attester, $0.kind) })
    }
}
