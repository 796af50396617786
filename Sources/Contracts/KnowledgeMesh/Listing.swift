public import Execution
public import Ledger
public import Primitives

/// An offer as the mesh keeps it.
public struct Listing: Hashable, Record {
    public let number: UInt64
    public let provider: Address
    /// How often the offer was amended.
    public internal(set) var revision: UInt32
    public internal(set) var offer: Offer
    public internal(set) var status: ListingStatus
    /// Units that can be had now, as the provider says.
    public internal(set) var free: UInt32
    /// Base units that come back when it is withdrawn.
    public internal(set) var deposit: Amount
    /// When anything of it changed.
    public internal(set) var updated: Timestamp

    public static let fields = Fields(
        Field("number", "Its number.") { $0.number }, Field("provider", "Who offers.") { $0.provider },
        Field("revision", "How often it was amended.") { $0.revision }, Field("offer", "What is offered.") { $0.offer },
        Field("status", "Whether it can be had.") { $0.status }, Field("free", "Units that can be had now.") { $0.free },
        Field("deposit", "Base units that come back when it is withdrawn.") { $0.deposit }, Field("updated", "When anything of it changed.") { $0.updated },
        make: { Listing(number: $0, provider: $1, revision: $2, offer: $3, status: $4, free: $5, deposit: $6, updated: $7) })
}

/// A listing as a list shows it.
public struct ListingSummary: Hashable, Record {
    public let number: UInt64
    public let provider: Address
    public let revision: UInt32
    public let kind: Offer.Token
    public let name: BoundedText<Offer.NameBound>
    public let region: Offer.Region
    /// Of a unit and hour, without options.
    public let price: Amount
    public let powerMilliwatts: UInt32?
    public let status: ListingStatus
    public let free: UInt32
    public let updated: Timestamp

    public static let fields = Fields(
        Field("number", "Its number.") { $0.number }, Field("provider", "Who offers.") { $0.provider },
        Field("revision", "How often it was amended.") { $0.revision }, Field("kind", "What it is.") { $0.kind },
        Field("name", "For people.") { $0.name }, Field("region", "Where it is.") { $0.region },
        Field("price", "Of a unit and hour, without options.") { $0.price }, Field("powerMilliwatts", "What a unit draws.") { $0.powerMilliwatts },
        Field("status", "Whether it can be had.") { $0.status }, Field("free", "Units that can be had now.") { $0.free },
        Field("updated", "When anything of it changed.") { $0.updated },
        make: {
            ListingSummary(
                number: $0, provider: $1, revision: $2, kind: $3, name: $4, region: $5, price: $6, powerMilliwatts: $7, status: $8,
                free: $9, updated: $10)
        })
}

extension ListingSummary {
    init(_ listing: Listing) {
        let offer = listing.offer
        self.init(
            number: listing.number, provider: listing.provider, revision: listing.revision, kind: offer.kind, name: offer.name,
            region: offer.region, price: offer.price, powerMilliwatts: offer.powerMilliwatts, status: listing.status, free: listing.free,
            updated: listing.updated)
    }
}

/// Whether an offer can be had.
public enum ListingStatus: Hashable, Choice {
    case open
    /// Not now, as the provider says.
    case paused

    public static let cases: [Case<ListingStatus>] = [
        Case("open", "It can be had, as long as units are free.", .open), Case("paused", "It cannot be had now.", .paused),
    ]
}
