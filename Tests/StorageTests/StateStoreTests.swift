import Foundation
import Primitives
import Storage
import Synchronization
import Testing
import WorldState

@Suite struct StateStoreTests {
    let scratch = Scratch()

    func open(_ options: StateStoreOptions = StateStoreOptions(), chain: ChainID = chainA) throws -> LMDBStateStore {
        try LMDBStateStore(directory: scratch.path + "/state", chainID: chain, options: options)
    }

    /// The oracle is a dictionary: random batches of puts and removals in random and in sorted order, in several tables, with
    /// values from nothing to several pages; snapshots taken on the way must keep the dictionary of their time.
    @Test(arguments: [1, 2, 3] as [UInt64]) func agreesWithADictionary(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let tables: [StateTable] = [.leaf, .page, .order]
        var model: [StateTable: [[UInt8]: [UInt8]]] = [:]
        var pinned: [(StateSnapshot, [StateTable: [[UInt8]: [UInt8]]])] = []
        var store = try open()
        for round in 0..<30 {
            var changes: [(StateTable, [UInt8], [UInt8]?)] = (0..<random.below(600)).map { _ in
                let table = tables[random.below(3)]
                let key = random.bytes(1 + random.below(2)) + (random.chance(1, in: 9) ? random.bytes(random.below(509)) : [])
                let size = random.chance(1, in: 20) ? random.below(12_000) : random.below(120)
                return (table, key, random.chance(1, in: 3) ? nil : random.bytes(size))
            }
            if random.chance(2, in: 3) {
                changes.sort { $0.1.lexicographicallyPrecedes($1.1) }
            }
            try store.write { writer throws(StoreError) in
                for (table, key, value) in changes {
                    if let value { try writer.put(table, key, value) } else { try writer.remove(table, key) }
                }
            }
            for (table, key, value) in changes { model[table, default: [:]][key] = value }
            if round % 7 == 3 { pinned.append((try store.snapshot(), model)) }
            if round % 10 == 9 {
                pinned = []
                store.close()
                store = try reopened(&store)
            }
            for (snapshot, expected) in pinned + [(try store.snapshot(), model)] {
                for table in tables {
                    let sorted = (expected[table] ?? [:]).sorted { $0.key.lexicographicallyPrecedes($1.key) }
                    #expect(try snapshot.entries(table) == sorted.map { [$0.key, $0.value] })
                    let probe = random.bytes(1 + random.below(3))
                    #expect(try snapshot.value(table, probe) == expected[table]?[probe])
                    let behind = sorted.filter { !$0.key.lexicographicallyPrecedes(probe) }.prefix(16)
                    #expect(try snapshot.entries(table, from: probe, limit: 16) == behind.map { [$0.key, $0.value] })
                    let before = sorted.reversed().filter { $0.key.lexicographicallyPrecedes(probe) }.prefix(16)
                    #expect(try snapshot.entries(table, .descending, from: probe, limit: 16) == before.map { [$0.key, $0.value] })
                }
            }
        }
    }

    /// Opens the store again once the last reference to the closed one has gone.
    private func reopened(_ store: inout LMDBStateStore) throws -> LMDBStateStore {
        store = try LMDBStateStore(directory: scratch.path + "/aside", chainID: chainA)
        return try open()
    }

    @Test func aBatchThatFailsLeavesNothing() throws {
        let store = try open()
        #expect(refusal {
            try store.write { writer throws(StoreError) in
                try writer.put(.leaf, [1], [2])
                throw StoreError(.io, "as if")
            }
        } == .io)
        #expect(try store.snapshot().value(.leaf, [1]) == nil)
    }

    @Test func readersOnManyThreadsShareASnapshot() throws {
        let store = try open()
        try store.write { writer throws(StoreError) in
            for key in 0..<2_000 { try writer.put(.leaf, Self.key(key), Self.key(key * 3)) }
        }
        let snapshot = try store.snapshot()
        let wrong = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for round in 0..<500 {
                let key = (thread * 131 + round * 7) % 2_000
                let read = try? snapshot.value(.leaf, Self.key(key))
                let scanned = (try? snapshot.entries(.leaf, from: Self.key(key), limit: 4)) ?? []
                if read != Self.key(key * 3) || scanned.first?[1] != Self.key(key * 3) { wrong.withLock { $0 += 1 } }
                if thread == 0 && round % 50 == 0 {
                    try? store.write { writer throws(StoreError) in try writer.put(.leaf, Self.key(key), [9]) }
                }
            }
        }
        #expect(wrong.withLock { $0 } == 0)
        #expect(try store.snapshot().value(.leaf, Self.key(0)) == [9])
    }

    // MARK: The map

    @Test func theMapGrowsWithoutLoss() throws {
        let store = try open(StateStoreOptions(mapBytes: 1 << 20, mapBytesMax: 32 << 20))
        var runs = 0
        for batch in 0..<24 {
            try store.write { writer throws(StoreError) in
                runs += 1
                for entry in 0..<1_000 { try writer.put(.leaf, Self.key(batch * 1_000 + entry), Self.value(batch * 1_000 + entry)) }
            }
        }
        #expect(store.usage.map == 32 << 20)
        #expect(runs > 24, "at least one batch had to run again")
        let snapshot = try store.snapshot()
        for entry in 0..<24_000 { #expect(try snapshot.value(.leaf, Self.key(entry)) == Self.value(entry)) }
    }

    /// One batch of 16 MiB through a map of 1 MiB: it runs again until it fits.
    @Test func oneBatchCanNeedSeveralGrowths() throws {
        let store = try open(StateStoreOptions(mapBytes: 1 << 20, mapBytesMax: 64 << 20))
        try store.write { writer throws(StoreError) in
            for entry in 0..<16_000 { try writer.put(.leaf, Self.key(entry), Self.value(entry)) }
        }
        let snapshot = try store.snapshot()
        for entry in stride(from: 0, to: 16_000, by: 97) { #expect(try snapshot.value(.leaf, Self.key(entry)) == Self.value(entry)) }
    }

    @Test func aFullMapRefusesAndGoesOn() throws {
        let store = try open(StateStoreOptions(mapBytes: 1 << 20, mapBytesMax: 1 << 20))
        try store.write { writer throws(StoreError) in try writer.put(.leaf, [1], [1]) }
        #expect(refusal {
            try store.write { writer throws(StoreError) in
                for entry in 0..<4_000 { try writer.put(.leaf, Self.key(entry), Self.value(entry)) }
            }
        } == .full)
        try store.write { writer throws(StoreError) in try writer.put(.leaf, [2], [2]) }
        #expect(try store.snapshot().entries(.leaf) == [[[1], [1]], [[2], [2]]])
    }

    /// The map must not move under a reader: the batch waits, is refused while the snapshot stays, and passes once it has gone.
    @Test func growthWaitsForSnapshots() throws {
        let store = try open(StateStoreOptions(mapBytes: 1 << 20, mapBytesMax: 32 << 20))
        try store.write { writer throws(StoreError) in try writer.put(.leaf, [1], [1]) }
        var snapshot: StateSnapshot? = try store.snapshot()
        let batch: (StateWriter) throws(StoreError) -> Void = { writer throws(StoreError) in
            for entry in 0..<4_000 { try writer.put(.leaf, Self.key(entry), Self.value(entry)) }
        }
        #expect(refusal { try store.write(batch) } == .full)
        #expect(try snapshot?.entries(.leaf) == [[[1], [1]]])

        let held = Mutex<StateSnapshot?>(snapshot)
        snapshot = nil
        DispatchQueue.global().asyncAfter(deadline: .now() + 0.2) { held.withLock { $0 = nil } }
        try store.write(batch)
        #expect(try store.snapshot().value(.leaf, Self.key(3_999)) == Self.value(3_999))
        #expect(store.snapshotsOpen == 0)
    }

    // MARK: Opening

    @Test func aSecondOpenerIsRefused() throws {
        let store = try open()
        #expect(refusal { _ = try open() } == .locked)
        let other = Process()
        other.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        other.arguments = ["--nonblock", "--conflict-exit-code", "7", scratch.path + "/state/LOCK", "true"]
        try other.run()
        other.waitUntilExit()
        #expect(other.terminationStatus == 7)
        _ = store
    }

    @Test func aStoreOfAnotherChainIsRefused() throws {
        var store: LMDBStateStore? = try open()
        try store?.write { writer throws(StoreError) in try writer.put(.meta, [1], [2]) }
        store = nil
        #expect(refusal { _ = try open(chain: chainB) } == .incompatible)
        #expect(try open().snapshot().value(.meta, [1]) == [2])
    }

    @Test func aClosedStoreRefusesAndItsSnapshotsStay() throws {
        let store = try open()
        try store.write { writer throws(StoreError) in try writer.put(.meta, [1], [2]) }
        let snapshot = try store.snapshot()
        store.close()
        #expect(refusal { _ = try store.snapshot() } == .closed)
        #expect(refusal { try store.write { _ in } } == .closed)
        #expect(try snapshot.value(.meta, [1]) == [2])
    }

    /// A file cut short, or overwritten in the middle, is a typed error at worst; it never ends the process.
    @Test func aDamagedFileIsReported() throws {
        var store: LMDBStateStore? = try open()
        try store?.write { writer throws(StoreError) in
            for entry in 0..<5_000 { try writer.put(.leaf, Self.key(entry), Self.value(entry)) }
        }
        store = nil
        let file = scratch.path + "/state/data.mdb"
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        var refused = 0
        for pages in [0, 1, 2, 3, 5, 9, 40, whole.count / 8192] {
            try whole.prefix(pages * 4096).write(to: URL(fileURLWithPath: file))
            if pages == 0 { continue }
            let code = refusal {
                let snapshot = try open().snapshot()
                for entry in 0..<5_000 where try snapshot.value(.leaf, Self.key(entry)) == nil {
                    throw StoreError(.corrupt, "entry \(entry) is missing")
                }
            }
            if code != nil { refused += 1 }
            #expect(code == .corrupt || code == .io, "\(pages) pages left")
        }
        #expect(refused == 7)
        try Data(repeating: 0x5a, count: 8192).write(to: URL(fileURLWithPath: file))
        #expect(refusal { _ = try open() } == .corrupt)
    }

    static func key(_ number: Int) -> [UInt8] { withUnsafeBytes(of: UInt64(number).bigEndian) { Array($0) } }
    static func value(_ number: Int) -> [UInt8] { [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1_000) }
}
