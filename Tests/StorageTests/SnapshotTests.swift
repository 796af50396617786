import Foundation
import Primitives
import Storage
import Testing
import WorldState

/// A chain with a state to restore elsewhere, and a directory with an older chain that is to be replaced.
@Suite struct SnapshotTests {
    let scratch = Scratch()
    static let contract = Address([UInt8](repeating: 0x22, count: 20))!
    static let height: Height = 40

    static var options: StateStoreOptions { StateStoreOptions(mapBytes: 1 << 30) }
    var directory: String { scratch.path + "/chain" }

    static func change(_ number: Int, _ random: inout SeededGenerator) -> StateChange {
        let name = withUnsafeBytes(of: UInt32(number).bigEndian) { [UInt8]($0) }
        return StateChange(key: StateKey(contract: contract, name)!, value: random.bytes(1 + random.below(120)))
    }

    /// The state to arrive at, flushed to a database of its own.
    func source(keys: Int, seed: UInt64 = 1, name: String = "source") throws -> (state: WorldState, store: LMDBStateStore) {
        let store = try LMDBStateStore(directory: scratch.path + "/" + name, chainID: chainA, options: Self.options)
        let state = try WorldState(opening: store.snapshot())
        var random = SeededGenerator(seed: seed)
        _ = try state.apply((0..<keys).map { Self.change($0, &random) }, height: Self.height)
        let group = try #require(state.beginFlush())
        try group.write(to: store)
        state.finishFlush(group, snapshot: try store.snapshot())
        return (state, store)
    }

    /// Four blocks and a small state, as a node has that fell behind.
    func oldChain() async throws -> (store: ChainStore, root: Digest) {
        var options = ChainStore.Options()
        options.state = Self.options
        let store = try ChainStore.create(in: directory, chainID: chainA, options: options)
        let state = try WorldState(opening: store.state.snapshot())
        var random = SeededGenerator(seed: 7)
        for height in 0..<4 as Range<UInt64> {
            _ = try state.apply([Self.change(Int(height), &random)], height: Height(height))
            try await store.blocks.append(BlockRecord(header: state.root.bytes, certificate: [], bodies: []), at: Height(height))
        }
        let group = try #require(state.beginFlush())
        state.finishFlush(group, snapshot: try await store.flush(group))
        return (store, state.root)
    }

    func reopened() throws -> ChainStore {
        var options = ChainStore.Options()
        options.state = Self.options
        return try ChainStore.open(in: directory, chainID: chainA, options: options)
    }

    func restorer() -> SnapshotRestorer { SnapshotRestorer(directory: directory, chainID: chainA, options: Self.options) }

    /// Offers a chunk and lies beside it at once, so that good and bad ones are judged together.
    static func judge(_ restorer: SnapshotRestorer, _ from: Digest, _ bytes: [UInt8], lie: [UInt8]) async throws -> ClosedRange<Digest>? {
        async let judgedLie = restorer.judge(height: height, from: from, lie)
        async let judged = restorer.judge(height: height, from: from, bytes)
        async let elsewhere = restorer.judge(height: 39, from: from, bytes)
        let (ofLie, ofOther, ofChunk) = try await (judgedLie, elsewhere, judged)
        #expect(ofLie == nil && ofOther == nil)
        return ofChunk
    }

    static func gaps(_ covered: [ClosedRange<Digest>]) -> [Digest] {
        guard let first = covered.first else { return [.zero] }
        return (first.lowerBound == .zero ? [] : [.zero]) + covered.compactMap { following($0.upperBound) }
    }

    static func following(_ digest: Digest) -> Digest? {
        var bytes = digest.bytes
        for index in bytes.indices.reversed() {
            bytes[index] &+= 1
            if bytes[index] != 0 { return Digest(bytes) }
        }
        return nil
    }

    /// Fifty thousand keys from a server, in random order, with wrong chunks between, over restarts; then the switch.
    @Test func restoresFromChunksInAnyOrder() async throws {
        var random = SeededGenerator(seed: 2)
        let (state, _) = try source(keys: 50_000)
        let (otherState, _) = try source(keys: 300, seed: 5, name: "other")
        let server = SnapshotServer(chunkBytes: 150_000)
        server.offer(state.view)
        let (old, oldRoot) = try await oldChain()
        var restorer = restorer()
        var covered = try await restorer.open(height: Self.height, root: state.root)
        #expect(covered.isEmpty)
        #expect(try await !restorer.finish(), "nothing is there yet")
        var chunks = 0, wrong = 0
        while !Self.gaps(covered).isEmpty {
            let gaps = Self.gaps(covered)
            var from = gaps[random.below(gaps.count)]
            if gaps.count < 6, random.chance(1, in: 3) { from = Digest(random.bytes(32))! }
            let bytes = try #require(await server.chunk(at: Self.height, from: from, for: 1))
            let lie: [UInt8]
            switch random.below(5) {
            case 0: lie = random.bytes(random.below(300))
            case 1: lie = Array(bytes.dropLast())
            case 2:
                lie = bytes.enumerated().map { [position = random.below(bytes.count)] in $0 == position ? $1 ^ 4 : $1 }
            case 3: lie = try otherState.view.chunk(from: from).bcs
            default: lie = try state.view.chunk(from: Digest(random.bytes(32))!, byteCount: 1_000).bcs
            }
            let range = try #require(try await Self.judge(restorer, from, bytes, lie: lie))
            #expect(range.lowerBound == from)
            chunks += 1
            wrong += 2
            if random.chance(1, in: 6) {
                restorer.close()
                restorer = self.restorer()
            }
            let now = try await restorer.open(height: Self.height, root: state.root)
            #expect(now.contains { $0.contains(range.lowerBound) && $0.contains(range.upperBound) })
            #expect(covered.allSatisfy { before in now.contains { $0.contains(before.lowerBound) && $0.contains(before.upperBound) } })
            covered = now
        }
        #expect(chunks > 30 && wrong == 2 * chunks)
        #expect(try old.blocks.read(3) != nil && WorldState(opening: old.state.snapshot()).root == oldRoot, "the old chain still works")
        #expect(try await restorer.finish())
        #expect(ChainReplacement.isDecided(in: directory))
        await #expect(throws: StoreError.self) { _ = try await restorer.open(height: 50, root: .zero) }
        #expect(refusal { _ = try reopened() } == .locked, "the old chain is still in use")
        old.close()
        let store = try reopened()
        #expect(!ChainReplacement.isDecided(in: directory))
        #expect(store.blocks.first == 41 && store.blocks.next == 41)
        let restored = try WorldState(opening: store.state.snapshot())
        #expect(restored.flushedHeight == Self.height && restored.root == state.root && restored.view.keyCount == 50_000)
        #expect(try StateCheck.run(on: store.state.snapshot())?.root == state.root)
        var numbers = SeededGenerator(seed: 1)
        for number in 0..<50_000 {
            let change = Self.change(number, &numbers)
            if number % 50 == 0 { #expect(try restored.view.value(change.key) == change.value) }
        }
        try await store.blocks.append(BlockRecord(header: [1], certificate: [], bodies: []), at: 41)
        try store.replay(above: restored.flushedHeight) { height, _ in #expect(height == 41) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["blocks", "journal", "state"])
        #expect(store.journal != nil, "what this node has promised stays")
    }

    /// A restoration of another state begins anew, one that had been built needs no chunk, and an abandoned one leaves nothing.
    @Test func beginsAnewForAnotherState() async throws {
        let (state, _) = try source(keys: 400)
        let (old, _) = try await oldChain()
        let restorer = restorer()
        _ = try await restorer.open(height: 39, root: Digest([UInt8](repeating: 1, count: 32))!)
        #expect(try await restorer.judge(height: 39, from: .zero, state.view.chunk(from: .zero).bcs) == nil, "it is proved against another root")
        #expect(try await restorer.open(height: Self.height, root: state.root).isEmpty)
        #expect(try await restorer.judge(height: Self.height, from: .zero, state.view.chunk(from: .zero).bcs) != nil)
        #expect(try await restorer.open(height: Self.height, root: state.root).count == 1)
        try await restorer.abandon()
        #expect(!FileManager.default.fileExists(atPath: directory + "/restore"))
        #expect(try await restorer.judge(height: Self.height, from: .zero, state.view.chunk(from: .zero).bcs) == nil, "nothing is open")

        // What is damaged beyond opening is thrown away.
        try FileManager.default.createDirectory(atPath: directory + "/restore/state", withIntermediateDirectories: true)
        try Data(repeating: 9, count: 20_000).write(to: URL(fileURLWithPath: directory + "/restore/state/data.mdb"))
        #expect(try await restorer.open(height: Self.height, root: state.root).isEmpty)
        #expect(try await restorer.judge(height: Self.height, from: .zero, state.view.chunk(from: .zero).bcs) != nil)
        #expect(try await restorer.finish())
        restorer.close()
        await #expect(throws: StoreError.self) { try await restorer.abandon() }
        old.close()
        #expect(try reopened().blocks.next == 41)
    }

    /// The switch, cut off behind each of its steps.
    @Test(arguments: 0..<6) func aCrashInTheSwitchIsCompleted(step: Int) async throws {
        let (state, _) = try source(keys: 200)
        let (old, oldRoot) = try await oldChain()
        let restorer = restorer()
        _ = try await restorer.open(height: Self.height, root: state.root)
        #expect(try await restorer.judge(height: Self.height, from: .zero, state.view.chunk(from: .zero).bcs) != nil)
        let files = FileManager.default
        if step == 0 {
            // Everything is there but the decision.
            restorer.close()
            old.close()
            let store = try reopened()
            #expect(store.blocks.next == 4)
            #expect(try WorldState(opening: store.state.snapshot()).root == oldRoot)
            return
        }
        #expect(try await restorer.finish())
        restorer.close()
        old.close()
        if step >= 2 { try files.removeItem(atPath: directory + "/state/data.mdb") }
        if step >= 3 {
            try files.removeItem(atPath: directory + "/state")
            try files.moveItem(atPath: directory + "/restored/state", toPath: directory + "/state")
        }
        if step >= 4 { try files.removeItem(atPath: directory + "/blocks") }
        if step >= 5 { try files.moveItem(atPath: directory + "/restored/blocks", toPath: directory + "/blocks") }
        #expect(ChainStore.exists(in: directory))
        let store = try reopened()
        #expect(store.blocks.first == 41 && store.blocks.next == 41 && store.journal != nil)
        #expect(try StateCheck.run(on: store.state.snapshot())?.root == state.root)
        #expect(try files.contentsOfDirectory(atPath: directory).sorted() == ["blocks", "journal", "state"])
    }
}

@Suite struct SnapshotServerTests {
    static func view(_ height: Height, keys: Int) throws -> StateView {
        let state = try WorldState(opening: MemoryStore().snapshot())
        var random = SeededGenerator(seed: height.rawValue)
        _ = try state.apply((0..<keys).map { SnapshotTests.change($0, &random) }, height: height)
        return state.view
    }

    @Test func servesTheTwoNewest() async throws {
        let server = SnapshotServer(chunkBytes: 5_000)
        #expect(server.height == nil)
        #expect(await server.chunk(at: 0, from: .zero, for: 1) == nil)
        let views = try [10, 20, 30].map { try Self.view(Height($0), keys: 300) }
        for (number, view) in views.enumerated() {
            server.offer(view)
            server.offer(views[0])
            #expect(server.height == view.height)
            for (other, served) in views.enumerated() {
                let bytes = await server.chunk(at: served.height, from: .zero, for: 1)
                #expect((bytes != nil) == (other == number || other == number - 1))
                if let bytes { try StateChunk(bcs: bytes).verify(root: served.root) }
            }
        }
        server.withdraw()
        #expect(server.height == nil)
        #expect(await server.chunk(at: 30, from: .zero, for: 1) == nil)
        server.offer(views[2])
        server.close()
        #expect(await server.chunk(at: 30, from: .zero, for: 1) == nil)
    }

    /// One peer that asks for everything at once gets a few answers, all of them right, and does not stand in another's way.
    @Test func aGreedyPeerIsBounded() async throws {
        let server = SnapshotServer(chunkBytes: 20_000)
        let view = try Self.view(10, keys: 20_000)
        server.offer(view)
        var random = SeededGenerator(seed: 3)
        let starts = (0..<60).map { _ in Digest(random.bytes(32))! }
        let (greedy, modest) = try await withThrowingTaskGroup(of: (UInt64, Bool).self) { group in
            for (number, from) in starts.enumerated() {
                let peer: UInt64 = number % 20 == 19 ? 2 : 1
                group.addTask {
                    guard let bytes = await server.chunk(at: 10, from: from, for: peer) else { return (peer, false) }
                    let chunk = try StateChunk(bcs: bytes)
                    try chunk.verify(root: view.root)
                    return (peer, chunk.from == from)
                }
            }
            return try await group.reduce(into: (0, 0)) { $0 = $1.0 == 1 ? ($0.0 + ($1.1 ? 1 : 0), $0.1) : ($0.0, $0.1 + ($1.1 ? 1 : 0)) }
        }
        #expect(greedy >= SnapshotServer.Bounds.waitingPerPeerMax && modest == 3)
    }
}
