import ChainKit
import Contracts
import ContractVM
import Execution
import Ledger
import ModuleKit
import Primitives
import Testing
import WorldState

/// Deployed contracts on the machine: what they can do, what it costs, and what they cannot do.
@Suite struct DeployedContractTests {
    private let alice = Person(1), bob = Person(2)

    private func results(_ receipt: Receipt) -> [[UInt8]]? {
        if case .succeeded(let results) = receipt.outcome { results.values } else { nil }
    }

    private static let storing: Code = Puppet.ask("storage_write", 0, 1, 16, 4) + Puppet.ask("storage_read", 0, 1, 32, 8)
        + Puppet.ask("emit", 4, 1, 16, 4) + Puppet.ask("output", 32, 4)
    private static let data: [Int32: [UInt8]] = [0: [7], 4: Array("E".utf8), 16: [1, 2, 3, 4]]

    @Test func itStoresEmitsAndAnswers() throws {
        let chain = TestChain.withPuppets([alice])
        let code = Puppet.module(Self.storing, data: Self.data)
        let expected = Address.deployedContract(by: alice.address, nonce: 0, callIndex: 0)
        let address = chain.deploy(alice, code)
        #expect(address == expected)
        #expect(chain.ask(Deployment.show.reference, of: .contracts, address)?.codeBytes == UInt32(code.count))
        #expect(try chain.executor.schema(of: address, in: chain.state.view) == PuppetSchema.contractSchema)
        #expect(results(chain.send(alice, Call(contract: address, method: "run", arguments: []))) == [[1, 2, 3, 4]])
        #expect(chain.last!.events.map(\.event) == [Event(contract: address, name: "E", data: [1, 2, 3, 4])])
        #expect(try chain.state.view.value(StateKey(contract: address, [7])!) == [1, 2, 3, 4])
        // A view of the same code may not write.
        #expect(chain.send(alice, Call(contract: address, method: "look", arguments: [])).code == SystemRejection.readOnly.rawValue)
        #expect(chain.send(alice, Call(contract: address, method: "walk", arguments: [])).code == SystemRejection.methodUnknown.rawValue)
        #expect(chain.send(alice, Call(contract: address, method: "look", arguments: [], value: Amount(1))).code == SystemRejection.valueNotAccepted.rawValue)
    }

    @Test func itSeesItsCallItsCallerAndTheBlock() {
        let chain = TestChain.withPuppets([alice])
        let look: Code = Puppet.ask("caller", 0) + Puppet.ask("self_addr", 20) + Puppet.ask("origin", 40) + Puppet.ask("value", 60)
            + .i32(0) + Puppet.get("height") + .load(0x37, 76) + .i32(0) + Puppet.get("block_time") + .load(0x37, 84)
            + Puppet.ask("method_read", 92, 2) + Puppet.ask("input_read", 94, 1, 9) + Puppet.ask("output", 0, 96)
        let address = chain.deploy(alice, Puppet.module(look))
        let receipt = chain.send(alice, Call(contract: address, method: "run", arguments: [8, 9, 10], value: Amount(515)))
        let start = alice.address.bytes + address.bytes + alice.address.bytes
        #expect(results(receipt) == [start + Amount(515).bcs + chain.height.bcs + chain.time.bcs + Array("ru".utf8) + [9, 10]])
        #expect(chain.balance(address) == Amount(515))
    }

    /// What a request adds to the gas of a deployed contract, less its own instructions and the way to the host, is what the same work adds
    /// in Swift.
    @Test func theSameWorkCostsTheSame() {
        let chain = TestChain.withPuppets([alice])
        // At 0 the key, at 40 an address and an amount of one, at 100 the address of the twin, at 120 the name of its method.
        var data = Self.data
        data[40] = alice.address.bytes + Amount(1).bcs
        data[100] = Other.address.bytes
        data[120] = Array("quiet".utf8)
        func puppet(_ body: Code) -> UInt64 {
            let receipt = chain.run(alice, Puppet.module(body, data: data), value: Amount(9))
            #expect(receipt.succeeded, "\(receipt.outcome)")
            let bytes = chain.ask(Deployment.show.reference, of: .contracts, Address.deployedContract(by: alice.address, nonce: Nonce(chain.account(alice.address)!.nonce.rawValue - 2), callIndex: 0))!.codeBytes
            // A longer module costs more for each byte: to load it, and to instantiate it.
            return receipt.gasUsed.rawValue - UInt64(bytes) * (GasSchedule.loadPerByte + 1)
        }
        func twin(_ number: UInt8) -> UInt64 { chain.send(alice, Twin.work.reference.call(on: Twin.address, number, value: Amount(9))).gasUsed.rawValue }
        let works: [(number: UInt8, code: Code, instructions: UInt64)] = [
            (1, Puppet.ask("storage_read", 0, 1, 200, 8), 15), (2, Puppet.ask("storage_write", 0, 1, 16, 4), 14), (3, Puppet.ask("storage_remove", 0, 1), 12),
            (4, Puppet.ask("emit", 4, 1, 16, 4), 14), (5, Puppet.ask("sha256", 16, 4, 200), 13), (6, Puppet.ask("transfer", 40, 60), 13),
            (7, Puppet.ask("balance", 40, 200), 12), (10, Puppet.ask("draw_request", 1), 11),
        ]
        let idlePuppet = puppet([]), idleTwin = twin(0)
        for work in works {
            // Each in a fresh state of its own key: the twin's and the puppet's are empty.
            let one = puppet(work.code), two = twin(work.number)
            #expect(one - idlePuppet - work.instructions == two - idleTwin + GasSchedule.host, "work \(work.number)")
            if work.number == 2 { chain.send(alice, Twin.work.reference.call(on: Twin.address, 3)) }
        }
        // A walk to its end over the one key: two steps, one value.
        let walk: Code = Puppet.ask("storage_write", 0, 1, 16, 4) + Puppet.ask("iter_open", 0, 1, 0, 0, 0)
            + Puppet.ask("iter_next", 0, 200, 9, 220, 9) + Puppet.ask("iter_next", 0, 200, 9, 220, 9)
        #expect(puppet(walk) - idlePuppet - 14 - 3 * 16 == twin(9) - idleTwin + 4 * GasSchedule.host)
    }

    /// No request is free, whatever becomes of it: a loop of refusals that the contract survives is a loop like any other.
    @Test func whatIsRefusedIsPaid() {
        let chain = TestChain.withPuppets([alice])
        func look(_ count: Int, _ request: Code) -> UInt64 {
            let address = chain.deploy(alice, Puppet.module((0..<count).reduce(Code()) { code, _ in code + request }, data: Self.data))
            let bytes = chain.ask(Deployment.show.reference, of: .contracts, address)!.codeBytes
            let receipt = chain.send(alice, Call(contract: address, method: "look", arguments: []))
            #expect(receipt.succeeded, "\(receipt.outcome)")
            return receipt.gasUsed.rawValue - UInt64(bytes) * (GasSchedule.loadPerByte + 1)
        }
        // In a view: a transfer that it may not make, a call that may change nothing, a draw that nobody requested.
        for request in [Puppet.ask("transfer", 40, 60), Puppet.ask("call", 40, 4, 1, 0, 0, 60, -1, 0), Puppet.ask("draw", 1, 200)] {
            #expect(look(20, request) - look(10, request) >= 10 * GasSchedule.host)
        }
    }

    @Test func aWalkSeesWhatIsWrittenOnTheWay() {
        let chain = TestChain.withPuppets([alice])
        let data: [Int32: [UInt8]] = [0: [7, 1, 7, 2, 7, 3, 8]]
        func write(_ at: Int64, _ length: Int64 = 2) -> Code { Puppet.ask("storage_write", at, length, 0, 1) }
        // 7 1 and 7 2 exist; 7 3 comes while the walk stands on the first; 8 is outside.
        let walk: Code = write(0) + write(2) + write(6, 1) + Puppet.ask("iter_open", 0, 1, 0, 0, 0) + Puppet.ask("iter_next", 0, 100, 2, 110, 1)
            + write(4) + Puppet.ask("iter_next", 0, 102, 2, 110, 1) + Puppet.ask("iter_next", 0, 104, 2, 110, 1)
            + .i32(0) + Puppet.get("iter_next", 0, 120, 2, 120, 1) + .load(0x37, 106) + Puppet.ask("output", 100, 14)
        #expect(results(chain.run(alice, Puppet.module(walk, data: data))) == [[7, 1, 7, 2, 7, 3] + [UInt8](repeating: 255, count: 8)])
        let back: Code = write(0) + write(2) + write(4) + Puppet.ask("iter_open", 0, 1, 4, 2, 1) + Puppet.ask("iter_next", 0, 100, 2, 110, 1)
            + Puppet.ask("iter_close", 0) + Puppet.ask("output", 100, 2)
        #expect(results(chain.run(alice, Puppet.module(back, data: data))) == [[7, 2]])
    }

    // ── Calls ──

    private func calling(_ target: Address, _ method: String, flags: Int64 = 0, value: UInt128 = 0, gas: Int64 = -1, then: Code = []) -> [UInt8] {
        let data: [Int32: [UInt8]] = [0: target.bytes + Amount(value).bcs + Array(method.utf8)]
        // The class of the outcome, the code and the first bytes of the answer.
        let body: Code = .i32(0) + Puppet.get("call", 0, 36, Int64(method.utf8.count), 0, 0, 20, gas, flags) + .load(0x36, 200)
            + .i32(0) + Puppet.get("ret_code") + .load(0x36, 204) + Puppet.ask("ret_read", 208, 0, 4) + then + Puppet.ask("output", 200, 12)
        return Puppet.module(body, data: data)
    }

    @Test func swiftAndWebAssemblyCallEachOther() {
        let chain = TestChain.withPuppets([alice])
        func outcome(_ receipt: Receipt) -> (UInt32, UInt32)? {
            results(receipt).map { bytes in
                func number(_ at: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[0][at + $1]) << UInt32(8 * $1) } }
                return (number(0), number(4))
            }
        }
        func run(_ code: [UInt8], value: Amount = .zero) -> (UInt32, UInt32)? { outcome(chain.run(alice, code, value: value)) }
        #expect(run(calling(Twin.address, "quiet", value: 3), value: Amount(5))! == (0, 0))
        #expect(chain.balance(Twin.address) == Amount(3))
        #expect(run(calling(Twin.address, "refuse"))! == (1, 100))
        #expect(run(calling(Twin.address, "nothing"))! == (1, SystemRejection.methodUnknown.rawValue))
        #expect(run(calling(Twin.address, "quiet", flags: 1))! == (1, SystemRejection.readOnly.rawValue))
        #expect(run(calling(Twin.address, "quiet", value: 3))! == (1, SystemRejection.balanceTooLow.rawValue))
        #expect(run(calling(bob.address, "quiet"))! == (1, SystemRejection.contractUnknown.rawValue))
        // A failure that is passed on keeps its contract.
        let passed = chain.run(alice, calling(Twin.address, "refuse", flags: 2))
        #expect(passed.outcome.failure.map { ($0.contract, $0.code) }! == (Twin.address, 100))

        // Swift calls WebAssembly, which calls WebAssembly; the last one's failures of all classes come back.
        let spin = chain.deploy(alice, Puppet.module(.block(0x03, [0x40], .br(0))))
        let broken = chain.deploy(alice, Puppet.module(.unreachable))
        #expect(run(calling(broken, "run"))! == (2, TrapCode.unreachable.rawValue))
        #expect(run(calling(spin, "run", gas: 50_000))! == (3, 0))
        let caller = chain.deploy(alice, calling(spin, "run", gas: 50_000))
        let forwarded = chain.send(alice, Twin.forward.reference.call(on: Twin.address, caller))
        #expect(results(forwarded)?[0].dropFirst().prefix(4) == [3, 0, 0, 0])

        // Back into a contract on the stack: refused for the one and for the other.
        let back = chain.deploy(alice, calling(Twin.address, "quiet"))
        let again = chain.send(alice, Twin.forward.reference.call(on: Twin.address, back))
        #expect(results(again)?[0].dropFirst().prefix(8) == [1, 0, 0, 0, UInt8(SystemRejection.reentrancy.rawValue), 0, 0, 0])
    }

    // ── Faults ──

    @Test func itsFaultsAreItsOwn() {
        let chain = TestChain.withPuppets([alice])
        let far: Int64 = 65_536, huge: Int64 = 0xffff_ffff
        let traps: [(Code, TrapCode)] = [
            (.unreachable, .unreachable), (.i32(-1) + .load(0x28) + .drop, .memoryOutOfBounds), (.i32(1) + .i32(0) + [0x6d] + .drop, .divisionByZero),
            (Puppet.ask("storage_write", far, 1, 0, 1), .pointerOutOfBounds), (Puppet.ask("storage_write", 0, huge, 0, 1), .pointerOutOfBounds),
            (Puppet.ask("storage_write", 0, 1, 1, huge), .pointerOutOfBounds), (Puppet.ask("sha256", 0, huge, 0), .pointerOutOfBounds),
            (Puppet.ask("sha256", 0, 1, far - 31), .pointerOutOfBounds), (Puppet.ask("caller", far - 19), .pointerOutOfBounds),
            (Puppet.ask("call", far, 0, 1, 0, 0, 0, 0, 0), .pointerOutOfBounds), (Puppet.ask("call", 0, 0, 1, 0, 0, 0, 0, 4), .flagUnknown),
            (Puppet.ask("call", 0, 0, 65, 0, 0, 0, 0, 0), .nameMalformed), (Puppet.ask("emit", 600, 1, 0, 1), .nameMalformed),
            (Puppet.ask("iter_next", 0, 0, 0, 0, 0), .iteratorUnknown), (Puppet.ask("iter_close", huge), .iteratorUnknown),
            (Puppet.ask("iter_open", 0, 1, 0, 0, 2), .flagUnknown), (Puppet.ask("revert", 99, 0, 0), .codeReserved), (.i32(5) + .return, .codeReserved),
            ((0..<9).reduce(Code()) { code, _ in code + Puppet.ask("iter_open", 0, 1, 0, 0, 0) }, .iteratorsOverLimit),
            (Puppet.ask("ed25519_verify", 0, 0, 0, far + 1), .pointerOutOfBounds), (Puppet.ask("debug", 1, far), .pointerOutOfBounds),
        ]
        for (index, (body, code)) in traps.enumerated() {
            let receipt = chain.run(alice, Puppet.module(body, data: [600: [0xff]]), gasLimit: 5_000_000)
            #expect(receipt.outcome.receiptClass == 2 && receipt.code == code.rawValue && receipt.gasUsed == 5_000_000, "case \(index): \(receipt.outcome)")
        }
        let deep = Puppet.module(.call(UInt32(Puppet.names.count)) + .drop)
        #expect(chain.run(alice, deep).code == TrapCode.stackExhausted.rawValue)
    }

    @Test func itsRefusalsAreTheMachinesOrItsOwn() {
        let chain = TestChain.withPuppets([alice])
        let own = chain.run(alice, Puppet.module(Puppet.ask("storage_write", 0, 1, 0, 1) + Puppet.ask("revert", 100, 0, 2), data: [0: Array("no".utf8)]))
        #expect(own.outcome.receiptClass == 1 && own.code == 100 && own.outcome.failure?.message == "no" && own.gasUsed < 20_000_000)
        #expect(chain.run(alice, Puppet.module(.i32(101) + .return)).code == 101)
        let limits: [(Code, SystemRejection)] = [
            (Puppet.ask("storage_write", 0, 257, 0, 1), .keyTooLong), (Puppet.ask("storage_read", 0, 60_000, 0, 1), .keyTooLong),
            (Puppet.ask("emit", 0, 1, 0, 16_385), .eventTooLong), (.i32(1) + .op(0x40, 0) + .drop + Puppet.ask("output", 0, 65_537), .resultTooLong),
            (.i32(1) + .op(0x40, 0) + .drop + Puppet.ask("storage_write", 0, 1, 0, 65_537), .valueTooLong),
        ]
        for (body, code) in limits {
            let receipt = chain.run(alice, Puppet.module(body))
            #expect(receipt.outcome.receiptClass == 1 && receipt.code == code.rawValue, "\(code): \(receipt.outcome)")
        }
        let loop = chain.run(alice, Puppet.module(.block(0x03, [0x40], .br(0))), gasLimit: 3_000_000)
        #expect(loop.outcome.receiptClass == 3 && loop.gasUsed == 3_000_000)
        let hashes = chain.run(alice, Puppet.module(.block(0x03, [0x40], Puppet.ask("sha256", 0, 65_536, 0) + .br(0))), gasLimit: 3_000_000)
        #expect(hashes.outcome.receiptClass == 3)
    }

    /// With every amount of gas below what it uses a run ends out of gas, and leaves nothing.
    @Test func gasIsExact() throws {
        let chain = TestChain.withPuppets([alice])
        let address = chain.deploy(alice, Puppet.module(Self.storing, data: Self.data))
        let call = Call(contract: address, method: "run", arguments: [])
        func simulate(_ gas: UInt64) throws -> SimulationResult {
            let transaction = Transaction(
                chainID: chain.genesis.chainID, sender: alice.address, nonce: 1, validUntilHeight: 100, gasLimit: Gas(gas), gasPrice: Amount(1), calls: [call])!
            return try chain.executor.simulate(transaction, at: chain.header, in: chain.state.view)
        }
        let whole = try simulate(10_000_000)
        #expect(whole.outcome.failure == nil && whole.gasUsed < 200_000)
        // A 64th is withheld from a call, so that the limit must be a little above what is used.
        var succeeded = false
        for gas in stride(from: whole.gasUsed.rawValue / 2, through: whole.gasUsed.rawValue + whole.gasUsed.rawValue / 50, by: 211) {
            let result = try simulate(gas)
            if result.outcome.failure == nil {
                succeeded = true
                #expect(result.gasUsed == whole.gasUsed)
            } else {
                #expect(!succeeded && result.outcome.receiptClass == 3 && result.changes.allSatisfy { !$0.key.bytes.starts(with: address.bytes) })
            }
        }
        #expect(succeeded)
    }

    @Test func keptOrNotChangesNothing() throws {
        func history(_ loader: any ContractLoader) throws -> ([Header], [[StateKey]]) {
            let chain = TestChain.withPuppets([alice], loader: loader)
            var headers: [Header] = [], reads: [[StateKey]] = []
            let inner = chain.deploy(alice, Puppet.module(Self.storing, data: Self.data))
            let outer = chain.deploy(alice, calling(inner, "run"))
            for _ in 0..<3 {
                #expect(chain.send(alice, Call(contract: outer, method: "run", arguments: [])).succeeded)
                headers.append(chain.header)
                reads.append(try chain.executor.view(ViewCall(contract: outer, method: "look", arguments: []), at: chain.header, in: chain.state.view).reads)
            }
            return (headers, reads)
        }
        let one = try history(WebAssemblyLoader()), two = try history(KeepingLoader())
        #expect(one.0 == two.0 && one.1 == two.1)
    }
}
