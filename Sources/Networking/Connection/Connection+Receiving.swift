import NIOCore
import Primitives
import Synchronization

/// From bytes under TLS to messages in the mailbox, and the credit that goes back.
extension Connection {
    func read(_ buffer: ByteBuffer) {
        switch phase {
        case .greeting, .connected, .draining: break
        case .securing, .closing, .closed: return
        }
        heardAt = Self.now
        probeEndsAt = nil
        var frames: [Frame] = []
        var failure: NetworkError?
        buffer.withUnsafeReadableBytes { bytes in
            do throws(FrameDecoder.Failure) { try decoder.decode(bytes, into: &frames) } catch {
                let isCredit = if case .creditExceeded = error { true } else { false }
                failure = NetworkError(isCredit ? .creditExceeded : .frameInvalid, "\(error)")
            }
        }
        // What was whole before the mistake counts.
        for frame in frames {
            do throws(NetworkError) { try receive(frame) } catch { return fail(error) }
        }
        if let failure { return fail(failure) }
        if !frames.isEmpty || !decoder.isInsideFrame { insideFrameSince = nil }
        if decoder.isInsideFrame, insideFrameSince == nil { insideFrameSince = heardAt }
    }

    private func receive(_ frame: Frame) throws(NetworkError) {
        switch (frame, phase) {
        case (.control(let bytes), _):
            guard controlBucket.takeOne(now: heardAt) else {
                throw NetworkError(.controlTooFrequent, "more than \(Self.controlsPerSecond) control messages a second")
            }
            let message: ControlMessage
            do throws(BCSError) { message = try ControlMessage(bcs: bytes) } catch {
                throw NetworkError(.controlInvalid, "\(error)")
            }
            try receive(message)
        case (.message(let trafficClass, let bytes), .connected):
            receivedTraffic[trafficClass].frames += 1
            receivedTraffic[trafficClass].bytes += bytes.count
            received.append(InboundMessage(peer: peer!, trafficClass: trafficClass, bytes: bytes))
        case (.message, .draining):
            break
        case (.message, _):
            throw NetworkError(.helloInvalid, "a message before the welcome")
        }
    }

    private func receive(_ message: ControlMessage) throws(NetworkError) {
        if case .goodbye(let number) = message {
            end(NetworkError(NetworkCode(wire: number), "the peer said so"), byPeer: true)
            return close()
        }
        switch phase {
        case .greeting(let handshake): return try greet(handshake, message)
        case .connected, .draining: break
        case .securing, .closing, .closed: return
        }
        switch message {
        case .claim(let claim): try receive(claim)
        case .credit(let trafficClass, let bytes):
            guard shared.withLock({ $0.outbox.grant(Int(bytes), to: trafficClass) }) else {
                throw NetworkError(.controlInvalid, "credit beyond the window")
            }
            flush()
        case .ping(let number):
            say(.pong(number))
        case .pong(let number):
            guard let ping, ping.number == number else { return }
            self.ping = nil
            let nanoseconds = Self.now - ping.sentAt
            shared.withLock { $0.roundTrip = .nanoseconds(Int64(clamping: nanoseconds)) }
            switchboard.meter.count { counters in
                counters.roundTrips += 1
                counters.roundTripNanosecondsTotal &+= nanoseconds
            }
        case .hello, .welcome, .goodbye:
            throw NetworkError(.controlInvalid, "a message out of order")
        }
    }

    /// Hands over what has come since the last time, in one step.
    func deliver() {
        let discardedCost = decoder.takeDiscardedCost(), discardedFrames = decoder.takeDiscardedFrames()
        if discardedCost > 0 { shared.withLock { $0.owed.consensus += discardedCost } }
        if discardedFrames > 0 || !received.isEmpty {
            let traffic = receivedTraffic
            receivedTraffic = PerClass { _ in ReceivedTraffic() }
            switchboard.meter.count { counters in
                counters.received.consensus.framesDiscarded += discardedFrames
                for trafficClass in TrafficClass.allCases {
                    counters.received[trafficClass].frames += traffic[trafficClass].frames
                    counters.received[trafficClass].bytes += traffic[trafficClass].bytes
                }
            }
        }
        if !received.isEmpty {
            let messages = received
            received = []
            shared.withLock { $0.untaken += messages.count }
            switchboard.mailbox.post(messages, from: self)
        }
        if discardedCost > 0 { flush() }
    }

    /// The owner has taken messages: their credit goes back with the next write, and a closed connection's place with the last.
    func taken(_ count: Int, cost: PerClass<Int>) {
        let (place, schedules) = shared.withLock { shared -> (Admission.Place?, Bool) in
            shared.untaken -= count
            if shared.isClosed { return (shared.untaken == 0 ? shared.place.take() : nil, false) }
            for trafficClass in TrafficClass.allCases { shared.owed[trafficClass] += cost[trafficClass] }
            defer { shared.isFlushScheduled = true }
            return (nil, !shared.isFlushScheduled)
        }
        if let place { switchboard.release(place) }
        if schedules { onLoop { $0.flush() } }
    }

    /// Says how much more the peer may send, as far as the quota allows: at once when it is enough to matter, and everything when
    /// `completely`, at the clock's steps.
    func grantCredit(completely: Bool) {
        let now = Self.now
        let owed = shared.withLock { $0.owed }
        for trafficClass in TrafficClass.allCases {
            if owed[trafficClass] > 0 {
                let allowed = quotas[trafficClass].take(upTo: owed[trafficClass], now: now)
                grantable[trafficClass] += allowed
                shared.withLock { $0.owed[trafficClass] -= allowed }
            }
            // The window is larger than a frame by this much, so that what is held back never stops one.
            let threshold = completely ? 1 : trafficClass.frameBytesMax / 16
            let bytes = grantable[trafficClass]
            guard bytes >= threshold, say(.credit(trafficClass, UInt32(bytes))) else { continue }
            grantable[trafficClass] = 0
            decoder.grant(bytes, to: trafficClass)
        }
    }
}
