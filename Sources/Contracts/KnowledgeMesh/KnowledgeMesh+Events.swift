public import Execution
public import Ledger
public import Primitives

/// An offer was published.
public struct ListingPublished: Hashable, ContractEvent {
    public static let name: EventName = "ListingPublished"
    public static let documentation: StaticString = "An offer was published."
    public let listing: UInt64
    public let provider: Address
    public let kind: Offer.Token

    public static let fields = Fields(
        Field("listing", "Its number.") { $0.listing }, Field("provider", "Whose it is.") { $0.provider }, Field("kind", "What it is.") { $0.kind },
        make: { ListingPublished(listing: $0, provider: $1, kind: $2) })
}

/// An offer was amended, or its state changed.
public struct ListingChanged: Hashable, ContractEvent {
    public static let name: EventName = "ListingChanged"
    public static let documentation: StaticString = "An offer was amended, or its state changed."
    public let listing: UInt64
    public let revision: UInt32
    public let status: ListingStatus
    public let free: UInt32

    public static let fields = Fields(
        Field("listing", "Its number.") { $0.listing }, Field("revision", "How often it was amended.") { $0.revision },
        Field("status", "Whether it can be had.") { $0.status }, Field("free", "Units that can be had now.") { $0.free },
        make: { ListingChanged(listing: $0, revision: $1, status: $2, free: $3) })
}

/// An offer was taken back.
public struct ListingWithdrawn: Hashable, ContractEvent {
    public static let name: EventName = "ListingWithdrawn"
    public static let documentation: StaticString = "An offer was taken back."
    public let listing: UInt64

    public static let fields = Fields(Field("listing", "Its number.") { $0.listing }, make: { ListingWithdrawn(listing: $0) })
}
