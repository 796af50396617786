import Foundation
import Primitives
import Storage
import WorldState

extension Suite {
    /// The authenticated state on LMDB: a million keys of 32 bytes with values of 100, updated at random in groups.
    static let state = Suite(name: "state", summary: "authenticated state on LMDB: updates, reads, proofs, snapshots") { report, quick in
        let keyCount = quick ? 100_000 : 1_000_000
        let directory = try TemporaryDirectory()
        var bench = try StateBench(directory: directory.path, keyCount: keyCount)
        report.setup["keys"] = "\(keyCount) of 32 bytes behind a 20-byte contract address, values of 100 bytes"
        report.setup["directory"] = "default temporary directory, file system \(directory.fileSystem)"
        report.setup["map"] = "\(bench.megabytesUsed) MiB in use after loading"

        // Processor time alone: the same work with LMDB's fsync left out.
        try bench.reopen(durability: .lostWithPower)
        for (name, group) in [("1k", 1_000), ("10k", 10_000)] {
            let runs = try bench.update(groupSize: group, blockSize: group, groups: quick ? 3 : 200_000 / group / 4 + 5)
            report.add("cpu_updates_per_second_\(name)", runs.map { Double(group) / $0.cpu }, unit: "1/s")
            report.add("cpu_us_per_update_\(name)", runs.map { $0.cpu / Double(group) * 1e6 }, unit: "µs")
            report.add("tree_us_per_update_\(name)", runs.map { $0.applyCPU / Double(group) * 1e6 }, unit: "µs")
            report.add("flush_us_per_update_\(name)", runs.map { $0.flushCPU / Double(group) * 1e6 }, unit: "µs")
            report.add("hashes_per_update_\(name)", runs.map { $0.hashes / Double(group) }, unit: "")
        }
        try bench.reopen(durability: .durable)
        for (name, group, block) in [("1k", 1_000, 1_000), ("10k", 10_000, 10_000), ("500_flush_20k", 20_000, 500)] {
            let runs = try bench.update(groupSize: group, blockSize: block, groups: quick ? 3 : 100_000 / group + 5)
            report.add("durable_cpu_updates_per_second_\(name)", runs.map { Double(group) / $0.cpu }, unit: "1/s")
            report.add("durable_wall_updates_per_second_\(name)", runs.map { Double(group) / $0.wall }, unit: "1/s")
            report.add("durable_cpu_us_per_update_\(name)", runs.map { $0.cpu / Double(group) * 1e6 }, unit: "µs")
            report.add("bytes_written_per_update_\(name)", runs.map { $0.bytesWritten / Double(group) }, unit: "B")
            if block != group {
                report.add("tree_us_per_update_500", runs.map { $0.applyCPU / Double(group) * 1e6 }, unit: "µs")
                report.add("hashes_per_update_500", runs.map { $0.hashes / Double(group) }, unit: "")
            }
        }
        try bench.measureReads(into: &report, quick: quick)
        try bench.measureProofs(into: &report, quick: quick)
        try bench.measureSnapshot(into: &report, directory: directory.path)
    }
}

/// A state with many keys and the operations that are measured on it.
struct StateBench {
    struct Run {
        var cpu = 0.0, wall = 0.0, applyCPU = 0.0, flushCPU = 0.0, hashes = 0.0, bytesWritten = 0.0
    }

    private let directory: String
    private let keyCount: Int
    private var store: LMDBStateStore
    private var state: WorldState
    private var random = SeededGenerator(seed: 1)
    private static let contract = Address([UInt8](repeating: 1, count: 20))!

    init(directory: String, keyCount: Int) throws {
        self.directory = directory
        self.keyCount = keyCount
        var options = StateStoreOptions()
        options.durability = .lostWithPower
        store = try LMDBStateStore(directory: directory + "/state", chainID: ChainID(), options: options)
        state = try WorldState(opening: store.snapshot())
        for start in stride(from: 0, to: keyCount, by: 20_000) {
            let end = min(start + 20_000, keyCount)
            let changes = (start..<end).map { StateChange(key: Self.key($0), value: random.bytes(100)) }
            _ = try state.apply(changes, height: Height(UInt64(end)))
            try flush()
            Progress.show("loading \(end) of \(keyCount) keys")
        }
    }

    var megabytesUsed: Int { store.usage.used >> 20 }

    static func key(_ index: Int) -> StateKey {
        var generator = SeededGenerator(seed: UInt64(index) &* 0x1000_0001)
        return StateKey(contract: contract, generator.bytes(32))!
    }

    mutating func reopen(durability: StateStoreOptions.Durability) throws {
        var options = StateStoreOptions()
        options.durability = durability
        state = try WorldState(opening: MemoryStore().snapshot())
        store.close()
        // The old store releases its files when the last reference goes, before the new one opens them.
        store = try LMDBStateStore(directory: directory + "/between-\(durability)", chainID: ChainID())
        store = try LMDBStateStore(directory: directory + "/state", chainID: ChainID(), options: options)
        state = try WorldState(opening: store.snapshot())
    }

    private func flush() throws {
        guard let group = state.beginFlush() else { return }
        try group.write(to: store)
        state.finishFlush(group, snapshot: try store.snapshot())
    }

    /// Updates existing keys in blocks and flushes each group. Keys and values are made before the clock starts.
    mutating func update(groupSize: Int, blockSize: Int, groups: Int) throws -> [Run] {
        var runs: [Run] = []
        for number in 0..<groups {
            let keys = (0..<groupSize).map { _ in Self.key(random.below(keyCount)) }
            var blocks: [[StateChange]] = []
            for start in stride(from: 0, to: groupSize, by: blockSize) {
                var seen: Set<StateKey> = []
                blocks.append(keys[start..<start + blockSize].filter { seen.insert($0).inserted }
                    .map { StateChange(key: $0, value: random.bytes(100)) })
            }
            var run = Run()
            let written = Machine.bytesWritten, hashed = state.hashCount
            let watch = Stopwatch()
            for block in blocks { _ = try state.apply(block, height: state.height!.successor) }
            run.applyCPU = watch.cpu
            try flush()
            run.cpu = watch.cpu
            run.wall = watch.wall
            run.flushCPU = run.cpu - run.applyCPU
            run.hashes = Double(state.hashCount - hashed)
            run.bytesWritten = Double(Machine.bytesWritten - written)
            Progress.show("group \(number + 1) of \(groups), \(groupSize) updates in blocks of \(blockSize)")
            // The first groups meet a cold tree.
            if number >= groups / 4 { runs.append(run) }
        }
        return runs
    }

    mutating func measureReads(into report: inout Report, quick: Bool) throws {
        let count = quick ? 20_000 : 200_000
        let view = state.view
        var samples: [Double] = []
        for _ in 0..<5 {
            let keys = (0..<count).map { _ in Self.key(random.below(keyCount)) }
            let watch = Stopwatch()
            for key in keys { consume(try view.value(key)) }
            samples.append(Double(count) / watch.cpu)
        }
        report.add("random_reads_per_second", samples, unit: "1/s")
    }

    mutating func measureProofs(into report: inout Report, quick: Bool) throws {
        let view = state.view
        var sizes: [Double] = [], proving: [Double] = [], verifying: [Double] = []
        for _ in 0..<(quick ? 200 : 2_000) {
            let key = Self.key(random.below(keyCount))
            let proveWatch = Stopwatch()
            let proof = try view.prove([key])
            proving.append(proveWatch.threadCPU * 1e6)
            let claims = try view.claims([key])
            sizes.append(Double(proof.bcs.count))
            let verifyWatch = Stopwatch()
            try proof.verify(root: view.root, claims: claims)
            verifying.append(verifyWatch.threadCPU * 1e6)
        }
        report.add("proof_bytes", sizes, unit: "B")
        report.add("prove_us", proving, unit: "µs")
        report.add("proof_verify_us", verifying, unit: "µs")
        let many = (0..<500).map { _ in Self.key(random.below(keyCount)) }
        report.add("multiproof_500_bytes_per_key", [Double(try view.prove(many).bcs.count) / 500], unit: "B")
    }

    func measureSnapshot(into report: inout Report, directory: String) throws {
        let view = state.view
        var options = StateStoreOptions()
        options.durability = .durable
        let target = try LMDBStateStore(directory: directory + "/restored", chainID: ChainID(), options: options)
        var restore = try SnapshotRestore(into: target, height: view.height, root: view.root)
        var writing: [Double] = [], adding: [Double] = []
        var bytes = 0, cpu = 0.0
        var batch: [[UInt8]] = []
        var from: Digest? = .zero
        while let start = from {
            let writeWatch = Stopwatch()
            let chunk = try view.chunk(from: start)
            batch.append(chunk.bcs)
            writing.append(Double(batch.last!.count) / writeWatch.cpu / 1e6)
            from = chunk.next
            // Sixteen chunks of a MiB to a durable batch.
            guard batch.count == 16 || from == nil else { continue }
            let size = batch.reduce(0) { $0 + $1.count }
            let restoreWatch = Stopwatch()
            try restore.add(batch.map { try StateChunk(bcs: $0) })
            adding.append(Double(size) / restoreWatch.wall / 1e6)
            cpu += restoreWatch.cpu
            bytes += size
            batch = []
            Progress.show("snapshot \(bytes >> 20) MiB")
        }
        let finish = Stopwatch()
        try restore.finish()
        report.add("snapshot_write_MB_per_second", writing, unit: "MB/s of CPU")
        report.add("snapshot_restore_MB_per_second", adding, unit: "MB/s of wall, durable")
        report.add("snapshot_restore_keys_per_second", [Double(view.keyCount) / (cpu + finish.cpu)], unit: "1/s of CPU")
        report.add("snapshot_finish_seconds", [finish.wall], unit: "s")
        report.add("snapshot_bytes_per_key", [Double(bytes) / Double(view.keyCount)], unit: "B")
    }
}
