import API
import ChainKit
import Contracts
import Execution
import Foundation
import Interface
import Ledger
import Primitives
import Testing

@Suite struct AccountTests {
    @Test func balancesNowAndThen() async throws {
        try await Served.run { api in
            let node = api.node
            node.advance([node.payment(0, 1, 5)])
            node.advance([node.payment(0, 1, 6)])
            let account = try await api.get("/v1/accounts/\(node.text(1))").resource(AccountResource.self)
            #expect(account.balance.value.units == 1_000_000_000_011 && account.nonce == 0 && account.exists && account.height == 2 && account.proof == nil)
            let before = try await api.get("/v1/accounts/\(node.text(1))?height=1").resource(AccountResource.self)
            #expect(before.balance.value.units == 1_000_000_000_005 && before.height == 1)
            let sender = try await api.get("/v1/accounts/\(node.text(0))").resource(AccountResource.self)
            #expect(sender.nonce == 2 && sender.nextNonce == 2)
            let nobody = try await api.get("/v1/accounts/\(Address().text(on: .development))").resource(AccountResource.self)
            #expect(!nobody.exists && nobody.balance.text == "0")
        }
    }

    @Test func wrongAddresses() async throws {
        try await Served.run { api in
            let right = api.node.text(0)
            for text in [api.node.people[0].address.text(on: .main), right.dropLast() + "q", "accounts", "0x00", "ttrl1", "%ff%fe"] {
                let answer = try await api.get("/v1/accounts/\(text)")
                #expect(answer.status == 400 || answer.status == 404, "\(text)")
            }
            #expect(try await api.get("/v1/accounts/\(right.uppercased())").status == 200)
        }
    }

    @Test func history() async throws {
        try await Served.run { api in
            let node = api.node
            for round in 0..<5 { node.advance([node.payment(0, 1, UInt128(round + 1)), node.payment(2, 3, 1)]) }
            var seen: [UInt64] = []
            var target: String? = "/v1/accounts/\(node.text(1))/transactions?limit=2"
            while let next = target {
                let page = try await api.get(next).resource(PageResource<TransactionReport>.self)
                for item in page.items {
                    #expect(item.transaction?.sender.address == node.people[0].address && item.receipt?.outcome == .succeeded)
                    seen.append(try #require(item.height))
                }
                node.advance([node.payment(0, 1, 100)])
                target = page.next.map { "/v1/accounts/\(node.text(1))/transactions?limit=2&cursor=\($0)" }
            }
            #expect(seen == [5, 4, 3, 2, 1])
            #expect(try await api.get("/v1/accounts/\(node.text(3))/transactions").resource(PageResource<TransactionReport>.self).items.count == 5)
        }
    }
}
