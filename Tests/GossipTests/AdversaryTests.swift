@testable import Gossip
import Ledger
import Primitives
import Testing

/// Peers that do what no correct one does. What each may cost is bounded, and the others go on.
struct AdversaryTests {
    /// Four honest validators and one enemy outside the set, connected to all; the enemy's own code is not run.
    private func network(seed: UInt64) -> (network: GossipNetwork, enemy: GossipNetwork.Node) {
        let network = SpreadingTests.mesh(4, seed: seed)
        let enemy = network.add(validator: false, of: 4)
        enemy.adversary = { _, _, _, _ in true }
        for index in 0..<4 { network.connect(index, enemy.index) }
        return (network, enemy)
    }

    private func works(_ network: GossipNetwork, sender: Int = 30) -> Bool {
        let batch = (0..<5).map { Fixture.transaction(sender: sender + $0, nonce: 0) }
        network.give(.submitted(batch), to: 1)
        return network.run(until: { network.everyPoolHolds(batch.map(\.envelopeHash), in: 0..<4) }, ticksMax: 1_000) && network.broken == nil
    }

    /// Answers each pull with what was announced, with signatures that do not hold.
    @Test func badSignaturesCostMillisecondsAndThenTheConnection() throws {
        let (network, enemy) = network(seed: 21)
        let garbage = (0..<5_000).map { Fixture.transaction(sender: $0 % 40, nonce: UInt64($0 / 40 % 16), salt: UInt64($0), isGood: false) }
        let byHash = Dictionary(garbage.map { ($0.envelopeHash, $0) }, uniquingKeysWith: { first, _ in first })
        enemy.adversary = { network, node, message, link in
            if case .pull(let hashes) = message {
                network.send(.transactions(TransactionBatch(relay: false, transactions: hashes.compactMap { byHash[$0] })), from: node, over: link)
            }
            return true
        }
        for link in enemy.peers.keys.sorted() {
            for start in stride(from: 0, to: 5_000, by: 1_000) { network.send(.announcement(garbage[start..<start + 1_000].map(\.envelopeHash)), from: enemy, over: link) }
        }
        network.run(ticks: 300)
        for node in network.nodes[..<4] {
            #expect(node.bans == [enemy.key])
            #expect(node.verifications <= GossipLimits.verificationsPerNewLink + 16)
        }
        let isWorking = works(network)
        #expect(isWorking)
        // Not even under another connection.
        network.connect(2, enemy.index)
        #expect(network.nodes[2].disconnects.last == .banned)
    }

    /// A body under the same id with a bad signature does not keep the good one out.
    @Test func aBadCopyDoesNotSpoilAGoodTransaction() {
        let (network, enemy) = network(seed: 22)
        let good = Fixture.transaction(sender: 1, nonce: 0), bad = Fixture.transaction(sender: 1, nonce: 0, isGood: false)
        #expect(good.id == bad.id && good.envelopeHash != bad.envelopeHash)
        enemy.adversary = { network, node, message, link in
            if case .pull = message { network.send(.transactions(TransactionBatch(relay: false, transactions: [bad])), from: node, over: link) }
            return true
        }
        for link in enemy.peers.keys.sorted() { network.send(.announcement([bad.envelopeHash]), from: enemy, over: link) }
        network.run(ticks: 60)
        network.give(.submitted([good]), to: 0)
        #expect(network.run(until: { network.everyPoolHolds([good.envelopeHash], in: 0..<4) }, ticksMax: 100))
    }

    @Test func announcementsOfNothingCostOneDeadlineAndThenTheConnection() {
        let (network, enemy) = network(seed: 23)
        // Real hashes, which the enemy announces first and never delivers, and which a full node has.
        let full = network.add(validator: false, of: 4)
        let batch = (0..<10).map { Fixture.transaction(sender: $0, nonce: 0) }
        for link in enemy.peers.keys.sorted() { network.send(.announcement(batch.map(\.envelopeHash)), from: enemy, over: link) }
        network.run(ticks: 30)
        network.connect(full.index, 0)
        network.give(.submitted(batch), to: full.index)
        #expect(network.run(until: { network.everyPoolHolds(batch.map(\.envelopeHash), in: 0..<4) }, ticksMax: GossipLimits.pullTicks + 200))
        var random = SeededGenerator(seed: 1)
        for _ in 0..<30 {
            for link in enemy.peers.keys.sorted() {
                network.send(.announcement((0..<1_000).map { _ in EnvelopeHash(random.bytes(32))! }), from: enemy, over: link)
            }
            network.run(ticks: 150)
        }
        for node in network.nodes[..<4] { #expect(node.bans == [enemy.key]) }
        let isWorking = works(network)
        #expect(isWorking)
    }

    @Test func bodiesThatNobodyAskedForAreNotLookedAt() {
        let (network, enemy) = network(seed: 24)
        for round in 0..<25 {
            let batch = (0..<40).map { Fixture.transaction(sender: $0, nonce: 0, salt: UInt64(round)) }
            for link in enemy.peers.keys.sorted() { network.send(.transactions(TransactionBatch(relay: true, transactions: batch)), from: enemy, over: link) }
            network.run(ticks: 4)
        }
        for node in network.nodes[..<4] {
            #expect(node.verifications == 0 && node.gossip.pool.count == 0)
            #expect(node.bans == [enemy.key])
        }
    }

    @Test func anEndlessAppetiteForBodiesIsBounded() {
        let (network, enemy) = network(seed: 25)
        let large = (0..<40).map { Fixture.transaction(sender: $0, nonce: 0, gas: 10_000, size: 300_000) }
        network.give(.submitted(large), to: 0)
        network.run(ticks: 100)
        let link = enemy.link(to: 0)!
        for _ in 0..<200 where enemy.peers[link] != nil {
            network.send(.pull(large.map(\.envelopeHash)), from: enemy, over: link)
            network.run(ticks: 2)
        }
        #expect(network.nodes[0].bans == [enemy.key])
        let served = network.bodiesSent.filter { $0.key.from == 0 && $0.key.to == enemy.index }.values.reduce(0, +)
        // Four seconds' worth at once, one more a second, and the last body of each.
        #expect(served * 300_000 <= 8 * GossipLimits.serveBytesPerSecond)
    }

    /// Five enemies do anything at all, at random, for a while.
    @Test(arguments: 0..<6) func randomMessagesBreakNothing(seed: Int) {
        let network = SpreadingTests.mesh(4, seed: UInt64(300 + seed))
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<3 {
            let enemy = network.add(validator: false, of: 4)
            enemy.adversary = { _, _, _, _ in true }
            for index in 0..<4 { network.connect(index, enemy.index) }
        }
        for _ in 0..<400 {
            let enemy = network.nodes[4 + random.below(3)]
            for link in enemy.peers.keys.sorted() { network.send(Self.message(&random), from: enemy, over: link) }
            network.run(ticks: 1)
            if random.chance(1, in: 20) {
                network.cut(enemy.index, random.below(4))
                network.connect(random.below(4), enemy.index)
            }
        }
        #expect(network.broken == nil)
        for number in 4..<7 { for index in 0..<4 { network.cut(number, index) } }
        let isWorking = works(network)
        #expect(isWorking)
    }

    private static func message(_ random: inout SeededGenerator) -> GossipMessage {
        func hashes(_ count: Int) -> [EnvelopeHash] { (0..<count).map { _ in EnvelopeHash([UInt8](repeating: UInt8(random.below(4)), count: 32))! } }
        let height = Height(random.chance(1, in: 3) ? UInt64.max - UInt64(random.below(3)) : UInt64(random.below(40)))
        switch random.below(13) {
        case 0: return .transactions(TransactionBatch(relay: random.chance(1, in: 2), transactions: (0..<random.below(4)).map { _ in
            Fixture.transaction(sender: random.below(40), nonce: UInt64(random.below(4)), isGood: random.chance(1, in: 2)) }))
        case 1: return .announcement(hashes(random.below(30)))
        case 2: return .pull(hashes(random.below(30)))
        case 3: return .missing(hashes(random.below(30)))
        case 4: return .consensus(ConsensusEnvelope(relay: true, bytes: random.bytes(8)))
        case 5: return .status(ChainStatus(height: height, oldestBlock: Height(UInt64(random.below(5))), snapshot: Height(UInt64(random.below(2)) * height.rawValue)))
        case 6: return .blocksRequest(BlocksRequest(height...height)!)
        case 7: return .blocks(BlocksAnswer(first: Height(UInt64(random.below(5))), blocks: [[1]]))
        case 8: return .lightRequest(.boundaries(above: height))
        case 9: return .light([])
        case 10: return .chunkRequest(ChunkRequest(height: height, from: .zero))
        case 11: return .chunk(ChunkAnswer(request: ChunkRequest(height: height, from: .zero), chunk: random.chance(1, in: 2) ? [1] : nil))
        default: return .addressesRequest
        }
    }
}
