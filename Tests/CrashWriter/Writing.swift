import Glibc
import Primitives
import Storage
import WorldState

/// The victim: opens the store in `directory`, brings the state forward, and extends the chain until it is killed. Each line on
/// standard output is a promise: `block H` and `journal H N` once they are durable, `flushed H` once the state is, `indexed H` once the index
/// lacks nothing below.
struct Writing {
    let directory: String
    let chain: SyntheticChain
    private static let blocksPerFlush = 24
    /// Heights whose blocks stay in the log behind the flushed one.
    private static let blocksKept: UInt64 = 400

    func run() async throws {
        let store = try ChainStore.create(in: directory, chainID: SyntheticChain.chainID, options: SyntheticChain.options)
        let state = try WorldState(opening: store.state.snapshot())
        try store.replay(above: state.flushedHeight) { (height, block) throws(StoreError) in
            _ = try state.apply(chain.changes(height), height: height)
            guard state.root.bytes == block.header else { throw StoreError(.corrupt, "replay of block \(height): wrong root") }
        }
        let index = try chain.index(in: directory, first: store.blocks.first)
        guard let journal = store.journal else { throw StoreError(.corrupt, "the journal is gone") }
        Self.promise("ready \(state.height.map(String.init(describing:)) ?? "-")")

        var flush: (FlushGroup, Task<StateSnapshot, any Error>)?
        while true {
            let height = state.height?.successor ?? 0
            for number in 0..<SyntheticChain.journalRecordsPerHeight {
                while !journal.submit([chain.journalRecord(height, number)], height: height, { result in
                    if case .success = result { Self.promise("journal \(height) \(number)") }
                }) { await Task.yield() }
            }
            _ = try state.apply(chain.changes(height), height: height)
            let block = chain.block(height, root: state.root)
            let isLastOfGroup = height.rawValue % UInt64(Self.blocksPerFlush) == 0
            if !isLastOfGroup {
                while !store.blocks.submit(block, at: height, { if case .success = $0 { Self.promise("block \(height)") } }) {
                    await Task.yield()
                }
                continue
            }
            try await store.blocks.append(block, at: height)
            while index.next <= height, index.note(index.next, hash: chain.hash(index.next), transactions: chain.transactions(index.next)) {}
            Self.promise("indexed \(index.nextDurable)")
            Self.promise("block \(height)")
            try journal.finish(height)
            if let (group, task) = flush {
                state.finishFlush(group, snapshot: try await task.value)
                Self.promise("flushed \(group.height)")
                if group.height.rawValue > Self.blocksKept {
                    try store.blocks.prune(below: Height(group.height.rawValue - Self.blocksKept))
                    index.prune(below: store.blocks.first)
                }
            }
            guard let group = state.beginFlush() else { continue }
            flush = (group, Task { try await store.flush(group) })
        }
    }

    /// One write per line: a pipe keeps it whole, and keeps it when the writer dies.
    private static func promise(_ line: String) {
        var line = line + "\n"
        line.withUTF8 { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}
