import ChainKit
import Execution
import Ledger
import Primitives
import Testing
import WorldState

/// Calls, values, gas and failures.
@Suite struct MachineTests {
    private let alice = Person(1), bob = Person(2)
    private let a = ProbeA.address, b = ProbeB.address

    private func chain(_ change: (inout NetworkParameters) -> Void = { _ in }) -> TestChain {
        TestChain([ProbeA.self, ProbeB.self, ProbeGovernance.self], people: [alice, bob], change)
    }

    private func forward(
        _ from: Address, to: Address, _ method: MethodName, _ arguments: [UInt8] = [], value: Amount = .zero, gas: UInt64? = nil,
        catches: Bool = false, attached: Amount = .zero
    ) -> Call {
        Probes.forward.reference.call(on: from, to, method, Probes.Bytes(arguments)!, value, gas, catches, value: attached)
    }

    private func count(_ chain: TestChain, _ probe: Address) -> UInt64 { chain.ask(Probes.count.reference, of: probe) }

    @Test func callsOfOneTransactionAreAtomic() {
        let chain = chain()
        let calls = [Probes.touch.reference.call(on: a), Probes.touch.reference.call(on: b, value: Amount(7)), Probes.fail.reference.call(on: a)]
        chain.advance([chain.transaction(alice, calls)])
        let receipt = chain.last!.receipts[0]
        #expect(receipt.outcome.failure == CallFailure(callIndex: 2, contract: a, code: 100, message: "The test asked for it."))
        #expect(receipt.outcome.receiptClass == 1 && receipt.eventCount == 0 && chain.last!.events.isEmpty)
        #expect(count(chain, a) == 0 && count(chain, b) == 0 && chain.balance(b) == .zero)
        // The fee is what was used, and the nonce moved on.
        #expect(receipt.fee.units == UInt128(receipt.gasUsed.rawValue) && receipt.gasUsed < Gas(20_000_000))
        #expect(chain.account(alice.address) == AccountState(nonce: 1, balance: TestChain.fortune.subtracting(receipt.fee)!))
        chain.advance([chain.transaction(alice, Array(calls.prefix(2)))])
        #expect(chain.last!.receipts[0].outcome == .succeeded(CallResults([UInt64(1).bcs, UInt64(1).bcs])!))
        #expect(chain.last!.events.map(\.index) == [0, 1] && chain.balance(b) == Amount(7))
    }

    @Test func anInnerFailureLeavesNothingBehindAndItsCallerMayGoOn() {
        let chain = chain()
        #expect(chain.send(alice, forward(a, to: b, "fail", value: Amount(3), catches: true, attached: Amount(9))).succeeded)
        #expect(count(chain, a) == 1 && count(chain, b) == 0)
        #expect(chain.balance(a) == Amount(9) && chain.balance(b) == .zero && chain.last!.events.isEmpty)
        // Uncaught, it is the whole transaction's, and the receipt names the inner contract.
        let failed = chain.send(alice, forward(a, to: b, "fail"))
        #expect(failed.outcome.failure?.contract == b && count(chain, a) == 1)
        #expect(chain.send(alice, forward(a, to: b, "touch", value: Amount(4))).succeeded)
        #expect(chain.balance(a) == Amount(5) && chain.balance(b) == Amount(4))
        // More than the contract has.
        #expect(chain.send(alice, forward(a, to: b, "touch", value: Amount(6))).code == SystemRejection.balanceTooLow.rawValue)
    }

    @Test func reentryIsRefusedForCallsAndViews() {
        let chain = chain()
        let back = Probes.forward.reference.encode(a, "touch", Probes.Bytes([])!, .zero, nil, false)
        #expect(chain.send(alice, forward(a, to: b, "forward", back)).code == SystemRejection.reentrancy.rawValue)
        let view = Probes.forward.reference.encode(a, "count", Probes.Bytes([])!, .zero, nil, false)
        #expect(chain.send(alice, forward(a, to: b, "forward", view)).code == SystemRejection.reentrancy.rawValue)
        #expect(chain.send(alice, forward(a, to: a, "touch")).code == SystemRejection.reentrancy.rawValue)
        // One behind the other is no re-entry.
        chain.advance([chain.transaction(alice, [Probes.touch.reference.call(on: a), Probes.touch.reference.call(on: a)])])
        #expect(count(chain, a) == 2)
    }

    @Test func whatDoesNotExistIsRefusedByName() {
        let chain = chain()
        func code(_ contract: Address, _ method: MethodName, _ arguments: [UInt8] = [], value: Amount = .zero) -> UInt32? {
            chain.send(alice, Call(contract: contract, method: method, arguments: arguments, value: value)).code
        }
        #expect(code(bob.address, "touch") == SystemRejection.contractUnknown.rawValue)
        #expect(code(.chain, "touch") == SystemRejection.contractUnknown.rawValue)
        #expect(code(a, "nothing") == SystemRejection.methodUnknown.rawValue)
        #expect(code(a, "spin", [1]) == SystemRejection.argumentsMalformed.rawValue)
        #expect(code(a, "spin", UInt64(1).bcs + [0]) == SystemRejection.argumentsMalformed.rawValue)
        #expect(code(a, "spin", UInt64(1).bcs, value: Amount(1)) == SystemRejection.valueNotAccepted.rawValue)
        #expect(code(a, "mint") == SystemRejection.unauthorised.rawValue)
        #expect(chain.executor.catalogue.error(5, of: a)?.name == "balanceTooLow")
        #expect(chain.executor.catalogue.error(101, of: a)?.text == "The inner call failed.")
        #expect(chain.executor.catalogue.error(999, of: a) == nil)
    }

    @Test func trapsAndEmptyTanksCostTheLimit() {
        let chain = chain()
        let trapped = chain.send(alice, Probes.trap.reference.call(on: a), gasLimit: 1_000_000)
        #expect(trapped.outcome.receiptClass == 2 && trapped.gasUsed == 1_000_000 && trapped.fee == Amount(1_000_000))
        let empty = chain.send(alice, Probes.spin.reference.call(on: a, 999_999), gasLimit: 1_000_000)
        #expect(empty.outcome.receiptClass == 3 && empty.gasUsed == 1_000_000 && empty.code == 0)
        let huge = chain.send(alice, Probes.spin.reference.call(on: a, .max), gasLimit: 1_000_000)
        #expect(huge.outcome.receiptClass == 3)
        // The inner call gets at most what is asked for, and its end is not the outer one's.
        let inner = Probes.spin.reference.encode(50_000)
        let refused = chain.send(alice, forward(a, to: b, "spin", inner, gas: 40_000))
        #expect(refused.outcome.receiptClass == 3 && refused.outcome.failure?.contract == b)
        #expect(chain.send(alice, forward(a, to: b, "spin", inner, gas: 60_000)).succeeded)
    }

    @Test func viewsChangeNothing() throws {
        let chain = chain()
        #expect(chain.send(alice, Probes.sneaky.reference.call(on: a)).code == SystemRejection.readOnly.rawValue)
        #expect(chain.send(alice, Probes.sneakyForward.reference.call(on: a, b)).code == SystemRejection.readOnly.rawValue)
        #expect(count(chain, a) == 0 && count(chain, b) == 0)
        // A call is not a question.
        let asked = try chain.executor.view(ViewCall(contract: a, method: "touch", arguments: []), at: chain.header, in: chain.state.view)
        #expect(asked.outcome.failure?.code == SystemRejection.readOnly.rawValue)
        // A question names what its answer depends on.
        chain.send(alice, Probes.touch.reference.call(on: a))
        let counted = try chain.executor.view(ViewCall(contract: a, method: "count", arguments: []), at: chain.header, in: chain.state.view)
        #expect(counted.outcome == .succeeded(CallResults([UInt64(1).bcs])!))
        #expect(counted.reads.contains(StateKey(contract: a, [0])!))
        let proof = try chain.state.view.prove(counted.reads)
        #expect(proof.bcs.count > 0 && counted.gasUsed > 0)
        let dear = try chain.executor.view(
            ViewCall(contract: a, method: "count", arguments: [], gasLimit: 5_000), at: chain.header, in: chain.state.view)
        #expect(dear.outcome.receiptClass == 3)
        // Nor may a question use more than a transaction, whatever it asks for.
        let answers = try [Gas(.max), Gas(chain.parameters.transactionGasMax)].map { limit in
            try chain.executor.view(
                ViewCall(contract: a, method: "idle", arguments: UInt64(1 << 40).bcs, gasLimit: limit), at: chain.header, in: chain.state.view)
        }
        #expect(answers[0].outcome.receiptClass == 3 && answers[0].gasUsed == answers[1].gasUsed)
    }

    @Test func aContractSeesItsCallerTheSignerAndTheBlock() throws {
        let chain = chain()
        chain.advance()
        let direct = chain.send(alice, Probes.context.reference.call(on: a))
        let expected = Seen(caller: alice.address, origin: alice.address, height: chain.height, time: chain.time, epoch: 0)
        #expect(direct.outcome == .succeeded(CallResults([expected.bcs])!))
        let inner = chain.send(alice, forward(a, to: b, "context"))
        let seen = Seen(caller: a, origin: alice.address, height: chain.height, time: chain.time, epoch: 0)
        #expect(inner.outcome == .succeeded(CallResults([Probes.Bytes(seen.bcs)!.bcs])!))
    }

    /// Keys that have gone must be walked over, and whoever walks pays for each.
    @Test func aWalkIsPaidByTheStep() throws {
        let chain = chain()
        func paid(_ count: UInt32) -> Outcome {
            .succeeded(CallResults([(GasSchedule.scan + GasSchedule.scanNext * UInt64(count)).bcs])!)
        }
        func sweep(_ count: UInt32) -> Outcome { chain.send(alice, Probes.sweep.reference.call(on: a, count), gasLimit: 100_000_000).outcome }
        #expect(sweep(0) == paid(0))
        for count in [1, 10, 500] as [UInt32] {
            #expect(chain.send(alice, Probes.fill.reference.call(on: a, count), gasLimit: 100_000_000).succeeded)
            // One stays, and is the first that is found.
            #expect(sweep(count - 1) == paid(count))
        }
        // What came and went in one block is nothing to walk over, nor is what a failure has taken back.
        chain.advance([
            chain.transaction(bob, [Probes.fill.reference.call(on: a, 100), Probes.fail.reference.call(on: a)]),
            chain.transaction(alice, [Probes.fill.reference.call(on: a, 100), Probes.sweep.reference.call(on: a, 100)], gasLimit: 100_000_000),
        ])
        #expect(chain.last!.receipts[1].outcome == .succeeded(CallResults([[], (GasSchedule.scan + GasSchedule.scanNext).bcs])!))
    }

    /// A contract that survives its callee's failures does not survive a state that cannot be read: the block has no result.
    @Test func aFailingStateIsNeverSwallowed() throws {
        struct Failing: StateReader {
            let view: StateView
            let key: StateKey
            func value(_ key: StateKey) throws(StoreError) -> [UInt8]? {
                if key == self.key { throw StoreError(.io, "the disk is gone") }
                return try view.value(key)
            }
            func keys(prefix: [UInt8], from start: [UInt8]?, _ direction: ScanDirection, limit: Int) throws(StoreError) -> [StateKey] {
                try view.keys(prefix: prefix, from: start, direction, limit: limit)
            }
        }
        for refuses in [false, true] {
            let chain = chain()
            let failing = Failing(view: chain.state.view, key: StateKey(contract: b, [0])!)
            let transaction = chain.transaction(alice, [Probes.swallow.reference.call(on: a, b, "touch", refuses)])
            #expect(throws: ExecutionFailure.state(StoreError(.io, "the disk is gone"))) {
                try chain.executor.execute(chain.draft([transaction]), [transaction], on: failing)
            }
            #expect(chain.advance([transaction]).receipts[0].code == (refuses ? ProbeRejection.asked.rawValue : nil))
        }
        // A node that cannot run a contract is as a state that cannot be read.
        for refuses in [false, true] {
            let chain = chain()
            let transaction = chain.transaction(alice, [Probes.swallow.reference.call(on: a, b, "collapse", refuses)])
            #expect(throws: ExecutionFailure.state(StoreError(.io, "no room"))) {
                try chain.executor.execute(chain.draft([transaction]), [transaction], on: chain.state.view)
            }
        }
    }

    /// A value that a write or a removal replaces is kept until the block's end, and whoever replaces it pays for that.
    @Test func replacedBytesArePaid() {
        func price(_ size: Int, of second: Call) -> UInt64 {
            let chain = chain()
            #expect(chain.send(alice, Probes.put.reference.call(on: a, 1, BoundedBytes([UInt8](repeating: 9, count: size))!)).succeeded)
            return chain.send(alice, second).gasUsed.rawValue
        }
        for second in [Probes.put.reference.call(on: a, 1, BoundedBytes([1])!), Probes.erase.reference.call(on: a, 1)] {
            // The length before the bytes takes a byte more.
            #expect(price(60_000, of: second) - price(1_000, of: second) == GasSchedule.replacedPerByte * 59_001)
        }
    }

    @Test func sizesAreBounded() throws {
        let chain = chain()
        func code(_ call: Call) -> UInt32? { chain.send(alice, call, gasLimit: 100_000_000).code }
        #expect(code(Probes.emitMany.reference.call(on: a, 256)) == nil)
        #expect(code(Probes.emitMany.reference.call(on: a, 257)) == SystemRejection.eventsOverLimit.rawValue)
        #expect(code(Probes.emitLong.reference.call(on: a, 16_384)) == nil)
        #expect(code(Probes.emitLong.reference.call(on: a, 16_385)) == SystemRejection.eventTooLong.rawValue)
        let most = [UInt8](repeating: 9, count: 65_533)
        #expect(code(Probes.echo.reference.call(on: a, Probes.Bytes(most)!)) == nil)
        #expect(code(Probes.echo.reference.call(on: a, Probes.Bytes(most + [1])!)) == SystemRejection.resultTooLong.rawValue)
        #expect(code(Probes.put.reference.call(on: a, 1, BoundedBytes<65_536>(most)!)) == nil)
        // A question is answered within the same bound.
        let asked = try chain.executor.view(
            ViewCall(contract: a, method: "mirror", arguments: Probes.mirror.reference.encode(Probes.Bytes(most + [1])!)), at: chain.header, in: chain.state.view)
        #expect(asked.outcome.failure?.code == SystemRejection.resultTooLong.rawValue)
        let whole = BoundedBytes<65_536>([UInt8](repeating: 9, count: 65_536))!
        #expect(code(Probes.put.reference.call(on: a, 1, whole)) == SystemRejection.valueTooLong.rawValue)
    }

    @Test func callsNestToSixteen() {
        // A ring cannot be built without re-entry; a row of contracts can.
        let row: [any ProbeContract.Type] = [
            R0.self, R1.self, R2.self, R3.self, R4.self, R5.self, R6.self, R7.self, R8.self, R9.self, R10.self, R11.self, R12.self, R13.self,
            R14.self, R15.self, R16.self,
        ]
        let chain = TestChain(row, people: [alice])
        func nested(_ depth: Int) -> Call {
            var method: MethodName = "touch", arguments: [UInt8] = []
            for probe in row[1..<depth].reversed() {
                arguments = Probes.forward.reference.encode(probe.address, method, Probes.Bytes(arguments)!, .zero, nil, false)
                method = "forward"
            }
            return Call(contract: row[0].address, method: method, arguments: arguments)
        }
        #expect(chain.send(alice, nested(16), gasLimit: 100_000_000).succeeded)
        #expect(chain.send(alice, nested(17), gasLimit: 100_000_000).code == SystemRejection.depthExceeded.rawValue)
    }

    @Test func subaccountsAreTheContractsOwn() {
        let chain = chain()
        let pot = Address.subaccount(5, of: a)
        #expect(pot != Address.subaccount(5, of: b) && pot != Address.subaccount(6, of: a))
        #expect(chain.send(alice, forward(a, to: b, "touch", value: Amount(20), attached: Amount(100))).succeeded)
        #expect(chain.send(alice, Probes.pay.reference.call(on: a, pot, Amount(50), nil)).succeeded)
        #expect(chain.balance(pot) == Amount(50) && chain.balance(a) == Amount(30))
        #expect(chain.send(alice, Probes.pay.reference.call(on: b, bob.address, Amount(50), 5)).code == SystemRejection.balanceTooLow.rawValue)
        #expect(chain.send(alice, Probes.pay.reference.call(on: a, bob.address, Amount(50), 5)).succeeded)
        // An account with nothing leaves nothing in the state.
        #expect(chain.account(pot) == nil)
        #expect(chain.balance(bob.address) == TestChain.fortune.adding(Amount(50)))
    }

    @Test func onlyGovernancePausesAndChangesParameters() {
        let chain = chain()
        let until = Timestamp(chain.time.rawValue + 10_000)
        #expect(chain.send(alice, Probes.pause.reference.call(on: a, b, until)).code == SystemRejection.unauthorised.rawValue)
        #expect(chain.send(alice, Probes.reschedule.reference.call(on: a, 9)).code == SystemRejection.unauthorised.rawValue)
        #expect(chain.send(alice, Probes.pause.reference.call(on: .governance, b, until)).succeeded)
        #expect(chain.send(alice, Probes.touch.reference.call(on: b)).code == SystemRejection.paused.rawValue)
        #expect(chain.send(alice, forward(a, to: b, "touch")).code == SystemRejection.paused.rawValue)
        // Questions are still answered, and the pause ends by itself.
        #expect(count(chain, b) == 0)
        chain.advance(time: until)
        #expect(chain.send(alice, Probes.touch.reference.call(on: b)).succeeded)
    }

    @Test func drawsLookForward() throws {
        let chain = chain()
        func draw() throws -> Outcome {
            let call = ViewCall(contract: a, method: "draw", arguments: UInt64(3).bcs)
            return try chain.executor.view(call, at: chain.header, in: chain.state.view).outcome
        }
        #expect(try draw().failure?.code == SystemRejection.drawUnknown.rawValue)
        #expect(chain.send(alice, Probes.request.reference.call(on: a, 3)).succeeded)
        #expect(chain.send(alice, Probes.request.reference.call(on: a, 3)).code == SystemRejection.drawPending.rawValue)
        var beacons: [Beacon] = []
        for _ in 2..<chain.parameters.drawDelay {
            chain.advance()
            #expect(try draw().failure?.code == SystemRejection.drawTooEarly.rawValue)
        }
        chain.advance()
        beacons.append(chain.header.draft.beacon)
        #expect(try draw() == .succeeded(CallResults([beacons[0].bcs])!))
        // The same answer whenever it is asked for.
        for _ in 0..<5 { chain.advance() }
        #expect(try draw() == .succeeded(CallResults([beacons[0].bcs])!))
    }

    /// The delay of a draw is that of its request: a change on the way neither moves the answer to another block nor into the past.
    @Test(arguments: [1, 40] as [UInt32]) func aPendingDrawKeepsItsBlock(other: UInt32) throws {
        let chain = chain { $0.epochHeights = 5 }
        func draw() throws -> Outcome {
            try chain.executor.view(ViewCall(contract: a, method: "draw", arguments: UInt64(3).bcs), at: chain.header, in: chain.state.view).outcome
        }
        let delay = UInt64(chain.parameters.drawDelay)
        #expect(chain.send(alice, Probes.delayDraws.reference.call(on: .governance, other)).succeeded)
        #expect(chain.send(alice, Probes.request.reference.call(on: a, 3)).succeeded)
        let due = chain.height.rawValue + delay
        while chain.height.rawValue < due - 1 {
            chain.advance()
            #expect(try draw().failure?.code == SystemRejection.drawTooEarly.rawValue)
        }
        #expect(chain.parameters.drawDelay == other)
        chain.advance()
        let answer = Outcome.succeeded(CallResults([chain.header.draft.beacon.bcs])!)
        #expect(try draw() == answer)
        for _ in 0..<45 { chain.advance() }
        #expect(try draw() == answer)
    }
}

enum R0: ProbeContract { static let name: StaticString = "r0" }
enum R1: ProbeContract { static let name: StaticString = "r1" }
enum R2: ProbeContract { static let name: StaticString = "r2" }
enum R3: ProbeContract { static let name: StaticString = "r3" }
enum R4: ProbeContract { static let name: StaticString = "r4" }
enum R5: ProbeContract { static let name: StaticString = "r5" }
enum R6: ProbeContract { static let name: StaticString = "r6" }
enum R7: ProbeContract { static let name: StaticString = "r7" }
enum R8: ProbeContract { static let name: StaticString = "r8" }
enum R9: ProbeContract { static let name: StaticString = "r9" }
enum R10: ProbeContract { static let name: StaticString = "r10" }
enum R11: ProbeContract { static let name: StaticString = "r11" }
enum R12: ProbeContract { static let name: StaticString = "r12" }
enum R13: ProbeContract { static let name: StaticString = "r13" }
enum R14: ProbeContract { static let name: StaticString = "r14" }
enum R15: ProbeContract { static let name: StaticString = "r15" }
enum R16: ProbeContract { static let name: StaticString = "r16" }
