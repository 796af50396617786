public import Primitives

/// Who is at the other end, as proved by TLS and told by HELLO.
public struct PeerInfo: Equatable, Sendable {
    public enum Direction: String, Sendable { case inbound, outbound }

    public let peer: PublicKey
    public let direction: Direction
    /// The socket's remote address.
    public let remoteAddress: String
    /// Where the peer says that it can be dialled.
    public let listenAddress: NetworkAddress?
    /// The peer's program, as it says: printable ASCII.
    public let agent: String
    /// The peer's highest final block, as it says.
    public let height: Height
    /// The version of the protocol that both speak.
    public let version: UInt16
    /// What the peer has proved; only then may consensus be sent to it.
    public let validator: ValidatorStanding?
    /// The owner asked to keep this peer connected.
    public let isKept: Bool
    /// The peer's address is not to be told to others.
    public let isPrivate: Bool
}

/// A frame of a peer, whole and unread.
public struct InboundMessage: Equatable, Sendable {
    public let peer: PublicKey
    public let trafficClass: TrafficClass
    public let bytes: [UInt8]
}

/// A connection that did not come about.
public struct Refusal: Equatable, Sendable {
    public let error: NetworkError
    public let direction: PeerInfo.Direction
    /// The socket's remote address, or what was dialled.
    public let remoteAddress: String
    /// The peer, if TLS had proved it.
    public let peer: PublicKey?
}

/// What the transport tells its owner.
///
/// For each peer, `connected` and `disconnected` alternate, and its messages come only between them, consensus before the rest.
public enum PeerEvent: Equatable, Sendable {
    case connected(PeerInfo)
    /// The peer has become a validator, another one, or none.
    case standingChanged(PublicKey, ValidatorStanding?)
    /// In the order in which the peer sent those of one class.
    case messages([InboundMessage])
    /// `byPeer` when the peer gave the reason, otherwise it is this node's.
    case disconnected(PublicKey, NetworkError, byPeer: Bool)
    case refused(Refusal)
}
