import Cryptography
import Primitives
import Testing
@testable import Networking

/// Two or more real transports over loopback.
@Suite struct TransportTests {
    @Test func twoNodesMeetAndTalk() async throws {
        let one = try await TestNode(1) { $0.agent = "trellis/one" }
        let two = try await TestNode(2) { $0.externalAddress = NetworkAddress("node-two.example:4000") }
        one.transport.setHeight(17)
        await connect(one, two)
        let seen = two.transport.peers[0].info, dialled = one.transport.peers[0].info
        #expect(seen.peer == one.peer)
        #expect(seen.direction == .inbound)
        #expect(seen.agent == "trellis/one")
        #expect(seen.height == 17)
        #expect(seen.version == 1)
        #expect(seen.validator == nil)
        #expect(dialled.peer == two.peer)
        #expect(dialled.direction == .outbound)
        #expect(dialled.listenAddress == NetworkAddress(host: "node-two.example", port: 4000))

        let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        #expect(one.transport.send([1, 2, 3], as: .transactions, to: two.peer) == .queued(dropped: 0))
        #expect(one.transport.send(large, as: .sync, to: two.peer) == .queued(dropped: 0))
        #expect(two.transport.send([9], as: .discovery, to: one.peer) == .queued(dropped: 0))
        await eventually("all frames") { two.messages.count == 2 && one.messages.count == 1 }
        #expect(two.messages.contains(InboundMessage(peer: one.peer, trafficClass: .transactions, bytes: [1, 2, 3])))
        #expect(two.messages.contains { $0.trafficClass == .sync && $0.bytes == large })
        #expect(one.messages == [InboundMessage(peer: two.peer, trafficClass: .discovery, bytes: [9])])
        #expect(two.transport.counters.received.sync == ReceivedTraffic(frames: 1, bytes: 3_000_000))
        #expect(one.transport.counters.sent.sync.frames == 1)
        #expect(one.transport.counters.sent.sync.bytes == 3_000_000)
        #expect(one.transport.counters.connectedOutbound == 1)
        #expect(two.transport.counters.connectedInbound == 1)

        await one.stop()
        await eventually("the goodbye") { !two.departures.isEmpty }
        #expect(two.events.last == .disconnected(one.peer, NetworkError(.shutdown, "the peer said so"), byPeer: true))
        #expect(one.departures.map(\.code) == [.shutdown])
        #expect(two.transport.send([1], as: .sync, to: one.peer) == .notConnected)
        await two.stop()
    }

    @Test func framesOfTheWrongLengthStayHere() async throws {
        let one = try await TestNode(1), two = try await TestNode(2)
        await connect(one, two)
        #expect(one.transport.send([], as: .sync, to: two.peer) == .lengthInvalid)
        for trafficClass in TrafficClass.allCases where trafficClass != .consensus {
            let bytes = [UInt8](repeating: 1, count: trafficClass.frameBytesMax + 1)
            #expect(one.transport.send(bytes, as: trafficClass, to: two.peer) == .lengthInvalid)
            #expect(one.transport.send(Array(bytes.dropFirst()), as: trafficClass, to: two.peer) == .queued(dropped: 0))
        }
        #expect(one.transport.send([1], as: .consensus, to: two.peer) == .notValidator)
        #expect(one.transport.send([1], as: .sync, to: one.peer) == .notConnected)
        await eventually("a full frame of each class") { two.messages.count == 3 }
        for message in two.messages { #expect(message.bytes.count == message.trafficClass.frameBytesMax) }
        await one.stop()
        await two.stop()
    }

    /// Frames of one class arrive as they were sent: nothing lost, nothing twice, in order, whatever their lengths.
    @Test(arguments: [1, 2, 3] as [UInt64]) func everyFrameArrivesOnceAndInOrder(_ seed: UInt64) async throws {
        let one = try await TestNode(10 * seed)
        let two = try await TestNode(10 * seed + 1) { $0.quotas.discovery = 64 * 1024 * 1024 }
        await connect(one, two)
        var generator = SeededGenerator(seed: seed)
        var sent = PerClass<[[UInt8]]> { _ in [] }
        for number in 0..<300 {
            let trafficClass = [TrafficClass.sync, .transactions, .discovery][generator.below(3)]
            let most = [1, 40, 16 * 1024 + 1, trafficClass.frameBytesMax][generator.below(4)]
            var bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1 + generator.below(min(most, 200_000)))
            bytes[0] = UInt8(truncatingIfNeeded: number >> 8)
            // Transactions drop what is oldest when they must, so that they are only sent while there is room.
            while true {
                let waiting = one.transport.peers.first?.queuedBytes ?? 0
                if waiting < 500_000, one.transport.send(bytes, as: trafficClass, to: two.peer).isQueued { break }
                try await Task.sleep(for: .milliseconds(1))
            }
            sent[trafficClass].append(bytes)
        }
        await eventually("300 frames") { two.messages.count == 300 }
        for trafficClass in TrafficClass.allCases {
            #expect(two.messages.filter { $0.trafficClass == trafficClass }.map(\.bytes) == sent[trafficClass])
        }
        await one.stop()
        await two.stop()
    }

    @Test func broadcastReachesEverybodyButTheExcluded() async throws {
        let hub = try await TestNode(1)
        let others = [try await TestNode(2), try await TestNode(3), try await TestNode(4)]
        for other in others { await connect(other, hub) }
        #expect(hub.transport.broadcast([5], as: .transactions, except: [others[1].peer]) == 2)
        await eventually("both have it") { others[0].messages.count == 1 && others[2].messages.count == 1 }
        #expect(others[1].messages.isEmpty)
        #expect(hub.transport.broadcast([5], as: .consensus) == 0)
        for node in others + [hub] { await node.stop() }
    }

    @Test func whatWaitsIsSentBeforeTheGoodbye() async throws {
        let one = try await TestNode(1) { $0.timeouts.farewell = patience }
        let two = try await TestNode(2)
        await connect(one, two)
        for number in 0..<50 { one.transport.send([UInt8](repeating: UInt8(number), count: 60_000), as: .sync, to: two.peer) }
        await one.stop()
        await eventually("the goodbye") { !two.departures.isEmpty }
        #expect(two.messages.count == 50)
        #expect(two.departures.map(\.code) == [.shutdown])
        await two.stop()
    }

    @Test func roundTripsAreMeasured() async throws {
        let one = try await TestNode(1) { $0.timeouts.ping = .milliseconds(1) }, two = try await TestNode(2)
        await connect(one, two)
        await eventually("a round trip") { one.transport.peers.first?.roundTrip != nil }
        #expect(one.transport.counters.roundTrips > 0)
        #expect(one.transport.counters.roundTripNanosecondsTotal > 0)
        await one.stop()
        await two.stop()
    }

    @Test func theMarksOfPeersAreCarried() async throws {
        let two = try await TestNode(2)
        let one = try await TestNode(1) { $0.privatePeers = [two.peer] }
        try one.transport.keepConnected(two.peerAddress)
        await eventually("connected") { one.isConnected(to: two) }
        #expect(one.transport.peers[0].info.isPrivate)
        #expect(one.transport.peers[0].info.isKept)
        await eventually("connected there") { two.isConnected(to: one) }
        #expect(!two.transport.peers[0].info.isPrivate)
        #expect(!two.transport.peers[0].info.isKept)
        await one.stop()
        await two.stop()
    }
}
