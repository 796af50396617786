import ChainKit
import Cryptography
@testable import Execution
import Ledger
import Primitives
import Testing
import WorldState

/// Whole blocks: fees, hooks, epochs, and what must never happen.
@Suite struct BlockTests {
    private let alice = Person(1), bob = Person(2)
    private let a = ProbeA.address

    private func chain(_ founders: Int = 4, _ change: (inout NetworkParameters) -> Void = { _ in }) -> TestChain {
        TestChain([ProbeStaking.self, ProbeA.self, ProbeGovernance.self], founders: (0..<UInt64(founders)).map { Founder($0) },
                  people: [alice, bob], change)
    }

    // ── Fees ──

    @Test func feesAreDividedAndNothingIsLost() {
        let chain = chain()
        let supply = chain.supply, staked = chain.balance(.staking)
        chain.advance([
            chain.transaction(alice, [Probes.touch.reference.call(on: a, value: Amount(10))], gasPrice: Amount(7)),
            chain.transaction(bob, [Probes.fail.reference.call(on: a)], gasPrice: Amount(3)),
            chain.transaction(bob, [Probes.trap.reference.call(on: a)], gasLimit: 1_000_003),
        ])
        let block = chain.last!
        let paid = Amount.sum(block.receipts.map(\.fee))!
        let fees = block.fees
        #expect(fees.total == paid)
        #expect(fees.burned == paid.share(partsPerMillion: 300_000, rounding: .down))
        #expect(fees.proposer == paid.share(partsPerMillion: 200_000, rounding: .down))
        #expect(chain.supply == supply.subtracting(fees.burned))
        #expect(chain.balance(.staking) == staked.adding(fees.proposer)!.adding(fees.validators)!)
        #expect(block.gasUsed.rawValue == block.receipts.reduce(0) { $0 + $1.gasUsed.rawValue })
        let spent = block.receipts[0].fee.adding(Amount(10))!
        #expect(chain.balance(alice.address) == TestChain.fortune.subtracting(spent))
    }

    @Test func everyDivisionAddsUp() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<2_000 {
            var parameters = NetworkParameters()
            parameters.feeBurnPartsPerMillion = UInt32(random.next() % 1_000_001)
            parameters.feeProposerPartsPerMillion = UInt32(random.next() % UInt64(1_000_001 - parameters.feeBurnPartsPerMillion))
            let total = Amount(UInt128(random.next()) << UInt128(random.next() % 32))
            #expect(BlockFees(total: total, parameters: parameters).total == total)
        }
    }

    /// The check of every block's value sees a rule that loses what rounding leaves.
    @Test func aDivisionThatLosesDustIsCaught() throws {
        let chain = chain()
        let careless = BlockExecutor(catalogue: chain.executor.catalogue, chainID: chain.genesis.chainID) { total, parameters in
            var fees = BlockFees(total: total, parameters: parameters)
            fees.validators = total.share(partsPerMillion: 500_000, rounding: .down)!
            return fees
        }
        var caught = 0
        for price in 1...4 {
            let transaction = chain.transaction(alice, [Probes.touch.reference.call(on: a)], gasPrice: Amount(UInt128(price)))
            let draft = chain.draft([transaction])
            do {
                _ = try careless.execute(draft, [transaction], on: chain.state.view)
            } catch .valueNotConserved { caught += 1 }
            chain.advance([transaction])
        }
        #expect(caught > 0)
    }

    @Test func theCheckOfValueSeesEachKindOfFraud() throws {
        typealias Change = (original: AccountState?, current: AccountState?)
        func record(_ old: UInt128?, _ new: UInt128?) -> Change {
            func state(_ units: UInt128?) -> AccountState? { units.map { AccountState(nonce: 1, balance: Amount($0)) } }
            return (state(old), state(new))
        }
        func holds(_ changes: [Change], _ supply: (UInt128, UInt128)? = nil, _ minted: UInt128 = 0, _ burned: UInt128 = 0) -> Bool {
            (try? Conservation.check(
                changes, supply: supply.map { (original: Amount($0.0), current: Amount($0.1)) }, minted: Amount(minted), burned: Amount(burned))) != nil
        }
        let moved = [record(100, 60), record(nil, 40)]
        #expect(holds(moved))
        #expect(holds(moved, (500, 500), 3, 3))
        #expect(holds([record(100, nil)], (500, 400), 0, 100))
        #expect(!holds([record(100, 60), record(nil, 41)]))
        #expect(!holds([record(100, 60)]))
        #expect(!holds([record(100, 60)], nil, 0, 40))
        #expect(!holds([record(60, 100)], (500, 541), 40))
        #expect(!holds([], (500, 501)))
        #expect(!holds([record(nil, .max), record(nil, 1)]))
    }

    // ── Validity ──

    @Test func aBlockThatShouldNotHaveBeenVotedForHasNoResult() {
        let chain = chain()
        func failure(_ transactions: [SignedTransaction]) -> ExecutionFailure? {
            do {
                _ = try chain.executor.execute(chain.draft(transactions), transactions, on: chain.state.view)
                return nil
            } catch { return error }
        }
        let calls = [Probes.touch.reference.call(on: a)]
        let first = chain.transaction(alice, calls), second = chain.transaction(alice, calls)
        #expect(failure([first, second]) == nil)
        #expect(failure([second]) == .invalid(.transaction(index: 0, .nonceNotConsecutive(1, expected: 0))))
        #expect(failure([first, first]) == .invalid(.transaction(index: 1, .nonceNotConsecutive(0, expected: 1))))
        let stranger = Person(99)
        #expect(failure([chain.transaction(stranger, calls)]) == .invalid(.transaction(index: 0, .senderUnknown(stranger.address))))
        let dear = chain.transaction(bob, calls, gasLimit: 100_000_000, gasPrice: Amount(1 << 60))
        guard case .invalid(.transaction(index: 0, .balanceTooLow)) = failure([dear]) else { return #expect(Bool(false)) }
    }

    // ── Hooks ──

    @Test func aHookThatFailsIsAReceiptAndNotAHalt() {
        let chain = chain()
        func set(_ mode: UInt8) -> ExecutedBlock {
            chain.send(alice, ProbeStaking.set.reference.call(on: .staking, mode))
            return chain.advance()
        }
        let hook = Origin.hook(contract: .staking, method: Catalogue.blockEnd)
        let refused = set(1)
        #expect(refused.receipts.map(\.origin) == [hook] && refused.receipts[0].code == 100 && refused.receipts[0].fee == .zero)
        let spent = set(3)
        #expect(spent.receipts[0].outcome.receiptClass == 3)
        // A silent success leaves no receipt.
        #expect(set(0).receipts.isEmpty)
        let emitted = set(4)
        #expect(emitted.receipts.map(\.origin) == [hook] && emitted.events.map(\.origin) == [hook])
    }

    @Test func hooksAreNobodysToCall() {
        let chain = chain()
        let call = Call(contract: .staking, method: Catalogue.blockEnd, arguments: [])
        #expect(chain.send(alice, call).code == SystemRejection.hookNotCallable.rawValue)
    }

    @Test func whatTheStakingContractMakesIsInTheSupply() {
        let chain = chain()
        chain.send(alice, ProbeStaking.set.reference.call(on: .staking, 2))
        let supply = chain.supply
        chain.advance()
        #expect(chain.supply == supply.adding(Amount(1_000)))
    }

    // ── Epochs ──

    @Test func stakeTakesEffectAtTheBoundaryAfterTheNext() {
        let chain = chain()
        let weights = Bounded<16, UInt64>([10_000, 20_000, 0, 5_000])!
        chain.send(alice, ProbeStaking.plan.reference.call(on: .staking, weights, Bounded<16, UInt16>([])!))
        let first = chain.validators
        chain.endEpochs()
        #expect(chain.epoch == 1 && chain.validators.validators == first.validators && chain.validators.epoch == 1)
        chain.endEpochs()
        #expect(chain.epoch == 2 && chain.validators.validators.map(\.weight) == [10_000, 20_000, 5_000])
        #expect(chain.header.result.nextValidatorsHash == chain.validators.digest)
    }

    @Test func whoMustLeaveLeavesAtTheNextBoundary() {
        let chain = chain()
        let weights = Bounded<16, UInt64>([10_000, 10_000, 10_000, 10_000])!
        chain.send(alice, ProbeStaking.plan.reference.call(on: .staking, weights, Bounded<16, UInt16>([2])!))
        let keys = chain.validators.validators.map(\.consensusKey)
        chain.endEpochs()
        #expect(chain.validators.validators.map(\.consensusKey) == [keys[0], keys[1], keys[3]])
        chain.endEpochs()
        #expect(!chain.validators.validators.map(\.consensusKey).contains(keys[2]))
    }

    @Test func parametersChangeAtTheBoundary() {
        let chain = chain()
        chain.send(alice, Probes.reschedule.reference.call(on: .governance, 77))
        #expect(chain.parameters.blockTransactionsMax == 5_000)
        chain.advance()
        #expect(chain.parameters.blockTransactionsMax == 5_000)
        chain.endEpochs()
        #expect(chain.parameters.blockTransactionsMax == 77)
        chain.endEpochs()
        #expect(chain.parameters.blockTransactionsMax == 77)
    }

    @Test func epochsEndByHeightToo() {
        let chain = chain(4) { $0.epochHeights = 5 }
        for _ in 0..<12 { chain.advance() }
        #expect(chain.epoch == 2 && chain.height == 12)
    }

    @Test func oldEpochsAreForgotten() throws {
        let chain = chain { change in
            change.evidenceMilliseconds = 3_600_000
            change.trustingMilliseconds = 2 * 3_600_000
            change.votingMilliseconds = 3_600_000
            change.timeLockMilliseconds = 3_600_000
            change.unbondingMilliseconds = 3 * 3_600_000
        }
        chain.endEpochs(20)
        let view = chain.state.view
        #expect(try ChainRecords.validatorSet(of: 1, in: view) == nil)
        #expect(try ChainRecords.validatorSet(of: Epoch(chain.epoch.rawValue - 6), in: view) != nil)
        #expect(try ChainRecords.validatorSet(of: chain.epoch, in: view) == chain.validators)
    }

    // ── The same for all ──

    @Test func executionIsAFunctionOfItsInputs() throws {
        let chain = chain()
        var random = SeededGenerator(seed: 3)
        for _ in 0..<20 {
            let transactions = (0..<8).map { _ in
                let method = [Probes.touch.reference.call(on: a, value: Amount(UInt128(random.next() % 9))), Probes.fail.reference.call(on: a),
                              Probes.put.reference.call(on: a, UInt32(random.next() % 50), BoundedBytes(random.bytes(40))!)][Int(random.next() % 3)]
                return chain.transaction(random.next() % 2 == 0 ? alice : bob, [method])
            }
            let draft = chain.draft(transactions)
            let once = try chain.executor.execute(draft, transactions, on: chain.state.view)
            let again = try chain.executor.execute(draft, transactions, on: chain.state.view)
            #expect(once.changes == again.changes && once.receipts == again.receipts && once.events == again.events)
            chain.advance(transactions)
            #expect(try Block(header: chain.header, certificate: certificate(chain.header), transactions: transactions)!
                .check(receipts: once.receipts, events: once.events) == ())
        }
    }

    private func certificate(_ header: Header) -> CommitCertificate {
        CommitCertificate(
            statement: CommitStatement(
                epoch: header.draft.epoch, height: header.height, view: 0, draftDigest: header.draft.digest, headerHash: header.digest),
            signatures: [])!
    }

    /// The same question at every height of the past, from a store that keeps history.
    @Test func viewsAnswerForEarlierHeights() throws {
        let chain = chain()
        let store = MemoryStore()
        var options = WorldState.Options()
        options.keepsHistory = true
        let archive = try WorldState(opening: store.snapshot(), options: options)
        _ = try archive.apply(GenesisState.changes(chain.genesis, chain.definitions), height: 0)
        var headers: [Header] = []
        for _ in 0..<10 {
            chain.send(alice, Probes.touch.reference.call(on: a))
            _ = try archive.apply(chain.last!.changes, height: chain.height)
            headers.append(chain.header)
            let group = try #require(archive.beginFlush())
            try group.write(to: store)
            archive.finishFlush(group, snapshot: store.snapshot())
        }
        let history = try StateHistory(behind: archive.view)
        for header in headers {
            let result = try chain.executor.view(
                ViewCall(contract: a, method: "count", arguments: []), at: header, in: HistoricState(history, at: header.height))
            #expect(result.outcome == .succeeded(CallResults([header.height.rawValue.bcs])!))
        }
    }

    @Test func simulationForeseesTheReceipt() throws {
        let chain = chain()
        let calls = [Probes.touch.reference.call(on: a, value: Amount(5))]
        let signed = chain.transaction(alice, calls)
        let foreseen = try chain.executor.simulate(signed.transaction, at: chain.header, in: chain.state.view)
        let receipt = chain.advance([signed]).receipts[0]
        #expect(foreseen.outcome == receipt.outcome && foreseen.events.count == Int(receipt.eventCount))
        // The envelope's size is estimated, a few bytes at most too high.
        #expect(foreseen.gasUsed >= receipt.gasUsed && foreseen.gasUsed.rawValue - receipt.gasUsed.rawValue < 1_000)
        #expect(foreseen.gasLimitSuggested > receipt.gasUsed)
        // However many signatures somebody claims to need.
        let most = try chain.executor.simulate(signed.transaction, signatures: Limits.multisigKeysMax, at: chain.header, in: chain.state.view)
        let absurd = try chain.executor.simulate(signed.transaction, signatures: .max, at: chain.header, in: chain.state.view)
        #expect(most.gasUsed > foreseen.gasUsed && absurd.gasUsed == most.gasUsed)
        let failed = try chain.executor.simulate(
            chain.transaction(bob, [Probes.fail.reference.call(on: a)]).transaction, at: chain.header, in: chain.state.view)
        #expect(failed.outcome.failure.flatMap { chain.executor.catalogue.error($0.code, of: $0.contract) }?.name == "asked")
    }
}
