import Ledger
public import Primitives

/// The transactions of one sender in the order of their nonces, with gaps.
///
/// Invariants: nonces are strictly ascending and within `account.nonce ... account.nonce + 16`; the first `readyCount` entries are
/// consecutive from `account.nonce`, and the balance covers the sum of their reserves.
struct SenderLane {
    let sender: Address
    private(set) var account: AccountState
    private(set) var entries: [PoolEntry] = []
    /// How many entries, from the first, a block at the newest state could hold.
    private(set) var readyCount = 0
    private(set) var byteCount = 0

    init(sender: Address, account: AccountState) {
        self.sender = sender
        self.account = account
    }

    var isReady: Bool { readyCount > 0 }
    /// The least that any entry pays: what comes later cannot be included without it, so the lane is worth no more to the pool.
    var floor: Amount { entries.reduce(Amount(.max)) { min($0, $1.price) } }

    func position(of nonce: Nonce) -> (index: Int, isThere: Bool) {
        let index = entries.firstIndex { $0.nonce >= nonce } ?? entries.count
        return (index, index < entries.count && entries[index].nonce == nonce)
    }

    /// Inserts `entry`, or puts it in place of the one with its nonce, which is returned.
    mutating func insert(_ entry: PoolEntry) -> PoolEntry? {
        let (index, isThere) = position(of: entry.nonce)
        var old: PoolEntry?
        if isThere {
            old = entries[index]
            entries[index] = entry
        } else {
            entries.insert(entry, at: index)
        }
        byteCount += entry.byteCount - (old?.byteCount ?? 0)
        review()
        return old
    }

    mutating func removeLast() -> PoolEntry {
        let entry = entries.removeLast()
        byteCount -= entry.byteCount
        review()
        return entry
    }

    /// Removes the entries for which `isGone` says so.
    mutating func remove(where isGone: (PoolEntry) -> Bool) -> [PoolEntry] {
        let gone = entries.filter(isGone)
        guard !gone.isEmpty else { return [] }
        entries.removeAll { entry in gone.contains { $0 === entry } }
        byteCount -= gone.reduce(0) { $0 + $1.byteCount }
        review()
        return gone
    }

    /// Takes a new account state and gives up the entries whose nonces it has used.
    mutating func update(_ state: AccountState) -> [PoolEntry] {
        account = state
        let gone = remove { $0.nonce < state.nonce }
        review()
        return gone
    }

    private mutating func review() {
        readyCount = 0
        var next = account.nonce.rawValue, rest = account.balance
        for entry in entries {
            guard entry.nonce.rawValue == next, let left = rest.subtracting(entry.reserve) else { return }
            rest = left
            // A nonce is at most 16 above its account's, therefore only the last one can be the largest number.
            next &+= 1
            readyCount += 1
        }
    }

    /// Why the entry at `index` cannot be in the next block, if it cannot.
    func obstacle(at index: Int) -> QueueReason? {
        guard index >= readyCount else { return nil }
        var next = account.nonce, required = Amount.zero
        for entry in entries[...index] {
            if entry.nonce != next { return .nonceGap(missing: next) }
            next = Nonce(next.rawValue &+ 1)
            required = required.adding(entry.reserve) ?? Amount(.max)
        }
        return .balanceTooLow(required: required, available: account.balance)
    }
}

/// Why a transaction waits in the pool.
@frozen public enum QueueReason: Hashable, Sendable {
    /// A transaction with a lower nonce has not come yet.
    case nonceGap(missing: Nonce)
    /// The account cannot pay for it beside those before it.
    case balanceTooLow(required: Amount, available: Amount)
}
