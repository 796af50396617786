import API
import ChainKit
import Contracts
import Ledger
@testable import Node
import Primitives
import Testing

/// Nodes as they run: sockets, TLS, disks, signatures, clocks.
@Suite(.serialized) struct RunningNodeTests {
    private let alice = Person(1), bob = Person(2)

    @Test(.timeLimit(.minutes(2))) func fourNodesAgreeAndSurviveAStop() async throws {
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
}
