import Ledger
import Primitives
import WorldState

/// Base units neither appear nor vanish: what all balances gained is what was made, less what was destroyed; and the recorded
/// supply moved by the same. Checked after every block, from the changes themselves and not from the code that made them.
enum Conservation {
    /// - Parameters:
    ///   - overlay: everything that changed.
    ///   - minted: base units made in it.
    ///   - burned: base units destroyed in it.
    static func check(_ overlay: Overlay, minted: Amount, burned: Amount) throws(ExecutionFailure) {
        func amount(_ bytes: [UInt8]?) throws(ExecutionFailure) -> Amount {
            guard let bytes else { return .zero }
            do { return try Amount(bcs: bytes) } catch { throw .state(StoreError(.corrupt, "supply: \(error)")) }
        }
        var supply: (original: Amount, current: Amount)?
        if let change = overlay.change(of: AccountRecords.supplyKey) {
            supply = (try amount(change.original), try amount(change.current))
        }
        try check(overlay.accountChanges, supply: supply, minted: minted, burned: burned)
    }

    /// - Parameters:
    ///   - accounts: the records of all changed accounts, before and after.
    ///   - supply: the recorded supply, before and after; nil when the block did not look at it.
    static func check(
        _ accounts: some Sequence<(original: AccountState?, current: AccountState?)>, supply: (original: Amount, current: Amount)?,
        minted: Amount, burned: Amount
    ) throws(ExecutionFailure) {
        var before = Amount.zero, after = Amount.zero
        for (original, current) in accounts {
            guard let sumBefore = before.adding(original?.balance ?? .zero), let sumAfter = after.adding(current?.balance ?? .zero) else {
                throw .valueNotConserved(made: minted, destroyed: burned, before: before, after: after)
            }
            before = sumBefore
            after = sumAfter
        }
        let recorded = (supply?.original ?? .zero).adding(minted) == (supply?.current ?? .zero).adding(burned)
        guard before.adding(minted) == after.adding(burned), recorded else {
            throw .valueNotConserved(made: minted, destroyed: burned, before: before, after: after)
        }
    }
}
