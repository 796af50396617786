import ChainKit
import Contracts
import ContractVM
import Execution
import Ledger
import ModuleKit
import Primitives
import Testing
import WorldState

/// Many contracts made by chance that pay and call one another, run with whatever gas: nothing is lost or made, and what a node remembers
/// of their code changes nothing.
@Suite struct StormTests {
    private static let alice = Person(1), bob = Person(2)
    private static let contracts = 14

    private static func address(_ number: Int) -> Address { .deployedContract(by: alice.address, nonce: Nonce(UInt64(number)), callIndex: 0) }

    /// A contract of a few steps. At 32 × n of its memory is the address of contract n with an amount behind it.
    private static func contract(_ random: inout SeededGenerator) -> [UInt8] {
        var data: [Int32: [UInt8]] = [1_000: Array("run".utf8), 1_010: Array("E".utf8)]
        for number in 0..<contracts {
            data[Int32(64 * number)] = address(number).bytes + Amount(UInt128(random.below(40))).bcs
        }
        var code = Code()
        for _ in 0..<(1 + random.below(6)) {
            let target = Int64(64 * random.below(contracts)), key = Int64(1_100 + random.below(4))
            switch random.below(16) {
            case 0...4:
                let gas = random.below(3) == 0 ? Int64(random.below(400_000)) : -1
                code += Puppet.ask("call", target, 1_000, 3, 0, 0, target + 20, gas, [0, 0, 0, 1, 2][random.below(5)])
            case 5, 6: code += Puppet.ask("transfer", target, target + 20)
            case 7, 8: code += Puppet.ask("storage_write", key, 1, target, Int64(random.below(90)))
            case 9: code += Puppet.ask("storage_remove", key, 1)
            case 10: code += Puppet.ask("emit", 1_010, 1, target, Int64(random.below(60)))
            case 11: code += Puppet.ask("iter_open", 0, 0, 0, 0, 0) + Puppet.ask("iter_next", 0, 2_000, 10, 2_100, 100) + Puppet.ask("iter_close", 0)
            case 12: code += Puppet.ask("sha256", 0, 900, 3_000)
            case 13: code += .i32(0) + Puppet.get("storage_read", key, 1, 4_000, 100) + .load(0x36, 4_100) + Puppet.ask("output", 4_100, 4)
            case 14 where random.below(4) == 0: code += Puppet.ask("revert", 100, 0, 0)
            case 15 where random.below(4) == 0: code += random.below(2) == 0 ? .unreachable : .block(0x03, [0x40], .br(0))
            default: code += Puppet.ask("balance", target, 5_000)
            }
        }
        // What it stands on differs, so that each has a hash of its own.
        data[6_000] = random.bytes(8)
        for place in 0..<4 { data[Int32(1_100 + place)] = [UInt8(place)] }
        return Puppet.module(code, data: data)
    }

    private struct Ended {
        var headers: [Header] = []
        var classes: Set<UInt8> = []
        var codes: Set<UInt32> = []
    }

    private func storm(seed: UInt64, _ loader: any ContractLoader, between: (Int) -> Void = { _ in }) -> Ended {
        let chain = TestChain.withPuppets([Self.alice, Self.bob], loader: loader)
        var random = SeededGenerator(seed: seed), ended = Ended()
        for number in 0..<Self.contracts { #expect(chain.deploy(Self.alice, Self.contract(&random)) == Self.address(number)) }
        let people = [Self.alice.address, Self.bob.address] + (0..<Self.contracts).map(Self.address)
        let others = Catalogue([Accounts.self, Deployment.self, Twin.self, Other.self]).addresses
        for round in 0..<30 {
            between(round)
            let transactions = (0..<3).map { _ in
                let calls = (0...random.below(3)).map { _ in
                    Call(contract: Self.address(random.below(Self.contracts)), method: "run", arguments: [], value: Amount(UInt128(random.below(500))))
                }
                return chain.transaction(Self.bob, calls, gasLimit: 150_000 + UInt64(random.below(3_000_000)))
            }
            // A block whose balances do not add up has no result, and ends the test.
            let block = chain.advance(transactions)
            for receipt in block.receipts {
                ended.classes.insert(receipt.outcome.receiptClass)
                if let code = receipt.code { ended.codes.insert(code) }
            }
            ended.headers.append(chain.header)
            let held = Amount.sum((people + others + [.staking]).map { chain.balance($0) })
            #expect(held == chain.supply, "round \(round)")
        }
        return ended
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>) func nothingIsLostAndCachesDoNotShow(_ seed: UInt64) {
        let keeping = KeepingLoader(), forgetful = KeepingLoader()
        let one = storm(seed: seed, WebAssemblyLoader()), two = storm(seed: seed, keeping)
        let three = storm(seed: seed, forgetful) { if $0 % 3 == 0 { forgetful.forget() } }
        #expect(one.headers == two.headers && one.headers == three.headers)
        // Each code once, or again and again.
        #expect(keeping.prepared == Self.contracts && forgetful.prepared > Self.contracts)
        #expect(one.classes.count >= 3, "too tame: \(one.classes)")
    }

    /// A chain of contracts that each call the next ends at the machine's depth, for everybody the same, and each gets back its money.
    @Test func callsEndAtTheirDepth() {
        let chain = TestChain.withPuppets([Self.alice])
        for number in 0..<20 {
            let next = Self.address(number + 1)
            let body: Code = Puppet.ask("call", 0, 36, 3, 0, 0, 20, -1, 2)
            #expect(chain.deploy(Self.alice, Puppet.module(body, data: [0: next.bytes + Amount(1).bcs + Array("run".utf8), 100: [UInt8(number)]])) == Self.address(number))
        }
        let receipt = chain.send(Self.alice, Call(contract: Self.address(0), method: "run", arguments: [], value: Amount(50)))
        #expect(receipt.code == SystemRejection.depthExceeded.rawValue && receipt.outcome.receiptClass == 1)
        #expect(receipt.outcome.failure?.contract == Self.address(16))
        #expect((0..<20).allSatisfy { chain.balance(Self.address($0)) == .zero })
        // From the fifth on there are fifteen, and the last one calls nobody.
        let short = chain.send(Self.alice, Call(contract: Self.address(5), method: "run", arguments: [], value: Amount(50)))
        #expect(short.code == SystemRejection.contractUnknown.rawValue)
    }

    /// Frames of all contracts that are being called are counted together: one contract cannot have another's share by being called first.
    @Test func framesAreCountedTogether() {
        let chain = TestChain.withPuppets([Self.alice])
        // Calls itself until so many frames are open, and does the last thing in the innermost one.
        func descending(to frames: Int32, data: [Int32: [UInt8]] = [:], _ last: Code) -> [UInt8] {
            let body: Code = .op(0x23, 0) + .i32(1) + .add32 + .op(0x24, 0) + .op(0x23, 0) + .i32(frames) + [0x48]
                + .block(0x04, [0x40], .call(UInt32(Puppet.names.count)) + .drop + .otherwise + last)
            return Puppet.module(body, data: data) { $0.global(ModuleBuilder.i32, .i32(0)) }
        }
        func outcome(_ inner: Int32) -> [UInt8]? {
            let callee = chain.deploy(Self.alice, descending(to: inner, []))
            let asking: Code = .i32(200) + Puppet.get("call", 0, 36, 3, 0, 0, 20, -1, 0) + .load(0x36)
                + .i32(204) + Puppet.get("ret_code") + .load(0x36) + Puppet.ask("output", 200, 8)
            let code = descending(to: 600, data: [0: callee.bytes + Amount.zero.bcs + Array("run".utf8)], asking)
            guard case .succeeded(let results) = chain.run(Self.alice, code).outcome else { return nil }
            return results.values[0]
        }
        #expect(outcome(424) == [0, 0, 0, 0, 0, 0, 0, 0])
        #expect(outcome(425) == [2, 0, 0, 0] + TrapCode.stackExhausted.rawValue.bcs)
    }

    /// Code is paid for when a transaction first calls it, and not again; a transaction that cannot pay ends before the code is touched.
    @Test func codeIsPaidForOnce() {
        let loader = KeepingLoader(), chain = TestChain.withPuppets([Self.alice], loader: loader)
        let code = Puppet.module([], data: [0: [UInt8](repeating: 1, count: 20_000)])
        let address = chain.deploy(Self.alice, code)
        func used(_ calls: Int) -> UInt64 {
            let call = Call(contract: address, method: "run", arguments: [])
            chain.advance([chain.transaction(Self.alice, [Call](repeating: call, count: calls))])
            let receipt = chain.last!.receipts[0]
            #expect(receipt.succeeded)
            return receipt.gasUsed.rawValue
        }
        let one = used(1), two = used(2), three = used(3), load = GasSchedule.prepare + GasSchedule.loadPerByte * UInt64(code.count)
        #expect(three - two == two - one && one - (two - one) > load && two - one < load)
        #expect(loader.prepared == 1)
        loader.forget()
        #expect(used(1) == one && loader.prepared == 2)
        loader.forget()
        let poor = chain.send(Self.alice, Call(contract: address, method: "run", arguments: []), gasLimit: load)
        #expect(poor.outcome.receiptClass == 3 && loader.prepared == 2)
    }

    /// The gas that a contract gives to a callee is all that it can lose by it, the loading of the callee's code included.
    @Test func codeIsPaidForByItsCall() {
        let loader = KeepingLoader(), chain = TestChain.withPuppets([Self.alice], loader: loader)
        let long = chain.deploy(Self.alice, Puppet.module([], data: [0: [UInt8](repeating: 1, count: 20_000)]))
        // The class of the outcome.
        func calling(_ callee: Address, gas: Int64) -> (UInt8?, UInt64) {
            let body: Code = .i32(200) + Puppet.get("call", 0, 36, 3, 0, 0, 20, gas, 0) + .load(0x36) + Puppet.ask("output", 200, 1)
            let receipt = chain.run(Self.alice, Puppet.module(body, data: [0: callee.bytes + Amount.zero.bcs + Array("run".utf8)]))
            guard case .succeeded(let results) = receipt.outcome else { return (nil, receipt.gasUsed.rawValue) }
            return (results.values[0].first, receipt.gasUsed.rawValue)
        }
        loader.forget()
        let nobody = calling(Self.alice.address, gas: 100_000), tight = calling(long, gas: 100_000), wide = calling(long, gas: 2_000_000)
        #expect(nobody.0 == 1 && tight.0 == 3 && wide.0 == 0)
        // The two modules differ in a few bytes of a number.
        #expect(tight.1 - nobody.1 <= 100_000 + 10 * GasSchedule.loadPerByte)
        #expect(wide.1 - nobody.1 > GasSchedule.loadPerByte * 20_000)
    }

    /// A transaction that calls more code than may be loaded at once is refused where it passes the limit, with everything undone.
    @Test func aTransactionLoadsSoMuchCodeAndNoMore() {
        let chain = TestChain.withPuppets([Self.alice], [Attempter.self]), padding = 60_000
        let contracts = (0..<40).map { number in
            chain.deploy(Self.alice, Puppet.module(Puppet.ask("storage_write", 0, 1, 0, 1), data: [0: [UInt8](repeating: UInt8(number), count: padding)]))
        }
        let size = chain.ask(Deployment.show.reference, of: .contracts, contracts[0])!.codeBytes, fits = (2 << 20) / Int(size)
        func receipt(_ count: Int) -> Receipt {
            chain.advance([chain.transaction(Self.alice, contracts.prefix(count).map { Call(contract: $0, method: "run", arguments: []) }, gasLimit: 100_000_000)])
            return chain.last!.receipts[0]
        }
        #expect((16..<40).contains(fits))
        #expect(receipt(fits).succeeded)
        let over = receipt(fits + 1)
        #expect(over.code == SystemRejection.codeOverLimit.rawValue && over.outcome.failure?.callIndex == UInt32(fits))
        #expect(chain.last!.changes.allSatisfy { change in !contracts.contains { change.key.bytes.starts(with: $0.bytes) } })

        // Nobody goes on behind the limit: neither a contract that survives its callees' failures, nor what attempts something in the
        // name of others, whose callee would seem to have failed.
        let survivor = chain.deploy(Self.alice, Puppet.module(contracts.indices.reduce(Code()) { code, number in
            code + Puppet.ask("call", Int64(64 * number), 5_000, 3, 0, 0, 5_010, 1_800_000, 0)
        }, data: contracts.enumerated().reduce(into: [5_000: Array("run".utf8)]) { $0[Int32(64 * $1.offset)] = $1.element.bytes }))
        func ended(_ calls: [Call]) -> Bool {
            chain.advance([chain.transaction(Self.alice, calls, gasLimit: 100_000_000)])
            return chain.last!.receipts[0].outcome.receiptClass == 1 && chain.last!.receipts[0].code == SystemRejection.codeOverLimit.rawValue
                && chain.last!.changes.allSatisfy { change in !contracts.contains { change.key.bytes.starts(with: $0.bytes) } }
        }
        #expect(ended([Call(contract: survivor, method: "run", arguments: [])]))
        let before = contracts.prefix(fits).map { Call(contract: $0, method: "run", arguments: []) }
        #expect(ended(before + [Attempter.call.reference.call(on: Attempter.address, contracts[fits])]))
        #expect(chain.send(Self.alice, Attempter.call.reference.call(on: Attempter.address, contracts[fits])).succeeded)
    }

    /// In a hook there is nobody who could have loaded something before: what is attempted fails, and the hook goes on.
    @Test func aHookOutlivesWhatItAttempts() throws {
        let chain = TestChain([Accounts.self, Deployment.self, Attempter.self], people: [Self.alice], loader: WebAssemblyLoader())
        for number in 0..<5 {
            let code = Puppet.module(Puppet.ask("storage_write", 0, 1, 0, 1)) { $0.customSection("padding", [UInt8](repeating: UInt8(number), count: 430_000)) }
            let contract = chain.deploy(Self.alice, code)
            #expect(chain.send(Self.alice, Attempter.order.reference.call(on: Attempter.address, UInt8(number), contract)).succeeded)
        }
        chain.send(Self.alice, Attempter.start.reference.call(on: Attempter.address))
        #expect(chain.last!.receipts.allSatisfy { $0.succeeded }, "\(chain.last!.receipts.map(\.outcome))")
        #expect(try chain.state.view.value(StateKey(contract: Attempter.address, [2, 4])!) == SystemRejection.codeOverLimit.rawValue.bcs)
        for number in 0..<4 as Range<UInt8> { #expect(try chain.state.view.value(StateKey(contract: Attempter.address, [2, number])!) == UInt32(0).bcs) }
    }
}

/// Attempts calls, at once or at the end of a block, and notes how they ended.
private enum Attempter: BuiltInContract {
    typealias Rejections = PuppetSchema.Rejections
    static let name: StaticString = "attempter"
    static let documentation: StaticString = "Attempts."
    static let orders = StoredMap(1, "orders", "What is called at the end of a block.", UInt8.self, Address.self)
    static let failures = StoredMap(2, "failures", "How it ended: the code, or 0.", UInt8.self, UInt32.self)
    static let started = StoredValue(3, "started", "Whether the next end of a block does it.", Bool.self)

    private static func attempt(_ context: CallContext, _ contract: Address) throws(CallError) -> UInt32 {
        try context.attempt(gas: .max) { () throws(CallError) in _ = try context.call(contract, "run", []) }?.code ?? 0
    }
    static let call = Method("call", "Attempts a call.", Argument("contract", "Of which.", Address.self)) { context, contract throws(CallError) in
        try attempt(context, contract)
    }
    static let order = Method("order", "Has something called.", Argument("number", "Where.", UInt8.self), Argument("contract", "Which.", Address.self)) {
        context, number, contract throws(CallError) in
        try context.write(orders, number, contract)
        return Nothing()
    }
    static let start = Method("start", "Lets the end of this block do it.") { context throws(CallError) in
        try context.write(started, true)
        return Nothing()
    }
    static let blockEnd = Method("block_end", "Does it.", kind: .hook) { context throws(CallError) in
        guard try context.read(started) == true else { return Nothing() }
        try context.remove(started)
        for (number, contract) in try context.entries(orders, limit: 8) { try context.write(failures, number, try attempt(context, contract)) }
        return Nothing()
    }
    static var methods: [any ContractMethod] { [call, order, start, blockEnd] }
    static var events: [any ContractEvent.Type] { [] }
    static var storage: [any StorageDeclaration] { [orders, failures, started] }
}
