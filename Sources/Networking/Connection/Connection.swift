import NIOCore
import NIOSSL
import NIOTLS
import Primitives
import Synchronization

/// One TCP connection, from its socket to its end: the last handler of its pipeline, behind TLS.
///
/// Sound to send: what is mutable belongs to the event loop of the channel and is touched there alone, except `shared`, which
/// is in a mutex.
final class Connection: ChannelInboundHandler, MessageSource, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What other threads reach.
    struct Shared {
        var outbox = Outbox()
        /// A flush is on its way to the event loop: whatever is sent before it arrives goes with it.
        var isFlushScheduled = false
        /// Credit of messages that the owner has taken and the peer has not been given back.
        var owed = PerClass { _ in 0 }
        /// Messages in the mailbox.
        var untaken = 0
        var place: Admission.Place?
        var isClosed = false
        /// What the peer is; nil before it is connected, and after.
        var info: PeerInfo?
        var roundTrip: Duration?
    }

    enum Phase {
        /// TLS is under way.
        case securing
        case greeting(Handshake)
        case connected
        /// No more messages are taken; what waits is sent until the deadline, then a goodbye.
        case draining(NetworkError, until: UInt64)
        /// The channel has been told to close.
        case closing
        case closed
    }

    let switchboard: Switchboard
    let channel: any Channel
    let direction: PeerInfo.Direction
    let remoteAddress: String
    let prefix: AddressPrefix?
    /// Whom the dialled address must prove to be.
    let expectedPeer: PublicKey?
    let isKept: Bool
    /// Called once, on the event loop, when the connection has ended or did not come about.
    let ended: @Sendable (Ending) -> Void
    let shared: Mutex<Shared>

    struct Ending: Sendable {
        let peer: PublicKey?
        /// How long the peer was connected, if it was.
        let lasted: Duration?
    }

    // MARK: Of the event loop alone

    var phase = Phase.securing
    /// The key in the certificate that the peer has shown.
    var shownKey: PublicKey?
    /// The same key, once TLS has proved that the peer holds it.
    var peer: PublicKey?
    /// Why the judge refused, for the library forgets it.
    var judgement: NetworkError?
    /// What this node said in its HELLO, over which the peer signs.
    var ownNonce = Digest.zero
    var peerHello: Hello?
    var peerClaim: ValidatorClaim?
    var decoder = FrameDecoder(takesConsensus: false)
    var received: [InboundMessage] = []
    var receivedTraffic = PerClass { _ in ReceivedTraffic() }
    var quotas: PerClass<TokenBucket>
    /// Credit that the quota allows to give back and that has not been.
    var grantable = PerClass { _ in 0 }
    var controlBucket: TokenBucket
    var bytesInFlight = 0
    var isFlushing = false
    var clock: RepeatedTask?
    let openedAt: UInt64
    var connectedAt: UInt64?
    var heardAt: UInt64
    var wroteAt: UInt64
    var insideFrameSince: UInt64?
    var ping: (number: UInt64, sentAt: UInt64)?
    var pingedAt: UInt64
    var probeEndsAt: UInt64?

    /// Bytes handed to the socket and not taken by it, per connection: what a vote finds before it when its turn has come.
    static let writeBytesMax = 64 * 1024
    /// Bytes that the kernel takes beyond those on the wire.
    static let unsentBytesMax = 64 * 1024
    /// Control messages a second that a peer may send in the long run, and at once. Credit for a gigabyte takes some thousands.
    static let controlsPerSecond = 4000
    static let controlsBurst = 8000

    init(
        switchboard: Switchboard, channel: any Channel, direction: PeerInfo.Direction, place: Admission.Place,
        remoteAddress: String, prefix: AddressPrefix? = nil, expectedPeer: PublicKey? = nil, isKept: Bool = false,
        ended: @escaping @Sendable (Ending) -> Void
    ) {
        self.switchboard = switchboard
        self.channel = channel
        self.direction = direction
        self.remoteAddress = remoteAddress
        self.prefix = prefix
        self.expectedPeer = expectedPeer
        self.isKept = isKept
        self.ended = ended
        shared = Mutex(Shared(place: place))
        let now = Self.now
        let rates = switchboard.configuration.quotas
        quotas = PerClass { TokenBucket(perSecond: rates[$0], capacity: $0.windowBytes, now: now) }
        controlBucket = TokenBucket(perSecond: Self.controlsPerSecond, capacity: Self.controlsBurst, now: now)
        openedAt = now
        heardAt = now
        wroteAt = now
        pingedAt = now
    }

    /// Nanoseconds of the clock that all deadlines here use.
    static var now: UInt64 { NIODeadline.now().uptimeNanoseconds }

    // MARK: The channel's life

    func handlerAdded(context: ChannelHandlerContext) {
        switchboard.opened(self)
        startClock()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(NetworkError(.lost, "the connection was closed without a word"))
        finish()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { finish() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(let negotiated): secured(negotiated)
        case TLSUserEvent.shutdownCompleted: end(NetworkError(.lost, "the peer closed the connection without a word"))
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(judgement ?? TLSFailure.describe(error, whileSecuring: isSecuring))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { read(unwrapInboundIn(data)) }
    func channelReadComplete(context: ChannelHandlerContext) { deliver() }

    private var isSecuring: Bool { if case .securing = phase { true } else { false } }

    // MARK: The end

    /// Ends the connection because of what the peer did or what happened to it; the peer is told if the reason is one for it.
    /// What waits to be sent is dropped.
    func fail(_ error: NetworkError) {
        let wasSecured = !isSecuring
        guard end(error) else { return }
        shared.withLock { $0.outbox = Outbox() }
        if wasSecured, let code = error.code.wire { say(.goodbye(code)) }
        close()
    }

    /// Ends the connection in good order: what waits is sent first, as far as the peer takes it in time.
    func leave(_ error: NetworkError) {
        guard case .connected = phase else { return fail(error) }
        end(error)
        phase = .draining(error, until: Self.now + switchboard.configuration.timeouts.farewell.nanosecondsClamped)
        flush()
    }

    /// Takes the connection out of the books, once. What is left is to close the channel.
    @discardableResult
    func end(_ error: NetworkError, byPeer: Bool = false) -> Bool {
        switch phase {
        case .securing, .greeting:
            phase = .closing
            switchboard.meter.count { $0.refusals[error.code, default: 0] += 1 }
            switchboard.mailbox.refused(Refusal(error: error, direction: direction, remoteAddress: remoteAddress, peer: peer))
        case .connected:
            deliver()
            phase = .closing
            shared.withLock { $0.info = nil }
            if switchboard.depart(self, peer!, error, byPeer: byPeer) {
                switchboard.meter.count { $0.disconnections[error.code, default: 0] += 1 }
            }
        case .draining, .closing, .closed:
            return false
        }
        return true
    }

    func close() {
        phase = .closing
        channel.close(promise: nil)
    }

    /// Gives the place back of a connection that never entered a pipeline.
    func abandon() {
        if let place = shared.withLock({ $0.place.take() }) { switchboard.release(place) }
    }

    /// The channel is gone. The place is given back now, or with the last message that the owner takes.
    private func finish() {
        if case .closed = phase { return }
        phase = .closed
        clock?.cancel()
        clock = nil
        switchboard.closed(self)
        let place = shared.withLock { shared in
            shared.isClosed = true
            shared.outbox = Outbox()
            return shared.untaken == 0 ? shared.place.take() : nil
        }
        if let place { switchboard.release(place) }
        let lasted = connectedAt.map { Duration.nanoseconds(Int64(clamping: Self.now - $0)) }
        ended(Ending(peer: peer ?? expectedPeer, lasted: lasted))
    }
}

extension Duration {
    /// Not below 0, not above some centuries.
    var nanosecondsClamped: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(min(seconds, 1 << 33)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
