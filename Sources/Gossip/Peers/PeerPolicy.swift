public import Primitives

/// What the operator says about peers.
public struct PeerPolicy: Hashable, Sendable {
    /// This node's key, which it never dials.
    public var ownKey: PublicKey
    /// Always dialled, never banned, outside every cap but the one of all connections.
    public var persistent: [PeerAddress]
    /// Dialled while the book has few addresses.
    public var seeds: [PeerAddress]
    /// Keys whose addresses are told to nobody: validators behind sentries.
    public var privateKeys: Set<PublicKey>
    /// Whether addresses of private networks count: in a local test network they are all there is.
    public var allowsLocal: Bool
    public var outboundTarget: Int
    public var outboundPerGroupMax: Int
    public var inboundMax: Int
    public var inboundPerGroupMax: Int

    public init(
        ownKey: PublicKey, persistent: [PeerAddress] = [], seeds: [PeerAddress] = [], privateKeys: Set<PublicKey> = [],
        allowsLocal: Bool = false, outboundTarget: Int = GossipLimits.outboundTarget,
        outboundPerGroupMax: Int = GossipLimits.outboundPerGroupMax, inboundMax: Int = GossipLimits.inboundMax,
        inboundPerGroupMax: Int = GossipLimits.inboundPerGroupMax
    ) {
        self.ownKey = ownKey
        self.persistent = Array(persistent.prefix(GossipLimits.persistentMax))
        self.seeds = Array(seeds.prefix(GossipLimits.persistentMax))
        self.privateKeys = privateKeys
        self.allowsLocal = allowsLocal
        self.outboundTarget = outboundTarget
        self.outboundPerGroupMax = outboundPerGroupMax
        self.inboundMax = inboundMax
        self.inboundPerGroupMax = inboundPerGroupMax
    }
}
