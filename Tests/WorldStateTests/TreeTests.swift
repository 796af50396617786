import Primitives
import Testing
import WorldState

@Suite struct TreeTests {
    @Test func theTextbookHashIsSHA256() {
        #expect(TextbookSHA256.hash(Array("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func rootsAgreeWithTheDefinition() throws {
        for (seed, keySpace, blockSize) in [(1, 3, 2), (2, 40, 9), (3, 300, 60), (4, 2_000, 400)] {
            var workload = Workload(seed: UInt64(seed), keySpace: keySpace)
            let store = MemoryStore()
            let state = try WorldState(opening: store.snapshot())
            for height in 1...8 {
                _ = try state.apply(workload.block(blockSize), height: Height(UInt64(height)))
                #expect(state.root.bytes == NaiveTree.root(workload.expected), "seed \(seed) height \(height)")
                if height % 3 == 0 { try state.flush(to: store) }
            }
            #expect(state.view.keyCount == UInt64(workload.expected.count))
        }
    }

    @Test func rootDependsOnTheKeysAloneNotOnOrderOrBatches() throws {
        var random = SeededGenerator(seed: 9)
        let changes = (0..<600).map { StateChange(key: Workload.key($0), value: random.bytes(20)) }
        let reference = try WorldState(opening: MemoryStore().snapshot())
        _ = try reference.apply(changes, height: 1)
        for round in 0..<6 {
            var shuffled = changes
            for index in shuffled.indices.reversed() { shuffled.swapAt(index, random.below(index + 1)) }
            let store = MemoryStore()
            let state = try WorldState(opening: store.snapshot())
            var height: UInt64 = 0
            while !shuffled.isEmpty {
                let count = min(shuffled.count, 1 + random.below(200))
                height += 1
                _ = try state.apply(Array(shuffled.prefix(count)), height: Height(height))
                shuffled.removeFirst(count)
                if random.chance(1, in: 3) { try state.flush(to: store) }
            }
            #expect(state.root == reference.root, "round \(round)")
        }
    }

    @Test func undoRestoresEveryEarlierRoot() throws {
        var workload = Workload(seed: 5, keySpace: 500)
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot())
        var roots = [state.root]
        var undos: [BlockUndo] = []
        for height in 1...12 {
            let undo = try state.apply(workload.block(80), height: Height(UInt64(height)))
            undos.append(try BlockUndo(bcs: undo.bcs))
            #expect(undos.last == undo)
            roots.append(state.root)
            if height % 5 == 0 { try state.flush(to: store) }
        }
        for height in (1...12).reversed() {
            try state.revert(undos[height - 1], to: Height(UInt64(height - 1)))
            #expect(state.root == roots[height - 1], "height \(height - 1)")
            if height % 4 == 0 { try state.flush(to: store) }
        }
        #expect(state.view.keyCount == 0)
        #expect(state.root.bytes == NaiveTree.root([:]))
    }

    @Test func reopeningGoesOnFromTheFlushedState() throws {
        var workload = Workload(seed: 6, keySpace: 800)
        let store = MemoryStore()
        var state = try WorldState(opening: store.snapshot())
        for height in 1...30 {
            _ = try state.apply(workload.block(50), height: Height(UInt64(height)))
            if height % 4 == 0 {
                try state.flush(to: store)
                state = try WorldState(opening: store.snapshot())
                #expect(state.height == Height(UInt64(height)))
                #expect(state.root.bytes == NaiveTree.root(workload.expected))
                let report = try #require(try StateCheck.run(on: store.snapshot()))
                #expect(report.root == state.root && report.keyCount == UInt64(workload.expected.count))
            }
        }
        for (key, value) in workload.expected { #expect(try state.view.value(StateKey(key)!) == value) }
    }

    @Test func blocksGoOnWhileAGroupIsWritten() throws {
        var workload = Workload(seed: 7, keySpace: 400)
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot())
        var height: UInt64 = 0
        for round in 0..<20 {
            for _ in 0..<3 {
                height += 1
                _ = try state.apply(workload.block(40), height: Height(height))
            }
            let group = try #require(state.beginFlush())
            let frozen = workload.expected
            for _ in 0..<2 {
                height += 1
                _ = try state.apply(workload.block(40), height: Height(height))
            }
            if round % 4 == 3 {
                // The disk is full: the group waits for the next one.
                state.abandonFlush(group)
            } else {
                try group.write(to: store)
                state.finishFlush(group, snapshot: store.snapshot())
                #expect(try WorldState(opening: store.snapshot()).root.bytes == NaiveTree.root(frozen))
            }
            #expect(state.root.bytes == NaiveTree.root(workload.expected))
        }
        try state.flush(to: store)
        #expect(state.pendingBytes == 0 && state.pendingChanges == 0)
        let report = try #require(try StateCheck.run(on: store.snapshot()))
        #expect(report.root == state.root)
        #expect(report.keyCount == UInt64(workload.expected.count))
    }

    @Test func theOwnerIsToldToWaitForASlowStore() throws {
        var options = WorldState.Options()
        options.pendingBytesMax = 10_000
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot(), options: options)
        var height: UInt64 = 0
        while !state.mustWait {
            height += 1
            _ = try state.apply([StateChange(key: Workload.key(1), value: [UInt8](repeating: 0, count: 900))], height: Height(height))
        }
        #expect(height == 11)
        try state.flush(to: store)
        #expect(!state.mustWait && state.pendingBytes == 0)
    }

    @Test func damagedStoresAreRefused() throws {
        var workload = Workload(seed: 8, keySpace: 300, removals: 0)
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot())
        _ = try state.apply(workload.block(250), height: 1)
        try state.flush(to: store)
        for table in [StateTable.leaf, .page, .meta] {
            let entries = store.entries(table)
            #expect(!entries.isEmpty)
            for entry in entries.prefix(5) {
                for bit in stride(from: 0, to: entry.value.count * 8, by: 13) {
                    var damaged = entry.value
                    damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                    store.put(table, entry.key, damaged)
                    #expect(throws: StoreError.self, "\(table) bit \(bit)") { try StateCheck.run(on: store.snapshot()) }
                }
                store.put(table, entry.key, entry.value)
            }
        }
        #expect(try StateCheck.run(on: store.snapshot()) != nil)
    }
}

/// What a damaged store must not lead to: another root, a false proof, or the end of the process.
@Suite struct DamageTests {
    private static func store(keys: Int) throws -> (store: MemoryStore, root: Digest) {
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot())
        _ = try state.apply((0..<keys).map { StateChange(key: Workload.key($0), value: [1]) }, height: 1)
        try state.flush(to: store)
        return (store, state.root)
    }

    /// Damages a record, reads and writes around it, and puts it back.
    private static func expectRefusal(_ store: MemoryStore, _ table: StateTable, _ key: [UInt8], _ damaged: [UInt8]?, keys: Int) throws {
        let original = store.value(table, key)
        store.put(table, key, damaged)
        let all = (0..<keys).map(Workload.key)
        for change in [StateChange(key: all[0], value: [2]), StateChange(key: all[0], value: nil)] {
            #expect(throws: StoreError.self) {
                let state = try WorldState(opening: store.snapshot())
                _ = try state.apply([change] + all.dropFirst().map { StateChange(key: $0, value: nil) }, height: 2)
            }
        }
        if let state = try? WorldState(opening: store.snapshot()) {
            if let proof = try? state.view.prove(Array(all.prefix(StateProof.keysMax))) { _ = proof.bcs }
            _ = try? state.view.chunk(from: .zero)
        }
        store.put(table, key, original)
    }

    @Test(arguments: [1, 2, 20, 900])
    func damageBelowIsFoundByUpdates(_ keys: Int) throws {
        let (store, _) = try Self.store(keys: keys)
        for table in [StateTable.leaf, .page] {
            for (key, value) in store.entries(table).prefix(12) {
                try Self.expectRefusal(store, table, key, nil, keys: keys)
                for byte in [0, 1, 7, 16, 31] {
                    var damaged = value
                    damaged[byte] ^= 1
                    try Self.expectRefusal(store, table, key, damaged, keys: keys)
                }
            }
        }
    }
}

extension WorldState {
    /// Writes everything that is pending and lets go of it.
    func flush(to store: MemoryStore) throws(StoreError) {
        guard let group = beginFlush() else { return }
        try group.write(to: store)
        finishFlush(group, snapshot: store.snapshot())
    }
}

extension MemoryStore {
    /// nil removes.
    func put(_ table: StateTable, _ key: [UInt8], _ value: [UInt8]?) {
        try! write { (writer) throws(StoreError) in
            key.withUnsafeBytes { key in
                if let value { writer.put(table, key, size: value.count) { $0.copyBytes(from: value) } } else { writer.remove(table, key) }
            }
        }
    }

    func value(_ table: StateTable, _ key: [UInt8]) -> [UInt8]? {
        key.withUnsafeBytes { snapshot().read(table, $0) { $0.map { [UInt8]($0) } } }
    }

    func entries(_ table: StateTable) -> [(key: [UInt8], value: [UInt8])] {
        var entries: [(key: [UInt8], value: [UInt8])] = []
        snapshot().scan(table, .ascending, from: UnsafeRawBufferPointer(start: nil, count: 0)) { key, value in
            entries.append(([UInt8](key), [UInt8](value)))
            return true
        }
        return entries
    }
}
