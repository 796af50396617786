import API
import ChainKit
import Contracts
import Execution
import Foundation
import Interface
import Ledger
import Primitives
import PythonRunner
import Testing
import WorldState

@Suite struct ProofTests {
    /// A bundle of another kind.
    private struct Missing: Error {}

    private func check(_ bundle: ProofBundle, _ node: TestNode) throws {
        try bundle.verify(chainID: node.genesis.chainID, validatorsHash: try node.genesis.initialValidators().digest)
    }

    @Test func everyKindOfAnswerCanBeProved() async throws {
        try await Served.run { api in
            let node = api.node
            let payment = node.payment(0, 1, 5)
            node.advance([node.payment(2, 3, 1), payment])
            let id = payment.id.hex
            for (target, kind) in [
                ("/v1/proofs/transactions/\(id)", ProofKind.transaction), ("/v1/proofs/receipts/\(id)", .receipt), ("/v1/proofs/events/1-0-0", .event),
            ] {
                let proof = try await api.get(target).resource(ProofResource.self)
                #expect(proof.kind == kind && proof.height == 1)
                let bundle = try ProofBundle(bcs: proof.bundle.bytes)
                try check(bundle, node)
                switch bundle.content {
                case .transaction(let proved, _): #expect(proved == payment)
                case .receipt(let receipt, _): #expect(receipt.origin == .transaction(payment.id))
                case .event(let event, _): #expect(event.event.name == "Transferred")
                case .state: Issue.record("a state")
                }
            }
            let account = try await api.get("/v1/accounts/\(node.text(1))?proof=1").resource(AccountResource.self)
            let state = try ProofBundle(bcs: account.proof?.bytes ?? [])
            try check(state, node)
            guard case .state(let claims, _) = state.content else { throw Missing() }
            #expect(claims.map(\.key) == [AccountRecords.key(node.people[1].address)])
            #expect(try AccountState(bcs: claims[0].value ?? []).balance == account.balance.value)

            let view = try await api.post("/v1/contracts/accounts/view?proof=1", #"{"method":"supply"}"#).resource(ViewResource.self)
            let proved = try ProofBundle(bcs: view.proof?.bytes ?? [])
            try check(proved, node)
            guard case .state(let read, _) = proved.content else { throw Missing() }
            #expect(read.map { Hex($0.key.bytes) } == view.reads)

            let absent = StateKey(contract: .accounts, [0, 9, 9])!
            let many = try await api.post(
                "/v1/proofs/state", #"{"keys":["\#(Hex(absent.bytes).text)","\#(Hex(AccountRecords.key(node.people[0].address).bytes).text)"]}"#)
            let both = try ProofBundle(bcs: try many.resource(ProofResource.self).bundle.bytes)
            try check(both, node)
            guard case .state(let shown, _) = both.content else { throw Missing() }
            #expect(shown.map { $0.value == nil } == [true, false])
        }
    }

    @Test func whatCannotBeProved() async throws {
        try await Served.run { api in
            let node = api.node
            let genesis = try await api.get("/v1/accounts/\(node.text(1))?proof=1")
            #expect(genesis.status == 409)
            #expect(try genesis.problem.code == "proof.unavailable")
            node.advance([node.payment(0, 1, 5)])
            #expect(try await api.get("/v1/proofs/events/1-0-9").problem.code == "event.unknown")
            #expect(try await api.get("/v1/proofs/events/1-0").problem.code == "request.path")
            #expect(try await api.get("/v1/proofs/events/9-0-0").problem.code == "height.unknown")
            #expect(try await api.get("/v1/proofs/receipts/0x00").problem.code == "request.path")
            #expect(try await api.post("/v1/proofs/state", #"{"keys":[]}"#).problem.location == "keys")
            #expect(try await api.post("/v1/proofs/state", #"{"keys":["0x00"]}"#).problem.location == "keys[0]")
            let key = Hex(AccountRecords.key(node.people[0].address).bytes).text
            let many = Array(repeating: "\"\(key)\"", count: 513).joined(separator: ",")
            #expect(try await api.post("/v1/proofs/state", #"{"keys":[\#(many)]}"#).problem.code == "proof.too-large")
        }
    }
}
