import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Primitives
import Synchronization

/// How connections begin, on either side, and what follows their end.
extension Transport {
    /// A socket has been accepted: it gets a place and TLS, or it is closed.
    func accept(_ channel: any Channel) {
        let prefix = AddressPrefix(channel.remoteAddress), remote = Self.text(channel.remoteAddress)
        do throws(NetworkError) {
            let place = try switchboard.accept(from: prefix, now: Connection.now)
            let connection = Connection(
                switchboard: switchboard, channel: channel, direction: .inbound, place: place, remoteAddress: remote,
                prefix: prefix, ended: { [weak self] in self?.ended($0, wasKept: false) })
            try secure(connection) { judge in tls.serverHandler(judge: judge) }
        } catch {
            refuse(error, .inbound, remote)
            channel.close(promise: nil)
        }
    }

    /// Dials and, when TCP is connected, begins TLS.
    func dial(_ address: NetworkAddress, expecting peer: PublicKey?, isKept: Bool) {
        guard dials.begin() else { return dialFailed(NetworkError(.shutdown, "this node shuts down"), address, peer, wasKept: isKept) }
        let place: Admission.Place
        do throws(NetworkError) { place = try switchboard.dial(expecting: peer, isKept: isKept, now: Connection.now) } catch {
            dials.end()
            return dialFailed(error, address, peer, wasKept: isKept)
        }
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(TimeAmount(configuration.timeouts.dial))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
        // Only names are given to the resolver, which has threads of its own and may outlast them all.
        let numeric = try? SocketAddress(ipAddress: address.host, port: Int(address.port))
        let channel = numeric.map(bootstrap.connect(to:)) ?? bootstrap.connect(host: address.host, port: Int(address.port))
        channel.whenComplete { [self] result in
            defer { dials.end() }
            switch result {
            case .success(let channel):
                dialled(channel, address, expecting: peer, isKept: isKept, place)
            case .failure(let error):
                switchboard.release(place)
                let isTimeout = if case ChannelError.connectTimeout = error { true } else { false }
                let code: NetworkCode = isTimeout ? .dialTimeout : .dialFailed
                dialFailed(NetworkError(code, String("\(error)".prefix(200))), address, peer, wasKept: isKept)
            }
        }
    }

    private func dialled(
        _ channel: any Channel, _ address: NetworkAddress, expecting peer: PublicKey?, isKept: Bool, _ place: Admission.Place
    ) {
        let connection = Connection(
            switchboard: switchboard, channel: channel, direction: .outbound, place: place, remoteAddress: address.description,
            expectedPeer: peer, isKept: isKept, ended: { [weak self] in self?.ended($0, wasKept: isKept) })
        do throws(NetworkError) {
            try secure(connection) { judge in try tls.clientHandler(judge: judge) }
        } catch {
            channel.close(promise: nil)
            return dialFailed(error, address, peer, wasKept: isKept)
        }
        if switchboard.isClosing { connection.fail(NetworkError(.shutdown, "this node shuts down")) }
    }

    /// Puts TLS and the connection into the channel's pipeline, on its event loop. A channel that was closed meanwhile takes none.
    private func secure(
        _ connection: Connection, _ handler: (@escaping NodeTLS.Judge) throws -> NIOSSLHandler
    ) throws(NetworkError) {
        do {
            let channel = connection.channel
            let handler = try handler { certificates throws(NetworkError) in try connection.judge(certificates) }
            // The kernel keeps little that has not left the machine: what is urgent would wait behind it.
            try channel.syncOptions?.setOption(
                .tcpOption(NIOBSDSocket.Option(rawValue: TCP_NOTSENT_LOWAT)), value: Connection.unsentBytesMax)
            try channel.pipeline.syncOperations.addHandlers([handler, connection])
        } catch {
            connection.abandon()
            throw NetworkError(.lost, "closed before TLS began: \(error)")
        }
    }

    private func refuse(_ error: NetworkError, _ direction: PeerInfo.Direction, _ remote: String) {
        switchboard.meter.count { $0.refusals[error.code, default: 0] += 1 }
        switchboard.mailbox.refused(Refusal(error: error, direction: direction, remoteAddress: remote, peer: nil))
    }

    private static func text(_ address: SocketAddress?) -> String {
        guard let host = address?.ipAddress, let port = address?.port.flatMap(UInt16.init(exactly:)) else { return "unknown" }
        return NetworkAddress(host: host, port: port)?.description ?? host
    }

    // MARK: Peers that are kept

    func redial(_ peer: PublicKey) {
        guard let address = kept.address(of: peer), !switchboard.isClosing else { return }
        if switchboard.connection(to: peer) == nil { return dial(address, expecting: peer, isKept: true) }
        // The peer was the faster one. The end of that connection leads here again, also if it has just come.
        kept.connected(peer)
        if switchboard.connection(to: peer) == nil { redialLater(peer, lasted: nil, wasKept: false) }
    }

    private func dialFailed(_ error: NetworkError, _ address: NetworkAddress, _ peer: PublicKey?, wasKept: Bool) {
        refuse(error, .outbound, address.description)
        if let peer, wasKept { redialLater(peer, lasted: nil, wasKept: true) }
    }

    private func ended(_ ending: Connection.Ending, wasKept: Bool) {
        if let peer = ending.peer { redialLater(peer, lasted: ending.lasted, wasKept: wasKept) }
    }

    private func redialLater(_ peer: PublicKey, lasted: Duration?, wasKept: Bool) {
        guard dials.begin() else { return }
        defer { dials.end() }
        guard !switchboard.isClosing, let wait = kept.waitAfterEnd(of: peer, lasted: lasted, wasKept: wasKept) else { return }
        group.next().scheduleTask(in: wait) { [weak self] in self?.redial(peer) }
    }
}

/// The dials that are under way, so that the event loops end after them: a dial begins here before it touches a loop.
final class Dials: Sendable {
    private struct State {
        var count = 0
        var isClosed = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// False when there shall be none any more.
    func begin() -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.count += 1
            return true
        }
    }

    func end() {
        let waiting = state.withLock { state in
            state.count -= 1
            guard state.count == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Lets none begin any more, and returns when there are none; each is bounded by its timeout.
    func close() async {
        await withCheckedContinuation { continuation in
            let isQuiet = state.withLock { state in
                state.isClosed = true
                if state.count > 0 { state.waiting.append(continuation) }
                return state.count == 0
            }
            if isQuiet { continuation.resume() }
        }
    }
}
