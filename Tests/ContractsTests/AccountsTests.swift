import ChainKit
import Contracts
import Execution
import Ledger
import Primitives
import Testing

@Suite struct AccountsTests {
    private let alice = Person(1), bob = Person(2), carol = Person(3)

    private func chain() -> TestChain { TestChain([Accounts.self], people: [alice, bob]) }

    @Test func aPaymentMovesTheAttachedValueAndCostsItsGas() throws {
        let chain = chain()
        let receipt = chain.send(alice, Accounts.transfer.reference.call(on: .accounts, carol.address, value: Amount(500)))
        #expect(receipt.succeeded)
        #expect(receipt.fee == Amount(UInt128(receipt.gasUsed.rawValue)))
        #expect(chain.balance(carol.address) == Amount(500))
        #expect(chain.balance(alice.address).adding(receipt.fee)?.adding(Amount(500)) == TestChain.fortune)
        #expect(chain.events(Transferred.self) == [Transferred(from: alice.address, to: carol.address, amount: Amount(500))])
        #expect(chain.ask(Accounts.balance.reference, of: .accounts, carol.address) == Amount(500))
    }

    @Test func severalPaymentsMustAddUp() {
        let chain = chain()
        let payments = [Payment(to: bob.address, amount: Amount(3)), Payment(to: carol.address, amount: Amount(4))]
        let list = Bounded<256, Payment>(payments)!
        let short = chain.send(alice, Accounts.transferMany.reference.call(on: .accounts, list, value: Amount(6)))
        #expect(short.code == AccountsRejection.sumMismatch.rawValue)
        #expect(chain.balance(carol.address) == .zero)
        #expect(chain.send(alice, Accounts.transferMany.reference.call(on: .accounts, list, value: Amount(7))).succeeded)
        #expect(chain.balance(carol.address) == Amount(4))
    }

    @Test func burningLowersTheSupply() {
        let chain = chain()
        let before = chain.supply
        let receipt = chain.send(alice, Accounts.burn.reference.call(on: .accounts, value: Amount(1_000)))
        #expect(receipt.succeeded)
        let gone = chain.last!.fees.burned.adding(Amount(1_000))!
        #expect(chain.supply == before.subtracting(gone))
    }
}
