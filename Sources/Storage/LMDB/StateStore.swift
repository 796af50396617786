public import Primitives
public import WorldState

/// The world state's store on disk: LMDB with one writer, snapshots that never wait, and commits that survive a loss of power.
public final class LMDBStateStore: KeyValueStore {
    private let environment: Environment

    /// Opens the store in `directory`, and makes one for `chainID` if there is none.
    public init(directory: String, chainID: ChainID, options: StateStoreOptions = StateStoreOptions()) throws(StoreError) {
        environment = try Environment(
            directory: directory, names: StateTable.allCases.map(\.name) + ["format"], options: options)
        try checkFormat(chainID)
    }

    public func snapshot() throws(StoreError) -> StateSnapshot { try StateSnapshot(environment) }

    public func write(_ body: (StateWriter) throws(StoreError) -> Void) throws(StoreError) { try environment.write(body) }

    /// Refuses every later call. The files are released with the last snapshot.
    public func close() { environment.close() }

    /// Bytes of the file that are in use or free for reuse, and bytes that it may grow to without moving its map.
    public var usage: (used: Int, map: Int) { environment.usage }

    /// Snapshots that are open.
    public var snapshotsOpen: Int { environment.liveReaders }

    /// Compares the record of version and chain, and writes it to a store that is new.
    private func checkFormat(_ chainID: ChainID) throws(StoreError) {
        let table = StateTable.allCases.count
        let key = Array("format".utf8)
        let expected = [StateStoreOptions.formatVersion] + chainID.bytes
        let snapshot = try StateSnapshot(environment)
        var found: [UInt8]?
        var failure: StoreError?
        key.withUnsafeBytes { key in
            do throws(StoreError) {
                found = try snapshot.read(table, key) { $0.map { [UInt8]($0) } }
                if found == nil {
                    try environment.write { writer throws(StoreError) in
                        try writer.put(table, key, size: expected.count) { $0.copyBytes(from: expected) }
                    }
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
        if let found, found != expected {
            throw StoreError(
                .incompatible, "\(environment.directory) holds version \(found.first ?? 0) of chain \(found.dropFirst().hex), "
                    + "expected version \(expected[0]) of chain \(chainID)")
        }
    }
}

/// How a state store is opened.
public struct StateStoreOptions: Sendable {
    /// Bytes of address space to reserve. They cost nothing until they are used; less is taken where the system refuses.
    public var mapBytes: Int
    /// The map doubles when it is full, up to this many bytes.
    public var mapBytesMax: Int
    public var durability: Durability

    public enum Durability: Sendable {
        /// A batch survives a loss of power once `write` has returned.
        case durable
        /// Nothing survives a loss of power, not even the file as a whole. For measurements of processor time alone.
        case lostWithPower
    }

    public init(mapBytes: Int = 64 << 30, mapBytesMax: Int = 1 << 40, durability: Durability = .durable) {
        self.mapBytes = mapBytes
        self.mapBytesMax = mapBytesMax
        self.durability = durability
    }

    /// The layout of tables; part of the format record.
    static let formatVersion: UInt8 = 1
    /// LMDB's own limit.
    static let keyBytesMax = 511
}
