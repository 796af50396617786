public import Execution
public import Ledger
public import Primitives

extension KnowledgeMesh {
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
