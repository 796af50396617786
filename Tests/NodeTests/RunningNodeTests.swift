import API
import ChainKit
import Contracts
import Foundation
import Ledger
@testable import Node
import Primitives
import Testing

/// Nodes as they run: sockets, TLS, disks, signatures, clocks.
@Suite(.serialized) struct RunningNodeTests {
    private let alice = Person(1), bob = Person(2)

    @Test(.timeLimit(.minutes(15))) func fourNodesAgreeAndSurviveAStop() async throws {
        let network = try RunningNetwork(people: [alice, bob])
        try await network.startAll()
        let first = network.transfer(from: alice, to: bob.address, 5)
        #expect(await network.running[0].submit([first]) == [.admitted(first.id)])
        #expect(try await network.commits(first.id))
        // The same bytes again are no second payment.
        guard case .final = await network.running[1].submit([first])[0] else { return #expect(Bool(false), "known as final") }
        var last = first
        for index in 0..<12 {
            last = network.transfer(from: alice, to: bob.address, 1)
            _ = await network.running[index % 4].submit([last])
        }
        #expect(try await network.commits(last.id))
        for node in network.running {
            let gained = try network.balance(of: bob.address, at: node).units - TestChain.fortune.units
            #expect(gained == 17)
        }

        await network.stop(3)
        let without = network.transfer(from: alice, to: bob.address, 1)
        _ = await network.running[0].submit([without])
        #expect(try await network.commits(without.id))
        try await network.start(3)
        #expect(try await network.commits(without.id))
        let newest = network.transfer(from: alice, to: bob.address, 1)
        _ = await network.nodes[3]!.submit([newest])
        #expect(try await network.commits(newest.id))
        let height = network.nodes[3]!.head.height
        for node in network.running {
            let block = try await node.block(at: height)
            #expect(block?.hash == network.nodes[3]!.head.hash || node.head.height < height)
        }
        await network.stopAll()
    }

    /// A validator whose data are gone may have signed what it does not remember: it follows, says so, and votes again when a quorum
    /// has told it how far it may have voted and an epoch has gone by.
    @Test(.timeLimit(.minutes(15))) func aValidatorThatLostItsDataVotesNoMoreUntilItMay() async throws {
        let network = try RunningNetwork(people: [alice, bob]) { $0.epochHeights = 8 }
        try await network.startAll()
        let first = network.transfer(from: alice, to: bob.address, 1)
        _ = await network.running[0].submit([first])
        #expect(try await network.commits(first.id))
        await network.stop(3)
        try FileManager.default.removeItem(atPath: NodeHome(network.home(3)).dataPath)
        try Node.createStore(NodeHome(network.home(3)), network.genesis)
        try await network.start(3)
        // The loss is not forgotten by another start.
        await network.stop(3)
        let again = try await network.start(3)
        #expect(await again.status.obstacles.contains { $0.code == "consensus.journal-lost" })
        // It follows meanwhile.
        let second = network.transfer(from: alice, to: bob.address, 1)
        _ = await network.running[0].submit([second])
        #expect(try await network.commits(second.id))
        #expect(try await network.eventually(within: 40) { await !again.status.obstacles.contains { $0.code == "consensus.journal-lost" } })
        await network.stopAll()
    }

    @Test(.timeLimit(.minutes(15))) func aFollowerComesLateByBlocks() async throws {
        let network = try RunningNetwork(followers: 1, people: [alice, bob])
        for index in 0..<4 { try await network.start(index) }
        var last = network.transfer(from: alice, to: bob.address, 1)
        for _ in 0..<10 {
            _ = await network.running[0].submit([last])
            #expect(try await network.commits(last.id))
            last = network.transfer(from: alice, to: bob.address, 1)
        }
        let follower = try await network.start(4)
        _ = await follower.submit([last])
        #expect(try await network.commits(last.id))
        #expect(try network.balance(of: bob.address, at: follower).units - TestChain.fortune.units == 11)
        // What is asked by account comes from the index, which is written behind the blocks.
        #expect(try await network.eventually { try await follower.transactions(of: bob.address, below: nil, limit: 20).count == 11 })
        let history = try await follower.transactions(of: bob.address, below: nil, limit: 5)
        #expect(history.count == 5 && history == history.sorted(by: >))
        let block = try await #require(follower.block(at: history[0].height))
        #expect(block.transactions[Int(history[0].index)].id == last.id)
        #expect(try await follower.height(ofBlock: block.hash) == block.header.height)
        #expect(await follower.status.role == .full)
        await network.stopAll()
    }

    /// The head of a chain that begins behind it. What is read keeps the store open until this returns.
    private func expectReadable(_ node: Node) async throws {
        let head = node.head, state = try await #require(node.state(at: head.height))
        #expect(state.header == head.header && state.lightBlock?.header == head.header && state.provable != nil)
        #expect(head.oldestBlock == head.height.successor, "\(head.oldestBlock), \(head.height)")
        #expect(try await node.block(at: head.height) == nil)
    }

    @Test(.timeLimit(.minutes(15))) func aFollowerComesLateBySnapshot() async throws {
        let network = try RunningNetwork(followers: 1, people: [alice, bob]) { $0.epochHeights = 4 }
        for index in 0..<4 { try await network.start(index) }
        for _ in 0..<14 {
            let payment = network.transfer(from: alice, to: bob.address, 1)
            _ = await network.running[0].submit([payment])
            #expect(try await network.commits(payment.id))
        }
        try await network.start(4) { $0.sync.snapshotGap = 4 }
        #expect(await network.nodes[4]?.outcome() == .restored)
        await network.stopAll()
        // The state is there to be read and proved before any block has come behind it. Those that its journal may have are taken away.
        try FileManager.default.removeItem(atPath: NodeHome(network.home(4)).dataPath + "/journal")
        try await network.start(4)
        try await expectReadable(network.nodes[4]!)
        await network.stop(4)

        for index in 0..<4 { try await network.start(index) }
        let again = try await network.start(4)
        // Its blocks go on behind the end of an epoch.
        let first = again.head.oldestBlock.rawValue
        #expect(first > 8 && first % 4 == 1)
        let payment = network.transfer(from: alice, to: bob.address, 1)
        _ = await again.submit([payment])
        #expect(try await network.commits(payment.id))
        #expect(try network.balance(of: bob.address, at: again).units - TestChain.fortune.units == 15)
        // Blocks below the snapshot are not there, and are said to be so.
        #expect(try await again.block(at: 1) == nil)
        await network.stopAll()
    }
}
