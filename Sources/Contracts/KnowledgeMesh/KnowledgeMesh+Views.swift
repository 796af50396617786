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

    public static let offers = Method(
        "offers", "Offers of all kinds, the newest first, at most 50.", kind: .view,
        Argument("provider", "Only those of this account; none for everybody's.", Address?.self),
        Argument("before", "Only those with a smaller number; none to begin with the newest.", UInt64?.self)
    ) { context, provider, before throws(CallError) in
        var found: [ListingSummary] = []
        if let provider {
            for (key, _) in try context.entries(byProvider, first: provider, from: before, .descending, limit: listMax) {
                guard let listing = try context.read(listings, key.second) else { throw context.failure(.stateMalformed) }
                found.append(ListingSummary(listing))
            }
        } else {
            found = try context.entries(listings, from: before, .descending, limit: listMax).map { ListingSummary($0.value) }
        }
        return Bounded<50, ListingSummary>(found) ?? Bounded()
    }

    public static let kinds = Method(
        "kinds", "The kinds of which there are offers, shorter names first, at most 50.", kind: .view,
        Argument("from", "Only kinds behind this one; none to begin with the first.", Offer.Token?.self)
    ) { context, from throws(CallError) in
        var found: [Offer.Token] = [], last = from
        // One step for each kind, however many offers there are of it: no offer has the largest number.
        while found.count < listMax {
            guard let next = try context.entries(byKind, from: last.map { KeyPair($0, .max) }, limit: 1).first?.key.first else { break }
            found.append(next)
            last = next
        }
        return Bounded<50, Offer.Token>(found) ?? Bounded()
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
}
