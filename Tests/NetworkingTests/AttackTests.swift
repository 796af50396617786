import Cryptography
import NIOCore
import Primitives
import Testing
@_spi(Fuzzing) @testable import Networking

/// Peers that know the protocol and abuse it: each costs a bounded amount and ends with a code.
@Suite struct AttackTests {
    /// A raw peer that has been welcomed.
    private func welcomed(
        _ node: TestNode, as number: UInt64 = 2, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> RawPeer {
        let before = node.transport.counters.connectedInbound
        let raw = try await RawPeer(to: node.address, try RawPeer.nodeTLS(signingKey(number)))
        await raw.greet(as: signingKey(number), node: node.peer)
        // It may have been given up again by the time that anybody looks.
        await eventually("it was connected", sourceLocation: sourceLocation) {
            node.transport.counters.connectedInbound > before
        }
        return raw
    }

    private func departure(_ node: TestNode, _ code: NetworkCode, sourceLocation: SourceLocation = #_sourceLocation) async {
        await eventually("\(code.rawValue), but \(node.departures)", sourceLocation: sourceLocation) {
            node.departures.contains { $0.code == code }
        }
    }

    // MARK: Before the welcome

    @Test(arguments: [0, 1, 40]) func aHandshakeThatIsNeverFinished(_ byteCount: Int) async throws {
        let node = try await TestNode(1) { $0.timeouts.handshake = .milliseconds(500) }
        let raw = try await RawPeer(to: node.address)
        // The beginning of a ClientHello, a byte at a time.
        for byte in ([0x16, 0x03, 0x01, 0x01, 0x00, 0x01] + [UInt8](repeating: 0, count: 64)).prefix(byteCount) {
            raw.write([byte])
            try await Task.sleep(for: .milliseconds(2))
        }
        await node.refusal(.handshakeTimeout)
        await eventually("closed") { raw.isClosed }
        await node.stop()
    }

    @Test(.timeLimit(.minutes(10))) func tlsWithoutAHello() async throws {
        let node = try await TestNode(1) { $0.timeouts.handshake = .milliseconds(2_000) }
        // On a busy machine TLS alone may take longer than that; then another try is made.
        var raw = try await RawPeer(to: node.address, try RawPeer.nodeTLS(signingKey(2)))
        while !(raw.isClosed && raw.controls.contains(.goodbye(NetworkCode.handshakeTimeout.wire!))) {
            if raw.isClosed { raw = try await RawPeer(to: node.address, try RawPeer.nodeTLS(signingKey(2))) }
            try await Task.sleep(for: .milliseconds(10))
        }
        await node.refusal(.handshakeTimeout)
        await eventually("the refusal of a proved peer") { node.refusals.contains { $0.peer == signingKey(2).publicKey } }
        #expect(node.connections.isEmpty)
        await node.stop()
    }

    @Test func wordsOutOfOrder() async throws {
        let words: [[ControlMessage]] = [
            [.welcome], [.claim(nil)], [.ping(1)], [.credit(.sync, 1)], [.pong(7)],
            [.hello(RawPeer.hello()), .hello(RawPeer.hello())], [.hello(RawPeer.hello()), .welcome],
        ]
        for (number, sequence) in words.enumerated() {
            let node = try await TestNode(1)
            let raw = try await RawPeer(to: node.address, try RawPeer.nodeTLS(signingKey(UInt64(number + 2))))
            await eventually("TLS") { raw.isSecured }
            for word in sequence { raw.write(word) }
            await node.refusal(.helloInvalid)
            #expect(node.connections.isEmpty)
            await node.stop()
        }
    }

    @Test func aMessageBeforeTheWelcome() async throws {
        let node = try await TestNode(1)
        let raw = try await RawPeer(to: node.address, try RawPeer.nodeTLS(signingKey(2)))
        await eventually("TLS") { raw.isSecured }
        raw.write(Frame.message(.sync, [1]).encoded)
        await node.refusal(.helloInvalid)
        #expect(node.messages.isEmpty)
        await node.stop()
    }

    // MARK: Frames

    @Test func bytesThatAreNoFrames() async throws {
        let full = [UInt8](repeating: 0, count: Frame.chunkBytesMax)
        let wrongs: [(bytes: [UInt8], code: NetworkCode)] = [
            ([5, 1, 0, 9], .frameInvalid), ([0x7f, 1, 0, 9], .frameInvalid), ([0xff, 0xff, 0xff], .frameInvalid),
            ([2, 0, 0], .frameInvalid), ([0, 0, 0], .frameInvalid), ([2, 0x01, 0x40], .frameInvalid),
            ([0x82, 5, 0], .frameInvalid), ([0x80, 1, 0], .frameInvalid), ([0, 0x01, 0x04], .frameInvalid),
            ([0, 1, 0, 99], .controlInvalid), ([0, 1, 0, 2], .controlInvalid), ([0, 3, 0, 4, 1, 1], .controlInvalid),
            // A frame of discovery that goes on beyond its length.
            ((0..<4).flatMap { _ in [0x84, 0, 0x40] + full }, .frameInvalid),
        ]
        for (number, wrong) in wrongs.enumerated() {
            let node = try await TestNode(1)
            let raw = try await welcomed(node, as: UInt64(number + 2))
            raw.write(Frame.message(.transactions, [7]).encoded + wrong.bytes)
            await departure(node, wrong.code)
            await eventually("the reason is told") { raw.controls.contains(.goodbye(wrong.code.wire!)) }
            // What was whole before the mistake counts.
            #expect(node.messages.map(\.bytes) == [[7]])
            await node.stop()
        }
    }

    @Test func aFrameThatNeverEnds() async throws {
        let node = try await TestNode(1) { $0.timeouts.frame = .milliseconds(500) }
        let raw = try await welcomed(node)
        for byte in [2, 100, 0, 1, 2, 3] as [UInt8] {
            raw.write([byte])
            try await Task.sleep(for: .milliseconds(5))
        }
        await departure(node, .frameTimeout)
        await node.stop()
    }

    @Test func frameByBytesIsStillAFrame() async throws {
        let node = try await TestNode(1)
        let raw = try await welcomed(node)
        for byte in Frame.message(.sync, [1, 2, 3, 4, 5]).encoded {
            raw.write([byte])
            try await Task.sleep(for: .milliseconds(1))
        }
        await eventually("the frame") { node.messages.map(\.bytes) == [[1, 2, 3, 4, 5]] }
        await node.stop()
    }

    // MARK: Floods

    /// Nothing reads the node's mailbox. A peer that keeps to its credit fills one window and no more; one that does not is cut.
    @Test func moreThanTheCredit() async throws {
        let node = try await TestNode(1, reads: false)
        let raw = try await welcomed(node)
        let frame = Frame.message(.transactions, [UInt8](repeating: 1, count: 10_000)).encoded
        let cost = 10_000 + Frame.overheadBytes, fits = TrafficClass.transactions.windowBytes / cost
        for _ in 0..<fits { raw.write(frame) }
        await eventually("a window full") { node.transport.events.waitingMessages == fits }
        raw.write(frame)
        await eventually("it is cut") { raw.controls.contains(.goodbye(NetworkCode.creditExceeded.wire!)) }
        #expect(node.transport.events.waitingMessages == fits)
        node.read()
        await departure(node, .creditExceeded)
        #expect(node.messages.count == fits)
        await node.stop()
    }

    /// Small frames cost more than their bytes, so that a window of them is as bounded in memory as one of large ones.
    @Test func manySmallFrames() async throws {
        let node = try await TestNode(1, reads: false)
        let raw = try await welcomed(node)
        let fits = TrafficClass.sync.windowBytes / (1 + Frame.overheadBytes)
        let frame = Frame.message(.sync, [1]).encoded
        raw.write([UInt8]((0...fits).map { _ in frame }.joined()))
        await eventually("it is cut") { raw.controls.contains(.goodbye(NetworkCode.creditExceeded.wire!)) }
        #expect(node.transport.events.waitingMessages == fits)
        await node.stop()
    }

    @Test func controlWithoutEnd() async throws {
        let node = try await TestNode(1)
        let raw = try await welcomed(node)
        let ping = Frame.control(ControlMessage.ping(1).bcs).encoded
        let many = [UInt8]((0..<1000).map { _ in ping }.joined())
        for _ in 0..<200 where !raw.isClosed { raw.write(many) }
        await departure(node, .controlTooFrequent)
        await node.stop()
    }

    @Test func creditThatWasNeverOwed() async throws {
        let node = try await TestNode(1)
        let raw = try await welcomed(node)
        raw.write(.credit(.sync, 1))
        await departure(node, .controlInvalid)
        let other = try await welcomed(node, as: 3)
        other.write(.credit(.discovery, .max))
        await eventually("both are gone") { node.departures.count == 2 }
        await node.stop()
    }

    @Test func aPeerThatNeverReads() async throws {
        let node = try await TestNode(1) { $0.timeouts.stall = .seconds(5) }
        let raw = try await welcomed(node)
        try await raw.channel.setOption(.autoRead, value: false).get()
        // What lies in the kernel's buffers is not ours to bound; all that credit allows is more than they hold.
        var result = SendResult.queued(dropped: 0)
        for _ in 0..<1000 where result.isQueued {
            result = node.transport.send([UInt8](repeating: 1, count: 100_000), as: .sync, to: signingKey(2).publicKey)
        }
        #expect(result == .queueFull)
        #expect(node.transport.peers.allSatisfy { $0.queuedBytes <= TrafficClass.sync.queueBytesMax })
        await departure(node, .stalled)
        await node.stop()
    }

    @Test func aPeerThatFallsSilent() async throws {
        let node = try await TestNode(1) { $0.timeouts.idle = .milliseconds(500) }
        let raw = try await welcomed(node)
        await departure(node, .idle)
        await eventually("closed") { raw.isClosed }
        await node.stop()
    }

    @Test func aPeerThatHangsUp() async throws {
        let node = try await TestNode(1)
        let raw = try await welcomed(node)
        raw.write([2, 100, 0, 1])
        raw.close()
        await departure(node, .lost)
        await node.stop()
    }

    // MARK: Too many

    @Test func oneAddressHasSoManyConnections() async throws {
        let node = try await TestNode(1) { $0.limits.inboundPerPrefixMax = 3 }
        var raws: [RawPeer] = []
        for _ in 0..<3 { raws.append(try await RawPeer(to: node.address)) }
        raws.append(try await RawPeer(to: node.address))
        await node.refusal(.addressFull)
        await eventually("closed") { raws[3].isClosed }
        #expect(!raws[0].isClosed)
        raws[0].close()
        await eventually("its place is free") { node.refusals.count >= 2 }
        let again = try await welcomed(node)
        again.close()
        await node.stop()
    }

    @Test func soManyHandshakesAtATime() async throws {
        let node = try await TestNode(1) { $0.limits.handshakesMax = 2 }
        for _ in 0..<2 { _ = try await RawPeer(to: node.address) }
        let third = try await RawPeer(to: node.address)
        await node.refusal(.handshakesFull)
        await eventually("closed") { third.isClosed }
        await node.stop()
    }

    @Test func soManyAttemptsPerSecond() async throws {
        let node = try await TestNode(1) {
            $0.limits.attemptsPerPrefixPerSecond = 1
            $0.limits.attemptsPerPrefixBurst = 2
        }
        for _ in 0..<20 { _ = try? await RawPeer(to: node.address) }
        await node.refusal(.attemptsTooFrequent)
        await node.stop()
    }

    @Test func theHouseIsFullButNotForFriends() async throws {
        let friend = signingKey(5).publicKey
        let node = try await TestNode(1) {
            $0.limits.inboundMax = 1
            $0.knownPeers = [friend]
        }
        let validators = try TestValidators(epoch: 1)
        node.transport.setValidators([validators.set], own: nil)
        let first = try await TestNode(2), second = try await TestNode(3), known = try await TestNode(5)
        let validator = try await TestNode(6, validator: validators.identity(0))
        await connect(first, node)
        second.dial(node)
        await second.refusal(.inboundFull)
        await node.refusal(.inboundFull)
        await connect(known, node)
        await connect(validator, node)
        #expect(node.transport.peers.count == 3)
        // A place that is given back is a place.
        await first.stop()
        await eventually("it left") { !node.departures.isEmpty }
        second.dial(node)
        await eventually("connected") { second.isConnected(to: node) }
        for other in [second, known, validator, node] { await other.stop() }
    }

    @Test func bansEndConnectionsAndThenEnd() async throws {
        let node = try await TestNode(1), other = try await TestNode(2)
        await connect(other, node)
        node.transport.ban(other.peer, for: .seconds(3600))
        await eventually("told") { other.departures.contains { $0.code == .peerBanned } }
        other.dial(node)
        await node.refusal(.peerBanned)
        node.transport.lift(other.peer)
        await eventually("the old connection is over") { !other.isConnected(to: node) }
        await connect(other, node)
        try node.transport.ban(address: "127.0.0.99", for: .seconds(3600))
        await departure(node, .addressBanned)
        _ = try await RawPeer(to: node.address)
        await node.refusal(.addressBanned)
        try node.transport.lift(address: "127.0.0.1")
        #expect(throws: NetworkError.self) { try node.transport.ban(address: "example.com", for: .seconds(1)) }
        await node.stop()
        await other.stop()
    }
}
