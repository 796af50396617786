import Cryptography
import Foundation
import Primitives
import Testing
@_spi(Fuzzing) @testable import Networking

/// Who keeps which connection, who dials again, and what is left when all is over.
@Suite struct MeetingTests {
    /// Both dial at the same time, many times: each time both keep one connection, the same one, and it works both ways.
    @Test(arguments: [1, 2] as [UInt64]) func twoThatDialEachOtherKeepOneConnection(_ seed: UInt64) async throws {
        for round in 0..<15 as Range<UInt64> {
            let one = try await TestNode(100 * seed + 2 * round), two = try await TestNode(100 * seed + 2 * round + 1)
            for _ in 0..<3 {
                one.dial(two)
                two.dial(one)
            }
            // A dial may find the peer connected already; the rest is settled by the arbiter.
            await eventually("all six dials are settled, one of them well") {
                let ended = one.refusals.count { $0.direction == .outbound } + two.refusals.count { $0.direction == .outbound }
                return ended >= 5 && one.isConnected(to: two) && two.isConnected(to: one)
            }
            #expect(one.transport.send([1], as: .sync, to: two.peer).isQueued)
            #expect(two.transport.send([2], as: .sync, to: one.peer).isQueued)
            await eventually("both hear each other") { one.messages.count == 1 && two.messages.count == 1 }
            // Between events the owner sees one connection at most.
            for node in [one, two] {
                var isConnected = false
                for event in node.events {
                    switch event {
                    case .connected:
                        #expect(!isConnected)
                        isConnected = true
                    case .disconnected:
                        #expect(isConnected)
                        isConnected = false
                    case .messages: #expect(isConnected)
                    case .standingChanged, .refused: break
                    }
                }
                #expect(isConnected)
            }
            let directions = Set([one.transport.peers[0].info.direction, two.transport.peers[0].info.direction])
            #expect(directions == [.inbound, .outbound], "the two keep different connections")
            await one.stop()
            await two.stop()
        }
    }

    @Test func aKeptPeerIsDialledUntilItIsThereAndAgainWhenItIsLost() async throws {
        let one = try await TestNode(1)
        let first = try await TestNode(2)
        let address = first.peerAddress
        await first.stop()
        try one.transport.keepConnected(address)
        await eventually("some vain dials") { one.refusals.count >= 3 }
        for round in 1...3 {
            let again = try await TestNode(2) { $0.listenPort = address.address.port }
            await eventually("connected for the \(round). time") { one.isConnected(to: again) && again.isConnected(to: one) }
            #expect(again.peerAddress == address)
            await again.stop()
            await eventually("noticed") { one.departures.count == round }
        }
        one.transport.release(address.peer)
        await one.stop()
    }

    /// Two that keep each other dial at the same time, and again after each loss.
    @Test func twoThatKeepEachOther() async throws {
        let one = try await TestNode(1), two = try await TestNode(2)
        try one.transport.keepConnected(two.peerAddress)
        try two.transport.keepConnected(one.peerAddress)
        for round in 1...5 {
            // The owners have to see it too: what comes and goes between two readings is told as one change.
            await eventually("connected for the \(round). time") { one.seesPeers == 1 && two.seesPeers == 1 }
            one.transport.disconnect(two.peer)
            await eventually("parted for the \(round). time") { one.departures.count >= round && two.departures.count >= round }
        }
        await eventually("connected again") { one.isConnected(to: two) && two.isConnected(to: one) }
        await one.stop()
        await two.stop()
    }

    /// The arbiter refuses a second connection, and finds out that the first is dead.
    @Test func aDeadConnectionMakesRoom() async throws {
        let (small, large) = signingKey(1).publicKey < signingKey(2).publicKey ? (1, 2) : (2, 1) as (UInt64, UInt64)
        let node = try await TestNode(small)
        let dead = try await RawPeer(to: node.address, try RawPeer.nodeTLS(signingKey(large)))
        await dead.greet(as: signingKey(large), node: node.peer)
        await eventually("connected") { node.connections.count == 1 }
        let again = try await TestNode(large)
        try again.transport.keepConnected(node.peerAddress)
        await again.refusal(.duplicate)
        await eventually("the dead one is given up, the new one taken") {
            node.departures.map(\.code) == [.idle] && node.isConnected(to: again) && again.isConnected(to: node)
        }
        await again.stop()
        await node.stop()
    }

    // MARK: Leftovers

    /// Open sockets of this process with `port` at either end; other tests have other ports.
    private static func sockets(port: UInt16) throws -> Int {
        let hex = String(format: "%04X", port)
        return try String(contentsOfFile: "/proc/self/net/tcp", encoding: .utf8).split(separator: "\n").dropFirst().count { line in
            let fields = line.split(separator: " ")
            // A socket without an inode belongs to nobody any more; 0A is the listening one.
            return fields.count > 9 && fields[9] != "0" && fields[3] != "0A" && (fields[1].hasSuffix(hex) || fields[2].hasSuffix(hex))
        }
    }

    @Test func nothingIsLeftOfConnectionsThatCameAndWent() async throws {
        let hub = try await TestNode(1)
        final class Weak: @unchecked Sendable { weak var connection: Connection? }
        var gone: [Weak] = []
        for round in 0..<40 as Range<UInt64> {
            let guest = try await TestNode(100 + round)
            await connect(guest, hub)
            for connection in hub.transport.switchboard.connections {
                let box = Weak()
                box.connection = connection
                gone.append(box)
            }
            guest.transport.send([1, 2, 3], as: .transactions, to: hub.peer)
            if round.isMultiple(of: 2) { await guest.stop() } else { hub.transport.disconnect(guest.peer) }
            let stranger = try await RawPeer(to: hub.address)
            stranger.close()
            await eventually("all are gone") { hub.transport.switchboard.connections.isEmpty }
            if !round.isMultiple(of: 2) { await guest.stop() }
        }
        await eventually("no socket is left") { (try? Self.sockets(port: hub.address.port)) == 0 }
        await eventually("no connection is left in memory") { gone.allSatisfy { $0.connection == nil } }
        await eventually("all places are free") { hub.transport.switchboard.placesTaken == 0 }
        await hub.stop()
        await eventually("the port is free") { (try? Self.sockets(port: hub.address.port)) == 0 }
    }

    /// A peer that fills the mailbox and leaves keeps its place until it is read.
    @Test func aPlaceIsFreeWhenTheMailboxIs() async throws {
        let hub = try await TestNode(1, reads: false) { $0.limits.inboundMax = 1 }
        let first = try await TestNode(2), second = try await TestNode(3)
        await connect(first, hub)
        first.transport.send([1], as: .sync, to: hub.peer)
        await eventually("it waits") { hub.transport.events.waitingMessages == 1 }
        await first.stop()
        await eventually("the connection is over") { hub.transport.switchboard.connections.isEmpty }
        second.dial(hub)
        await second.refusal(.inboundFull)
        hub.read()
        await eventually("read") { hub.messages.count == 1 }
        second.dial(hub)
        await eventually("connected") { second.isConnected(to: hub) }
        await second.stop()
        await hub.stop()
    }

    @Test func shuttingDownInTheMiddleOfEverything() async throws {
        for round in 0..<10 as Range<UInt64> {
            let one = try await TestNode(10 + round), two = try await TestNode(30 + round)
            one.dial(two)
            two.dial(one)
            try one.transport.keepConnected(PeerAddress(peer: signingKey(99).publicKey, address: two.address))
            if round > 3 { await eventually("connected") { one.isConnected(to: two) } }
            one.transport.send([UInt8](repeating: 1, count: 1_000_000), as: .sync, to: two.peer)
            async let first: Void = one.stop()
            async let second: Void = two.stop()
            _ = await (first, second)
            #expect(await one.transport.events.next() == nil)
            #expect(one.transport.send([1], as: .sync, to: two.peer) == .notConnected)
        }
    }

    // MARK: Priority

    /// The owner reads nothing, bulk has filled its windows: a vote still gets through, and is the first that is read.
    @Test func aVoteOvertakesBulkThatIsStuck() async throws {
        let validators = try TestValidators(epoch: 1)
        let one = try await TestNode(1, validator: validators.identity(0))
        let two = try await TestNode(2, reads: false)
        two.transport.setValidators([validators.set], own: validators.identity(1))
        one.transport.setValidators([validators.set], own: validators.identity(0))
        one.dial(two)
        await eventually("validators to each other") {
            one.transport.peers.first?.info.validator != nil && two.transport.peers.first?.info.validator != nil
        }
        while one.transport.send([UInt8](repeating: 1, count: 1_000_000), as: .sync, to: two.peer).isQueued {}
        await eventually("bulk is stuck") { two.transport.events.waitingMessages == 4 }
        #expect(one.transport.send([7], as: .consensus, to: two.peer).isQueued)
        await eventually("the vote is there") { two.transport.events.waitingMessages == 5 }
        let messages = two.transport.events.takeBatch().flatMap { event -> [InboundMessage] in
            if case .messages(let messages) = event { messages } else { [] }
        }
        #expect(messages.first?.bytes == [7])
        #expect(messages.count == 5)
        // Credit goes back, and the rest follows.
        two.read()
        await eventually("all of it") { one.transport.peers.first?.queuedBytes == 0 }
        await one.stop()
        await two.stop()
    }

    /// Beyond its quota a class waits, and no other class with it.
    @Test func quotasHoldBackOneClass() async throws {
        let one = try await TestNode(1)
        let two = try await TestNode(2) { $0.quotas.discovery = 20_000 }
        await connect(one, two)
        let frame = [UInt8](repeating: 1, count: 10_000)
        let start = ContinuousClock.now
        var sent = 0
        while sent < 12 { if one.transport.send(frame, as: .discovery, to: two.peer).isQueued { sent += 1 } }
        // The window and its refill: 12 frames cost 123,072, of which the two together pass 139,000 at once.
        for _ in 0..<6 {
            while !one.transport.send(frame, as: .discovery, to: two.peer).isQueued { try await Task.sleep(for: .milliseconds(5)) }
        }
        one.transport.send([2], as: .transactions, to: two.peer)
        await eventually("everything") { two.messages.count == 19 }
        #expect(ContinuousClock.now - start > .seconds(1), "18 frames of 10,000 bytes at 20,000 a second")
        await one.stop()
        await two.stop()
    }
}
