import API
import ChainKit
import Contracts
import Execution
import Foundation
import Interface
import Ledger
import Primitives
import Testing

@Suite struct ContractTests {
    @Test func schemas() async throws {
        try await Served.run { api in
            let list = try await api.get("/v1/contracts").resource(ContractListResource.self)
            #expect(list.contracts.map(\.name) == api.node.executor.catalogue.schemas.map(\.schema.name))
            for summary in list.contracts {
                let named = try await api.get("/v1/contracts/\(summary.name)").resource(ContractResource.self)
                let addressed = try await api.get("/v1/contracts/\(summary.address)").resource(ContractResource.self)
                #expect(named == addressed && named.isBuiltIn && named.schema.methods.count == Int(summary.methodCount))
                let alone = try await api.get("/v1/contracts/\(summary.name)/schema")
                #expect(try JSONDecoder().decode(ContractSchema.self, from: Data(alone.body)) == named.schema)
            }
            #expect(try await api.get("/v1/contracts/nothing").problem.code == "contract.unknown")
            #expect(try await api.get("/v1/contracts/\(api.node.text(0))").problem.code == "contract.unknown")
            #expect(try await api.get("/v1/contracts/ttrl1qqqq").problem.code == "request.path")
        }
    }

    @Test func views() async throws {
        try await Served.run { api in
            let node = api.node
            node.advance([node.payment(0, 1, 5)])
            node.advance([node.payment(0, 1, 5)])
            func ask(_ json: String, _ query: String = "") async throws -> Answer { try await api.post("/v1/contracts/accounts/view\(query)", json) }
            let question = #"{"method":"balance","arguments":{"account":"\#(node.text(1))"}}"#
            let now = try await ask(question).resource(ViewResource.self)
            #expect(now.outcome == .succeeded && now.result?.value == .text("1000000000010") && now.gasUsed > 0 && now.proof == nil)
            let then = try await ask(question, "?height=1").resource(ViewResource.self)
            #expect(then.result?.value == .text("1000000000005") && then.height == 1)
            let raw = try await ask(#"{"method":"balance","data":"\#(Hex(node.people[1].address.bytes).text)"}"#).resource(ViewResource.self)
            #expect(raw.result == now.result)
            // An option of none is absent; one of something is not.
            let nobody = try await ask(#"{"method":"account","arguments":{"account":"\#(Address().text(on: .development))"}}"#).resource(ViewResource.self)
            #expect(nobody.outcome == .succeeded && nobody.result?.value == nil && nobody.result?.data.bytes == [0])
            // What changes something does not work alone.
            let call = try await ask(#"{"method":"burn","arguments":{}}"#).resource(ViewResource.self)
            #expect(call.outcome == .reverted && call.result == nil && call.failure?.text != nil)
            let poor = try await ask(#"{"method":"balance","arguments":{"account":"\#(node.text(1))"},"gasLimit":10}"#).resource(ViewResource.self)
            #expect(poor.outcome == .outOfGas)
        }
    }

    @Test func argumentsThatDoNotFitSayWhere() async throws {
        try await Served.run { api in
            let cases: [(String, String, String, Int)] = [
                (#"{"method":"balance","arguments":{"account":"nobody"}}"#, "request.malformed", "arguments.account", 400),
                (#"{"method":"balance","arguments":{}}"#, "request.malformed", "arguments.account", 400),
                (#"{"method":"balance","arguments":{"account":1,"other":2}}"#, "request.malformed", "arguments.other", 400),
                (#"{"method":"balance","arguments":[1]}"#, "request.malformed", "arguments", 400),
                (#"{"method":"nothing","arguments":{}}"#, "contract.method-unknown", "method", 404),
                (#"{"method":"balance","arguments":{},"data":"0x"}"#, "request.malformed", "data", 400),
                (#"{"method":"balance","data":"0xabc"}"#, "request.malformed", "data", 400),
                (#"{"arguments":{}}"#, "request.malformed", "", 400),
                (#"{"method":"balance","gasLimit":-1}"#, "request.malformed", "", 400),
                (#"{"method":"balance","arguments":{"account":-1.5}}"#, "request.malformed", "arguments.account", 400),
                (#"{"method":"balance","caller":"\#(api.node.people[0].address.text(on: .main))","data":"0x"}"#, "request.malformed", "caller", 400),
            ]
            for (json, code, location, status) in cases {
                let answer = try await api.post("/v1/contracts/accounts/view", json)
                let problem = try answer.problem
                #expect(answer.status == status && problem.code == code && (problem.location ?? "") == location, "\(json): \(answer.text)")
                #expect(answer.headers["content-type"] == "application/problem+json")
            }
            let nested = try await api.post(
                "/v1/simulate", #"{"sender":"\#(api.node.text(0))","calls":[{"contract":"accounts","method":"transfer_many","arguments":{"payments":[{"to":"\#(api.node.text(1))","amount":"1.5"}]}}]}"#)
            #expect(try nested.problem.location == "calls[0].arguments.payments[0].amount", "\(nested.text)")
        }
    }

    @Test func storedValues() async throws {
        try await Served.run { api in
            let node = api.node
            node.advance([node.payment(0, 1, 5)])
            let key = Hex([0] + node.people[1].address.bytes).text
            let entry = try await api.get("/v1/contracts/accounts/state/\(key)").resource(StateEntryResource.self)
            #expect(entry.region == "accounts" && entry.value?["balance"] == .text("1000000000005") && entry.data != nil)
            let absent = try await api.get("/v1/contracts/accounts/state/0x00ff").resource(StateEntryResource.self)
            #expect(absent.data == nil && absent.value == nil && absent.region == "accounts")
            let chain = try await api.get("/v1/contracts/chain/state/0x00").resource(StateEntryResource.self)
            #expect(chain.region == "parameters" && chain.value?["proofWindow"] == .number(64))
            #expect(try await api.get("/v1/contracts/accounts/state/0x0").status == 400)
            #expect(try await api.get("/v1/contracts/accounts/state/0x" + String(repeating: "00", count: 257)).status == 400)
        }
    }

    @Test func eventsOfAContract() async throws {
        try await Served.run { api in
            let node = api.node
            for round in 0..<4 {
                node.advance([node.payment(0, 1, UInt128(3 * round + 1)), node.payment(1, 2, UInt128(3 * round + 2)), node.payment(2, 3, UInt128(3 * round + 3))])
                node.advance()
            }
            var amounts: [String] = []
            var target: String? = "/v1/contracts/accounts/events?type=Transferred&limit=5"
            while let next = target {
                let page = try await api.get(next).resource(PageResource<EventResource>.self)
                amounts += page.items.compactMap { if case .text(let amount)? = $0.fields?["amount"] { amount } else { nil } }
                node.advance([node.payment(0, 1, 99)])
                target = page.next.map { "/v1/contracts/accounts/events?type=Transferred&limit=5&cursor=\($0)" }
            }
            // Blocks order their transactions as they like; each part of the history is there once, and newer blocks come first.
            #expect(Set(amounts) == Set((1...12).map(String.init)) && amounts.count == 12)
            #expect(Set(amounts.prefix(3)) == ["10", "11", "12"])
            #expect(try await api.get("/v1/contracts/accounts/events?type=Nothing").resource(PageResource<EventResource>.self).items.isEmpty)
        }
    }
}
