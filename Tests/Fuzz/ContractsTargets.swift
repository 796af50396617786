import ChainKit
import Contracts
import Execution
import Primitives

extension FuzzTargets {
    static let contracts: [FuzzTarget] = [
        // Arbitrary calls of every method: refused or done, never a trap, a broken record, a failed hook or a lost base unit.
        FuzzTarget(name: "contract-storm", samples: [[1], [2, 3], [4, 5, 6]]) { input in
            let seed = input.prefix(64).reduce(UInt64(input.count)) { ($0 ^ UInt64($1)) &* 0x0100_0000_01b3 }
            var storm = ContractStorm(Catalogue.definitions, seed: seed)
            for _ in 0..<10 {
                if let fault = storm.block() { return fault }
            }
            return nil
        },
        .canonical("account-state", AccountStateSample.self, samples: [AccountStateSample(nonce: 3, balance: Amount(9))]),
    ] + infrastructure
}

/// A record as contracts declare them.
struct AccountStateSample: Record, Equatable {
    let nonce: Nonce
    let balance: Amount
    static let fields = Fields(Field("nonce", "The next.") { $0.nonce }, Field("balance", "Base units.") { $0.balance }, make: AccountStateSample.init)
}
