public import Execution
public import Primitives

/// The knowledge mesh: what providers offer, where, with what hardware, for how much and with which service levels, and how much of it is free.
///
/// A provider publishes an offer against a deposit for the bytes that everyone keeps, amends it, says what is free, and withdraws it. Whoever
/// looks for something states constraints; ``SearchQuery/mismatches(of:)`` compares them with one listing and says every reason that
/// speaks against it. The view `search` does that for a page of listings, and a client can do the same with listings that it has read itself.
public enum KnowledgeMesh: BuiltInContract {
    public static let name: StaticString = "mesh"
    public static let documentation: StaticString = "Offers of providers, their state, and search by constraints."
    public typealias Rejections = KnowledgeMeshRejection

    public static var methods: [any ContractMethod] {
        [publish, amend, setState, withdraw, listing, offers, listingsOf, kinds, search, depositOf, books]
    }

    public static var events: [any ContractEvent.Type] { [ListingPublished.self, ListingChanged.self, ListingWithdrawn.self] }

    public static var storage: [any StorageDeclaration] { [count, listings, byKind, byProvider, deposits] }

    /// Base units for each byte of an offer. They come back when it is withdrawn.
    public static let depositPerByte: UInt64 = 1_000
    /// Bytes of what is kept beside the offer.
    static let listingBytes = 256
    /// Entries of one page of a list of offers, or of kinds.
    static let listMax = 50
    /// Listings that one search looks at.
    public static let searchMax: UInt16 = 100
    /// Bytes of a result from which on no more is added to it; the last entry may pass it, and all of it must be less than a call may return.
    static let searchBytesMax = 48 * 1024
    /// Bytes of a hit, at most.
    static let hitBytes = 160
}

extension Address {
    /// The contract of the knowledge mesh.
    public static let knowledgeMesh = KnowledgeMesh.address
}
