import Ledger
import Primitives
public import WorldState

/// The contract's storage, by declared regions.
extension CallContext {
    public func read<Value>(_ stored: StoredValue<Value>) throws(CallError) -> Value? { try decode(load(stored.key)) }

    public func read<Key, Value>(_ map: StoredMap<Key, Value>, _ key: Key) throws(CallError) -> Value? {
        try decode(load(map.key(key)))
    }

    public func write<Value>(_ stored: StoredValue<Value>, _ value: Value) throws(CallError) { try store(stored.key, value.bcs) }

    public func write<Key, Value>(_ map: StoredMap<Key, Value>, _ key: Key, _ value: Value) throws(CallError) {
        try store(map.key(key), value.bcs)
    }

    public func remove<Value>(_ stored: StoredValue<Value>) throws(CallError) { try store(stored.key, nil) }

    public func remove<Key, Value>(_ map: StoredMap<Key, Value>, _ key: Key) throws(CallError) { try store(map.key(key), nil) }

    public func contains<Key, Value>(_ map: StoredMap<Key, Value>, _ key: Key) throws(CallError) -> Bool {
        try load(map.key(key)) != nil
    }

    /// Up to `limit` entries of `map` in the order of their keys, at or behind `start`, or before it when descending.
    public func entries<Key, Value>(
        _ map: StoredMap<Key, Value>, from start: Key? = nil, _ direction: ScanDirection = .ascending, limit: Int
    ) throws(CallError) -> [(key: Key, value: Value)] {
        try entries(map, prefix: [map.tag], from: start, direction, limit)
    }

    /// The same among the keys whose first part is `first`.
    public func entries<First, Second, Value>(
        _ map: StoredMap<KeyPair<First, Second>, Value>, first: First, from start: Second? = nil,
        _ direction: ScanDirection = .ascending, limit: Int
    ) throws(CallError) -> [(key: KeyPair<First, Second>, value: Value)] {
        var prefix = [map.tag]
        first.append(to: &prefix)
        return try entries(map, prefix: prefix, from: start.map { KeyPair(first, $0) }, direction, limit)
    }

    private func entries<Key, Value>(
        _ map: StoredMap<Key, Value>, prefix: [UInt8], from start: Key?, _ direction: ScanDirection, _ limit: Int
    ) throws(CallError) -> [(key: Key, value: Value)] {
        let found = try keys(prefix: prefix, from: start.map { map.key($0) }, direction, limit: limit)
        var entries: [(key: Key, value: Value)] = []
        for raw in found {
            var position = 1
            guard let key = Key(reading: raw, at: &position), position == raw.count, let value: Value = try decode(load(raw)) else {
                throw failure(.stateMalformed)
            }
            entries.append((key, value))
        }
        return entries
    }

    // ── As a deployed contract does it ──

    /// The contract's own keys that start with `prefix`, without the contract's address. Each key that is looked at is paid, also one
    /// that has gone in this block.
    public func keys(
        prefix: [UInt8], from start: [UInt8]?, _ direction: ScanDirection, limit: Int
    ) throws(CallError) -> [[UInt8]] {
        try charge(GasSchedule.scan)
        let address = contract.bytes
        let stepsMax = Int(clamping: gasLeft / GasSchedule.scanNext)
        let walk = try machine.state { state throws(StoreError) in
            try state.walk(prefix: address + prefix, from: start.map { address + $0 }, direction, limit: limit, stepsMax: stepsMax)
        }
        // What was looked at before the gas ran out is paid with all of it.
        try charge(walk.map { GasSchedule.scanNext * UInt64($0.steps) } ?? .max)
        return (walk?.keys ?? []).map { Array($0.bytes.dropFirst(Address.byteCount)) }
    }

    /// The value at one of the contract's own keys.
    public func load(_ key: [UInt8]) throws(CallError) -> [UInt8]? {
        let stateKey = try stateKey(key)
        try charge(GasSchedule.read)
        let value = try machine.state { state throws(StoreError) in try state.value(stateKey) }
        try charge(GasSchedule.readPerByte * UInt64(value?.count ?? 0))
        return value
    }

    /// Writes the value at one of the contract's own keys, or removes it.
    public func store(_ key: [UInt8], _ value: [UInt8]?) throws(CallError) {
        try requireWritable()
        let stateKey = try stateKey(key)
        guard (value?.count ?? 0) <= Limits.stateValueBytesMax else { throw failure(.valueTooLong) }
        try charge(value.map { GasSchedule.write + GasSchedule.writePerByte * UInt64(key.count + $0.count) } ?? GasSchedule.remove)
        if let previous = try machine.state({ state throws(StoreError) in try state.value(stateKey) }) {
            try charge(GasSchedule.replacedPerByte * UInt64(previous.count))
        } else if value != nil {
            try charge(GasSchedule.writeNew)
        }
        try machine.state { state throws(StoreError) in _ = try state.write(stateKey, value) }
    }

    private func stateKey(_ key: [UInt8]) throws(CallError) -> StateKey {
        guard let stateKey = StateKey(contract: contract, key) else { throw failure(.keyTooLong) }
        return stateKey
    }

    private func decode<Value: BCSCodable>(_ bytes: [UInt8]?) throws(CallError) -> Value? {
        guard let bytes else { return nil }
        do { return try Value(bcs: bytes) } catch { throw failure(.stateMalformed, "a stored value is malformed, \(error)") }
    }
}
