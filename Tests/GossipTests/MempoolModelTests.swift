@testable import Gossip
import Ledger
import Primitives
import Testing

/// The pool and the oracle go through the same random lives and agree after every step.
struct MempoolModelTests {
    @Test(arguments: 0..<8) func agreesWithTheOracle(part: Int) {
        for seed in 0..<250 {
            if let difference = Self.live(seed: UInt64(part * 250 + seed)) {
                Issue.record("seed \(part * 250 + seed): \(difference)")
                return
            }
        }
    }

    /// What differs first in the life of `seed`, or nil.
    static func live(seed: UInt64) -> String? {
        var random = SeededGenerator(seed: seed)
        var configuration = Mempool.Configuration()
        configuration.countMax = 4 + random.below(24)
        configuration.bytesMax = 1_500 + random.below(8_000)
        configuration.senderBytesMax = 1_000 + random.below(3_000)
        configuration.ageTicksMax = 40
        let senders = 2 + random.below(6)
        let world = World()
        for sender in 0..<senders {
            world.accounts[Fixture.address(sender)] = AccountState(nonce: Nonce(random.below(UInt64(3))), balance: Amount(UInt128(2_000 + random.below(40_000))))
        }
        let rules = Fixture.rules { parameters in
            parameters.blockTransactionsMax = UInt32(3 + random.below(10))
            parameters.blockBytesMax = UInt32(700 + random.below(4_000))
            parameters.blockGasMax = 1_500
        }
        let pool = Mempool(rules: rules, configuration: configuration) { world.accounts[$0] }
        var oracle = MempoolOracle(configuration: configuration, rules: rules, accounts: world.accounts)
        var made: [SignedTransaction] = []
        var now: UInt64 = 0

        for step in 0..<60 {
            switch random.below(10) {
            case 0:
                now += UInt64(random.below(15))
                let before = pool.count
                let dropped = pool.age(now: GossipTick(now))
                oracle.age(now: now)
                if before - pool.count != dropped.count { return "step \(step): aged \(dropped.count) of \(before - pool.count)" }
            case 1:
                let hashes = pool.select(rules: pool.rules) { world.accounts[$0] }
                let body = hashes.transactions.prefix(random.below(hashes.transactions.count + 1)).map(\.value)
                var touched: [Address: AccountState] = [:]
                for signed in body {
                    let state = touched[signed.transaction.sender] ?? world.accounts[signed.transaction.sender]!
                    touched[signed.transaction.sender] = AccountState(nonce: state.nonce.successor, balance: state.balance.subtracting(signed.transaction.reserve!)!)
                }
                // Something beside the transactions of this pool: money comes and goes, a nonce is used elsewhere.
                let stranger = Fixture.address(random.below(senders))
                if touched[stranger] == nil {
                    touched[stranger] = AccountState(
                        nonce: Nonce(world.accounts[stranger]!.nonce.rawValue + UInt64(random.below(2))), balance: Amount(UInt128(random.below(40_000))))
                }
                var parameters = pool.rules.parameters
                if random.chance(1, in: 6) { parameters.gasPriceMin = Amount(UInt128(random.below(6))) }
                let block = CommittedBlock(
                    height: pool.rules.height, proposer: nil, transactions: body,
                    touched: touched.sorted { $0.key < $1.key }.map { TouchedAccount(address: $0.key, state: $0.value) }, parameters: parameters)
                for (address, state) in touched { world.accounts[address] = state }
                _ = pool.commit(block)
                oracle.commit(block)
            default:
                let again = !made.isEmpty && random.chance(1, in: 12)
                let sender = random.below(senders + 1)
                let base = world.accounts[Fixture.address(sender)]?.nonce.rawValue ?? 0
                let signed = again ? made[random.below(made.count)] : Fixture.transaction(
                    sender: sender, nonce: max(base, 1) - 1 + UInt64(random.below(random.chance(1, in: 8) ? 20 : 5)), price: UInt64(1 + random.below(20)),
                    gas: UInt64(10 + random.below(200)), validUntil: pool.rules.height.rawValue + UInt64(random.below(6)), size: random.below(400),
                    salt: UInt64(step))
                made.append(signed)
                let expected = oracle.admit(signed, now: now)
                var actual: MempoolRejection?
                do throws(MempoolRejection) {
                    try pool.precheck(signed)
                    _ = try pool.admit(Fixture.verified(signed), now: GossipTick(now))
                } catch { actual = error }
                if actual != expected { return "step \(step): \(String(describing: actual)) instead of \(String(describing: expected))" }
            }
            if let difference = compare(pool, oracle, world) { return "step \(step): \(difference)" }
        }
        return nil
    }

    final class World { var accounts: [Address: AccountState] = [:] }

    private static func compare(_ pool: Mempool, _ oracle: MempoolOracle, _ world: World) -> String? {
        if pool.count != oracle.entries.count { return "\(pool.count) transactions instead of \(oracle.entries.count)" }
        if pool.byteCount != oracle.entries.reduce(0, { $0 + $1.bytes }) { return "\(pool.byteCount) bytes" }
        if pool.count > pool.configuration.countMax || pool.byteCount > pool.configuration.bytesMax { return "over its bounds" }
        let ready = oracle.entries.filter { oracle.isReady($0, in: oracle.entries) }
        if pool.executableCount != ready.count || pool.hasExecutable == ready.isEmpty { return "\(pool.executableCount) executable instead of \(ready.count)" }
        for entry in oracle.entries {
            guard pool.contains(entry.hash), pool.transaction(entry.hash)?.value == entry.signed else { return "\(entry.hash) is not there" }
            let isPending = pool.status(of: entry.signed.id) == .pending
            if isPending != oracle.isReady(entry, in: oracle.entries) { return "\(entry.hash): \(String(describing: pool.status(of: entry.signed.id)))" }
        }
        for (sender, _) in world.accounts where pool.lane(sender).map(\.envelopeHash) != oracle.lane(sender).map(\.hash) { return "another lane of \(sender)" }
        let chosen = pool.select(rules: pool.rules) { world.accounts[$0] }.transactions.map(\.value.envelopeHash)
        if chosen != oracle.select() { return "selects otherwise" }
        let oldest = pool.oldestExecutable().map(\.value.envelopeHash)
        return Set(oldest) == Set(ready.map(\.hash)) ? nil : "shares otherwise"
    }
}
