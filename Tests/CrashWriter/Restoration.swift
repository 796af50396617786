import Glibc
import Primitives
import Storage
import WorldState

/// A restoration that is killed again and again, at any moment: between chunks, in the building of the tree, at the decision, in the
/// switch. What is left is the old chain or the new one, and what had been restored is not restored again.
struct Restoration {
    let directory: String
    let chain: SyntheticChain
    private static let oldHeights: UInt64 = 5
    private static let newHeight: Height = 200
    private static let chunkBytes = 6_000

    private func state(at height: Height) throws -> WorldState {
        let state = try WorldState(opening: MemoryStore().snapshot())
        for height in 0...height.rawValue { _ = try state.apply(chain.changes(Height(height)), height: Height(height)) }
        return state
    }

    private func restorer() -> SnapshotRestorer {
        SnapshotRestorer(directory: directory, chainID: SyntheticChain.chainID, options: SyntheticChain.options.state)
    }

    private func open() throws -> ChainStore {
        try ChainStore.open(in: directory, chainID: SyntheticChain.chainID, options: SyntheticChain.options)
    }

    // MARK: The victim

    /// Restores, switches, and says `covered N`, a number of ranges' ends in 2⁻¹⁶ of all paths, and `decided 1`.
    func run() async throws {
        let source = try state(at: Self.newHeight)
        var random = SeededGenerator(seed: UInt64(getpid()))
        let store = try open()
        guard store.blocks.first <= Self.newHeight else { return await Self.wait() }
        let restorer = restorer()
        var covered = try await restorer.open(height: Self.newHeight, root: source.root)
        Self.promise("covered", Self.measure(covered))
        while let from = Self.start(covered, &random) {
            let chunk = try source.view.chunk(from: from, byteCount: Self.chunkBytes).bcs
            if random.chance(1, in: 4) { _ = try await restorer.judge(height: Self.newHeight, from: from, Array(chunk.reversed())) }
            guard try await restorer.judge(height: Self.newHeight, from: from, chunk) != nil else {
                throw StoreError(.corrupt, "a right chunk was refused")
            }
            covered = try await restorer.open(height: Self.newHeight, root: source.root)
            Self.promise("covered", Self.measure(covered))
        }
        guard try await restorer.finish() else { throw StoreError(.corrupt, "the tree does not have the root") }
        Self.promise("decided", 1)
        store.close()
        try open().close()
        await Self.wait()
    }

    private static func wait() async {
        while true { try? await Task.sleep(for: .seconds(1)) }
    }

    /// Where a gap begins; at random, somewhere.
    private static func start(_ covered: [ClosedRange<Digest>], _ random: inout SeededGenerator) -> Digest? {
        if measure(covered) == 1 << 16, covered.count == 1 { return nil }
        if covered.count < 20, random.chance(1, in: 5) { return Digest(random.bytes(32))! }
        guard let first = covered.first, first.lowerBound == .zero else { return .zero }
        var bytes = first.upperBound.bytes
        for index in bytes.indices.reversed() {
            bytes[index] &+= 1
            if bytes[index] != 0 { break }
        }
        return Digest(bytes)
    }

    private static func measure(_ covered: [ClosedRange<Digest>]) -> UInt64 {
        func front(_ digest: Digest) -> UInt64 { UInt64(digest.bytes[0]) << 8 | UInt64(digest.bytes[1]) }
        return covered.reduce(0) { $0 + front($1.upperBound) - front($1.lowerBound) + 1 }
    }

    private static func promise(_ name: String, _ value: UInt64) {
        var line = "\(name) \(value)\n"
        line.withUTF8 { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    // MARK: The judge

    /// An old chain to begin with.
    func prepare() async throws {
        let store = try ChainStore.create(in: directory, chainID: SyntheticChain.chainID, options: SyntheticChain.options)
        defer { store.close() }
        let state = try WorldState(opening: store.state.snapshot())
        for height in 0..<Self.oldHeights {
            _ = try state.apply(chain.changes(Height(height)), height: Height(height))
            try await store.blocks.append(chain.block(Height(height), root: state.root), at: Height(height))
        }
        guard let group = state.beginFlush() else { return }
        state.finishFlush(group, snapshot: try await store.flush(group))
    }

    struct Tally {
        var rounds = 0, restored = 0, resumed = 0, killedInSwitch = 0
    }

    func torture(rounds: Int, seed: UInt64) async throws -> Tally {
        let oldRoot = try state(at: Height(Self.oldHeights - 1)).root, newRoot = try state(at: Self.newHeight).root
        var random = SeededGenerator(seed: seed), tally = Tally()
        var promisedCover: UInt64 = 0, isPrepared = false
        for _ in 0..<rounds {
            if !isPrepared {
                try await prepare()
                isPrepared = true
                promisedCover = 0
            }
            let victim = try Victim(["restore", directory, String(chain.seed)])
            let text = try victim.output(afterMicroseconds: random.below(120_000), fromFirstLine: random.chance(9, in: 10))
            let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
            let covers = lines.filter { $0.first == "covered" }.compactMap { UInt64($0[1]) }
            if let first = covers.first {
                guard first >= promisedCover else { throw Torture.Broken(description: "\(promisedCover) was covered, then \(first)") }
                if promisedCover > 0 { tally.resumed += 1 }
            }
            promisedCover = max(promisedCover, covers.last ?? 0)
            let wasDecided = lines.contains { $0.first == "decided" }
            if ChainReplacement.isDecided(in: directory) { tally.killedInSwitch += 1 }
            let store = try open()
            defer { store.close() }
            let report = try StateCheck.run(on: store.state.snapshot())
            tally.rounds += 1
            if store.blocks.first == Self.newHeight.successor {
                guard report?.root == newRoot, store.blocks.next == Self.newHeight.successor, store.journal != nil else {
                    throw Torture.Broken(description: "the new chain is not whole")
                }
                tally.restored += 1
                store.close()
                try Self.remove(directory)
                isPrepared = false
            } else {
                guard !wasDecided else { throw Torture.Broken(description: "it was decided, and the old chain is there") }
                guard report?.root == oldRoot, store.blocks.next.rawValue == Self.oldHeights else {
                    throw Torture.Broken(description: "the old chain is not whole")
                }
            }
        }
        return tally
    }

    private static func remove(_ directory: String) throws {
        for part in ["blocks", "state", "journal"] {
            let place = directory + "/" + part
            guard let stream = opendir(place) else { continue }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self) }
                if name != "." && name != ".." { unlink(place + "/" + name) }
            }
            rmdir(place)
        }
    }
}
