@testable import Gossip
import Ledger
import Primitives
import Testing

/// The pool's rules one by one, where the oracle could share a misunderstanding.
struct MempoolTests {
    private func pool(_ change: (inout Mempool.Configuration) -> Void = { _ in }, parameters: (inout NetworkParameters) -> Void = { _ in }) -> Mempool {
        var configuration = Mempool.Configuration()
        change(&configuration)
        return Mempool(rules: Fixture.rules(parameters), configuration: configuration) { _ in AccountState(nonce: 5, balance: Amount(10_000)) }
    }

    private func rejection(_ pool: Mempool, _ signed: SignedTransaction) -> MempoolRejection? {
        do throws(MempoolRejection) {
            _ = try pool.admit(Fixture.verified(signed), now: 0)
            return nil
        } catch { return error }
    }

    @Test func aGapIsToldAndClosed() {
        let pool = pool()
        let late = Fixture.transaction(sender: 1, nonce: 7), early = Fixture.transaction(sender: 1, nonce: 5), middle = Fixture.transaction(sender: 1, nonce: 6)
        #expect(rejection(pool, late) == nil)
        #expect(pool.status(of: late.id) == .queued(.nonceGap(missing: 5)))
        #expect(!pool.hasExecutable && pool.nextNonce(of: Fixture.address(1)) == 5)
        #expect(rejection(pool, early) == nil)
        #expect(pool.status(of: late.id) == .queued(.nonceGap(missing: 6)))
        #expect(rejection(pool, middle) == nil)
        #expect(pool.status(of: late.id) == .pending)
        #expect(pool.nextNonce(of: Fixture.address(1)) == 8)
        #expect(pool.lane(Fixture.address(1)).map(\.nonce) == [5, 6, 7])
        #expect(rejection(pool, Fixture.transaction(sender: 1, nonce: 22)) == .transaction(.nonceTooFarAhead(22, next: 5)))
    }

    @Test func aLaneIsExecutableAsFarAsTheBalanceReaches() {
        let pool = pool()
        // 4,000 each of 10,000.
        let signed = (5..<8).map { Fixture.transaction(sender: 1, nonce: $0, price: 40) }
        for transaction in signed { #expect(rejection(pool, transaction) == nil) }
        #expect(pool.executableCount == 2)
        #expect(pool.status(of: signed[2].id) == .queued(.balanceTooLow(required: Amount(12_000), available: Amount(10_000))))
    }

    @Test func aReplacementPaysTenPercentMore() {
        let pool = pool()
        let first = Fixture.transaction(sender: 1, nonce: 5, price: 15)
        #expect(rejection(pool, first) == nil)
        #expect(rejection(pool, first) == .known)
        #expect(rejection(pool, Fixture.transaction(sender: 1, nonce: 5, price: 16)) == .replacementUnderpriced(required: Amount(17)))
        let second = Fixture.transaction(sender: 1, nonce: 5, price: 17)
        #expect(rejection(pool, second) == nil)
        #expect(pool.count == 1 && !pool.contains(first.envelopeHash) && pool.status(of: first.id) == nil)
        // Even of a price of one unit.
        #expect(rejection(pool, Fixture.transaction(sender: 2, nonce: 5, price: 1)) == nil)
        #expect(rejection(pool, Fixture.transaction(sender: 2, nonce: 5, price: 1, salt: 1)) == .replacementUnderpriced(required: Amount(2)))
    }

    @Test func aFullPoolKeepsWhatPaysMoreAndWhatCameFirst() {
        let pool = pool { $0.countMax = 3 }
        let prices: [UInt64] = [10, 20, 10]
        let signed = prices.enumerated().map { Fixture.transaction(sender: $0.offset, nonce: 5, price: $0.element) }
        for transaction in signed { #expect(rejection(pool, transaction) == nil) }
        #expect(rejection(pool, Fixture.transaction(sender: 7, nonce: 5, price: 10)) == .poolFull)
        // One that waits displaces none that can go.
        #expect(rejection(pool, Fixture.transaction(sender: 7, nonce: 6, price: 90)) == .poolFull)
        #expect(rejection(pool, Fixture.transaction(sender: 7, nonce: 5, price: 11)) == nil)
        #expect(pool.contains(signed[0].envelopeHash) && !pool.contains(signed[2].envelopeHash))
    }

    @Test func aDearTransactionAtTheEndProtectsNoCheapLane() {
        let pool = pool { $0.countMax = 3 }
        for (nonce, price) in [(5, 1), (6, 60)] as [(UInt64, UInt64)] { #expect(rejection(pool, Fixture.transaction(sender: 1, nonce: nonce, price: price)) == nil) }
        #expect(rejection(pool, Fixture.transaction(sender: 2, nonce: 5, price: 5)) == nil)
        #expect(rejection(pool, Fixture.transaction(sender: 3, nonce: 5, price: 6)) == nil)
        #expect(pool.lane(Fixture.address(1)).map(\.nonce) == [5])
    }

    @Test func prioritisedTransactionsGoFirstWithWhatTheyNeed() {
        let pool = pool()
        let lane = [Fixture.transaction(sender: 1, nonce: 5, price: 1), Fixture.transaction(sender: 1, nonce: 6, price: 1)]
        let dear = Fixture.transaction(sender: 2, nonce: 5, price: 50)
        for signed in lane + [dear] { #expect(rejection(pool, signed) == nil) }
        func select(_ prioritised: [EnvelopeHash]) -> [EnvelopeHash] {
            pool.select(rules: pool.rules, prioritised: prioritised, account: pool.account).transactions.map(\.value.envelopeHash)
        }
        #expect(select([]) == [dear, lane[0], lane[1]].map(\.envelopeHash))
        #expect(select([lane[1].envelopeHash]) == [lane[0], lane[1], dear].map(\.envelopeHash))
    }

    @Test func aParentStateAheadOfThePoolIsBuiltOn() {
        let pool = pool()
        let signed = [Fixture.transaction(sender: 1, nonce: 5), Fixture.transaction(sender: 1, nonce: 6)]
        for transaction in signed { #expect(rejection(pool, transaction) == nil) }
        let ahead = pool.select(rules: pool.rules) { _ in AccountState(nonce: 6, balance: Amount(10_000)) }
        #expect(ahead.transactions.map(\.value.envelopeHash) == [signed[1].envelopeHash])
    }

    @Test func aChosenBlockPassesTheLedgersJudgement() throws {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<50 {
            let pool = pool(parameters: { $0.blockTransactionsMax = 20; $0.blockBytesMax = 6_000; $0.blockGasMax = 2_000 })
            for _ in 0..<80 {
                _ = rejection(pool, Fixture.transaction(
                    sender: random.below(15), nonce: 5 + UInt64(random.below(6)), price: UInt64(1 + random.below(60)), gas: UInt64(20 + random.below(200)), size: random.below(500)))
            }
            let selection = pool.select(rules: pool.rules, account: pool.account)
            var body = BlockBody(rules: pool.rules)
            for verified in selection.transactions { try body.append(verified.value, account: pool.account(verified.value.transaction.sender)) }
            #expect(body.transactionsRoot == selection.transactionsRoot && body.count > 3)
        }
    }

    @Test func feesFollowFullBlocks() {
        let pool = pool(parameters: { $0.blockTransactionsMax = 10; $0.gasPriceMin = Amount(2) })
        func commit(_ height: Height, _ prices: [UInt64]) {
            let transactions = prices.enumerated().map { Fixture.transaction(sender: $0.offset, nonce: 5, price: $0.element) }
            _ = pool.commit(CommittedBlock(height: height, proposer: nil, transactions: transactions, touched: [], parameters: pool.rules.parameters))
        }
        #expect(pool.feeEstimate == FeeEstimate(minimum: Amount(2), low: Amount(2), medium: Amount(2), high: Amount(2)))
        for height in 1...3 { commit(Height(UInt64(height)), Array(10..<20)) }
        #expect(pool.feeEstimate == FeeEstimate(minimum: Amount(2), low: Amount(11), medium: Amount(15), high: Amount(19)))
        // Blocks with room take what pays the minimum.
        for height in 4...9 { commit(Height(UInt64(height)), [50]) }
        #expect(pool.feeEstimate.high == Amount(2))
    }

    // ── Censorship ──

    @Test func aPrimaryThatPassesOverIsNamedAndNobodyElse() {
        let network = SpreadingTests.mesh(4, seed: 3)
        let victim = Fixture.transaction(sender: 1, nonce: 0, price: 50)
        network.give(.submitted([victim]), to: 0)
        network.run(ticks: 30)
        func passedOver(_ height: Height, proposer: Int, _ transactions: [SignedTransaction], _ parameters: NetworkParameters = Fixture.parameters()) -> [EnvelopeHash]? {
            network.nodes[0].effects = []
            let touched = transactions.map { TouchedAccount(address: $0.transaction.sender, state: AccountState(nonce: $0.transaction.nonce.successor, balance: Amount(1 << 60))) }
            network.give(.committed(CommittedBlock(
                height: height, proposer: GossipNetwork.key(proposer, 2), transactions: transactions, touched: touched, parameters: parameters)), to: 0)
            for effect in network.nodes[0].effects { if case .passedOver(let hashes, height) = effect { return hashes } }
            return nil
        }
        // Whoever began its block before the transaction can have reached it is not blamed.
        #expect(passedOver(1, proposer: 1, []) == [])
        #expect(passedOver(2, proposer: 2, []) == [])
        #expect(passedOver(3, proposer: 3, []) == [victim.envelopeHash])
        // A full block, or one whose cheapest pays as much, is no censorship.
        #expect(passedOver(4, proposer: 1, [Fixture.transaction(sender: 2, nonce: 0, price: 50)]) == [])
        #expect(passedOver(5, proposer: 1, []) == [])
        #expect(passedOver(6, proposer: 1, []) == [victim.envelopeHash])
        #expect(passedOver(7, proposer: 1, [Fixture.transaction(sender: 2, nonce: 1, price: 49)]) == [victim.envelopeHash])
        #expect(passedOver(8, proposer: 1, [Fixture.transaction(sender: 2, nonce: 2, price: 9)], Fixture.parameters { $0.blockTransactionsMax = 1 }) == [])
        // This node itself, and validators it has sent nothing to, are never named.
        #expect(passedOver(9, proposer: 0, []) == [])
        #expect(passedOver(10, proposer: 9, []) == [])
        #expect(passedOver(11, proposer: 2, [victim]) == [])
    }
}
