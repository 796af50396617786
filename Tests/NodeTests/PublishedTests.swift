import API
import ChainKit
import Contracts
import Execution
import Ledger
@testable import Node
import Primitives
import Testing
import WorldState

/// What readers of a node wait for.
@Suite struct PublishedTests {
    private let people = [Person(1), Person(2)]
    private let chain: TestChain
    private let published: Published

    init() {
        chain = TestChain(Catalogue.definitions, people: people)
        published = Published(Self.newest(chain))
    }

    private static func newest(_ chain: TestChain) -> Published.Newest {
        Published.Newest(
            head: ChainHead(header: chain.header, hash: chain.header.digest, oldestBlock: 0, oldestState: 0), view: chain.state.view, parameters: chain.parameters)
    }

    private func payment(_ amount: UInt128) -> SignedTransaction {
        chain.transaction(people[0], [Accounts.transfer.reference.call(on: .accounts, people[1].address, value: Amount(amount))], gasLimit: 200_000)
    }

    private func publish(_ transactions: [SignedTransaction]) {
        let executed = chain.advance(transactions)
        published.publish(
            FinalBlock(
                header: chain.header, hash: chain.header.digest, certificate: nil, transactions: transactions, receipts: executed.receipts, events: executed.events),
            Self.newest(chain))
    }

    /// Tasks that have not begun to wait would be answered at once later, and show nothing.
    private func waiting(for id: TransactionID) async -> Task<Void, Never> {
        let before = published.settlingCount, published = published
        let task = Task { await published.settled(id) }
        while published.settlingCount == before { await Task.yield() }
        return task
    }

    @Test func aBlockWakesThoseAloneWhoWaitForWhatItHolds() async {
        let first = payment(1), second = payment(2)
        let one = await waiting(for: first.id), again = await waiting(for: first.id), other = await waiting(for: second.id)
        publish([first])
        await one.value
        await again.value
        #expect(published.settlingCount == 1)
        publish([second])
        await other.value
        #expect(published.settlingCount == 0)
        // Who asks later is answered at once.
        await published.settled(first.id)
    }

    @Test func whoWaitsHearsOfADropACancellationAndTheEnd() async {
        let dropped = payment(1), cancelled = payment(2), last = payment(3)
        let one = await waiting(for: dropped.id), other = await waiting(for: cancelled.id), end = await waiting(for: last.id)
        published.drop(dropped.id, code: "tx.expired")
        await one.value
        other.cancel()
        await other.value
        #expect(published.settlingCount == 1)
        published.end()
        await end.value
        #expect(published.settlingCount == 0)
        await published.settled(cancelled.id)
    }

    @Test func whatIsOfferedAgainIsWaitedForAgain() async {
        let signed = payment(1)
        published.drop(signed.id, code: "tx.expired")
        #expect(published.reasonForDropping(signed.id) == "tx.expired")
        published.offered([signed])
        #expect(published.reasonForDropping(signed.id) == nil)
        let task = await waiting(for: signed.id)
        publish([signed])
        await task.value
    }

    @Test func whatIsRememberedOfDropsIsBounded() {
        let signed = payment(1)
        for _ in 0..<(Published.droppedMax + 10) {
            published.drop(signed.id, code: "tx.expired")
            published.offered([signed])
        }
        #expect(published.droppedCount <= Published.droppedMax)
    }
}
