import Cryptography
import Primitives
import Synchronization
import Testing
@_spi(Fuzzing) @testable import Networking

/// Counting, waiting, banning and the mailbox, without sockets.
@Suite struct BookkeepingTests {
    static let second: UInt64 = 1_000_000_000

    @Test(arguments: 0..<20 as Range<UInt64>) func aBucketGivesItsRateAndItsBurst(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed), now: UInt64 = 5
        let rate = 1 + generator.below(10_000_000), capacity = 1 + generator.below(5_000_000)
        var bucket = TokenBucket(perSecond: rate, capacity: capacity, now: now), taken = 0
        for _ in 0..<2_000 {
            now += generator.next() >> UInt64(34 + generator.below(10))
            taken += bucket.take(upTo: generator.below(capacity + 1), now: now)
            let most = (now - 5).multipliedFullWidth(by: UInt64(rate))
            #expect(taken <= capacity + Int(Self.second.dividingFullWidth(most).quotient) + 1)
        }
        // Nothing is lost in small steps: a full second gives the whole rate.
        bucket = TokenBucket(perSecond: rate, capacity: rate, now: 0)
        _ = bucket.take(upTo: rate, now: 0)
        var total = 0
        for step in 1...1000 as ClosedRange<UInt64> { total += bucket.take(upTo: rate, now: step * Self.second / 1000) }
        #expect(total == rate)
        // A clock that jumps far, or back.
        let (far, back) = (bucket.take(upTo: .max, now: .max), bucket.take(upTo: 1, now: 0))
        #expect(far == rate && back == 0)
    }

    @Test func waitsDoubleUpToAMaximum() {
        var backoff = Backoff(first: 1000, longest: 60_000)
        var last: UInt64 = 0
        for round in 0..<200 {
            let full = round < 6 ? 1000 << UInt64(round) : 60_000
            var low = backoff, high = backoff
            let most = high.next(random: 0)
            #expect(most == full)
            last = low.next(random: .max)
            #expect(last == full - full / 2)
            _ = backoff.next(random: 1 << 63)
        }
        backoff.reset()
        last = backoff.next(random: 0)
        #expect(last == 1000)
    }

    @Test func bansEndAndAreBounded() {
        var bans = BanList<Int>(countMax: 3)
        for key in 0..<3 { bans.ban(key, until: UInt64(100 + key), now: 0) }
        bans.ban(0, until: 50, now: 0)
        let (before, after) = (bans.contains(0, now: 99), bans.contains(0, now: 100))
        #expect(before && !after)
        bans.ban(0, until: 300, now: 0)
        // The one that ends first makes room.
        bans.ban(9, until: 200, now: 0)
        #expect(bans.count == 3)
        #expect([0, 1, 2, 9].map { bans.contains($0, now: 0) } == [true, false, true, true])
        bans.lift(9)
        #expect([9].map { bans.contains($0, now: 0) } == [false])
    }

    @Test func partsOfTheNetwork() throws {
        func prefix(_ text: String) throws -> AddressPrefix { try #require(AddressPrefix(numeric: text)) }
        #expect(try prefix("10.1.2.3") == prefix("10.1.2.250"))
        #expect(try prefix("10.1.2.3") != prefix("10.1.3.3"))
        #expect(try prefix("::ffff:10.1.2.3") == prefix("10.1.2.9"))
        #expect(try prefix("2001:db8:1:2::1") == prefix("2001:db8:1:2:ffff::9"))
        #expect(try prefix("2001:db8:1:2::1") != prefix("2001:db8:1:3::1"))
        #expect(try prefix("::1") != prefix("0.0.0.0"))
        #expect(AddressPrefix(numeric: "example.com") == nil)
        #expect(AddressPrefix([1, 2, 3]) == nil)
    }

    @Test func addressesAsText() throws {
        for text in ["example.com:4000", "10.0.0.1:1", "[2001:db8::1]:65535", "node_1:80"] {
            let address = try #require(NetworkAddress(text))
            #expect(address.description == text)
            #expect(try NetworkAddress(bcs: address.bcs) == address)
        }
        for text in ["", "a", "a:", ":1", "a:0", "a:65536", "a:-1", "a b:1", "a\u{1b}:1", "1::2:3", "é:1", String(repeating: "a", count: 254) + ":1"] {
            #expect(NetworkAddress(text) == nil, "\(text)")
        }
        let key = signingKey(1).publicKey
        #expect(PeerAddress("\(key)@[::1]:5") == PeerAddress(peer: key, address: NetworkAddress(host: "::1", port: 5)!))
        for text in ["@a:1", "\(key)a:1", "\(key)@a", "00@a:1"] { #expect(PeerAddress(text) == nil) }
        // A host with a byte that no address has is refused on the wire too.
        #expect(throws: BCSError.self) { try NetworkAddress(bcs: [1, 10, 1, 0]) }
        #expect(throws: BCSError.self) { try NetworkAddress(bcs: [1, 97, 0, 0]) }
    }

    /// Places come and go in any order: the counts return to nothing, and no limit is passed.
    @Test(arguments: 0..<30 as Range<UInt64>) func placesAreCounted(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var limits = ConnectionLimits()
        (limits.inboundMax, limits.outboundMax, limits.handshakesMax, limits.inboundPerPrefixMax) = (4, 3, 5, 4)
        (limits.attemptsPerPrefixPerSecond, limits.attemptsPerPrefixBurst) = (1000, 1000)
        var admission = Admission(limits: limits), places: [Admission.Place] = []
        for now in 0..<2_000 as Range<UInt64> {
            switch generator.below(4) {
            case 0: if let place = try? admission.accept(from: AddressPrefix([10, 0, UInt8(generator.below(3)), 1]), now: now) { places.append(place) }
            case 1: if let place = try? admission.dial(isKept: generator.chance(1, in: 4)) { places.append(place) }
            case 2:
                guard let index = places.firstIndex(where: { if case .arriving = $0 { true } else if case .leaving = $0 { true } else { false } }),
                      let place = try? admission.settle(places[index], isKnown: generator.chance(1, in: 3)) else { continue }
                places[index] = place
            default: if !places.isEmpty { admission.release(places.remove(at: generator.below(places.count))) }
            }
            #expect(admission.taken == places.count)
            #expect(places.count { if case .inboundStranger = $0 { true } else { false } } <= 4)
            #expect(places.count { if case .arriving = $0 { true } else { false } } <= 5)
            let outbound = places.count { $0 == .outboundStranger || $0 == .leaving(isKept: false) }
            #expect(outbound <= 3)
            for part in 0..<3 as Range<UInt8> {
                let prefix = AddressPrefix([10, 0, part, 1])
                #expect(places.count { [.arriving(prefix), .inboundStranger(prefix), .inboundKnown(prefix)].contains($0) } <= 4)
            }
        }
        for place in places { admission.release(place) }
        #expect(admission.taken == 0)
    }

    /// An attacker with more addresses than can be told apart gets no further, and what is remembered stays bounded.
    @Test func attemptsOfManyPartsOfTheNetwork() {
        var limits = ConnectionLimits()
        limits.handshakesMax = .max
        var admission = Admission(limits: limits), codes: Set<NetworkCode> = []
        for number in 0..<4_200 {
            do throws(NetworkError) {
                admission.release(try admission.accept(from: AddressPrefix([UInt8(number >> 16), UInt8(number >> 8 & 255), UInt8(number & 255), 1]), now: 0))
            } catch { codes.insert(error.code) }
        }
        #expect(codes == [.attemptsTooFrequent])
        let later = try? admission.accept(from: AddressPrefix([200, 1, 1, 1]), now: Self.second)
        #expect(later != nil)
    }
}

/// The order of what the owner reads.
@Suite struct MailboxTests {
    final class Source: MessageSource {
        let receipts = Mutex((count: 0, cost: 0))
        func taken(_ count: Int, cost: PerClass<Int>) {
            receipts.withLock { receipts in
                receipts.count += count
                receipts.cost += TrafficClass.allCases.reduce(0) { $0 + cost[$1] }
            }
        }
    }

    static func info(_ peer: PublicKey) -> PeerInfo {
        PeerInfo(
            peer: peer, direction: .inbound, remoteAddress: "", listenAddress: nil, agent: "", height: 0, version: 1, validator: nil,
            isKept: false, isPrivate: false)
    }

    /// Random connections, messages and pauses of the reader: every peer's events alternate, messages come only between them, none
    /// twice and in order, and each is acknowledged to its source.
    @Test(arguments: 0..<200 as Range<UInt64>) func eventsOfAPeerAlternate(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let mailbox = EventMailbox(), source = Source(), peers = (1...3).map { signingKey(UInt64($0)).publicKey }
        var isConnected: Set<PublicKey> = [], posted: [PublicKey: [UInt8]] = [:], read: [PublicKey: [UInt8]] = [:], seen: Set<PublicKey> = []
        var next: UInt8 = 0, messageCount = 0
        func readBatch() {
            for event in mailbox.takeBatch() {
                switch event {
                case .connected(let info): #expect(seen.insert(info.peer).inserted)
                case .disconnected(let peer, _, _): #expect(seen.remove(peer) != nil)
                case .messages(let messages):
                    for message in messages {
                        #expect(seen.contains(message.peer))
                        read[message.peer, default: []] += message.bytes
                    }
                case .standingChanged(let peer, _): #expect(seen.contains(peer))
                case .refused: break
                }
            }
        }
        for _ in 0..<120 {
            let peer = peers[generator.below(3)]
            switch generator.below(6) {
            case 0 where !isConnected.contains(peer):
                mailbox.connected(Self.info(peer))
                isConnected.insert(peer)
            case 1 where isConnected.contains(peer):
                mailbox.disconnected(peer, NetworkError(.lost, ""), byPeer: false)
                isConnected.remove(peer)
            case 2, 3:
                guard isConnected.contains(peer) else { continue }
                next &+= 1
                messageCount += 1
                mailbox.post([InboundMessage(peer: peer, trafficClass: .transactions, bytes: [next])], from: source)
                posted[peer, default: []].append(next)
            case 4: mailbox.standingChanged(peer, nil)
            default: if generator.chance(1, in: 3) { readBatch() }
            }
        }
        readBatch()
        #expect(read == posted)
        #expect(seen == isConnected)
        #expect(mailbox.takeBatch().isEmpty)
        let receipts = source.receipts.withLock { $0 }
        #expect(receipts.count == messageCount && receipts.cost == messageCount * (1 + Frame.overheadBytes))
    }

    @Test func votesFirstAndPeersByTurns() {
        let mailbox = EventMailbox(), source = Source(), one = signingKey(1).publicKey, two = signingKey(2).publicKey
        for peer in [one, two] { mailbox.connected(Self.info(peer)) }
        func post(_ peer: PublicKey, _ trafficClass: TrafficClass, _ count: Int) {
            mailbox.post((0..<count).map { InboundMessage(peer: peer, trafficClass: trafficClass, bytes: [UInt8($0 & 255)]) }, from: source)
        }
        post(one, .sync, 3_000)
        post(two, .transactions, 10)
        post(one, .consensus, 2_000)
        let first = mailbox.takeBatch().flatMap { event -> [InboundMessage] in if case .messages(let list) = event { list } else { [] } }
        #expect(first.count == 1024)
        #expect(first.prefix(768).allSatisfy { $0.trafficClass == .consensus })
        #expect(first.dropFirst(768).count { $0.peer == two } == 10)
        var rest = 0
        while mailbox.waitingMessages > 0 { rest += mailbox.takeBatch().count }
        #expect(rest > 0)
        for number in 0..<1000 {
            mailbox.refused(Refusal(error: NetworkError(.lost, "\(number)"), direction: .inbound, remoteAddress: "", peer: nil))
        }
        #expect(mailbox.takeBatch().count == EventMailbox.refusalsMax)
        #expect(mailbox.refusalsDropped == 1000 - EventMailbox.refusalsMax)
    }

    @Test func theReaderIsWokenAndTold() async {
        let mailbox = EventMailbox()
        let reader = Task { () -> Int in
            var count = 0
            while let batch = await mailbox.next() { count += batch.count }
            return count
        }
        for _ in 0..<50 {
            mailbox.refused(Refusal(error: NetworkError(.lost, ""), direction: .inbound, remoteAddress: "", peer: nil))
            await Task.yield()
        }
        mailbox.finish()
        #expect(await reader.value == 50)
        #expect(await mailbox.next() == nil)
    }
}
