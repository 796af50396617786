import API
import ChainKit
import Contracts
import Execution
import Foundation
import Interface
import Ledger
import Primitives
import Testing

@Suite struct BlockTests {
    @Test func byHeightHashAndHead() async throws {
        try await Served.run { api in
            let block = api.node.advance([api.node.payment(0, 1, 5), api.node.payment(1, 2, 6)])
            let found = try await api.get("/v1/blocks/1").resource(BlockResource.self)
            #expect(found.hash.value == block.hash && found.transactionCount == 2 && found.eventCount == UInt32(block.events.count))
            #expect(found.signers == [0, 1, 2])
            #expect(try Header(bcs: found.header?.bytes ?? []) == block.header)
            #expect(try CommitCertificate(bcs: found.certificate?.bytes ?? []) == block.certificate)
            for name in ["head", "0x" + block.hash.hex, block.hash.hex.uppercased()] {
                #expect(try await api.get("/v1/blocks/\(name)").resource(BlockResource.self) == found, "\(name)")
            }
            let genesis = try await api.get("/v1/blocks/0").resource(BlockResource.self)
            #expect(genesis.height == 0 && genesis.certificate == nil && genesis.signers == nil)
        }
    }

    @Test func whatIsNotThere() async throws {
        try await Served.run { api in
            api.node.advance(by: 6)
            api.node.prune(below: 3)
            let future = try await api.get("/v1/blocks/7")
            #expect(future.status == 404)
            #expect(try future.problem.code == "height.unknown")
            let past = try await api.get("/v1/blocks/2")
            #expect(past.status == 410)
            #expect(try past.problem.oldestHeight == 3)
            #expect(past.headers["x-oldest-height"] == "3")
            #expect(try await api.get("/v1/parameters?height=1").status == 410)
            let stranger = try await api.get("/v1/blocks/0x" + String(repeating: "ab", count: 32))
            #expect(stranger.status == 404)
            #expect(try stranger.problem.code == "block.unknown")
            for name in ["-1", "1.0", "0x12", "zz", "18446744073709551616", "%00", "1%2f2", "h%20ead", String(repeating: "g", count: 64)] {
                #expect(try await api.get("/v1/blocks/\(name)").status == 400, "\(name)")
            }
        }
    }

    @Test func pagesNeitherRepeatNorSkip() async throws {
        try await Served.run { api in
            api.node.advance(by: 9)
            var heights: [UInt64] = []
            var target: String? = "/v1/blocks?limit=4"
            while let next = target {
                let answer = try await api.get(next)
                #expect(answer.status == 200)
                let page = try answer.resource(PageResource<BlockResource>.self)
                #expect(page.height == 9)
                heights += page.items.map(\.height)
                // The chain goes on while somebody reads.
                api.node.advance()
                target = page.next.map { "/v1/blocks?limit=4&cursor=\($0)" }
            }
            #expect(heights == (0...9).reversed().map { UInt64($0) })
        }
    }

    @Test func whatABlockHolds() async throws {
        try await Served.run { api in
            let node = api.node
            let wrong = node.transaction(node.people[2], [Accounts.transfer.reference.call(on: .accounts, Address(), value: Amount(1))])
            let unknown = node.transaction(node.people[3], [Call(contract: node.people[0].address, method: "nothing", arguments: [1, 2])])
            let block = node.advance([node.payment(0, 1, 12_500_000), wrong, unknown])
            let transactions = try await api.get("/v1/blocks/1/transactions").resource(PageResource<TransactionResource>.self)
            #expect(transactions.items.map(\.id.value) == block.transactions.map(\.id))
            let call = try #require(transactions.items.first { $0.sender.address == node.people[0].address }?.calls.first)
            #expect(call.contractName == "accounts" && call.method == "transfer" && call.value.value == Amount(12_500_000))
            #expect(call.arguments == .object([.init("to", .text(node.text(1)))]))
            let raw = try #require(transactions.items.first { $0.sender.address == node.people[3].address }?.calls.first)
            #expect(raw.contractName == nil && raw.arguments == nil && raw.data.bytes == [1, 2])

            let receipts = try await api.get("/v1/blocks/1/receipts").resource(PageResource<ReceiptResource>.self)
            #expect(receipts.items.count == block.receipts.count)
            let failed = try #require(receipts.items.first { $0.transaction?.value == wrong.id })
            #expect(failed.outcome == .reverted && failed.failure?.name == "receiverNobody" && failed.failure?.code == 101)
            #expect(failed.failure?.hint?.contains("burn") == true && failed.failure?.contractName == "accounts")
            let absent = try #require(receipts.items.first { $0.transaction?.value == unknown.id })
            #expect(absent.failure?.name == "contractUnknown")

            let events = try await api.get("/v1/blocks/1/events").resource(PageResource<EventResource>.self)
            #expect(events.items.count == block.events.count)
            let transferred = try #require(events.items.first { $0.name == "Transferred" })
            #expect(transferred.fields?["amount"] == .text("12500000"))
            #expect(transferred.fields?["from"] == .text(node.text(0)))
            #expect(transferred.id == "1-\(transferred.receiptIndex)-0" && transferred.contractName == "accounts")

            let first = try await api.get("/v1/blocks/1/receipts?limit=1").resource(PageResource<ReceiptResource>.self)
            #expect(first.items == Array(receipts.items.prefix(1)))
            let cursor = try #require(first.next)
            let rest = try await api.get("/v1/blocks/1/receipts?cursor=\(cursor)").resource(PageResource<ReceiptResource>.self)
            #expect(first.items + rest.items == receipts.items && rest.next == nil)
            // A cursor of one list is none of another, nor of another block.
            node.advance()
            #expect(try await api.get("/v1/blocks/1/events?cursor=\(cursor)").problem.code == "cursor.malformed")
            #expect(try await api.get("/v1/blocks/2/receipts?cursor=\(cursor)").problem.code == "cursor.malformed")
            #expect(try await api.get("/v1/blocks?cursor=\(cursor)").status == 400)
        }
    }
}
