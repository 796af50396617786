/// What the world state needs of a store: ordered tables, snapshots that never change, and batches that are written whole or
/// not at all. `Storage` answers with LMDB, ``MemoryStore`` with sorted arrays for tests and the simulator.
public protocol KeyValueStore: Sendable {
    associatedtype Snapshot: KeyValueSnapshot
    associatedtype Writer: KeyValueWriter

    /// Pins what has been written so far. It stays readable and unchanged until the last reference goes.
    func snapshot() throws(StoreError) -> Snapshot

    /// Runs `body` on a writer and makes everything it wrote durable at once, or nothing of it. One batch runs at a time.
    /// `body` runs again from the start when the store had to grow; therefore it must not change anything else.
    func write(_ body: (Writer) throws(StoreError) -> Void) throws(StoreError)
}

/// The tables of a world state. Keys are ordered by their bytes, 1 to 511 of them.
@frozen public enum StateTable: UInt8, CaseIterable, Sendable {
    /// path → leaf hash, raw key, value: the flat state, in the order of the tree, so that neighbours share pages.
    case leaf
    /// nibble path of an inner page → its sixteen slots.
    case page
    /// raw key → nothing: the order of raw keys, for scans by prefix. It changes only when a key appears or goes.
    case order
    /// path, ascending height → the value before that height: of long ago, where history is kept for ever.
    case history
    /// group of blocks, path, ascending height → the value before that height: what the newest groups replaced, where history is kept.
    case replaced
    /// name → value: the flushed state, how far a restoration has come, how far history reaches back.
    case meta

    /// The name in a database file; part of the format.
    public var name: String { String(describing: self) }

    /// Whether most keys are written in ascending order behind all that are there.
    public var growsAtItsEnd: Bool { self == .replaced }
}

/// Which way a scan runs over keys.
@frozen public enum ScanDirection: Sendable { case ascending, descending }

public protocol KeyValueSnapshot: AnyObject, Sendable {
    /// Calls `body` with the bytes at `key`, or with nil. The bytes are valid only inside `body`.
    func read<Result>(
        _ table: StateTable, _ key: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) -> Result
    ) throws(StoreError) -> Result

    /// Calls `body` with entries in order until it returns false: ascending, those at or behind `key`; descending, those
    /// before it. The bytes are valid only inside `body`, which must not call the snapshot again.
    func scan(
        _ table: StateTable, _ direction: ScanDirection, from key: UnsafeRawBufferPointer,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) throws(StoreError)
}

/// Collects one batch; it must not be used once the body that received it has returned.
public protocol KeyValueWriter: AnyObject {
    /// Stores `size` bytes at `key`; `fill` writes every one of them straight into the store's page.
    func put(
        _ table: StateTable, _ key: UnsafeRawBufferPointer, size: Int, fill: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(StoreError)

    /// Removes the entry at `key`, if there is one.
    func remove(_ table: StateTable, _ key: UnsafeRawBufferPointer) throws(StoreError)
}

/// Why a store cannot do what it was asked. Nothing acknowledged is lost by any of them.
public struct StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What a caller can do about it.
    @frozen public enum Code: String, Sendable {
        /// No space on the device: free some and try again; the store goes on.
        case full = "store.full"
        /// Bytes that fail their checks: repair from a snapshot or from peers.
        case corrupt = "store.corrupt"
        /// Another process has the store open.
        case locked = "store.locked"
        /// The store was made by another version or for another chain.
        case incompatible = "store.incompatible"
        /// Any other refusal of the operating system.
        case io = "store.io"
        /// A height before or behind those that the history has: ask a node that keeps more.
        case outOfReach = "store.out-of-reach"
        /// The store has been closed.
        case closed = "store.closed"
    }

    public let code: Code
    /// What was being done, and what the system said; for people.
    public let context: String

    public init(_ code: Code, _ context: String) {
        self.code = code
        self.context = context
    }

    public var description: String { "\(code.rawValue): \(context)" }
}
