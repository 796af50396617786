public import Primitives
public import WorldState

/// The state below the overlay: a view of the world state, the state at an old height, or a test's dictionary.
public protocol StateReader {
    func value(_ key: StateKey) throws(StoreError) -> [UInt8]?
    /// The keys that start with `prefix` in the order of their bytes, at or behind `start` when ascending, before it when
    /// descending; at most `limit` of them.
    func keys(
        prefix: [UInt8], from start: [UInt8]?, _ direction: ScanDirection, limit: Int
    ) throws(StoreError) -> [StateKey]
}

extension StateView: StateReader {
    public func keys(
        prefix: [UInt8], from start: [UInt8]?, _ direction: ScanDirection, limit: Int
    ) throws(StoreError) -> [StateKey] {
        var cursor = keys(prefix: prefix, from: start, direction)
        var found: [StateKey] = []
        while found.count < limit, let key = try cursor.next() { found.append(key) }
        return found
    }
}

/// The state after an earlier block, where history is kept. It answers for single values; the order of keys is kept for
/// recent states only, so that a view that walks over keys is refused.
public struct HistoricState: StateReader, Sendable {
    private let history: StateHistory
    private let height: Height

    /// The state after block `height`, which must be among the history's heights.
    public init(_ history: StateHistory, at height: Height) {
        self.history = history
        self.height = height
    }

    public func value(_ key: StateKey) throws(StoreError) -> [UInt8]? { try history.value(key, at: height) }

    public func keys(
        prefix: [UInt8], from start: [UInt8]?, _ direction: ScanDirection, limit: Int
    ) throws(StoreError) -> [StateKey] {
        throw StoreError(.outOfReach, "keys of height \(height) are no longer in order; ask for single values")
    }
}
