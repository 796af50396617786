@testable import Contracts
import Primitives
import Testing

/// The arithmetic of shares: nobody gains by rounding, whoever comes first.
@Suite struct PoolTests {
    @Test func aDepositIsWorthItselfAtFirst() {
        for amount: UInt128 in [1, 2, 999, 1_000_000, 1 << 80, (1 << 96) - 1] {
            var pool = Pool()
            let shares = pool.deposit(Amount(amount))
            #expect(shares == amount * Pool.virtualShares && pool.worth(shares!) == Amount(amount))
            #expect(pool.withdraw(nil, of: shares!).amount == Amount(amount))
            #expect(pool == Pool())
        }
    }

    /// Thousands of random deposits, withdrawals and slashes: shares of others never lose, no round trip wins, the pool covers all.
    @Test(arguments: 0..<8) func nobodyGainsByRounding(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var pool = Pool()
        var owners = [UInt128](repeating: 0, count: 6)
        func worths() -> [Amount] { owners.map { pool.worth($0) } }
        for _ in 0..<4_000 {
            let owner = random.below(owners.count)
            let others = owners.indices.filter { $0 != owner }
            let before = worths()
            switch random.below(20) {
            case 0..<9:
                let amount = Amount(UInt128(random.next() >> UInt64(random.below(63))))
                let deposited = pool
                if let shares = pool.deposit(amount) {
                    owners[owner] += shares
                    // At once back again: never more than was paid in.
                    var trial = pool
                    #expect(trial.withdraw(nil, of: shares).amount <= amount)
                } else { #expect(pool == deposited) }
                for other in others { #expect(pool.worth(owners[other]) >= before[other]) }
            case 9..<18:
                let most = pool.worth(owners[owner])
                let wanted: Amount? = random.chance(1, in: 3) ? nil : Amount(UInt128(random.next()) % (most.units + 2))
                let taken = pool.withdraw(wanted, of: owners[owner])
                owners[owner] -= taken.shares
                #expect(taken.amount <= most && taken.amount <= (wanted ?? most))
                for other in others { #expect(pool.worth(owners[other]) >= before[other]) }
            default:
                let part = UInt32(random.below(random.chance(1, in: 50) ? 1_000_001 : 60_000))
                let tokens = pool.tokens
                let lost = pool.slash(partsPerMillion: part)
                #expect(lost == tokens.share(partsPerMillion: part, rounding: .up))
                for place in owners.indices { #expect(pool.worth(owners[place]) <= before[place]) }
            }
            #expect(owners.reduce(0, +) == pool.shares)
            #expect(worths().reduce(0) { $0 + $1.units } <= pool.tokens.units)
            if pool.shares == 0 { #expect(pool.sweep().units < 8 && pool == Pool()) }
        }
    }

    /// The first owner cannot make the second one's deposit round to nothing: there is no way to give to a pool, and even a slash to
    /// a single unit leaves the price fair.
    @Test func aFirstOwnerCannotSqueezeTheSecond() {
        var pool = Pool()
        let first = pool.deposit(Amount(1))!
        _ = pool.slash(partsPerMillion: 1_000_000)
        #expect(pool.tokens == .zero && pool.worth(first) == .zero)
        let second = pool.deposit(Amount(1_000_000))!
        #expect(pool.worth(second).units >= 999_998)
    }

    @Test func aWorthlessPoolTakesNothingMore() {
        var pool = Pool()
        _ = pool.deposit(Amount(1 << 90))
        _ = pool.slash(partsPerMillion: 1_000_000)
        let before = pool
        #expect(pool.deposit(Amount(1 << 40)) == nil && pool == before)
    }

    @Test func ratiosAreExactBeyond128Bits() {
        #expect(Ratio.multiply(.max, .max, dividedBy: .max, .down) == .max)
        #expect(Ratio.multiply(.max, 2, dividedBy: 3, .down) == UInt128.max / 3 * 2)
        #expect(Ratio.multiply(10, 10, dividedBy: 3, .up) == 34 && Ratio.multiply(10, 10, dividedBy: 3, .down) == 33)
        #expect(Ratio.multiply(.max, 2, dividedBy: 1, .down) == nil)
        #expect(Ratio.multiply(1, 1, dividedBy: 0, .down) == nil)
        #expect(Ratio.multiply(.max, .max, dividedBy: .max, .up) == .max)
    }
}
