public import Execution
public import Ledger
public import Primitives
import WorldState

extension KnowledgeMesh {
    public static let listing = Method(
        "listing", "A listing; none when there is none of this number.", kind: .view, Argument("listing", "Its number.", UInt64.self)
    ) { context, number throws(CallError) in
        try context.read(listings, number)
    }

    public static let listingsOf = Method(
        "listings_of", "Numbers of a provider's listings, the newest first, at most 100.", kind: .view,
        Argument("provider", "Whose.", Address.self),
        Argument("before", "Only those with a smaller number; none to begin with the newest.", UInt64?.self)
    ) { context, provider, before throws(CallError) in
        let found = try context.entries(byProvider, first: provider, from: before, .descending, limit: Int(searchMax))
        return Bounded<100, UInt64>(found.map(\.key.second)) ?? Bounded()
    }

    public static let search = Method(
        "search", """
            Compares a page of the listings of a kind with what is looked for: those that fit in the order that is asked for, and every reason \
            against the others. A page ends early when there is much to tell.
            """, kind: .view,
        Argument("query", "What is looked for.", SearchQuery.self),
        Argument("from", "The first number to look at; none for the beginning.", UInt64?.self),
        Argument("limit", "Listings to look at, from 1 to 100.", UInt16.self)
    ) { context, query, from, limit throws(CallError) in
        let limit = Int(max(1, min(limit, searchMax)))
        let keys = try context.entries(byKind, first: query.kind, from: from, limit: limit + 1)
        var fitting: [Listing] = [], others: [SearchMiss] = []
        var next = keys.count > limit ? keys[limit].key.second : nil, bytes = 0
        for number in keys.prefix(limit).map(\.key.second) {
            guard bytes < searchBytesMax else {
                next = number
                break
            }
            guard let listing = try context.read(listings, number) else { throw context.failure(.stateMalformed) }
            try context.charge(GasSchedule.step * SearchQuery.steps)
            let mismatches = query.mismatches(of: listing)
            if mismatches.isEmpty {
                fitting.append(listing)
                bytes += hitBytes
            } else {
                let miss = SearchMiss(listing: number, reasons: Bounded(mismatches) ?? Bounded())
                others.append(miss)
                bytes += miss.bcs.count
            }
        }
        let hits = fitting.sorted(by: query.precedes).map {
            SearchHit(
                listing: $0.number, provider: $0.provider, revision: $0.revision, name: $0.offer.name, region: $0.offer.region,
                price: query.price(of: $0.offer) ?? $0.offer.price, powerMilliwatts: $0.offer.powerMilliwatts, free: $0.free, updated: $0.updated)
        }
        return SearchResult(hits: Bounded(hits) ?? Bounded(), misses: Bounded(others) ?? Bounded(), next: next)
    }

    public static let depositOf = Method(
        "deposit_of", "The deposit for an offer, and why it cannot be published.", kind: .view, Argument("offer", "What is offered.", Offer.self)
    ) { context, offer throws(CallError) in
        try context.charge(GasSchedule.step * Offer.checkSteps(bytes: offer.bcs.count))
        return OfferCheck(deposit: deposit(for: offer), fault: offer.fault.map { ReceiptMessage(truncating: $0.description) })
    }

    public static let books = Method(
        "books", "The sum of all deposits, which the contract holds.", kind: .view
    ) { context throws(CallError) in
        try context.read(deposits) ?? .zero
    }

    /// What a search found in its page.
    public struct SearchResult: Hashable, Record {
        public let hits: Bounded<100, SearchHit>
        public let misses: Bounded<100, SearchMiss>
        /// Where the next page begins; none when this was the last.
        public let next: UInt64?

        public static let fields = Fields(
            Field("hits", "Those that fit, in the order that was asked for.") { $0.hits }, Field("misses", "The others, and why.") { $0.misses },
            Field("next", "Where the next page begins; none when this was the last.") { $0.next },
            make: { SearchResult(hits: $0, misses: $1, next: $2) })
    }

    /// A listing that fits, without its details.
    public struct SearchHit: Hashable, Record {
        public let listing: UInt64
        public let provider: Address
        public let revision: UInt32
        public let name: BoundedText<Offer.NameBound>
        public let region: Offer.Region
        /// Of a unit and hour, with the options that were asked for.
        public let price: Amount
        public let powerMilliwatts: UInt32?
        public let free: UInt32
        public let updated: Timestamp

        public static let fields = Fields(
            Field("listing", "Its number.") { $0.listing }, Field("provider", "Whose it is.") { $0.provider },
            Field("revision", "How often it was amended.") { $0.revision }, Field("name", "For people.") { $0.name },
            Field("region", "Where it is.") { $0.region },
            Field("price", "Of a unit and hour, with the options that were asked for.") { $0.price },
            Field("powerMilliwatts", "What a unit draws.") { $0.powerMilliwatts }, Field("free", "Units that can be had now.") { $0.free },
            Field("updated", "When anything of it changed.") { $0.updated },
            make: {
                SearchHit(
                    listing: $0, provider: $1, revision: $2, name: $3, region: $4, price: $5, powerMilliwatts: $6, free: $7, updated: $8)
            })
    }

    /// A listing that does not fit.
    public struct SearchMiss: Hashable, Record {
        public let listing: UInt64
        public let reasons: Bounded<40, SearchMismatch>

        public static let fields = Fields(
            Field("listing", "Its number.") { $0.listing }, Field("reasons", "All of them.") { $0.reasons },
            make: { SearchMiss(listing: $0, reasons: $1) })
    }

    /// What can be said of an offer before it is published.
    public struct OfferCheck: Hashable, Record {
        public let deposit: Amount
        public let fault: ReceiptMessage?

        public static let fields = Fields(
            Field("deposit", "What must be attached.") { $0.deposit }, Field("fault", "Why it cannot be published; none when it can.") { $0.fault },
            make: { OfferCheck(deposit: $0, fault: $1) })
    }
}
