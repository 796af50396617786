import Ledger
import Primitives

/// Accounts that were read lately, as of the newest block that the pool was told of. A transaction's account is asked for before its signature
/// is checked and again behind it, and busy accounts come again; each reading of the state costs some microseconds.
///
/// Two generations, as in ``GenerationSet``: the newest `capacity / 2` accounts are here. Only accounts that exist are kept.
struct AccountCache {
    /// With 64 bytes each, two megabytes.
    static let capacityStandard = 32 * 1024

    let capacity: Int
    private let read: (Address) -> AccountState?
    private var young: [Address: AccountState] = [:]
    private var old: [Address: AccountState] = [:]

    init(capacity: Int = Self.capacityStandard, read: @escaping (Address) -> AccountState?) {
        precondition(capacity >= 2)
        (self.capacity, self.read) = (capacity, read)
    }

    mutating func account(_ address: Address) -> AccountState? {
        if let known = young[address] { return known }
        guard let state = old[address] ?? read(address) else { return nil }
        if young.count >= capacity / 2 {
            old = young
            young = [:]
        }
        young[address] = state
        return state
    }

    /// A block left the account in this state.
    mutating func update(_ address: Address, _ state: AccountState) {
        // What stands in both is answered by the young generation.
        if young.updateExisting(address, state) { return }
        _ = old.updateExisting(address, state)
    }

    /// The state has moved by more than blocks.
    mutating func removeAll() { (young, old) = ([:], [:]) }
}

extension Dictionary {
    /// False when `key` is not here.
    fileprivate mutating func updateExisting(_ key: Key, _ value: Value) -> Bool {
        guard let index = index(forKey: key) else { return false }
        values[index] = value
        return true
    }
}
