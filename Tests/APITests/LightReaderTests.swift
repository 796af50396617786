import API
import ChainKit
import Client
import Contracts
import Cryptography
import Execution
import Interface
import Ledger
import Primitives
import Testing

/// A reader that believes nothing without proof goes along while those who sign are replaced again and again.
@Suite struct LightReaderTests {
    /// So much stake comes to one founder after the other that each decides alone for a while, and its blocks have its signature only. It has
    /// a quarter of the weight that a reader knows from the beginning: less than is believed without looking at the blocks between.
    private static func node() -> TestNode {
        let node = TestNode { $0.epochHeights = 8 }
        node.isSignedByFew = true
        node.advance(by: 3)
        for (founder, stakes) in [(0, [70_000]), (1, [0, 400_000]), (2, [0, 0, 990_000, 990_000])] as [(Int, [UInt128])] {
            node.advance(stakes.enumerated().filter { $0.element > 0 }.map { person, tokens in
                let call = Staking.delegate.reference.call(on: .staking, node.founders[founder].address, value: Amount(tokens * Amount.unitsPerToken))
                return node.transaction(node.people[person], [call])
            })
            node.advance(by: 30)
        }
        return node
    }

    @Test func aReaderGoesAlongOverManyEpochs() async throws {
        let node = Self.node(), head = node.head
        #expect(head.header.draft.epoch >= 10)
        try await Served.run(node) { api in
            let client = try Client("http://127.0.0.1:\(api.port)")
            let now = { @Sendable in node.head.header.draft.time }
            var reader = try LightReader(client, genesis: try await client.genesis(), chainID: node.genesis.chainID, now: now)
            let before = node.reads
            let (state, height) = try await reader.account(node.people[0].address)
            #expect(height == head.height && reader.trusted.header == head.header)
            #expect(state?.nonce == 1)
            // It has looked at blocks between, and at fewer than there are.
            let looked = node.reads - before
            #expect(looked >= 4 && looked < Int(head.height.rawValue) / 2, "\(looked) blocks were read")

            // What it believes serves for the next question: nothing between is asked for any more.
            node.advance()
            let known = node.reads
            _ = try await reader.account(node.people[1].address)
            #expect(reader.trusted.height == node.head.height && node.reads - known <= 2)
        }
    }

    /// Where the blocks between are gone, whoever has to see them is told so, and whoever has seen enough goes on.
    @Test func aReaderIsToldWhatIsGone() async throws {
        let node = Self.node()
        try await Served.run(node) { api in
            let client = try Client("http://127.0.0.1:\(api.port)"), genesis = try await client.genesis()
            let now = { @Sendable in node.head.header.draft.time }
            var seasoned = try LightReader(client, genesis: genesis, chainID: node.genesis.chainID, now: now)
            _ = try await seasoned.account(node.people[0].address)
            node.prune(below: node.head.height)
            node.advance()
            _ = try await seasoned.account(node.people[0].address)
            #expect(seasoned.trusted.height == node.head.height)
            var newcomer = try LightReader(client, genesis: genesis, chainID: node.genesis.chainID, now: now)
            let refused = await #expect(throws: ClientError.self) { _ = try await newcomer.account(node.people[0].address) }
            #expect(refused?.code == "height.pruned" && newcomer.trusted.height == 0)
        }
    }
}
