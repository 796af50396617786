import Ledger
import Primitives
import WorldState

/// What has been written since the parent state, above a reader of that state. Writes since a checkpoint can be taken back, which
/// is how a failed call leaves nothing behind.
///
/// Accounts are kept as values and everything else as bytes: every transaction changes some, and most change nothing else.
///
/// Invariant: `log` holds, in order, what each write since the last ``commit()`` replaced. Slots stand in the order of their first use,
/// which nobody may depend on: a node that had code at hand has not read its pieces.
final class Overlay: StateReader {
    private struct Slot<Key, Value> {
        let key: Key
        /// In the parent state.
        let original: Value?
        var current: Value?

        var exists: Bool { current != nil }
        /// Whether it has come or gone.
        var isMoved: Bool { exists != (original != nil) }
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
    /// The keys that exist and did not in the parent state, and those that did and do not, ascending by their bytes, for walks.
    private var moved: [StateKey] = []
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
        log.append(.value(slot: slot, previous))
        set(slot, value)
        return previous
    }

    private func set(_ slot: Int, _ value: [UInt8]?) {
        let existed = values[slot].exists
        values[slot].current = value
        if values[slot].exists != existed { noteMove(values[slot].key, isMoved: values[slot].isMoved) }
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
        log.append(.account(slot: slot, accounts[slot].current))
        set(slot, account)
    }

    private func set(_ slot: Int, _ account: AccountState?) {
        let existed = accounts[slot].exists
        accounts[slot].current = account
        if accounts[slot].exists != existed { noteMove(AccountRecords.key(accounts[slot].key), isMoved: accounts[slot].isMoved) }
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
            case .value(let slot, let previous): set(slot, previous)
            case .account(let slot, let previous): set(slot, previous)
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
        try walk(prefix: prefix, from: start, direction, limit: limit, stepsMax: .max)?.keys ?? []
    }

    /// The same with the number of keys that were looked at, among them those that have gone; nil when they would be more than
    /// `stepsMax`. The number is the same for every node, so that a walk can be paid by the step.
    func walk(
        prefix: [UInt8], from start: [UInt8]?, _ direction: ScanDirection, limit: Int, stepsMax: Int
    ) throws(StoreError) -> (keys: [StateKey], steps: Int)? {
        var found: [StateKey] = []
        var steps = 0
        var own = firstMoved(prefix: prefix, from: start, direction)
        var resume = start
        var batch = limit
        while found.count < limit {
            // One more than may be looked at tells that there is one.
            let size = min(batch - 1, stepsMax - steps) + 1
            let below = try reader.keys(prefix: prefix, from: resume, direction, limit: size)
            var next = 0
            // Behind a full batch there may be more, which could come before the next key of this overlay.
            while found.count < limit, next < below.count || below.count < size {
                let written = moved.indices.contains(own) && moved[own].bytes.starts(with: prefix) ? moved[own] : nil
                let stored = next < below.count ? below[next] : nil
                guard written != nil || stored != nil else { return (found, steps) }
                steps += 1
                guard steps <= stepsMax else { return nil }
                if let written, stored.map({ precedes(written, $0, direction) }) ?? true {
                    own += direction == .ascending ? 1 : -1
                    found.append(written)
                } else if let stored {
                    next += 1
                    // A key of the parent state that moved has gone.
                    if written == stored { own += direction == .ascending ? 1 : -1 } else { found.append(stored) }
                }
            }
            // Ascending, the least successor of a key is the key and a zero byte.
            if let last = below.last { resume = direction == .ascending ? last.bytes + [0] : last.bytes }
            // Many keys in a row have gone: the store is asked less and less often.
            batch = 2 * size
        }
        return (found, steps)
    }

    private func precedes(_ left: StateKey, _ right: StateKey, _ direction: ScanDirection) -> Bool {
        direction == .ascending ? left.bytes.precedes(right.bytes) : right.bytes.precedes(left.bytes)
    }

    /// The place in `moved` where a walk begins; one outside it, or of another prefix, when there is nothing.
    private func firstMoved(prefix: [UInt8], from start: [UInt8]?, _ direction: ScanDirection) -> Int {
        switch direction {
        case .ascending:
            let bound = start.map { $0.precedes(prefix) ? prefix : $0 } ?? prefix
            return position { !$0.bytes.precedes(bound) }
        case .descending:
            let behind = position { key in
                start.map { !key.bytes.precedes($0) } ?? false || (!key.bytes.starts(with: prefix) && prefix.precedes(key.bytes))
            }
            return behind - 1
        }
    }

    /// Keeps `moved` when `key` has come or gone, or is as in the parent state again.
    private func noteMove(_ key: StateKey, isMoved: Bool) {
        let place = position { !$0.bytes.precedes(key.bytes) }
        let isKnown = place < moved.count && moved[place] == key
        if isMoved, !isKnown { moved.insert(key, at: place) }
        if !isMoved, isKnown { moved.remove(at: place) }
    }

    /// The first place in `moved` of which `isBehind` holds; it holds of all places behind, too.
    private func position(where isBehind: (StateKey) -> Bool) -> Int {
        var low = 0, high = moved.count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(moved[middle]) { high = middle } else { low = middle + 1 }
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
