@testable import Gossip
import Primitives
import Testing

/// Whom a node knows and connects to, also when somebody wants to be all that it knows.
struct PeerTests {
    private func address(_ number: Int, group: (UInt8, UInt8)) -> PeerAddress {
        PeerAddress(key: GossipNetwork.key(number, 9), host: NetworkAddress(ipv4: group.0, group.1, UInt8(number / 250 % 250), UInt8(number % 250)), port: 26_656)
    }

    /// An attacker with four groups of addresses, five connections and twenty thousand invented addresses against a book of three
    /// hundred honest ones: it cannot push them out, and gets its groups' share of the places and no more.
    @Test(arguments: [UInt64(1), 2, 3]) func poisoningIsBounded(seed: UInt64) {
        var book = AddressBook(seed: seed, allowsLocal: false)
        let honest = (0..<300).map { address($0, group: (20 + UInt8($0 / 100), UInt8($0 % 100))) }
        for one in honest { book.hear(one, source: honest[0].host.group) }
        for one in honest.prefix(40) { book.reached(one, now: 1) }
        let before = honest.filter { book.entry($0.key) != nil }.count
        let sources = (0..<5).map { NetworkAddress(ipv4: 66, UInt8($0 % 4), 1, 1).group }
        for number in 0..<20_000 { book.hear(address(1_000 + number, group: (66, UInt8(number % 4))), source: sources[number % 5]) }
        let after = honest.filter { book.entry($0.key) != nil }.count
        #expect(after == before, "hearsay displaced \(before - after) honest addresses")
        let poison = book.count - after
        // Each (source group, address group) pair reaches one bucket: at most 16 of them here.
        #expect(poison <= 16 * GossipLimits.bucketPlaces)
        #expect(book.triedCount >= 30)

        // Of what is dialled, tried addresses make half and are honest; the rest follows the places.
        var poisoned = 0
        for _ in 0..<1_000 { if let chosen = book.choose(now: 5, where: { _ in true }), chosen.host.bytes[12] == 66 { poisoned += 1 } }
        #expect(poisoned < 500, "\(poisoned) of 1000 dials")
    }

    @Test func aReachedAddressKeepsItsPlaceUntilItFails() {
        var book = AddressBook(seed: 1, allowsLocal: false)
        var rivals: [PeerAddress] = []
        // One group reaches four buckets of 32 places: with 400 there are collisions.
        for number in 0..<400 {
            let one = address(number, group: (30, 1))
            book.reached(one, now: 1)
            if book.entry(one.key) == nil { rivals.append(one) }
        }
        #expect(book.triedCount <= GossipLimits.triedBucketsPerGroup * GossipLimits.bucketPlaces && !rivals.isEmpty)
        guard let contested = book.contested.first else { Issue.record("nothing is contested"); return }
        book.reached(book.entry(contested)!.address, now: 2)
        #expect(book.entry(contested) != nil && !book.contested.contains(contested))
        guard let other = book.contested.first else { return }
        book.failed(other, now: 2)
        #expect(book.entry(other) != nil)
        book.failed(other, now: 3)
        #expect(book.entry(other) == nil)
    }

    /// A ban that was kept has what was left of it, and the next one of that key is longer. No file makes one longer than there are, or more of them.
    @Test func keptBansComeBack() throws {
        let keys = (0..<3).map { GossipNetwork.key($0, 9) }, host = NetworkAddress(ipv4: 9, 9, 9, 9)
        var bans = BanList()
        for _ in 0..<2 { _ = bans.add(keys[0], host: host, now: 100) }
        _ = bans.add(keys[1], host: nil, now: 100)
        let later: GossipTick = 700, record = try bans.record(later).map { try BanRecord(bcs: $0.bcs) }
        #expect(record.map(\.ticks) == [2 * GossipLimits.banTicks - 600, GossipLimits.banTicks - 600])
        #expect(bans.record(GossipTick(100 + GossipLimits.banTicks)).map(\.key) == [keys[0]])

        var restored = BanList()
        restored.restore(record, now: 0)
        #expect(restored.record(0) == record)
        #expect(restored.refuses(host: host, now: 0) && restored.refuses(key: keys[0], now: 0) && !restored.refuses(key: keys[2], now: 0))
        #expect(!restored.refuses(key: keys[1], now: GossipTick(record[1].ticks)))
        #expect(restored.add(keys[0], host: nil, now: 0) == 4 * GossipLimits.banTicks)

        let longest = GossipLimits.banTicks << GossipLimits.banExponentMax
        var forged = BanList()
        forged.restore((0..<5_000).map { BanRecord(key: GossipNetwork.key($0 / 2, 9), host: nil, ticks: $0 == 8 ? 0 : .max, times: .max) }, now: 5)
        #expect(forged.count <= GossipLimits.bansMax && forged.record(5).allSatisfy { $0.ticks == longest })
        #expect(Set(forged.record(5).map(\.key)).count == forged.count && forged.refuses(key: GossipNetwork.key(4, 9), now: 5))
        #expect(forged.add(keys[0], host: nil, now: 5) == longest)
        #expect(forged.count <= GossipLimits.bansMax)
    }

    @Test func addressesAreJudged() {
        var book = AddressBook(seed: 1, allowsLocal: false)
        let group = NetworkAddress(ipv4: 9, 9, 9, 9).group
        let unusable: [NetworkAddress] = [
            NetworkAddress(ipv4: 127, 0, 0, 1), NetworkAddress(ipv4: 10, 1, 1, 1), NetworkAddress(ipv4: 192, 168, 1, 1), NetworkAddress(ipv4: 0, 0, 0, 0),
            NetworkAddress(ipv4: 224, 0, 0, 1), NetworkAddress(ipv4: 100, 64, 0, 1), NetworkAddress(), NetworkAddress([0xfe, 0x80] + Array(repeating: 0, count: 13) + [1])!,
            NetworkAddress([0xfd] + Array(repeating: 1, count: 15))!, NetworkAddress([0x20, 0x01, 0x0d, 0xb8] + Array(repeating: 1, count: 12))!,
        ]
        for (number, host) in unusable.enumerated() { book.hear(PeerAddress(key: GossipNetwork.key(number, 9), host: host, port: 1), source: group) }
        book.hear(PeerAddress(key: GossipNetwork.key(50, 9), host: NetworkAddress(ipv4: 9, 9, 9, 9), port: 0), source: group)
        #expect(book.count == 0)
        book.hear(PeerAddress(key: GossipNetwork.key(51, 9), host: NetworkAddress([0x2a, 0x01] + Array(repeating: 1, count: 14))!, port: 1), source: group)
        #expect(book.count == 1)
        var restored = AddressBook(seed: 2, allowsLocal: false)
        restored.restore(book.record)
        #expect(restored.record.map(\.address) == book.record.map(\.address))
    }

    /// Thirty honest nodes that know one seed find each other; ten enemies in two groups that answer with addresses of their own
    /// get no more of anybody's choice than their groups.
    @Test func aNetworkFindsItselfAndIsNotEclipsed() {
        let network = GossipNetwork(seed: 77)
        network.onDial = { _, _ in true }
        let honest = 30
        for index in 0..<honest {
            network.add(validator: false, of: 0) { configuration in
                if index > 0 { configuration.policy.seeds = [network.nodes[0].address] }
                if index == 5 { configuration.policy.privateKeys = [GossipNetwork.key(3, 1)] }
            }
        }
        var enemies: [GossipNetwork.Node] = []
        for number in 0..<10 {
            enemies.append(network.add(validator: false, of: 0, host: NetworkAddress(ipv4: 66, UInt8(number % 2), 1, UInt8(number))))
        }
        let poison = (0..<100).map { $0 < 10 ? enemies[$0].address : address($0, group: (66, UInt8($0 % 2))) }
        for enemy in enemies {
            enemy.adversary = { network, node, message, link in
                if case .addressesRequest = message { network.send(.addresses(poison), from: node, over: link) }
                return true
            }
            // They come to some by themselves; the others hear of them and may choose them.
            for index in 0..<3 { network.connect(enemy.index, index) }
        }
        network.run(ticks: 60 * GossipLimits.ticksPerSecond / 2)
        var chosen = 0, taken = 0
        for node in network.nodes[..<honest] {
            let outbound = node.peers.values.filter { peer in node.gossip.isOutbound(node.link(to: peer.node)!) }.map(\.node)
            let own = outbound.filter { $0 < honest }.count
            chosen += outbound.count
            taken += outbound.count - own
            #expect(outbound.count - own <= 2, "node \(node.index) chose \(outbound)")
            // Everybody that the seed knows has come to it by itself.
            if node.index > 0 { #expect(own >= 4, "node \(node.index) chose \(outbound)") }
        }
        #expect(network.nodes[0].peers.values.filter { $0.node < honest }.count >= honest - 5)
        #expect(taken * 3 <= chosen, "\(taken) of \(chosen) outbound connections lead to the enemy")
        #expect(network.broken == nil)
        // Whoever keeps a secret does not tell it.
        #expect(!network.nodes[5].gossip.addresses.contains { $0.address.key == GossipNetwork.key(3, 1) })
    }

    /// A peer that the operator named and that was away for ten minutes is tried again within seconds: a network that was cut goes on soon
    /// after it is whole. A seed is left in peace.
    @Test(arguments: [true, false]) func namedPeersAreTriedAgainWithinSeconds(isPersistent: Bool) {
        let peer = [address(2, group: (20, 1))], key = GossipNetwork.key(1, 9)
        let policy = isPersistent ? PeerPolicy(ownKey: key, persistent: peer) : PeerPolicy(ownKey: key, seeds: peer)
        let manager = PeerManager(policy: policy, seed: 1)
        var dials: [UInt64] = []
        for tick in stride(from: 0, to: 600 * GossipLimits.ticksPerSecond, by: 20) {
            var outbox = Outbox()
            manager.step(GossipTick(tick), &outbox)
            for effect in outbox.effects {
                guard case .dial(let address) = effect else { continue }
                dials.append(tick)
                manager.dialFailed(address, now: GossipTick(tick))
            }
        }
        let longest = zip(dials, dials.dropFirst()).map { $1 - $0 }.max() ?? .max
        if isPersistent { #expect(longest <= 5 * GossipLimits.ticksPerSecond) } else { #expect(longest > 60 * GossipLimits.ticksPerSecond) }
    }

    @Test func ofTwoConnectionsBothKeepTheSame() {
        let network = GossipNetwork(seed: 1)
        for _ in 0..<2 { network.add(validator: true, of: 2) }
        let hosts = network.nodes.map(\.host)
        func peer(_ index: Int, isOutbound: Bool) -> ConnectedPeer {
            ConnectedPeer(key: network.nodes[index].key, listensAt: nil, host: hosts[index], isOutbound: isOutbound, validator: GossipNetwork.key(index, 2))
        }
        // Each hears of its own dial first and of the other's second.
        for index in 0..<2 {
            network.give(.connected(Link(UInt64(10 + index)), peer(1 - index, isOutbound: true)), to: index)
            network.give(.connected(Link(UInt64(20 + index)), peer(1 - index, isOutbound: false)), to: index)
        }
        #expect(network.nodes[0].gossip.links == [Link(10)])
        #expect(network.nodes[1].gossip.links == [Link(21)])
    }
}

extension GossipNode {
    func isOutbound(_ link: Link) -> Bool { manager.isOutbound(link) }
}
