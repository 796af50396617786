import Cryptography
@testable import Gossip
import Ledger
@_spi(Verification) import Primitives

/// Many gossip nodes in one thread. Connections keep the order of each class and may break at any time with all that is on its
/// way, as TCP does; the same seed is the same run.
final class GossipNetwork {
    final class Node {
        let index: Int
        let key: PublicKey
        let validator: PublicKey?
        let host: NetworkAddress
        var gossip: GossipNode
        /// The other end of each connection.
        var peers: [Link: (node: Int, link: Link)] = [:]
        /// Played by the test instead of the production code, when it returns true.
        var adversary: ((GossipNetwork, Node, GossipMessage, Link) -> Bool)?
        var effects: [GossipEffect] = []
        var verifications = 0
        var bodies: [Digest: [EnvelopeHash]] = [:]
        var invalidBodies: [Digest] = []
        var disconnects: [DisconnectReason] = []
        var bans: [PublicKey] = []
        var refused: [EnvelopeHash: MempoolRejection] = [:]
        /// What a test does with the effects that the network does not know.
        var shell: ((GossipEffect) -> [GossipInput])?

        init(index: Int, key: PublicKey, validator: PublicKey?, host: NetworkAddress, gossip: GossipNode) {
            self.index = index
            self.key = key
            self.validator = validator
            self.host = host
            self.gossip = gossip
        }

        var address: PeerAddress { PeerAddress(key: key, host: host, port: 26_656) }
        func link(to node: Int) -> Link? { peers.filter { $0.value.node == node }.keys.min() }
    }

    private enum Event {
        case message(GossipMessage, from: Link, at: Int, sentOver: Link)
        case verdicts([VerificationVerdict], at: Int)
        case input(GossipInput, at: Int)
    }

    /// A body or announcement that went over a connection, for judges.
    struct Sent: Hashable {
        let from: Int
        let to: Int
        let hash: EnvelopeHash
    }

    private(set) var nodes: [Node] = []
    var random: SeededGenerator
    private(set) var now: UInt64 = 0
    private var agenda: [UInt64: [Event]] = [:]
    private var nextLink: UInt64 = 1
    private var lastDelivery: [Link: [GossipMessage.Class: UInt64]] = [:]
    var delayMax: UInt64 = 6
    var accounts: [Address: AccountState] = [:]
    private(set) var bodiesSent: [Sent: Int] = [:]
    private(set) var announced: [Sent: Int] = [:]
    private(set) var messageCount = 0
    /// A broken bound, if there ever was one.
    private(set) var broken: String?
    var onDial: ((Int, PeerAddress) -> Bool)?

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    static func key(_ number: Int, _ kind: UInt8) -> PublicKey {
        PublicKey([kind] + UInt64(number).bcs + Array(repeating: 0, count: 23))!
    }

    // ── Building ──

    @discardableResult func add(
        validator: Bool, of validators: Int, host: NetworkAddress? = nil, pool: Mempool.Configuration = Mempool.Configuration(), height: Height = 0,
        _ change: (inout GossipConfiguration) -> Void = { _ in }
    ) -> Node {
        let index = nodes.count
        let key = GossipNetwork.key(index, 1)
        let consensusKey = validator ? GossipNetwork.key(index, 2) : nil
        var configuration = GossipConfiguration(
            policy: PeerPolicy(ownKey: key), ownValidator: consensusKey, validators: (0..<validators).map { GossipNetwork.key($0, 2) },
            seed: random.next(), height: height, trust: .hash(.zero, at: 0))
        configuration.pool = pool
        change(&configuration)
        let gossip = GossipNode(configuration, rules: Fixture.rules(height: height.successor)) { [unowned self] in accounts[$0] }
        let node = Node(
            index: index, key: key, validator: consensusKey, host: host ?? NetworkAddress(ipv4: 20 + UInt8(index / 200), UInt8(index % 200), 7, 7), gossip: gossip)
        nodes.append(node)
        return node
    }

    func connect(_ a: Int, _ b: Int) {
        guard a != b, nodes[a].link(to: b) == nil else { return }
        let here = Link(nextLink), there = Link(nextLink + 1)
        nextLink += 2
        nodes[a].peers[here] = (b, there)
        nodes[b].peers[there] = (a, here)
        func peer(_ node: Node, isOutbound: Bool) -> ConnectedPeer {
            ConnectedPeer(key: node.key, listensAt: onDial == nil ? nil : node.address, host: node.host, isOutbound: isOutbound, validator: node.validator)
        }
        give(.connected(here, peer(nodes[b], isOutbound: true)), to: a)
        if nodes[b].peers[there] != nil { give(.connected(there, peer(nodes[a], isOutbound: false)), to: b) }
    }

    /// Breaks a connection; what is on its way is lost.
    func cut(_ a: Int, _ b: Int) {
        guard let here = nodes[a].link(to: b) else { return }
        close(nodes[a], here)
        give(.disconnected(here), to: a)
    }

    private func close(_ node: Node, _ link: Link) {
        guard let (other, there) = node.peers.removeValue(forKey: link) else { return }
        nodes[other].peers[there] = nil
        lastDelivery[link] = nil
        lastDelivery[there] = nil
        give(.disconnected(there), to: other)
    }

    func connectAll() {
        for a in nodes.indices { for b in nodes.indices where a < b { connect(a, b) } }
    }

    // ── Running ──

    func give(_ input: GossipInput, to index: Int) {
        let node = nodes[index]
        var effects: [GossipEffect] = []
        node.gossip.step(input, into: &effects)
        for effect in effects { perform(effect, node) }
        if broken == nil { broken = GossipBounds.violation(node.gossip) }
    }

    func send(_ message: GossipMessage, from node: Node, over link: Link) {
        guard let (other, there) = node.peers[link] else { return }
        messageCount += 1
        switch message {
        case .transactions(let batch): for signed in batch.transactions { bodiesSent[Sent(from: node.index, to: other, hash: signed.envelopeHash), default: 0] += 1 }
        case .announcement(let hashes): for hash in hashes { announced[Sent(from: node.index, to: other, hash: hash), default: 0] += 1 }
        default: break
        }
        // Now and then over the wire's encoding; always would cost most of the test's time.
        var message = message
        if random.chance(1, in: 16) {
            do { message = try GossipMessage(bcs: message.bcs) } catch { broken = broken ?? "an own message does not decode: \(error)" }
        }
        let time = max(now + 1 + UInt64(random.below(Int(delayMax))), lastDelivery[link]?[message.messageClass] ?? 0)
        lastDelivery[link, default: [:]][message.messageClass] = time
        agenda[time, default: []].append(.message(message, from: there, at: other, sentOver: link))
    }

    func later(_ input: GossipInput, to index: Int, ticks: UInt64) { agenda[now + ticks, default: []].append(.input(input, at: index)) }

    private func perform(_ effect: GossipEffect, _ node: Node) {
        switch effect {
        case .send(let message, let links): for link in links { send(message, from: node, over: link) }
        case .verify(let transactions):
            node.verifications += transactions.count
            let verdicts = transactions.map { signed in
                Fixture.isGood(signed) ? VerificationVerdict.verified(Fixture.verified(signed)) : .refused(signed, .signatureInvalid(.signatureInvalid(key: 0)))
            }
            let middle = random.below(verdicts.count + 1)
            for part in [Array(verdicts[middle...]), Array(verdicts[..<middle])] where !part.isEmpty {
                agenda[now + 1 + UInt64(random.below(4)), default: []].append(.verdicts(part, at: node.index))
            }
        case .bodies(let digest, let bodies): node.bodies[digest] = bodies.map(\.value.envelopeHash)
        case .bodiesInvalid(let digest): node.invalidBodies.append(digest)
        case .disconnect(let link, let reason):
            node.disconnects.append(reason)
            close(node, link)
        case .ban(let key, _): node.bans.append(key)
        case .refused(_, let hash, let rejection): node.refused[hash] = rejection
        case .dial(let address):
            if let other = nodes.first(where: { $0.address == address }), onDial?(node.index, address) ?? false {
                agenda[now + 2, default: []].append(.input(.tick, at: -1 - (node.index * 100_000 + other.index)))
            } else {
                later(.dialFailed(address), to: node.index, ticks: 3)
            }
        default:
            node.effects.append(effect)
            for input in node.shell?(effect) ?? [] { later(input, to: node.index, ticks: 2) }
        }
    }

    func run(ticks: UInt64) {
        for _ in 0..<ticks {
            now += 1
            for event in agenda.removeValue(forKey: now) ?? [] {
                switch event {
                case .message(let message, let link, let index, let over):
                    let node = nodes[index]
                    // The connection may have been cut, and made anew under another number.
                    guard node.peers[link]?.link == over else { continue }
                    if node.adversary?(self, node, message, link) ?? false { continue }
                    give(.message(message, from: link), to: index)
                case .verdicts(let verdicts, let index): give(.verdicts(verdicts), to: index)
                case .input(_, let index) where index < 0: connect((-1 - index) / 100_000, (-1 - index) % 100_000)
                case .input(let input, let index): give(input, to: index)
                }
            }
            for index in nodes.indices { give(.tick, to: index) }
        }
    }

    /// Runs until `condition` holds, at most so many ticks; whether it came to hold.
    func run(until condition: () -> Bool, ticksMax: UInt64) -> Bool {
        var left = ticksMax
        while !condition() {
            guard left > 0 else { return false }
            run(ticks: 1)
            left -= 1
        }
        return true
    }

    func everyPoolHolds(_ hashes: [EnvelopeHash], in indices: Range<Int>? = nil) -> Bool {
        (indices ?? nodes.indices).allSatisfy { index in hashes.allSatisfy { nodes[index].gossip.pool.contains($0) } }
    }
}

/// Every bound that the room promises, looked at after every step.
enum GossipBounds {
    static func violation(_ node: GossipNode) -> String? {
        let spreading = node.dissemination
        var limits: [(String, Int, Int)] = [
            ("pool", node.pool.count, node.pool.configuration.countMax), ("pool bytes", node.pool.byteCount, node.pool.configuration.bytesMax),
            ("verifications", spreading.desk.inFlightCount, 2 * GossipLimits.verificationsMax),
            ("wants", spreading.wants.count, GossipLimits.wantsMax + GossipLimits.proposalsMax * Limits.blockTransactionsMax),
            ("proposals", spreading.bodies.proposals.count, GossipLimits.proposalsMax), ("watched", spreading.watch.count, GossipLimits.watchedMax),
            ("second announcements", spreading.secondAnnouncements.count, GossipLimits.secondAnnouncementsMax),
            ("prioritised", spreading.prioritised.count, GossipLimits.prioritisedMax), ("relayed", node.relay.seenCount, GossipLimits.relayedMax),
            ("kept blocks", node.blocks.keptCount, GossipLimits.blocksAheadMax),
            ("kept block bytes", node.blocks.keptByteCount, GossipLimits.blocksAheadBytesMax + GossipLimits.syncRequestsMax * GossipLimits.blocksBytesMax),
            ("block requests", node.blocks.requestCount, GossipLimits.syncRequestsMax * 2), ("sync requests", node.syncPeers.requestCount, GossipLimits.syncRequestsMax * 2),
            ("links", node.manager.count, GossipLimits.linksMax), ("dials", node.manager.dialCount, GossipLimits.dialsMax), ("bans", node.manager.banCount, GossipLimits.bansMax),
            ("book", node.manager.book.count, (GossipLimits.newBuckets + GossipLimits.triedBuckets) * GossipLimits.bucketPlaces),
        ]
        var assigned = 0
        for link in spreading.peers.links {
            guard let peer = spreading.peers[link] else { continue }
            assigned += peer.assigned
            limits += [
                ("pushes", peer.pushes.count, GossipLimits.pushesPerLinkMax), ("push bytes", peer.pushBytes, GossipLimits.pushBytesPerLinkMax),
                ("announcements", peer.announcements.count, GossipLimits.announcementsPerLinkMax), ("known", peer.has.count, GossipLimits.knownPerLinkMax),
                ("told", peer.told.count, GossipLimits.knownPerLinkMax), ("pulls", peer.pulls.count, GossipLimits.pullsPerLinkMax),
                ("queue", peer.queue.count, 2 * GossipLimits.wantsPerLinkMax + 1), ("waiting", spreading.desk.waitingCount(link), GossipLimits.waitingPerLinkMax),
                ("allowance", spreading.desk.allowance(link), GossipLimits.verificationsPerLinkMax),
            ]
        }
        if assigned != spreading.wants.count { return "\(spreading.wants.count) wants, \(assigned) assigned" }
        return limits.first { $0.1 > $0.2 }.map { "\($0.0): \($0.1) above \($0.2)" }
    }
}
