import NIOCore
import NIOSSL
import Primitives
import Synchronization

/// From the proof of the peer's key to the first frame.
extension Connection {
    /// What the peer shows as its certificate is there. Runs in every handshake, on the event loop.
    func judge(_ certificates: [[UInt8]]) throws(NetworkError) {
        do throws(NetworkError) {
            guard certificates.count == 1 else {
                throw NetworkError(.certificateMalformed, "\(certificates.count) certificates instead of one")
            }
            let key = try NodeCertificate.key(of: certificates[0])
            if let expectedPeer, key != expectedPeer {
                throw NetworkError(.peerUnexpected, "the node there is \(key), not \(expectedPeer)")
            }
            try switchboard.judge(key, now: Self.now)
            shownKey = key
        } catch {
            judgement = error
            throw error
        }
    }

    /// TLS is complete. On the dialling side the peer may not have judged this node yet; its HELLO says that it did.
    func secured(_ negotiated: String?) {
        guard case .securing = phase else { return }
        guard negotiated == NodeTLS.applicationProtocol else {
            return fail(NetworkError(.protocolUnknown, "TLS without the protocol \(NodeTLS.applicationProtocol)"))
        }
        // Without a judgement in this very handshake there is no peer, whatever TLS may have remembered.
        guard let peer = shownKey else {
            return fail(NetworkError(.certificateUnchecked, "no certificate was judged in this handshake"))
        }
        self.peer = peer
        for word in 0..<4 {
            withUnsafeMutableBytes(of: &ownNonce) {
                $0.storeBytes(of: switchboard.configuration.randomness(), toByteOffset: 8 * word, as: UInt64.self)
            }
        }
        let hello = switchboard.hello(nonce: ownNonce)
        phase = .greeting(Handshake(own: hello, ownKey: switchboard.ownKey, peer: peer))
        say(.hello(hello))
    }

    func greet(_ handshake: Handshake, _ message: ControlMessage) throws(NetworkError) {
        var handshake = handshake
        let effect = try handshake.receive(message)
        phase = .greeting(handshake)
        switch effect {
        case .sendClaim(let nonce):
            say(.claim(switchboard.claim(to: peer!, nonce: nonce)))
        case .judge(let hello, let claim):
            // A wrong claim is refused now, though the place is taken when the arbiter has decided.
            _ = try switchboard.standing(of: peer!, claim, nonce: ownNonce)
            (peerHello, peerClaim) = (hello, claim)
        case .decide(let hello, let claim):
            (peerHello, peerClaim) = (hello, claim)
            try connect(handshake)
            say(.welcome)
        case .admit:
            try connect(handshake)
        }
    }

    private func connect(_ handshake: Handshake) throws(NetworkError) {
        let hello = peerHello!, peer = peer!
        let standing = try switchboard.standing(of: peer, peerClaim, nonce: ownNonce)
        let info = PeerInfo(
            peer: peer, direction: direction, remoteAddress: remoteAddress, listenAddress: hello.listenAddress,
            agent: hello.agent, height: hello.height, version: hello.version(with: handshake.own)!, validator: standing,
            isKept: isKept, isPrivate: switchboard.configuration.privatePeers.contains(peer))
        guard let place = shared.withLock({ $0.place }) else { return }
        // Whoever is told of the peer may send to it at once.
        phase = .connected
        shared.withLock { $0.info = info }
        decoder.takesConsensus = standing != nil
        let replaced: Connection?
        do throws(NetworkError) {
            let established = try switchboard.establish(self, info, place: place, isArbiter: handshake.isArbiter)
            shared.withLock { $0.place = established.place }
            replaced = established.replaced
        } catch {
            phase = .greeting(handshake)
            shared.withLock { $0.info = nil }
            throw error
        }
        connectedAt = Self.now
        pingedAt = Self.now
        switchboard.meter.count {
            if direction == .inbound { $0.connectedInbound += 1 } else { $0.connectedOutbound += 1 }
        }
        replaced?.onLoop { $0.fail(NetworkError(.duplicate, "the peer keeps another connection")) }
    }

    // MARK: Standing

    /// The peer has a new place among the validators, or says so.
    func receive(_ claim: ValidatorClaim?) throws(NetworkError) {
        peerClaim = claim
        try judgeStanding()
    }

    /// Judges the peer's last claim again: the sets have changed, or the claim has.
    func judgeStanding() throws(NetworkError) {
        guard case .connected = phase, let peer else { return }
        let judged = try switchboard.standing(of: peer, peerClaim, nonce: ownNonce)
        // At an epoch's edge a peer may be ahead, and its claim of an epoch that is not known here yet. What it has proved before
        // holds meanwhile, as long as that epoch's set is in use: consensus would otherwise pause with each epoch.
        let proved = shared.withLock { $0.info?.validator }
        let standing = judged ?? (peerClaim == nil ? nil : proved.flatMap { switchboard.holds($0) ? $0 : nil })
        let hasChanged = shared.withLock { shared in
            guard let info = shared.info, info.validator != standing else { return false }
            shared.info = info.with(validator: standing)
            if standing == nil { shared.outbox.discardWaiting(.consensus) }
            return true
        }
        guard hasChanged else { return }
        // What came before the change comes out before it.
        deliver()
        decoder.takesConsensus = standing != nil
        switchboard.mailbox.standingChanged(peer, standing)
    }

    /// Validators have changed; the peer is told if this node's own place has.
    func validatorsChanged(own: Bool) {
        guard case .connected = phase, let peer, let peerHello else { return }
        if own { say(.claim(switchboard.claim(to: peer, nonce: peerHello.nonce))) }
        do throws(NetworkError) { try judgeStanding() } catch { fail(error) }
    }

    /// Runs `body` on the event loop, now if this is it.
    func onLoop(_ body: @escaping @Sendable (Connection) -> Void) {
        channel.eventLoop.execute { body(self) }
    }
}

extension PeerInfo {
    func with(validator: ValidatorStanding?) -> PeerInfo {
        PeerInfo(
            peer: peer, direction: direction, remoteAddress: remoteAddress, listenAddress: listenAddress, agent: agent,
            height: height, version: version, validator: validator, isKept: isKept, isPrivate: isPrivate)
    }
}
