import ChainKit
import Contracts
import ContractVM
import Cryptography
import Execution
import Ledger
import ModuleKit
import Primitives
import Testing
import WorldState

/// What the host answers when it has something good to say.
@Suite struct HostAnswerTests {
    private let alice = Person(1)

    /// Stores the i32 that `code` leaves at `place`.
    private func keep(_ place: Int32, _ code: Code) -> Code { .i32(place) + code + .load(0x36) }

    private func output(_ receipt: Receipt) -> [UInt8]? {
        if case .succeeded(let results) = receipt.outcome { results.values[0] } else { nil }
    }

    @Test func signaturesAreChecked() {
        let chain = TestChain.withPuppets([alice]), message = Array("a message of the test".utf8)
        let data = alice.key.publicKey.bytes + alice.key.sign(message).bytes + message
        // The message as it was signed, without its last byte, and none.
        let body = [message.count, message.count - 1, 0].enumerated().reduce(Code()) { code, item in
            code + keep(Int32(200 + 4 * item.offset), Puppet.get("ed25519_verify", 0, 32, 96, Int64(item.element)))
        }
        #expect(output(chain.run(alice, Puppet.module(body + Puppet.ask("output", 200, 12), data: [0: data]))) == [1] + [UInt8](repeating: 0, count: 11))
    }

    @Test func proofsAreCheckedAndGiveTheirOutput() {
        let chain = TestChain.withPuppets([alice]), key = Founder(1).vrf, alpha: [UInt8] = [1, 2, 3, 4, 5]
        let proof = key.prove(alpha: alpha), expected = ECVRF.verify(proof, alpha: alpha, by: key.publicKey)!.bytes
        let count = Int64(expected.count)
        func verify(_ length: Int64, _ place: Int64) -> Code { Puppet.get("vrf_verify", 0, 32, 112, length, place) }
        let body = keep(200, verify(5, 300)) + keep(204, verify(4, 300 + count)) + Puppet.ask("output", 300, 2 * count) + keep(200, verify(5, 300))
        let data = key.publicKey.bytes + proof.bytes + alpha
        // A proof of something else leaves memory as it was.
        #expect(output(chain.run(alice, Puppet.module(body, data: [0: data]))) == expected + [UInt8](repeating: 0, count: Int(count)))
        let answers = keep(200, verify(5, 300)) + keep(204, verify(4, 300)) + Puppet.ask("output", 200, 8)
        #expect(output(chain.run(alice, Puppet.module(answers, data: [0: data]))) == [1, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func aDrawIsTheBeaconOfItsHeight() {
        let chain = TestChain.withPuppets([alice])
        let unknown = UInt8(SystemRejection.drawUnknown.rawValue), early = UInt8(SystemRejection.drawTooEarly.rawValue)
        // Asks; requests when nothing was requested; closes when there is an answer.
        let body: Code = keep(0, Puppet.get("draw", 7, 64)) + .i32(0) + .load(0x28) + .i32(Int32(unknown)) + [0x46]
            + .block(0x04, [0x40], Puppet.ask("draw_request", 7)) + .i32(0) + .load(0x28) + [0x45]
            + .block(0x04, [0x40], Puppet.ask("draw_close", 7)) + Puppet.ask("output", 0, 96)
        let contract = chain.deploy(alice, Puppet.module(body))
        func ask() -> [UInt8]? { output(chain.send(alice, Call(contract: contract, method: "run", arguments: []))) }
        let nothing = [UInt8](repeating: 0, count: 95)
        #expect(ask() == [unknown] + nothing)
        let due = chain.height.rawValue + UInt64(chain.parameters.drawDelay)
        while chain.height.rawValue < due - 2 { chain.advance() }
        #expect(ask() == [early] + nothing)
        chain.advance()
        #expect(chain.height.rawValue == due)
        let beacon = chain.header.draft.beacon
        chain.advance()
        #expect(ask()! == [UInt8](repeating: 0, count: 64) + beacon.bytes)
        // It was closed.
        #expect(ask() == [unknown] + nothing)
    }

    @Test func theBlockTheGasAndTheStorageAreAsTheyAre() {
        let chain = TestChain.withPuppets([alice])
        // The key 9 is there, then it is not.
        let storage = keep(0, Puppet.get("storage_has", 200, 1)) + Puppet.ask("storage_write", 200, 1, 0, 4)
            + keep(4, Puppet.get("storage_has", 200, 1)) + keep(8, Puppet.get("storage_read", 200, 1, 220, 2))
            + Puppet.ask("storage_remove", 200, 1) + keep(12, Puppet.get("storage_has", 200, 1)) + keep(16, Puppet.get("storage_read", 200, 1, 220, 2))
        let block = .i32(20) + Puppet.get("epoch") + .load(0x37) + Puppet.ask("chain_id", 28)
            // What is left now less what is left after a constant, an addition of it, and the question.
            + .i32(60) + Puppet.get("gas_left") + Puppet.get("gas_left") + [0x7d] + .load(0x37)
        let bytes = output(chain.run(alice, Puppet.module(storage + block + Puppet.ask("debug", 0, 8) + Puppet.ask("output", 0, 68), data: [200: [9]])))
        func words(_ numbers: UInt32...) -> [UInt8] { numbers.flatMap(\.bcs) }
        #expect(bytes == words(0, 1, 4, 0, .max) + chain.epoch.bcs + chain.genesis.chainID.bytes + UInt64(GasSchedule.host).bcs)
    }

    /// Empty values are values, and empty keys are keys.
    @Test func nothingIsSomething() throws {
        let chain = TestChain.withPuppets([alice])
        let body: Code = Puppet.ask("storage_write", 0, 0, 0, 0) + keep(0, Puppet.get("storage_has", 0, 0)) + Puppet.ask("iter_open", 0, 0, 0, 0, 0)
            + .i32(8) + Puppet.get("iter_next", 0, 100, 9, 110, 9) + .load(0x37) + Puppet.ask("output", 0, 16)
        let contract = chain.deploy(alice, Puppet.module(body))
        for _ in 0..<2 {
            // The second time it comes from the state of the parent block.
            let receipt = chain.send(alice, Call(contract: contract, method: "run", arguments: []))
            #expect(output(receipt) == [1] + [UInt8](repeating: 0, count: 15))
            #expect(try chain.state.view.value(StateKey(contract: contract, [])!) == [])
        }
    }

    /// A text that is cut for its length is still the contract's text.
    @Test func aLongRefusalIsCutBetweenCharacters() {
        let chain = TestChain.withPuppets([alice]), text = "a" + String(repeating: "é", count: 200)
        let receipt = chain.run(alice, Puppet.module(Puppet.ask("revert", 100, 0, Int64(text.utf8.count)), data: [0: Array(text.utf8)]))
        #expect(receipt.outcome.failure?.message == ReceiptMessage(truncating: text))
    }
}
