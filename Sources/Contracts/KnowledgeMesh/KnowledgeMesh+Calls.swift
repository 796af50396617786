public import Execution
import Ledger
import Primitives

extension KnowledgeMesh {
    static let count = StoredValue(0, "count", "How many offers were published.", UInt64.self)
    static let listings = StoredMap(1, "listings", "Listings by number.", UInt64.self, Listing.self)
    static let byKind = StoredMap(2, "by_kind", "Listings of each kind.", KeyPair<Offer.Token, UInt64>.self, Nothing.self)
    static let byProvider = StoredMap(3, "by_provider", "Listings of each provider.", KeyPair<Address, UInt64>.self, Nothing.self)
    static let deposits = StoredValue(4, "deposits", "The sum of all deposits.", Amount.self)

    public static let publish = Method(
        "publish", "Publishes an offer and returns its number. The attached value is the deposit for its bytes, which comes back when it is withdrawn.",
        takesValue: true, Argument("offer", "What is offered.", Offer.self), Argument("free", "Units that can be had now.", UInt32.self)
    ) { context, offer, free throws(CallError) in
        let deposit = try checked(offer, context)
        try context.require(context.value == deposit, KnowledgeMeshRejection.depositWrong, "\(deposit) is due, \(context.value) is attached")
        let number = try context.read(count) ?? 0
        let listing = Listing(
            number: number, provider: context.caller, revision: 0, offer: offer, status: .open, free: free, deposit: deposit, updated: context.block.time)
        try context.write(count, number + 1)
        try context.write(byProvider, KeyPair(context.caller, number), Nothing())
        try context.write(byKind, KeyPair(offer.kind, number), Nothing())
        try context.write(listings, number, listing)
        try enter(deposit, instead: .zero, context)
        try context.emit(ListingPublished(listing: number, provider: context.caller, kind: offer.kind))
        return number
    }

    public static let amend = Method(
        "amend", "Puts another offer in the place of an earlier one. The attached value fills up the deposit; what is too much comes back. For its provider.",
        takesValue: true, Argument("listing", "Which.", UInt64.self), Argument("offer", "What is offered now.", Offer.self)
    ) { context, number, offer throws(CallError) in
        var listing = try own(number, context)
        let before = listing
        let deposit = try checked(offer, context)
        let due = deposit.subtracting(before.deposit) ?? .zero
        try context.require(context.value == due, KnowledgeMeshRejection.depositWrong, "\(due) is due, \(context.value) is attached")
        guard listing.revision < .max else { throw context.rejection(KnowledgeMeshRejection.offerInvalid) }
        listing.revision += 1
        listing.offer = offer
        listing.deposit = deposit
        listing.updated = context.block.time
        if offer.kind != before.offer.kind {
            try context.remove(byKind, KeyPair(before.offer.kind, number))
            try context.write(byKind, KeyPair(offer.kind, number), Nothing())
        }
        try context.write(listings, number, listing)
        try enter(deposit, instead: before.deposit, context)
        if let back = before.deposit.subtracting(deposit), back != .zero { try context.transfer(back, to: listing.provider) }
        try context.emit(ListingChanged(listing: number, revision: listing.revision, status: listing.status, free: listing.free))
        return Nothing()
    }

    public static let setState = Method(
        "set_state", "Says whether an offer can be had, and how many units of it. For its provider.", Argument("listing", "Which.", UInt64.self),
        Argument("status", "Whether it can be had.", ListingStatus.self), Argument("free", "Units that can be had now.", UInt32.self)
    ) { context, number, status, free throws(CallError) in
        var listing = try own(number, context)
        listing.status = status
        listing.free = free
        listing.updated = context.block.time
        try context.write(listings, number, listing)
        try context.emit(ListingChanged(listing: number, revision: listing.revision, status: status, free: free))
        return Nothing()
    }

    public static let withdraw = Method(
        "withdraw", "Takes an offer back, and the deposit with it. Agreements that came from it go on. For its provider.",
        Argument("listing", "Which.", UInt64.self)
    ) { context, number throws(CallError) in
        let listing = try own(number, context)
        try context.remove(listings, number)
        try context.remove(byKind, KeyPair(listing.offer.kind, number))
        try context.remove(byProvider, KeyPair(listing.provider, number))
        try enter(.zero, instead: listing.deposit, context)
        try context.transfer(listing.deposit, to: listing.provider)
        try context.emit(ListingWithdrawn(listing: number))
        return Nothing()
    }

    // ── Rules ──

    static func deposit(for offer: Offer) -> Amount {
        // Some kilobytes, far from overflow.
        Amount(UInt128(offer.bcs.count + listingBytes) * UInt128(depositPerByte))
    }

    /// The deposit for an offer that can be published.
    private static func checked(_ offer: Offer, _ context: CallContext) throws(CallError) -> Amount {
        let bytes = offer.bcs.count
        try context.charge(GasSchedule.step * Offer.checkSteps(bytes: bytes))
        if let fault = offer.fault { throw context.rejection(KnowledgeMeshRejection.offerInvalid, fault.description) }
        return deposit(for: offer)
    }

    private static func own(_ number: UInt64, _ context: CallContext) throws(CallError) -> Listing {
        guard let listing = try context.read(listings, number) else { throw context.rejection(KnowledgeMeshRejection.listingUnknown) }
        try context.require(listing.provider == context.caller, KnowledgeMeshRejection.notProvider)
        return listing
    }

    private static func enter(_ new: Amount, instead old: Amount, _ context: CallContext) throws(CallError) {
        guard let sum = try (context.read(deposits) ?? .zero).subtracting(old)?.adding(new) else { throw context.failure(.stateMalformed) }
        try context.write(deposits, sum)
    }
}
