import Cryptography
public import Execution
import Ledger
public import Primitives

/// Offer, counter-offer, acceptance. What is accepted is a digest, so nobody agrees to what was put on the table a moment ago.
extension Agreements {
    public static let propose = Method(
        "propose", "Puts terms on the table, accepts them, and returns the agreement's number. For consumer and providers.",
        Argument("terms", "All of them.", Terms.self)
    ) { context, terms throws(CallError) in
        let place = try party(context.caller, of: terms, context)
        let digest = try checked(terms, context)
        var agreement = Agreement(number: try nextNumber(context), digest: digest, terms: terms)
        for party in terms.parties {
            try context.write(participations, KeyPair(party, agreement.number), party == terms.consumer ? .consumer : .provider)
        }
        try put(terms, by: place, &agreement, context)
        return agreement.number
    }

    public static let counter = Method(
        "counter", "Puts other terms in the place of those on the table, and accepts them. Consumer and providers stay the same.",
        Argument("agreement", "Which.", UInt64.self), Argument("terms", "All of them.", Terms.self)
    ) { context, number, terms throws(CallError) in
        let (old, before) = try found(number, context)
        let place = try party(context.caller, of: before, context)
        try requireOpen(old, before, context)
        try context.require(terms.parties == before.parties, AgreementsRejection.partiesChanged)
        let digest = try checked(terms, context)
        var agreement = Agreement(number: number, digest: digest, terms: terms)
        agreement.round = old.round
        try put(terms, by: place, &agreement, context)
        return Nothing()
    }

    public static let accept = Method(
        "accept", "Signs the terms on the table. The last signature makes them binding.",
        Argument("agreement", "Which.", UInt64.self), Argument("digest", "Of the terms, as `digest` computes it.", Digest.self)
    ) { context, number, digest throws(CallError) in
        var (agreement, terms) = try found(number, context)
        let place = try party(context.caller, of: terms, context)
        try requireOpen(agreement, terms, context)
        try context.require(agreement.digest == digest, AgreementsRejection.digestDiffers, "the digest of the terms is \(agreement.digest.bytes.hex)")
        try context.require(agreement.acceptances >> place & 1 == 0, AgreementsRejection.acceptedAlready)
        agreement.acceptances |= 1 << place
        try context.emit(Accepted(agreement: number, party: context.caller, digest: digest))
        try signIfAll(&agreement, terms, context)
        try save(agreement, context)
        return Nothing()
    }

    public static let conclude = Method(
        "conclude", """
            Brings terms that were negotiated elsewhere, with the signatures of all other parties, and returns the number of the agreement \
            that they make. For consumer and providers.
            """,
        Argument("terms", "All of them.", Terms.self),
        Argument("signatures", "Of the other parties, in the order of the terms.", Bounded<8, PartySignature>.self)
    ) { context, terms, signatures throws(CallError) in
        let place = try party(context.caller, of: terms, context)
        let digest = try checked(terms, context)
        let others = terms.parties.enumerated().filter { $0.offset != place }.map(\.element)
        try context.require(signatures.count == others.count, AgreementsRejection.signatureInvalid)
        let message = terms.signedBytes(chainID: context.block.chainID)
        for (other, signature) in zip(others, signatures) {
            try context.require(Address(of: signature.key) == other, AgreementsRejection.signatureInvalid)
            try context.require(try context.verifySignature(signature.signature, of: message, by: signature.key), AgreementsRejection.signatureInvalid)
        }
        var agreement = Agreement(number: try nextNumber(context), digest: digest, terms: terms)
        for party in terms.parties {
            try context.write(participations, KeyPair(party, agreement.number), party == terms.consumer ? .consumer : .provider)
        }
        agreement.acceptances = allAccepted(terms)
        agreement.round = 1
        try context.write(termRecords, agreement.number, terms)
        try context.emit(Proposed(agreement: agreement.number, by: context.caller, round: 1, digest: digest))
        try signIfAll(&agreement, terms, context)
        try save(agreement, context)
        return agreement.number
    }

    public static let withdraw = Method(
        "withdraw", "Ends a negotiation. For consumer and providers.", Argument("agreement", "Which.", UInt64.self)
    ) { context, number throws(CallError) in
        var (agreement, terms) = try found(number, context)
        _ = try party(context.caller, of: terms, context)
        try context.require(agreement.phase == .offered, AgreementsRejection.phaseWrong)
        agreement.phase = .lapsed
        try save(agreement, context)
        try context.emit(Lapsed(agreement: number))
        return Nothing()
    }

    /// A party's signature over terms.
    public struct PartySignature: Hashable, Record {
        public let key: PublicKey
        public let signature: Signature

        public init(key: PublicKey, signature: Signature) {
            self.key = key
            self.signature = signature
        }

        public static let fields = Fields(
            Field("key", "Of the party's account.") { $0.key }, Field("signature", "Over the terms.") { $0.signature },
            make: { PartySignature(key: $0, signature: $1) })
    }

    // ── Rules ──

    /// The place of a party: 0 for the consumer, 1 + i for provider i.
    static func party(_ account: Address, of terms: Terms, _ context: CallContext) throws(CallError) -> Int {
        guard let place = terms.parties.firstIndex(of: account) else { throw context.rejection(AgreementsRejection.notParty) }
        return place
    }

    private static func allAccepted(_ terms: Terms) -> UInt16 { (1 << UInt16(1 + terms.providers.count)) - 1 }

    private static func nextNumber(_ context: CallContext) throws(CallError) -> UInt64 {
        let number = try context.read(count) ?? 0
        try context.write(count, number + 1)
        return number
    }

    private static func requireOpen(_ agreement: Agreement, _ terms: Terms, _ context: CallContext) throws(CallError) {
        try context.require(agreement.phase == .offered, AgreementsRejection.phaseWrong)
        try context.require(context.block.time < terms.expires, AgreementsRejection.expired)
    }

    /// The digest of terms that can become an agreement, and have not become one.
    private static func checked(_ terms: Terms, _ context: CallContext) throws(CallError) -> Digest {
        try context.charge(GasSchedule.step * Terms.checkSteps)
        if let fault = terms.fault(at: context.block.time) { throw context.rejection(AgreementsRejection.termsInvalid, fault.description) }
        let digest = try context.sha256(terms.signedBytes(chainID: context.block.chainID))
        try context.require(!(try context.contains(digests, digest)), AgreementsRejection.termsUsed)
        return digest
    }

    private static func put(_ terms: Terms, by place: Int, _ agreement: inout Agreement, _ context: CallContext) throws(CallError) {
        agreement.round += 1
        agreement.acceptances = 1 << UInt16(place)
        try context.write(termRecords, agreement.number, terms)
        try save(agreement, context)
        try context.emit(Proposed(agreement: agreement.number, by: context.caller, round: agreement.round, digest: agreement.digest))
    }

    private static func signIfAll(_ agreement: inout Agreement, _ terms: Terms, _ context: CallContext) throws(CallError) {
        guard agreement.acceptances == allAccepted(terms) else { return }
        // The same terms may lie on two tables; they make one agreement.
        try context.require(!(try context.contains(digests, agreement.digest)), AgreementsRejection.termsUsed)
        agreement.phase = .signed
        try context.write(digests, agreement.digest, agreement.number)
        let watchers = terms.monitors.map { ($0.account, Role.monitor) } + (terms.arbiter.map { [($0, Role.arbiter)] } ?? [])
        for (account, role) in watchers where !terms.parties.contains(account) {
            try context.write(participations, KeyPair(account, agreement.number), role)
        }
        try context.emit(Signed(agreement: agreement.number, digest: agreement.digest))
    }
}
