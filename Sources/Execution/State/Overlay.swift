import Ledger
import Primitives
import WorldState

/// What has been written since the parent state, above a reader of that state. Writes since a checkpoint can be taken back, which
/// is how a failed call leaves nothing behind.
///
/// Accounts are kept as values and everything else as bytes: every transaction changes some, and most change nothing else.
///
/// Invariants: `log` holds, in order, what each write since the last ``commit()`` replaced; slots stand in the order of their first
/// use, which is the same for every node.
final class Overlay: StateReader {
    private struct Slot<Key, Value> {
        let key: Key
        /// In the parent state.
        let original: Value?
        var current: Value?
    }

    private enum Replaced {
        case value(slot: Int, [UInt8]?)
        case account(slot: Int, AccountState?)
    }

    private let reader: any StateReader
    private var values: [Slot<StateKey, [UInt8]>] = []
    private var accounts: [Slot<Address, AccountState>] = []
    // Looked up by key only, never walked.
    private var valueSlots: [StateKey: Int] = [:]
    private var accountSlots: [Address: Int] = [:]
    private var log: [Replaced] = []
    /// Keys that appeared or went, ascending by their bytes, for walks over keys; a key taken back stays and is looked up.
    private var moved: [[UInt8]] = []
    /// The keys that were read, when a proof of them will be wanted.
    private(set) var reads: [StateKey]?
    private var readBefore: Set<StateKey> = []

    /// Values longer than this that are only read are not kept, so that reading cannot fill memory.
    private static let keptBytesMax = 1_024

    init(_ reader: any StateReader, recordsReads: Bool = false) {
        self.reader = reader
        reads = recordsReads ? [] : nil
    }

    // ── Values ──

    func value(_ key: StateKey) throws(StoreError) -> [UInt8]? {
        try value(key, isNoted: true)
    }

    /// - Parameter isNoted: false for what another value that was read already stands for, as code by its hash.
    func value(_ key: StateKey, isNoted: Bool) throws(StoreError) -> [UInt8]? {
        if let address = AccountRecords.account(at: key) { return try account(address)?.bcs }
        if isNoted { noteRead(key) }
        if let slot = valueSlots[key] { return values[slot].current }
        let value = try reader.value(key)
        if value.map({ $0.count <= Overlay.keptBytesMax }) ?? true { _ = addSlot(key, value) }
        return value
    }

    /// Writes `value`, or removes the key, and returns what was there. Accounts are written by ``setAccount(_:_:)``.
    @discardableResult
    func write(_ key: StateKey, _ value: [UInt8]?) throws(StoreError) -> [UInt8]? {
        precondition(AccountRecords.account(at: key) == nil, "only the machine writes accounts")
        let slot = if let known = valueSlots[key] { known } else { addSlot(key, try reader.value(key)) }
        let previous = values[slot].current
        values[slot].current = value
        log.append(.value(slot: slot, previous))
        if (previous == nil) != (value == nil) { noteMove(key.bytes) }
        return previous
    }

    private func addSlot(_ key: StateKey, _ value: [UInt8]?) -> Int {
        values.append(Slot(key: key, original: value, current: value))
        valueSlots[key] = values.count - 1
        return values.count - 1
    }

    // ── Accounts ──

    func account(_ address: Address) throws(StoreError) -> AccountState? {
        if reads != nil { noteRead(AccountRecords.key(address)) }
        return accounts[try accountSlot(address)].current
    }

    /// Writes the account's record, or removes it.
    func setAccount(_ address: Address, _ account: AccountState?) throws(StoreError) {
        let slot = try accountSlot(address)
        let previous = accounts[slot].current
        accounts[slot].current = account
        log.append(.account(slot: slot, previous))
        if (previous == nil) != (account == nil) { noteMove(AccountRecords.key(address).bytes) }
    }

    private func accountSlot(_ address: Address) throws(StoreError) -> Int {
        if let slot = accountSlots[address] { return slot }
        let account = try AccountRecords.account(address, in: reader)
        accounts.append(Slot(key: address, original: account, current: account))
        accountSlots[address] = accounts.count - 1
        return accounts.count - 1
    }

    // ── Going back ──

    /// A mark to which ``rollback(to:)`` returns.
    var checkpoint: Int { log.count }

    func rollback(to checkpoint: Int) {
        while log.count > checkpoint, let entry = log.popLast() {
            switch entry {
            case .value(let slot, let previous): values[slot].current = previous
            case .account(let slot, let previous): accounts[slot].current = previous
            }
        }
    }

    /// Forgets how to go back.
    func commit() { log.removeAll(keepingCapacity: true) }

    // ── Walks ──

    /// The keys that start with `prefix`, merged from the parent state and from what was written.
    func keys(
        prefix: [UInt8], from start: [UInt8]?, _ direction: ScanDirection, limit: Int
    ) throws(StoreError) -> [StateKey] {
        let own = movedKeys(prefix: prefix, from: start, direction)
        var found: [StateKey] = []
        var next = own.startIndex
        var resume = start
        while found.count < limit {
            let below = try reader.keys(prefix: prefix, from: resume, direction, limit: limit)
            for key in below {
                while next < own.endIndex, direction == .ascending ? own[next].precedes(key.bytes) : key.bytes.precedes(own[next]) {
                    if let known = StateKey(own[next]), exists(known) == true { found.append(known) }
                    next += 1
                }
                if next < own.endIndex, own[next] == key.bytes { next += 1 }
                if exists(key) ?? true { found.append(key) }
            }
            guard below.count == limit, let last = below.last else {
                for bytes in own[next...] {
                    if let known = StateKey(bytes), exists(known) == true { found.append(known) }
                }
                break
            }
            // Ascending, the least successor of a key is the key and a zero byte.
            resume = direction == .ascending ? last.bytes + [0] : last.bytes
        }
        return Array(found.prefix(limit))
    }

    /// Whether `key` has a value, as far as this overlay knows.
    private func exists(_ key: StateKey) -> Bool? {
        if let address = AccountRecords.account(at: key) { return accountSlots[address].map { accounts[$0].current != nil } }
        return valueSlots[key].map { values[$0].current != nil }
    }

    private func movedKeys(prefix: [UInt8], from start: [UInt8]?, _ direction: ScanDirection) -> [[UInt8]] {
        let bound = direction == .ascending ? start.map { $0.precedes(prefix) ? prefix : $0 } : nil
        var keys: [[UInt8]] = []
        for key in moved[position(of: bound ?? prefix)...] {
            guard key.starts(with: prefix) else { break }
            if direction == .descending, let start, !key.precedes(start) { break }
            keys.append(key)
        }
        return direction == .ascending ? keys : keys.reversed()
    }

    private func noteMove(_ key: [UInt8]) {
        let position = position(of: key)
        if position < moved.count, moved[position] == key { return }
        moved.insert(key, at: position)
    }

    /// The first place in `moved` that is not before `key`.
    private func position(of key: [UInt8]) -> Int {
        var low = 0, high = moved.count
        while low < high {
            let middle = (low + high) / 2
            if moved[middle].precedes(key) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func noteRead(_ key: StateKey) {
        if reads != nil, readBefore.insert(key).inserted { reads?.append(key) }
    }

    // ── The result ──

    /// What the block changes: accounts, then everything else.
    var changes: [StateChange] {
        var changes: [StateChange] = []
        changes.reserveCapacity(accounts.count + values.count)
        for slot in accounts where slot.current != slot.original {
            changes.append(StateChange(key: AccountRecords.key(slot.key), value: slot.current?.bcs))
        }
        for slot in values where slot.current != slot.original { changes.append(StateChange(key: slot.key, value: slot.current)) }
        return changes
    }

    /// Every account that the block changed.
    var accountChanges: [(original: AccountState?, current: AccountState?)] {
        accounts.lazy.filter { $0.current != $0.original }.map { ($0.original, $0.current) }
    }

    /// What `key` was in the parent state and is now; nil when it was not used.
    func change(of key: StateKey) -> (original: [UInt8]?, current: [UInt8]?)? {
        valueSlots[key].map { (values[$0].original, values[$0].current) }
    }
}
