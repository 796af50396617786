public import Cryptography
public import Primitives

/// Who this node is: the key that every peer sees and TLS proves, and, for a validator, the place that HELLO proves.
public struct NodeIdentity: Sendable {
    public let nodeKey: SigningKey
    public var validator: ValidatorIdentity?

    public init(nodeKey: SigningKey, validator: ValidatorIdentity? = nil) {
        self.nodeKey = nodeKey
        self.validator = validator
    }
}

/// How many connections a node holds. The defaults suit a public node; the memory that strangers can claim is their number
/// times the windows of the classes that they may use.
public struct ConnectionLimits: Sendable {
    /// Parts of the network whose attempts are told apart.
    static let prefixesMax = 4096

    /// Inbound connections of peers that are neither validators nor named by the owner.
    public var inboundMax = 32
    /// Connections that this node dials, but for those that it is told to keep.
    public var outboundMax = 16
    /// Inbound connections whose handshake is under way.
    public var handshakesMax = 64
    /// Inbound connections, handshakes included, from one IPv4 /24 or IPv6 /64.
    public var inboundPerPrefixMax = 8
    /// New connections from one such part per second; each costs this node about a millisecond of TLS.
    public var attemptsPerPrefixPerSecond = 2
    public var attemptsPerPrefixBurst = 16
    /// Peers that the owner may name, and addresses that it may keep dialling.
    public var keptMax = 128
    /// Bans of each kind, by key and by address.
    public var bansMax = 4096

    public init() {}
}

/// How long a connection may take for what. Durations are rounded up to the clock's step of a quarter of a second.
public struct ConnectionTimeouts: Sendable {
    /// A dial, until TCP is connected.
    public var dial: Duration = .seconds(10)
    /// TLS and HELLO together.
    public var handshake: Duration = .seconds(10)
    /// Silence after which the peer is pinged.
    public var ping: Duration = .seconds(10)
    /// Silence after which the peer is given up.
    public var idle: Duration = .seconds(30)
    /// A frame, from its first byte to its last.
    public var frame: Duration = .seconds(120)
    /// A write of which the peer takes nothing.
    public var stall: Duration = .seconds(30)
    /// What waits to be sent when a connection is closed in good order, and TLS's own farewell.
    public var farewell: Duration = .seconds(2)
    /// The first and the longest wait before a kept peer is dialled again.
    public var redialFirst: Duration = .milliseconds(500)
    public var redialLongest: Duration = .seconds(60)
    /// A connection that lasted so long was a good one: the next wait is the first again.
    public var settled: Duration = .seconds(30)

    public init() {}
}

/// What a transport is told once, before it starts.
public struct TransportConfiguration: Sendable {
    public var chainID: ChainID
    /// The numeric address to listen on; nil for a node that only dials. Port 0 lets the system choose.
    public var listenHost: String? = "0.0.0.0"
    public var listenPort: UInt16 = 0
    /// What HELLO says about where this node can be dialled.
    public var externalAddress: NetworkAddress?
    /// The program and its version; printable ASCII, at most 64 bytes.
    public var agent = "trellis"
    /// The versions of the protocol that this node speaks.
    public var versions: ClosedRange<UInt16> = 1...1
    public var limits = ConnectionLimits()
    public var timeouts = ConnectionTimeouts()
    /// Bytes per second of each class that one peer may send in the long run; beyond it, credit is given back later.
    public var quotas = PerClass<Int>(
        consensus: 8 * 1024 * 1024, sync: 32 * 1024 * 1024, transactions: 8 * 1024 * 1024, discovery: 64 * 1024)
    /// Peers that are admitted even when the house is full.
    public var knownPeers: Set<PublicKey> = []
    /// Peers whose addresses are never to be told to others. The transport only carries the mark.
    public var privatePeers: Set<PublicKey> = []
    /// Threads for sockets and TLS.
    public var eventLoops = 1
    /// The source of nonces and of the jitter of waits. Tests may put a seeded one in its place.
    public var randomness: @Sendable () -> UInt64 = {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    public init(chainID: ChainID) { self.chainID = chainID }

    func validate() throws(NetworkError) {
        guard Hello.isAgent(agent) else { throw NetworkError(.addressInvalid, "the agent's text is not short printable ASCII") }
        precondition(eventLoops > 0 && TrafficClass.allCases.allSatisfy { quotas[$0] > 0 })
    }
}
