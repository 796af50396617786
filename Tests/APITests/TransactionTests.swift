import API
import ChainKit
import Contracts
import Cryptography
import Execution
import Foundation
import Interface
import Ledger
import Primitives
import Testing

@Suite struct TransactionTests {
    @Test func theSameBytesHaveTheSameAnswer() async throws {
        try await Served.run { api in
            let signed = api.node.payment(0, 1, 5)
            let json = #"{"transaction":"0x\#(signed.envelope.hex)"}"#
            let first = try await api.post("/v1/transactions", json)
            #expect(first.status == 202)
            #expect(try first.resource(SubmissionResource.self).id.value == signed.id)
            #expect(first.headers["location"] == "/v1/transactions/0x\(signed.id.hex)")
            let second = try await api.post("/v1/transactions", bytes: signed.envelope)
            let third = try await api.ask("POST", "/v1/transactions", ["Content-Type": "text/plain; charset=utf-8"], Array((signed.envelope.hex + "\n").utf8))
            #expect(api.node.advance().transactions.map(\.id) == [signed.id])
            let fourth = try await api.post("/v1/transactions", json)
            for answer in [second, third, fourth] {
                #expect(answer.status == 202 && answer.body == first.body)
            }
        }
    }

    @Test func itsWay() async throws {
        try await Served.run { api in
            let signed = api.node.payment(0, 1, 5)
            let target = "/v1/transactions/0x\(signed.id.hex)"
            #expect(try await api.get(target).problem.code == "tx.unknown")
            _ = try await api.post("/v1/transactions", bytes: signed.envelope)
            let pending = try await api.get(target).resource(TransactionReport.self)
            #expect(pending.state == .pending && pending.pending?.isExecutable == true && pending.transaction == nil)
            let list = try await api.get("/v1/accounts/\(api.node.text(0))/pending").resource(PendingListResource.self)
            #expect(list.items.map(\.id.value) == [signed.id] && list.nextNonce == 1)
            let block = api.node.advance()
            let report = try await api.get(target).resource(TransactionReport.self)
            #expect(report.state == .committed && report.height == 1 && report.index == 0 && report.blockHash?.value == block.hash)
            #expect(report.transaction?.envelope?.bytes == signed.envelope)
            #expect(report.receipt?.outcome == .succeeded && report.receipt?.events?.first?.name == "Transferred")
            #expect(report.receipt?.results.count == 1 && report.receipt?.results.first?.value == DynamicValue?.none)
            // Without the block there is still the place.
            api.node.advance(by: 3)
            api.node.prune(below: 2)
            let old = try await api.get(target).resource(TransactionReport.self)
            #expect(old.state == .committed && old.height == 1 && old.transaction == nil)
        }
    }

    @Test func refusalsHaveTheLedgersCodes() async throws {
        try await Served.run { api in
            let node = api.node
            func submit(_ signed: SignedTransaction) async throws -> (Int, String) {
                let answer = try await api.post("/v1/transactions", bytes: signed.envelope)
                return (answer.status, try answer.problem.code)
            }
            let payment = node.payment(0, 1, 5)
            node.advance([payment])
            let again = Transaction(
                chainID: node.genesis.chainID, sender: node.people[0].address, nonce: 0, validUntilHeight: 100, gasLimit: 2_000_000, gasPrice: Amount(1),
                calls: payment.transaction.calls, memo: "other")!
            #expect(try await submit(again.signed(by: node.people[0].key)!) == (422, "tx.nonce-used"))
            #expect(try await submit(again.signed(by: node.people[1].key)!) == (422, "tx.nonce-used"))
            let forged = Transaction(
                chainID: node.genesis.chainID, sender: node.people[0].address, nonce: 1, validUntilHeight: 100, gasLimit: 2_000_000, gasPrice: Amount(1),
                calls: payment.transaction.calls)!
            #expect(try await submit(forged.signed(by: node.people[1].key)!) == (422, "tx.sender-mismatch"))
            #expect(try await submit(node.payment(2, 1, UInt128.max / 2)) == (422, "tx.balance"))
            let cut = try await api.post("/v1/transactions", bytes: Array(payment.envelope.dropLast()))
            #expect(cut.status == 400)
            #expect(try cut.problem.code == "tx.malformed")
        }
    }

    @Test func waiting() async throws {
        try await Served.run { api in
            let signed = api.node.payment(0, 1, 5)
            async let answer = api.post("/v1/transactions?wait=committed&timeout=20", #"{"transaction":"0x\#(signed.envelope.hex)"}"#)
            while await api.node.pending(of: api.node.people[0].address).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            api.node.advance()
            let committed = try await answer
            #expect(committed.status == 200)
            let report = try committed.resource(TransactionReport.self)
            #expect(report.state == .committed && report.receipt?.outcome == .succeeded)
            #expect(committed.headers["x-height"] == "1")

            // In a block already: at once.
            #expect(try await api.post("/v1/transactions?wait=committed", #"{"transaction":"0x\#(signed.envelope.hex)"}"#).status == 200)

            let brief = try await api.post("/v1/transactions?wait=committed&brief=1", #"{"transaction":"0x\#(signed.envelope.hex)"}"#).resource(TransactionReport.self)
            #expect(brief.transaction == nil && brief.receipt?.outcome == .succeeded && brief.height == 1)

            // Not in time: taken, and to be asked for.
            let slow = api.node.payment(0, 1, 6)
            let late = try await api.post("/v1/transactions?wait=committed&timeout=1", #"{"transaction":"0x\#(slow.envelope.hex)"}"#)
            #expect(late.status == 202)

            // Dropped while somebody waits.
            async let dropped = api.post("/v1/transactions?wait=committed&timeout=20", #"{"transaction":"0x\#(slow.envelope.hex)"}"#)
            while api.node.waiterCount == 0 { try await Task.sleep(for: .milliseconds(5)) }
            api.node.drop(slow.id, code: "tx.expired")
            api.node.advance()
            let refusal = try await dropped
            #expect(refusal.status == 422)
            #expect(try refusal.problem.code == "tx.expired")
            #expect(try await api.get("/v1/transactions/\(slow.id.hex)").resource(TransactionReport.self).state == .dropped)
        }
    }

    @Test func batches() async throws {
        try await Served.run { api in
            let node = api.node
            let good = (0..<3).map { _ in node.payment(0, 1, 5) }
            let committed = node.payment(1, 2, 1)
            node.advance([committed])
            func batch(_ envelopes: [[UInt8]]) -> [UInt8] {
                var encoder = BCSEncoder()
                encoder.encodeLength(envelopes.count)
                for envelope in envelopes { encoder.encodeBytes(envelope) }
                return encoder.bytes
            }
            let answer = try await api.post(
                "/v1/transactions/batch", bytes: batch([good[0].envelope, [1, 2, 3], committed.envelope, good[1].envelope, good[0].envelope]))
            #expect(answer.status == 200)
            let items = try answer.resource(BatchResource.self).items
            #expect(items.map(\.state) == [.accepted, .refused, .committed, .accepted, .accepted])
            #expect(items[1].code == "tx.malformed" && items[1].id == nil && items[3].id?.value == good[1].id)
            #expect(try await api.post("/v1/transactions/batch", bytes: batch([])).resource(BatchResource.self).items.isEmpty)
            for wrong in [batch([good[2].envelope]) + [0], Array(batch([good[2].envelope]).dropLast()), [0xff, 0xff, 0xff, 0xff, 0x0f], []] {
                let refused = try await api.post("/v1/transactions/batch", bytes: wrong)
                #expect(refused.status == 400)
                #expect(try refused.problem.code == "request.malformed")
            }
            #expect(try await api.post("/v1/transactions/batch", "{}").status == 415)
        }
    }

    @Test func aBusyNode() async throws {
        try await Served.run { api in
            api.node.isBusy = true
            let signed = api.node.payment(0, 1, 5)
            let answer = try await api.post("/v1/transactions", bytes: signed.envelope)
            #expect(answer.status == 429 && answer.headers["retry-after"] == "1")
            #expect(try answer.problem.code == "node.busy")
            var encoder = BCSEncoder()
            encoder.encodeLength(1)
            encoder.encodeBytes(signed.envelope)
            #expect(try await api.post("/v1/transactions/batch", bytes: encoder.bytes).status == 429)
            api.node.isBusy = false
            #expect(try await api.post("/v1/transactions", bytes: signed.envelope).status == 202)
        }
    }

    @Test func simulation() async throws {
        try await Served.run { api in
            let node = api.node
            let call = #"{"contract":"accounts","method":"transfer","arguments":{"to":"\#(node.text(1))"},"value":"7000000"}"#
            let answer = try await api.post("/v1/simulate", #"{"sender":"\#(node.text(0))","calls":[\#(call)]}"#)
            #expect(answer.status == 200)
            let result = try answer.resource(SimulationResource.self)
            #expect(result.outcome == .succeeded && result.events.first?.fields?["amount"] == .text("7000000"))
            #expect(result.gasLimitSuggested > result.gasUsed && result.fee.value.units == UInt128(result.gasUsed))
            // What it says is what happens.
            let receipt = node.advance([node.transaction(node.people[0], [Call(
                contract: .accounts, method: "transfer", arguments: result.calls[0].data.bytes, value: Amount(7_000_000))], gasLimit: result.gasLimitSuggested)]).receipts[0]
            #expect(receipt.outcome.failure == nil)
            let unsigned = node.payment(0, 1, 5).transaction
            let same = try await api.post("/v1/simulate", #"{"transaction":"\#(Hex(unsigned.bcs).text)"}"#).resource(SimulationResource.self)
            #expect(same.outcome == .succeeded && same.calls[0].value.value == Amount(5))
            let failing = call.replacingOccurrences(of: "7000000", with: "70000000000000000")
            let failed = try await api.post("/v1/simulate", #"{"sender":"\#(node.text(0))","calls":[\#(call),\#(failing)]}"#).resource(SimulationResource.self)
            #expect(failed.outcome == .reverted && failed.failure?.callIndex == 1 && failed.failure?.name == "balanceTooLow" && failed.events.isEmpty)
        }
    }

    @Test func fees() async throws {
        try await Served.run { api in
            let fees = try await api.get("/v1/fees").resource(FeesResource.self)
            #expect(fees.minimum.text == "1" && fees.high.text == "5")
        }
    }
}
