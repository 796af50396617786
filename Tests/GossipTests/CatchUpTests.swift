@testable import Gossip
import Ledger
import Primitives
import Testing

/// A node that is behind gets there, whatever some of its peers do.
struct CatchUpTests {
    private enum Conduct: CaseIterable { case honest, silent, garbage, empty, boasting, short }

    /// Node 0 follows; the others serve as their conduct says.
    private func network(
        _ chain: TestChain, _ conducts: [Conduct], seed: UInt64, gap: UInt64 = 1 << 40, trust: TrustGround? = nil, oldest: UInt64 = 1
    ) -> (GossipNetwork, TestChain.Follower) {
        let network = GossipNetwork(seed: seed)
        network.add(validator: false, of: 0) { configuration in
            configuration.trust = trust ?? chain.trust
            configuration.snapshotGap = gap
        }
        let follower = TestChain.Follower()
        network.nodes[0].shell = { chain.follow($0, follower) }
        for conduct in conducts {
            let node = network.add(validator: false, of: 0, height: Height(chain.top))
            let claimed = conduct == .boasting ? UInt64.max - 1 : chain.top
            network.give(.serves(ChainStatus(height: Height(claimed), oldestBlock: Height(oldest), snapshot: Height(chain.snapshot))), to: node.index)
            node.shell = { chain.serve($0, oldest: oldest) }
            node.adversary = { network, node, message, link in Self.answer(message, conduct, chain, network, node, link) }
            network.connect(0, node.index)
        }
        return (network, follower)
    }

    private static func answer(
        _ message: GossipMessage, _ conduct: Conduct, _ chain: TestChain, _ network: GossipNetwork, _ node: GossipNetwork.Node, _ link: Link
    ) -> Bool {
        switch (message, conduct) {
        case (.blocksRequest, .silent), (.lightRequest, .silent), (.chunkRequest, .silent): return true
        case (.blocksRequest(let request), .garbage):
            network.send(.blocks(BlocksAnswer(first: request.heights.lowerBound, blocks: [[6, 6, 6]])), from: node, over: link)
        case (.lightRequest, .garbage): network.send(.light([chain.boundaries[0], chain.boundaries[0]].dropLast(chain.boundaries.count > 1 ? 0 : 1)), from: node, over: link)
        case (.chunkRequest(let request), .garbage):
            network.send(.chunk(ChunkAnswer(request: request, chunk: chain.chunk(request.from).dropLast() + [9])), from: node, over: link)
        case (.blocksRequest(let request), .empty): network.send(.blocks(BlocksAnswer(first: request.heights.lowerBound, blocks: [])), from: node, over: link)
        case (.lightRequest, .empty): network.send(.light([]), from: node, over: link)
        case (.chunkRequest(let request), .empty): network.send(.chunk(ChunkAnswer(request: request, chunk: nil)), from: node, over: link)
        case (.blocksRequest(let request), .short):
            network.send(.blocks(BlocksAnswer(first: request.heights.lowerBound, blocks: [chain.block(request.heights.lowerBound.rawValue)])), from: node, over: link)
        default: return false
        }
        return true
    }

    @Test func blocksComeFromSeveralPeersInOrder() {
        let chain = TestChain(epochs: 0, epochLength: 100, top: 400, values: 0, seed: 1)
        let (network, follower) = network(chain, [.honest, .honest, .honest], seed: 1)
        #expect(network.run(until: { follower.height == 400 }, ticksMax: 4_000))
        #expect(follower.judged == Array(1...400))
        #expect(network.broken == nil)
        #expect(follower.progress.contains { $0.phase == .blocks && $0.of == 400 })
        network.run(ticks: 300)
        #expect(follower.progress.last?.phase == .idle)
    }

    @Test(arguments: 0..<10) func blocksComeWhateverSomePeersDo(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let conducts = [.honest] + (0..<5).map { _ in Conduct.allCases[random.below(Conduct.allCases.count)] }
        let chain = TestChain(epochs: 0, epochLength: 100, top: 200, values: 0, seed: 1)
        let (network, follower) = network(chain, conducts, seed: UInt64(seed))
        for round in 0..<4 {
            network.run(ticks: 100)
            // Connections break now and then, those of honest peers as well.
            network.cut(0, 1 + round)
            network.connect(0, 1 + round)
        }
        #expect(network.run(until: { follower.height == 200 }, ticksMax: 60_000), "\(conducts): \(follower.height)")
        #expect(follower.judged == Array(1...200))
        #expect(network.broken == nil, "\(network.broken ?? "")")
        for (index, conduct) in conducts.enumerated() {
            if conduct == .honest { #expect(!network.nodes[0].bans.contains(network.nodes[index + 1].key)) }
        }
        // Whoever sent a bad block is gone.
        let liars = conducts.indices.filter { conducts[$0] == .garbage && network.nodes[0].bans.contains(network.nodes[$0 + 1].key) }
        #expect(liars.isEmpty == (follower.refused == 0), "\(conducts)")
    }

    @Test func theReplicasOwnRequestGoesToTheirPeer() throws {
        let chain = TestChain(epochs: 0, epochLength: 100, top: 2, values: 0, seed: 1)
        let (network, follower) = network(chain, [.honest, .honest], seed: 2)
        network.run(ticks: 40)
        #expect(follower.height == 0)
        network.give(.requestBlocks(1...2, of: try #require(network.nodes[0].link(to: 2))), to: 0)
        #expect(network.run(until: { follower.height == 2 }, ticksMax: 200))
    }

    // ── Snapshots ──

    @Test func aSnapshotComesFromAllPeersAtOnce() {
        let chain = TestChain(epochs: 5, epochLength: 100, top: 540, values: 4_000, seed: 2)
        let (network, follower) = network(chain, [.honest, .honest, .honest, .honest], seed: 3, gap: 100)
        #expect(network.run(until: { follower.height == 540 }, ticksMax: 30_000), "\(follower.height)")
        #expect(follower.finished == 1 && follower.judged.suffix(40) == Array(501...540) && follower.judged.count < 300)
        #expect(follower.chunksFrom.count == 4)
        // No part came twice: 200 full chunks, and a shorter one for each place where the work was divided.
        #expect(follower.covered.count <= 200 + 2 * GossipLimits.chunksMax)
        #expect(network.broken == nil)
        #expect(follower.progress.contains { $0.phase == .snapshot && (1..<1_000).contains($0.have) })
    }

    @Test(arguments: 0..<10) func aSnapshotComesWhateverSomePeersDo(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let conducts = [.honest, .honest] + (0..<4).map { _ in Conduct.allCases[random.below(Conduct.allCases.count)] }
        let chain = TestChain(epochs: 4, epochLength: 100, top: 410, values: 600, seed: 2)
        let (network, follower) = network(chain, conducts, seed: UInt64(seed), gap: 100)
        #expect(network.run(until: { follower.height == 410 }, ticksMax: 120_000), "\(conducts): \(follower.height)")
        #expect(network.broken == nil)
        #expect(!network.nodes[0].bans.contains(network.nodes[1].key))
    }

    @Test func aRestorationGoesOnWhereItStopped() {
        let chain = TestChain(epochs: 3, epochLength: 100, top: 300, values: 2_000, seed: 2)
        let (network, follower) = network(chain, [.honest], seed: 4, gap: 100)
        let first = Digest.zero, half = Digest(repeating: 0x80)
        follower.covered = [first...half]
        #expect(network.run(until: { follower.height == 300 }, ticksMax: 30_000))
        #expect(follower.covered.dropFirst().allSatisfy { $0.lowerBound > half })
    }

    /// Epochs end while a state is on its way; what was begun is brought to its end as long as somebody has it.
    @Test func aRestorationEndsThoughThereIsANewerSnapshot() throws {
        let chain = TestChain(epochs: 5, epochLength: 100, top: 540, values: 4_000, seed: 2)
        let (network, follower) = network(chain, [.honest, .honest], seed: 3, gap: 100)
        #expect(network.run(until: { follower.progress.contains { $0.phase == .snapshot && $0.have > 0 } }, ticksMax: 30_000))
        for node in 1...2 {
            let link = try #require(network.nodes[0].link(to: node))
            let newer = ChainStatus(height: Height(chain.top), oldestBlock: 1, snapshot: Height(chain.snapshot + 40))
            network.give(.message(.status(newer), from: link), to: 0)
        }
        #expect(network.run(until: { follower.height == 540 }, ticksMax: 30_000))
        #expect(follower.finished == 1 && follower.abandoned == 0)
    }

    @Test func trustMayStartAtAHash() {
        let chain = TestChain(epochs: 5, epochLength: 100, top: 500, values: 100, seed: 2)
        let anchor = chain.boundaries[2]
        let (network, follower) = network(chain, [.garbage, .honest, .honest], seed: 5, gap: 100, trust: .hash(anchor.header.digest, at: anchor.height))
        #expect(network.run(until: { follower.height == 500 }, ticksMax: 30_000))
        #expect(follower.finished == 1)
    }

    /// Nobody has the old blocks any more: a snapshot is the only way, however near.
    @Test func prunedPeersLeaveOnlyTheSnapshot() {
        let chain = TestChain(epochs: 2, epochLength: 10, top: 24, values: 50, seed: 2)
        let (network, follower) = network(chain, [.honest, .honest], seed: 6, oldest: 15)
        #expect(network.run(until: { follower.height == 24 }, ticksMax: 30_000))
        #expect(follower.finished == 1)
    }

    /// Peers that offer a snapshot and do not have it cost some requests; then blocks bring the node there.
    @Test func withoutASnapshotBlocksDo() {
        let chain = TestChain(epochs: 2, epochLength: 100, top: 220, values: 50, seed: 2)
        let (network, follower) = network(chain, [.honest, .honest], seed: 7, gap: 50)
        for node in network.nodes[1...] {
            node.adversary = { network, node, message, link in
                guard case .chunkRequest(let request) = message else { return false }
                network.send(.chunk(ChunkAnswer(request: request, chunk: nil)), from: node, over: link)
                return true
            }
        }
        #expect(network.run(until: { follower.height == 220 }, ticksMax: 60_000))
        #expect(follower.finished == 0 && follower.abandoned > 0)
        #expect(follower.judged == Array(1...220))
    }

    @Test func plansCoverEverythingOnce() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<300 {
            var plan = ChunkPlan(covered: [])
            var asked: [Digest] = []
            var chunks = 0
            while !plan.isComplete {
                while asked.count < 1 + random.below(GossipLimits.chunksMax), let start = plan.nextStart(asked: asked) { asked.append(start) }
                if asked.isEmpty { Issue.record("nothing is asked for, and \(plan.gaps.count) gaps are left"); return }
                let from = asked.remove(at: random.below(asked.count))
                // A chunk of random length; some requests fail.
                if random.chance(1, in: 10) { continue }
                var through = from
                through.words.0 = min(UInt64.max, from.words.0.bigEndian.addingReportingOverflow(UInt64(random.below(1 << 59))).partialValue).bigEndian
                if through < from { through = Digest(repeating: 0xff) }
                plan.add(from...through)
                chunks += 1
                #expect(plan.covered.count <= 2 * GossipLimits.chunksMax + 1)
                if chunks > 5_000 { Issue.record("no end"); return }
            }
            #expect(plan.permille == 1_000 && plan.gaps.isEmpty)
        }
    }
}
