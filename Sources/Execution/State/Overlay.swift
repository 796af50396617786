import Primitives
import WorldState

/// What has been written since the parent state, above a reader of that state. Writes since a checkpoint can be taken back, which
/// is how a failed call leaves nothing behind.
///
/// Invariant: `log` holds, in order, what each write since the last ``commit()`` replaced.
final class Overlay {
    private struct Entry {
        /// In the parent state.
        let original: [UInt8]?
        var current: [UInt8]?
    }

    private let reader: any StateReader
    private var entries: [StateKey: Entry] = [:]
    private var log: [(key: StateKey, previous: [UInt8]?)] = []
    /// Keys that were written, ascending by their bytes, for walks over keys; a key taken back stays and is looked up.
    private var written: [[UInt8]] = []
    /// The keys that were read or walked over, when a proof of them will be wanted.
    private(set) var reads: [StateKey]?
    private var readBefore: Set<StateKey> = []

    /// Values longer than this that are only read are not kept, so that reading cannot fill memory.
    private static let keptBytesMax = 1_024

    init(_ reader: any StateReader, recordsReads: Bool = false) {
        self.reader = reader
        reads = recordsReads ? [] : nil
    }

    func value(_ key: StateKey) throws(StoreError) -> [UInt8]? {
        if reads != nil, readBefore.insert(key).inserted { reads?.append(key) }
        if let entry = entries[key] { return entry.current }
        let value = try reader.value(key)
        if value.map({ $0.count <= Overlay.keptBytesMax }) ?? true { entries[key] = Entry(original: value, current: value) }
        return value
    }

    /// Writes `value`, or removes the key, and returns what was there.
    @discardableResult
    func write(_ key: StateKey, _ value: [UInt8]?) throws(StoreError) -> [UInt8]? {
        let previous: [UInt8]?
        if let index = entries.index(forKey: key) {
            previous = entries.values[index].current
            entries.values[index].current = value
        } else {
            previous = try reader.value(key)
            entries[key] = Entry(original: previous, current: value)
        }
        log.append((key, previous))
        if (previous == nil) != (value == nil) { noteMove(key.bytes) }
        return previous
    }

    /// A mark to which ``rollback(to:)`` returns.
    var checkpoint: Int { log.count }

    func rollback(to checkpoint: Int) {
        while log.count > checkpoint, let (key, previous) = log.popLast() { entries[key]?.current = previous }
    }

    /// Forgets how to go back.
    func commit() { log.removeAll(keepingCapacity: true) }

    /// The keys that start with `prefix`, merged from the parent state and from what was written.
    func keys(
        prefix: [UInt8], from start: [UInt8]?, _ direction: ScanDirection, limit: Int
    ) throws(StoreError) -> [StateKey] {
        let moved = movedKeys(prefix: prefix, from: start, direction)
        var found: [StateKey] = []
        var next = moved.startIndex
        var resume = start
        while found.count < limit {
            let below = try reader.keys(prefix: prefix, from: resume, direction, limit: limit)
            for key in below {
                while next < moved.endIndex, precedes(moved[next], key.bytes, direction) {
                    if let own = StateKey(moved[next]), entries[own]?.current != nil { found.append(own) }
                    next += 1
                }
                if next < moved.endIndex, moved[next] == key.bytes { next += 1 }
                if entries[key].map({ $0.current != nil }) ?? true { found.append(key) }
            }
            guard below.count == limit, let last = below.last else {
                for bytes in moved[next...] {
                    if let own = StateKey(bytes), entries[own]?.current != nil { found.append(own) }
                }
                break
            }
            // Ascending, the least successor of a key is the key and a zero byte.
            resume = direction == .ascending ? last.bytes + [0] : last.bytes
        }
        return Array(found.prefix(limit))
    }

    private func precedes(_ left: [UInt8], _ right: [UInt8], _ direction: ScanDirection) -> Bool {
        direction == .ascending ? left.lexicographicallyPrecedes(right) : right.lexicographicallyPrecedes(left)
    }

    private func movedKeys(prefix: [UInt8], from start: [UInt8]?, _ direction: ScanDirection) -> [[UInt8]] {
        let bound = direction == .ascending ? start.map { $0.lexicographicallyPrecedes(prefix) ? prefix : $0 } : nil
        let first = position(of: bound ?? prefix)
        var keys: [[UInt8]] = []
        for key in written[first...] {
            guard key.starts(with: prefix) else { break }
            if direction == .descending, let start, !key.lexicographicallyPrecedes(start) { break }
            keys.append(key)
        }
        return direction == .ascending ? keys : keys.reversed()
    }

    private func noteMove(_ key: [UInt8]) {
        let position = position(of: key)
        if position < written.count, written[position] == key { return }
        written.insert(key, at: position)
    }

    /// The first place in `written` that is not before `key`.
    private func position(of key: [UInt8]) -> Int {
        var low = 0, high = written.count
        while low < high {
            let middle = (low + high) / 2
            if written[middle].lexicographicallyPrecedes(key) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// What the block changes, with what was there before, in the order of the keys' bytes.
    var changes: [(change: StateChange, original: [UInt8]?)] {
        entries.filter { $0.value.current != $0.value.original }
            .map { (StateChange(key: $0.key, value: $0.value.current), $0.value.original) }
            .sorted { $0.change.key.bytes.lexicographicallyPrecedes($1.change.key.bytes) }
    }
}
