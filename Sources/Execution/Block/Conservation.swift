import Ledger
import Primitives
import WorldState

/// Base units neither appear nor vanish: what all balances gained is what was made, less what was destroyed; and the recorded
/// supply moved by the same. Checked after every block, from the changes themselves and not from the code that made them.
enum Conservation {
    static func check(
        _ changes: [(change: StateChange, original: [UInt8]?)], minted: Amount, burned: Amount
    ) throws(ExecutionFailure) {
        let region = Address.accounts.bytes + [AccountRecords.accounts.tag]
        var before = Amount.zero, after = Amount.zero
        var supplyBefore: Amount?, supplyAfter: Amount?
        for (change, original) in changes {
            if change.key == AccountRecords.supplyKey {
                supplyBefore = amount(original)
                supplyAfter = amount(change.value)
            }
            guard change.key.bytes.starts(with: region) else { continue }
            guard let old = AccountRecords.balance(original), let new = AccountRecords.balance(change.value),
                  let sumBefore = before.adding(old), let sumAfter = after.adding(new) else {
                throw .valueNotConserved(made: minted, destroyed: burned, before: before, after: after)
            }
            before = sumBefore
            after = sumAfter
        }
        let balanced = before.adding(minted) == after.adding(burned)
        // Both are nil when nothing was written, which is right when as much was made as destroyed.
        let recorded = (supplyBefore ?? .zero).adding(minted) == (supplyAfter ?? .zero).adding(burned)
        guard balanced, recorded else { throw .valueNotConserved(made: minted, destroyed: burned, before: before, after: after) }
    }

    private static func amount(_ bytes: [UInt8]?) -> Amount? { bytes.flatMap { try? Amount(bcs: $0) } ?? .zero }
}
