public import Execution
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

/// Whether an offer can be had.
public enum ListingStatus: Hashable, Choice {
    case open
    /// Not now, as the provider says.
    case paused

    public static let cases: [Case<ListingStatus>] = [
        Case("open", "It can be had, as long as units are free.", .open), Case("paused", "It cannot be had now.", .paused),
    ]
}
