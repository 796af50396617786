import ChainKit
import Contracts
import Execution
import Primitives
import Testing

/// Every method of every contract meets arbitrary arguments in states that such calls made.
@Suite struct StormTests {
    @Test(arguments: 0..<24) func arbitraryCallsAreRefusedOrAccounted(seed: UInt64) {
        var storm = ContractStorm(Catalogue.definitions, seed: seed)
        for block in 0..<60 {
            if let fault = storm.block() {
                Issue.record("block \(block): \(fault)")
                return
            }
        }
        #expect(storm.chain.epoch > 3)
    }
}
