@testable import Gossip
import Ledger
import Primitives
import Testing

@Suite struct AccountCacheTests {
    /// The answers are those of the state, whatever was forgotten; an account is read once as long as it is remembered.
    @Test(arguments: 0..<20 as Range<UInt64>) func agreesWithTheState(_ seed: UInt64) {
        final class World {
            var accounts: [Address: AccountState] = [:]
            var reads = 0
        }
        var random = SeededGenerator(seed: seed)
        let world = World(), capacity = 2 + random.below(10)
        var cache = AccountCache(capacity: capacity) { address in
            world.reads += 1
            return world.accounts[address]
        }
        for step in 0..<2_000 {
            let address = Fixture.address(random.below(14))
            switch random.below(6) {
            case 0:
                let state = AccountState(nonce: Nonce(UInt64(step)), balance: Amount(UInt128(random.below(1_000))))
                world.accounts[address] = state
                cache.update(address, state)
            case 1 where random.chance(1, in: 20):
                for address in world.accounts.keys.sorted() { world.accounts[address] = AccountState(nonce: Nonce(UInt64(step)), balance: .zero) }
                cache.removeAll()
            default:
                #expect(cache.account(address) == world.accounts[address])
                let before = world.reads
                #expect(cache.account(address) == world.accounts[address])
                // Who is not there is asked for each time.
                #expect(world.reads - before == (world.accounts[address] == nil ? 1 : 0))
            }
        }
    }

    /// The newest half of the capacity is always there, and never more than the whole.
    @Test func theOldestAreForgotten() {
        final class Reader { var count = 0 }
        let reader = Reader()
        var cache = AccountCache(capacity: 8) { _ in
            reader.count += 1
            return AccountState(nonce: 1, balance: .zero)
        }
        for number in 0..<100 { _ = cache.account(Fixture.address(number)) }
        #expect(reader.count == 100)
        for number in 96..<100 { _ = cache.account(Fixture.address(number)) }
        #expect(reader.count == 100)
        for number in 0..<92 { _ = cache.account(Fixture.address(number)) }
        #expect(reader.count == 192)
    }
}
