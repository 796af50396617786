import Cryptography
import NIOCore
import NIOPosix
import NIOSSL
public import Primitives
import Synchronization

/// The authenticated transport between nodes: dials and accepts, proves who is there, carries frames of four classes, and keeps
/// every peer within its bounds. It looks into no frame.
public final class Transport: Sendable {
    let configuration: TransportConfiguration
    let switchboard: Switchboard
    let kept: KeptPeers
    let tls: NodeTLS
    let group: MultiThreadedEventLoopGroup
    let dials = Dials()
    private let listener = Mutex<(any Channel)?>(nil)

    /// Prepares a transport. Nothing is opened before ``start()``; ``shutdown()`` must be called once in any case.
    public init(configuration: TransportConfiguration, identity: NodeIdentity) throws(NetworkError) {
        try configuration.validate()
        do {
            tls = try NodeTLS(key: identity.nodeKey, farewell: configuration.timeouts.farewell)
        } catch {
            throw NetworkError(.tlsFailed, "the node key makes no certificate: \(error)")
        }
        self.configuration = configuration
        switchboard = Switchboard(configuration: configuration, identity: identity)
        kept = KeptPeers(configuration: configuration)
        group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoops)
    }

    /// The public key by which peers know this node.
    public var nodeKey: PublicKey { switchboard.ownKey }
    /// Where the owner finds everything that happens.
    public var events: EventMailbox { switchboard.mailbox }
    public var counters: NetworkCounters { switchboard.meter.snapshot }

    // MARK: Start and end

    /// Listens, if that is configured, and returns the address that was bound.
    @discardableResult
    public func start() async throws(NetworkError) -> NetworkAddress? {
        guard let host = configuration.listenHost else { return nil }
        let channel: any Channel
        do {
            channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 128)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                // Without file descriptors left, accepting pauses instead of spinning.
                .serverChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler()) }
                }
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { [self] channel in
                    accept(channel)
                    return channel.eventLoop.makeSucceededVoidFuture()
                }
                .bind(host: host, port: Int(configuration.listenPort)).get()
        } catch {
            throw NetworkError(.listenFailed, "\(host):\(configuration.listenPort): \(error)")
        }
        listener.withLock { $0 = channel }
        return channel.localAddress?.port.flatMap { NetworkAddress(host: host, port: UInt16(truncatingIfNeeded: $0)) }
    }

    /// Lets nobody in any more, sends what waits, says goodbye and closes everything. ``events`` ends when it has been read.
    public func shutdown() async {
        if let listener = listener.withLock({ $0.take() }) { try? await listener.close().get() }
        let connections = switchboard.beginClosing()
        for connection in connections {
            connection.onLoop { $0.leave(NetworkError(.shutdown, "this node shuts down")) }
        }
        // Each is bounded by the time for farewells.
        for connection in connections { try? await connection.channel.closeFuture.get() }
        await dials.close()
        // What they connected has found the house closed, and ends with its event loop.
        try? await group.shutdownGracefully()
        switchboard.mailbox.finish()
    }

    // MARK: Sending

    /// Queues a frame of 1 … ``TrafficClass/frameBytesMax`` bytes for `peer`; from any thread.
    @discardableResult
    public func send(_ bytes: [UInt8], as trafficClass: TrafficClass, to peer: PublicKey) -> SendResult {
        switchboard.connection(to: peer)?.send(bytes, as: trafficClass) ?? .notConnected
    }

    /// Queues a frame for every connected peer that may have it, but for `excluded`, and returns for how many.
    @discardableResult
    public func broadcast(_ bytes: [UInt8], as trafficClass: TrafficClass, except excluded: Set<PublicKey> = []) -> Int {
        switchboard.peers.count { connection in
            guard let info = connection.shared.withLock({ $0.info }), !excluded.contains(info.peer) else { return false }
            return connection.send(bytes, as: trafficClass).isQueued
        }
    }

    // MARK: Peers

    /// Everybody who is connected.
    public var peers: [PeerStatus] {
        switchboard.peers.compactMap { connection in
            connection.shared.withLock { shared in
                shared.info.map { PeerStatus(info: $0, roundTrip: shared.roundTrip, queuedBytes: shared.outbox.queuedBytes) }
            }
        }
    }

    /// Dials once. What comes of it is an event: connected or refused.
    public func dial(_ address: NetworkAddress, expecting peer: PublicKey? = nil) { dial(address, expecting: peer, isKept: false) }

    /// Dials a peer until it is connected, and again whenever the connection is lost. It counts as known from now on.
    public func keepConnected(_ address: PeerAddress) throws(NetworkError) {
        guard address.peer != nodeKey else { throw NetworkError(.selfConnection, "this node's own key") }
        let isNew = try kept.add(address)
        switchboard.setKnown(address.peer, true)
        if isNew { redial(address.peer) }
    }

    /// No longer dials the peer again. A connection that is there stays.
    public func release(_ peer: PublicKey) {
        kept.remove(peer)
        if !configuration.knownPeers.contains(peer) { switchboard.setKnown(peer, false) }
    }

    /// Sends what waits for the peer, says goodbye and closes.
    public func disconnect(_ peer: PublicKey) {
        switchboard.connection(to: peer)?.onLoop { $0.leave(NetworkError(.requested, "as the owner asked")) }
    }

    /// Closes the connection to a peer and refuses it for some time.
    public func ban(_ peer: PublicKey, for duration: Duration) {
        let now = Connection.now
        let connection = switchboard.ban(peer, until: now &+ duration.nanosecondsClamped, now: now)
        connection?.onLoop { $0.fail(NetworkError(.peerBanned, "banned for \(duration)")) }
    }

    /// Closes the connections from a part of the network, the IPv4 /24 or IPv6 /64 of a numeric address, and refuses it for some
    /// time. Connections that this node dials are not concerned.
    public func ban(address text: String, for duration: Duration) throws(NetworkError) {
        let prefix = try Self.prefix(text), now = Connection.now
        for connection in switchboard.ban(prefix, until: now &+ duration.nanosecondsClamped, now: now) {
            connection.onLoop { $0.fail(NetworkError(.addressBanned, "banned for \(duration)")) }
        }
    }

    public func lift(_ peer: PublicKey) { switchboard.lift(peer) }
    public func lift(address text: String) throws(NetworkError) { switchboard.lift(try Self.prefix(text)) }

    private static func prefix(_ text: String) throws(NetworkError) -> AddressPrefix {
        guard let prefix = AddressPrefix(numeric: text) else { throw NetworkError(.addressInvalid, "not a numeric address") }
        return prefix
    }

    // MARK: What changes while the node runs

    /// The validators of the epochs that this node can judge, and its own place among them. Peers' claims are judged anew, and
    /// they are told of this node's new place.
    public func setValidators(_ sets: [ValidatorSet], own: ValidatorIdentity?) {
        let isNew = switchboard.setValidators(sets, own)
        for connection in switchboard.connections { connection.onLoop { $0.validatorsChanged(own: isNew) } }
    }

    /// What HELLO says from now on.
    public func setHeight(_ height: Height) { switchboard.setHeight(height) }
}
