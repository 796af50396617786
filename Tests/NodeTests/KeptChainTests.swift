import API
import ChainKit
import Contracts
import Cryptography
import Execution
import Foundation
import Gossip
import Ledger
import Logging
import Networking
@testable import Node
import Primitives
import Storage
import Testing
import WorldState

/// What a running node keeps, what it lets go, and what of it is there after a crash.
@Suite(.serialized) struct KeptChainTests {
    private let alice = Person(1), bob = Person(2)

    /// A network of one that makes a block whenever it looks at the clock, or as often as is said.
    private func busy(epochHeights: UInt64, followers: Int = 0, milliseconds: UInt64 = 1) throws -> RunningNetwork {
        try RunningNetwork(founders: 1, followers: followers, people: [alice, bob]) { parameters in
            parameters.heartbeatMilliseconds = milliseconds
            parameters.blockIntervalMilliseconds = 0
            parameters.epochHeights = epochHeights
        }
    }

    private func prunes(_ configuration: inout NodeConfiguration) {
        configuration.storage.retainedBlocks = 30
        configuration.storage.flushBlocks = 70
        configuration.storage.pruneBlocks = 10
        configuration.storage.blockFileBytes = 8 << 10
    }

    // ── Pruning ──

    /// Blocks go when they are older than is wanted, and not before the state has them: a start replays those above it.
    @Test(.timeLimit(.minutes(15))) func pruningLeavesWhatAStartNeeds() async throws {
        let network = try busy(epochHeights: 1_000)
        try await network.start(0, prunes)
        for round in 0..<3 {
            let payment = network.transfer(from: alice, to: bob.address, 1)
            _ = await network.nodes[0]!.submit([payment])
            let goal = network.nodes[0]!.head.height.rawValue + 340
            var oldest: Height = 0, wasHeldBack = false
            let grew = try await network.eventually(within: 60) {
                let node = network.nodes[0]!, first = node.environment.stores.chain.blocks.first
                let flushed = await node.environment.keeper.ask { $0.chain.flushedHeight } ?? 0
                #expect(first <= max(flushed, 1), "blocks from \(first) on are kept, and the state is at \(flushed)")
                // More blocks would go if the state had them.
                if node.head.height.rawValue > flushed.rawValue + 60 { wasHeldBack = true }
                oldest = max(oldest, first)
                return node.head.height.rawValue >= goal
            }
            #expect(grew && wasHeldBack && oldest.rawValue > 200, "round \(round): from \(oldest) on")
            let before = network.nodes[0]!.head.height
            try await network.crash(0)
            try await network.start(0, prunes)
            let node = network.nodes[0]!, head = node.head
            #expect(head.height >= before && node.environment.stores.chain.blocks.first >= oldest)
            // History has all states, but not the headers to go with them.
            #expect(head.oldestState == head.oldestBlock && head.oldestState <= head.height)
            #expect(try network.balance(of: bob.address, at: node).units - TestChain.fortune.units == UInt128(round + 1))
            guard oldest > 0 else { return }
            let newest = node.head.height
            let gone = try await node.block(at: Height(oldest.rawValue - 1)), kept = try await node.block(at: newest)
            #expect(gone == nil && kept?.header.height == newest)
        }
        await network.stopAll()
    }

    /// Whoever comes when the blocks that it needs are gone gets a snapshot, and while there is none it says what it waits for.
    @Test(.timeLimit(.minutes(15))) func whoeverNeedsPrunedBlocksGetsASnapshotOrSaysWhy() async throws {
        let network = try busy(epochHeights: 300, followers: 1, milliseconds: 15)
        try await network.start(0) { configuration in
            prunes(&configuration)
            // The first snapshot is that of the first boundary which the next start sees.
            configuration.storage.snapshotMilliseconds = UInt64(Int64.max)
        }
        #expect(try await network.eventually(within: 90) { network.nodes[0]!.head.oldestBlock > 200 })
        try await network.start(1) { $0.sync.snapshotGap = 1_000_000 }
        // Who keeps a node in a variable keeps its store locked.
        let isTold = try await network.eventually { await network.nodes[1]!.status.obstacles.contains { $0.code == "sync.pruned" } }
        let obstacles = await network.nodes[1]!.status.obstacles
        #expect(isTold, "\(obstacles)")
        #expect(network.nodes[1]!.head.height == 0)

        await network.stop(0)
        // From here on blocks stay long enough to be followed.
        try await network.start(0) { $0.storage.flushBlocks = 70 }
        #expect(await network.nodes[1]!.outcome() == .restored)
        await network.stop(1)
        let payment = network.transfer(from: alice, to: bob.address, 1)
        let again = try await network.start(1)
        #expect(again.head.oldestBlock > 200)
        _ = await again.submit([payment])
        let isFinal = try await network.commits(payment.id, within: 60)
        let found = try await (network.nodes[0]!.transaction(payment.id), again.transaction(payment.id))
        #expect(isFinal, "\(found), at \(network.nodes[0]!.head.height) and \(again.head.height)")
        await network.stopAll()
    }

    // ── Old states ──

    /// Every height has a state: those that have been written, those that wait for it, and the newest ones; after a restart too.
    @Test(.timeLimit(.minutes(15))) func everyHeightHasAState() async throws {
        let network = try busy(epochHeights: 1_000)
        try await network.start(0) { $0.storage.flushBlocks = 100 }
        var waiting: Range<UInt64> = 0..<0
        let hasGap = try await network.eventually(within: 120) {
            let node = network.nodes[0]!
            _ = await node.submit([network.transfer(from: alice, to: bob.address, 1)])
            waiting = await heightsThatWait(at: node)
            return waiting.count > 20
        }
        #expect(hasGap)
        do {
            let node = network.nodes[0]!
            // First those that only memory knows, before they are written.
            try await expectPayments(at: node, waiting)
            try await expectPayments(at: node, 0..<waiting.upperBound)
            #expect(node.head.oldestState == 0)
        }
        await network.stop(0)
        let again = try await network.start(0) { $0.storage.flushBlocks = 100_000 }
        #expect(again.head.oldestState == 0)
        try await expectPayments(at: again, 0..<again.head.height.rawValue)
        await network.stopAll()
    }

    /// Heights above what the store has and below the views of the proof window.
    private func heightsThatWait(at node: Node) async -> Range<UInt64> {
        let (flushed, oldest) = await node.environment.keeper.ask { ($0.chain.flushedHeight, $0.chain.viewHeights.first) }
        guard let flushed, flushed > 0, let oldest, flushed < oldest else { return 0..<0 }
        return flushed.rawValue + 1..<oldest.rawValue
    }

    /// Bob has got one unit with each transaction up to a height.
    private func expectPayments(at node: Node, _ heights: Range<UInt64>) async throws {
        var paid: UInt128 = 0, counted: UInt64 = 0
        for height in heights {
            while counted <= height {
                paid += UInt128(try #require(try await node.block(at: Height(counted))).transactions.count)
                counted += 1
            }
            let state = try #require(try await node.state(at: Height(height)), "height \(height) of \(node.head.height)")
            #expect(state.header.height.rawValue == height)
            let balance = try #require(try AccountRecords.account(bob.address, in: state.reader)).balance
            #expect(balance.units == TestChain.fortune.units + paid, "at \(height) of \(node.head.height)")
        }
    }

    // ── Ends of epochs ──

    /// Each epoch's end is kept once and in order, whenever the node dies and whatever is missing of the newest ones.
    @Test(.timeLimit(.minutes(15))) func endsOfEpochsAreInOrderAfterCrashes() async throws {
        let network = try busy(epochHeights: 3)
        for round in 0..<6 {
            try await network.start(0)
            try await expectAllEnds(network, "at the start of round \(round)")
            let goal = network.nodes[0]!.head.height.rawValue + 25 + UInt64(round)
            #expect(try await network.eventually { network.nodes[0]!.head.height.rawValue >= goal })
            try await network.crash(0)
            // A crash may take of the file what was written last.
            if round % 2 == 1 { try cutLastFile(network.home(0) + "/data/boundaries", bytes: 300 * round) }
        }
        let node = try await network.start(0)
        try await expectAllEnds(network, "in the end")
        // They lead somebody who knows the beginning to the newest one.
        var trusted = try TrustedHeader(genesis: network.genesis, chainID: network.genesis.chainID)
        let rules = LightClientRules(chainID: network.genesis.chainID, now: .now, trustingMilliseconds: 600_000, driftMilliseconds: 10_000)
        while let judged = try advance(trusted, along: node.environment.stores.boundaries, rules) { trusted = judged }
        #expect(trusted.height.rawValue >= 150 && trusted.header.endsEpoch)
        await network.stopAll()
    }

    private func advance(_ trusted: TrustedHeader, along boundaries: Boundaries, _ rules: LightClientRules) throws -> TrustedHeader? {
        let nothing: (Height) throws(StoreError) -> LightBlock? = { _ in nil }
        let blocks = try boundaries.answer(.boundaries(above: trusted.height), other: nothing)
        guard !blocks.isEmpty else { return nil }
        let judgement = LightJudge.judge(blocks, by: .header(trusted), rules: rules)
        guard case .advanced(let header) = judgement.verdict else { throw TestFailure(description: "\(judgement)") }
        return header
    }

    /// A block is to be seen before the end of its epoch is kept, which is a moment later.
    private func expectAllEnds(_ network: RunningNetwork, _ when: String) async throws {
        let node = network.nodes[0]!, boundaries = node.environment.stores.boundaries
        let (current, _) = try ChainRecords.epoch(in: node.environment.published.newest.view)
        let areKept = try await network.eventually { boundaries.next >= current }
        #expect(areKept, "\(when): \(boundaries.next) of \(current)")
        var previous: Height = 0
        for number in 0..<current.rawValue {
            let block = try #require(try boundaries.block(of: Epoch(number)), "\(when): epoch \(number)")
            #expect(block.header.endsEpoch && block.header.draft.epoch.rawValue == number && block.height.rawValue == previous.rawValue + 3)
            previous = block.height
        }
    }

    private func cutLastFile(_ directory: String, bytes: Int) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".log") }.sorted()
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: directory + "/" + (try #require(names.last))))
        defer { try? file.close() }
        let size = try file.seekToEnd()
        try file.truncate(atOffset: size - min(size / 2, UInt64(bytes)))
    }

    // ── Bans ──

    /// What is known of peers is on the disk when a stop returns, even where many wait for the disk.
    @Test(.timeLimit(.minutes(15))) func aStopWaitsForWhatIsKnownOfPeers() async throws {
        let network = try RunningNetwork(founders: 1, people: [alice])
        try await network.start(0)
        let banned = Person(77).key.publicKey
        Core.reading.async { Thread.sleep(forTimeInterval: 2) }
        await network.nodes[0]!.core.ask { core in
            core.gossip.restoreBans([BanRecord(key: banned, host: Gossip.NetworkAddress(ipv4: 10, 1, 2, 3), ticks: 100_000, times: 2)])
            core.haveBansChanged = true
        }
        await network.stop(0)
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let records = try NamedRecords(directory: network.home(0) + "/data/records", chainID: network.genesis.chainID)
        #expect(KeptPeers.bans(in: records, now: .now, log).map(\.key) == [banned])
        #expect(FileManager.default.fileExists(atPath: network.home(0) + "/data/records/addresses.record"))
    }

    /// A ban outlives a restart, with what is left of it; a peer that the operator has named since is let in.
    @Test(.timeLimit(.minutes(15))) func bansOutliveARestart() async throws {
        let network = try RunningNetwork(founders: 1, people: [alice])
        var configuration = TransportConfiguration(chainID: network.genesis.chainID)
        configuration.listenHost = nil
        let key = Person(77).key
        let enemy = try Transport(configuration: configuration, identity: NodeIdentity(nodeKey: key))
        _ = try await enemy.start()
        let notes = PeerNotes(), reader = Task { while let events = await enemy.events.next() { notes.take(events) } }

        func dial(_ node: Node) throws {
            let address = try #require(node.listens.flatMap { Networking.NetworkAddress($0) })
            enemy.dial(address, expecting: node.environment.keys.node.publicKey)
        }
        try dial(try await network.start(0))
        #expect(try await network.eventually { notes.connected == 1 })
        _ = enemy.send(Array(repeating: 0xff, count: 100), as: .discovery, to: network.nodes[0]!.environment.keys.node.publicKey)
        #expect(try await network.eventually { notes.gone == 1 })
        // The record is there within seconds, and the node is killed.
        let records = network.home(0) + "/data/records/bans.record"
        #expect(try await network.eventually { FileManager.default.fileExists(atPath: records) })
        try await network.crash(0)

        do {
            let again = try await network.start(0), kept = await again.core.ask { $0.gossip.bans }
            #expect(kept.map(\.key) == [key.publicKey] && kept.allSatisfy { $0.times == 1 && $0.ticks > 0 && $0.ticks <= GossipLimits.banTicks })
            try dial(again)
            #expect(try await network.eventually { notes.refused + notes.gone == 2 })
            #expect(again.environment.transport.peers.isEmpty)
        }

        await network.stop(0)
        let named = Networking.PeerAddress("\(key.publicKey)@127.0.0.1:9")
        try dial(try await network.start(0) { $0.network.persistentPeers = [named].compactMap { $0 } })
        #expect(try await network.eventually { network.nodes[0]!.environment.transport.peers.count == 1 })
        await enemy.shutdown()
        await reader.value
        await network.stopAll()
    }
}

private struct TestFailure: Error { let description: String }

/// What became of a stranger's connections.
private final class PeerNotes: @unchecked Sendable {
    private let lock = NSLock()
    private var counts = (connected: 0, gone: 0, refused: 0)

    func take(_ events: [PeerEvent]) {
        lock.withLock {
            for event in events {
                switch event {
                case .connected: counts.connected += 1
                case .disconnected: counts.gone += 1
                case .refused: counts.refused += 1
                default: break
                }
            }
        }
    }

    var connected: Int { lock.withLock { counts.connected } }
    var gone: Int { lock.withLock { counts.gone } }
    var refused: Int { lock.withLock { counts.refused } }
}
