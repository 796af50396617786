@testable import Gossip
import Ledger
import Primitives
import Testing

/// Bodies spread through whole networks.
struct SpreadingTests {
    static func mesh(_ count: Int, seed: UInt64, senders: Int = 40) -> GossipNetwork {
        let network = GossipNetwork(seed: seed)
        for sender in 0..<senders { network.accounts[Fixture.address(sender)] = AccountState(nonce: 0, balance: Amount(1 << 60)) }
        for _ in 0..<count { network.add(validator: true, of: count) }
        network.connectAll()
        return network
    }

    @Test(arguments: [UInt64(1), 2, 3]) func aMeshPushesEachBodyOnceAndAnnouncesNothing(seed: UInt64) {
        let network = Self.mesh(4, seed: seed)
        var hashes: [EnvelopeHash] = []
        for round in 0..<60 {
            let batch = (0..<8).map { Fixture.transaction(sender: (round * 8 + $0) % 40, nonce: UInt64((round * 8 + $0) / 40)) }
            hashes += batch.map(\.envelopeHash)
            network.give(.submitted(batch), to: round % 4)
            network.run(ticks: 2)
        }
        #expect(network.run(until: { network.everyPoolHolds(hashes) }, ticksMax: 200))
        network.run(ticks: 1_000)
        #expect(network.bodiesSent.count == 3 * hashes.count)
        #expect(network.bodiesSent.values.allSatisfy { $0 == 1 })
        #expect(network.announced.count == 0)
        // Every node checks every signature once.
        #expect(network.nodes.allSatisfy { $0.verifications == hashes.count })
        #expect(network.broken == nil)
    }

    /// Connections break, parts of the network are cut off, validators are not all connected; in the end everybody has everything.
    @Test(arguments: 0..<4) func everyBodyReachesEveryNode(part: Int) {
        for number in 0..<8 {
            let seed = UInt64(100 + part * 8 + number)
            let network = GossipNetwork(seed: seed)
            for sender in 0..<30 { network.accounts[Fixture.address(sender)] = AccountState(nonce: 0, balance: Amount(1 << 60)) }
            let validators = 4 + network.random.below(4), others = network.random.below(5)
            for _ in 0..<validators { network.add(validator: true, of: validators) }
            for _ in 0..<others { network.add(validator: false, of: validators) }
            let count = validators + others
            func ring() { for index in 0..<count { network.connect(index, (index + 1) % count) } }
            ring()
            for _ in 0..<2 * count { network.connect(network.random.below(count), network.random.below(count)) }
            var hashes: [EnvelopeHash] = []
            for step in 0..<120 {
                let sender = step % 30
                let signed = Fixture.transaction(sender: sender, nonce: UInt64(step / 30), price: 10 + UInt64(network.random.below(50)), size: network.random.below(300))
                hashes.append(signed.envelopeHash)
                network.give(.submitted([signed]), to: network.random.below(count))
                network.run(ticks: UInt64(network.random.below(6)))
                if network.random.chance(1, in: 4) { network.cut(network.random.below(count), network.random.below(count)) }
                if network.random.chance(1, in: 4) { network.connect(network.random.below(count), network.random.below(count)) }
                if network.random.chance(1, in: 30) {
                    let half = network.random.below(count)
                    for a in 0..<half { for b in half..<count { network.cut(a, b) } }
                }
            }
            ring()
            #expect(network.run(until: { network.everyPoolHolds(hashes) }, ticksMax: 4_000), "seed \(seed)")
            #expect(network.broken == nil, "seed \(seed): \(network.broken ?? "")")
        }
    }

    /// A full node tells one validator at once; when that one keeps it to itself, the others hear of it two seconds later.
    @Test func aSilentEntryValidatorIsPassedBy() {
        let network = Self.mesh(4, seed: 5)
        let full = network.add(validator: false, of: 4)
        for index in 0..<4 { network.connect(full.index, index) }
        for node in network.nodes[..<1] { node.adversary = { _, _, message, _ in if case .announcement = message { true } else { false } } }
        let batch = (0..<40).map { Fixture.transaction(sender: $0, nonce: 0) }
        network.give(.submitted(batch), to: full.index)
        network.run(ticks: 200)
        let isEarly = network.everyPoolHolds(batch.map(\.envelopeHash))
        #expect(!isEarly)
        #expect(network.run(until: { network.everyPoolHolds(batch.map(\.envelopeHash)) }, ticksMax: 600))
        // Before that each body had one entry: three pushes and the pull.
        #expect(network.bodiesSent.values.allSatisfy { $0 == 1 })
    }

    /// A connected node that comes to vote gets bodies at once from then on, and hears of them by announcement when it votes no more.
    @Test func standingDecidesWhoIsPushedTo() throws {
        let network = Self.mesh(4, seed: 11), node = network.nodes[0]
        let other = network.add(validator: false, of: 4)
        for index in 0..<4 { network.connect(index, other.index) }
        let link = try #require(node.link(to: other.index)), key = GossipNetwork.key(other.index, 2)
        var sender = 0
        func spread() -> (isAnnounced: Bool, isPushed: Bool) {
            let transaction = Fixture.transaction(sender: sender, nonce: 0)
            sender += 1
            network.give(.submitted([transaction]), to: 0)
            network.run(ticks: 4)
            let sent = GossipNetwork.Sent(from: 0, to: other.index, hash: transaction.envelopeHash)
            let isPushed = network.bodiesSent[sent] != nil
            network.run(ticks: 40)
            let isThere = other.gossip.pool.contains(transaction.envelopeHash)
            #expect(isThere)
            return (network.announced[sent] != nil, isPushed)
        }
        #expect(spread() == (true, false))
        // It has the key of a validator, which is not one yet; then the epoch begins in which it is.
        network.give(.standingChanged(link, validator: key), to: 0)
        #expect(spread() == (true, false))
        network.give(.validators((0..<5).map { GossipNetwork.key($0, 2) }), to: 0)
        #expect(node.gossip.dissemination.link(of: key) == link)
        #expect(spread() == (false, true))
        // It proves it no longer.
        network.give(.standingChanged(link, validator: nil), to: 0)
        #expect(node.gossip.dissemination.link(of: key) == nil)
        #expect(spread() == (true, false))
        // A connection that is gone has no standing; nobody minds.
        network.cut(0, other.index)
        network.give(.standingChanged(link, validator: key), to: 0)
        #expect(node.gossip.dissemination.link(of: key) == nil && network.broken == nil)
    }

    @Test func sharingReachesWhoLostABody() {
        let network = Self.mesh(4, seed: 6)
        let batch = (0..<5).map { Fixture.transaction(sender: $0, nonce: 0) }
        network.nodes[2].adversary = { _, _, message, _ in if case .transactions = message { true } else { false } }
        network.give(.submitted(batch), to: 0)
        network.run(ticks: 100)
        #expect(network.nodes[2].gossip.pool.count == 0)
        network.nodes[2].adversary = nil
        network.give(.shareTransactions, to: 1)
        #expect(network.run(until: { network.everyPoolHolds(batch.map(\.envelopeHash)) }, ticksMax: 100))
    }

    @Test func aCongestedPeerIsSparedAndCatchesUp() throws {
        let network = Self.mesh(2, seed: 7)
        let link = try #require(network.nodes[0].link(to: 1))
        network.give(.congested(link, true), to: 0)
        let batch = (0..<40).map { Fixture.transaction(sender: $0, nonce: 0) }
        network.give(.submitted(batch), to: 0)
        network.run(ticks: 50)
        #expect(network.bodiesSent.isEmpty)
        network.give(.congested(link, false), to: 0)
        #expect(network.run(until: { network.everyPoolHolds(batch.map(\.envelopeHash)) }, ticksMax: 50))
    }

    // ── Proposals ──

    @Test func bodiesOfAProposalComeFromWhoeverHasThem() {
        let network = Self.mesh(4, seed: 8)
        // Node 3 hears of nothing but answers to its own pulls, and the proposer does not answer them.
        let batch = (0..<30).map { Fixture.transaction(sender: $0, nonce: 0) }
        var isDeaf = true
        network.nodes[3].adversary = { _, _, message, _ in if case .transactions = message { isDeaf } else { false } }
        network.give(.submitted(batch), to: 0)
        network.run(ticks: 100)
        isDeaf = false
        network.nodes[0].adversary = { _, _, message, _ in if case .pull = message { true } else { false } }
        let digest = Digest(Array(repeating: 9, count: 32))!
        let keys = (0..<3).map { GossipNetwork.key($0, 2) }
        network.give(.fetchBodies(BodiesRequest(draftDigest: digest, height: 1, hashes: batch.map(\.envelopeHash), holders: keys)), to: 3)
        #expect(network.run(until: { network.nodes[3].bodies[digest] == batch.map(\.envelopeHash) }, ticksMax: 200))
        // Asked again, they are there at once, and they are served although the pool has moved on.
        network.nodes[3].bodies = [:]
        network.give(.fetchBodies(BodiesRequest(draftDigest: digest, height: 1, hashes: batch.map(\.envelopeHash), holders: keys)), to: 3)
        #expect(network.nodes[3].bodies[digest] != nil)
        #expect(network.nodes[0].gossip.points(network.nodes[0].link(to: 3)!) == 0)
    }

    @Test func aProposalWithABadSignatureIsInvalid() {
        let network = Self.mesh(4, seed: 9)
        let bad = Fixture.transaction(sender: 1, nonce: 0, isGood: false)
        let digest = Digest(Array(repeating: 8, count: 32))!
        network.nodes[0].adversary = { network, node, message, link in
            guard case .pull(let hashes) = message, hashes == [bad.envelopeHash] else { return false }
            network.send(.transactions(TransactionBatch(relay: false, transactions: [bad])), from: node, over: link)
            return true
        }
        let request = BodiesRequest(draftDigest: digest, height: 1, hashes: [bad.envelopeHash], holders: [GossipNetwork.key(0, 2)])
        network.give(.fetchBodies(request), to: 1)
        #expect(network.run(until: { network.nodes[1].invalidBodies == [digest] }, ticksMax: 100))
        #expect(network.nodes[1].bodies.isEmpty)
    }

    @Test func aProposalIsServedUntilTheNextHeightIsFinal() {
        let network = Self.mesh(2, seed: 10)
        let batch = (0..<3).map { Fixture.transaction(sender: $0, nonce: 0) }
        network.give(.submitted(batch), to: 0)
        network.run(ticks: 50)
        let digest = Digest(Array(repeating: 7, count: 32))!
        network.give(.fetchBodies(BodiesRequest(draftDigest: digest, height: 1, hashes: batch.map(\.envelopeHash), holders: [])), to: 0)
        func commit(_ height: Height, _ transactions: [SignedTransaction]) {
            let touched = transactions.map { TouchedAccount(address: $0.transaction.sender, state: AccountState(nonce: $0.transaction.nonce.successor, balance: Amount(1 << 60))) }
            network.give(.committed(CommittedBlock(height: height, proposer: nil, transactions: transactions, touched: touched, parameters: Fixture.parameters())), to: 0)
        }
        commit(1, batch)
        #expect(network.nodes[0].gossip.pool.count == 0)
        #expect(network.nodes[0].gossip.body(batch[0].envelopeHash) != nil)
        commit(2, [])
        #expect(network.nodes[0].gossip.body(batch[0].envelopeHash) == nil)
    }

    // ── Consensus messages ──

    @Test func consensusMessagesReachAValidatorThatIsNotConnected() {
        let network = GossipNetwork(seed: 11)
        for _ in 0..<4 { network.add(validator: true, of: 4) }
        // A chain: 0 – 1 – 2 – 3.
        for index in 0..<3 { network.connect(index, index + 1) }
        var received: [Int: Int] = [:]
        for node in network.nodes {
            node.shell = { effect in
                guard case .consensus(let envelope, let link) = effect else { return [] }
                received[node.index, default: 0] += 1
                return envelope.bytes == [1, 2, 3] ? [.relayConsensus(envelope, from: link)] : [.misbehaved(link, .consensusInvalid)]
            }
        }
        network.give(.sendConsensus([1, 2, 3], to: nil), to: 0)
        network.run(ticks: 100)
        #expect(received.keys.sorted() == [1, 2, 3])
        // Garbage goes no further than the first honest node.
        received = [:]
        network.give(.sendConsensus([6, 6, 6], to: nil), to: 0)
        network.run(ticks: 100)
        #expect(received == [1: 1])
    }
}
