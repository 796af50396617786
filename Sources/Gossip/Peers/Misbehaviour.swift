/// What a peer did that a correct one does not do, or does rarely. Points add up to a ban.
@frozen public enum Misbehaviour: String, Hashable, Sendable, CaseIterable {
    /// Bytes that are no message. A correct peer never sends any.
    case malformed = "peer.malformed"
    /// A signature that does not hold.
    case signatureInvalid = "peer.signature"
    /// A transaction that every node refuses at any height: too large, of another chain, with no gas.
    case transactionHopeless = "peer.hopeless-transaction"
    /// A body that nobody asked for.
    case unsolicited = "peer.unsolicited"
    /// Announced a transaction and did not deliver it in time.
    case pullUnanswered = "peer.pull-unanswered"
    /// Announced a transaction and then said that it does not have it; happens when it was committed or evicted in between.
    case announcementHollow = "peer.hollow-announcement"
    /// A request for blocks, headers or chunks not answered in time.
    case syncUnanswered = "peer.sync-unanswered"
    /// A block, header or chunk that proves nothing.
    case syncInvalid = "peer.sync-invalid"
    /// More requests than its share.
    case requestFlood = "peer.request-flood"
    /// A consensus message that does not verify.
    case consensusInvalid = "peer.consensus-invalid"
    /// Addresses that cannot be dialled, or that nobody asked for.
    case addressesInvalid = "peer.addresses"

    public var points: Int {
        switch self {
        case .malformed: 100
        case .signatureInvalid: 20
        case .transactionHopeless: 10
        case .unsolicited: 5
        case .pullUnanswered: 10
        case .announcementHollow: 1
        case .syncUnanswered: 15
        case .syncInvalid: 100
        case .requestFlood: 5
        case .consensusInvalid: 20
        case .addressesInvalid: 20
        }
    }
}
