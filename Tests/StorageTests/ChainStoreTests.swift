import Foundation
import Primitives
import Storage
import Synchronization
import Testing
import WorldState

@Suite struct ChainStoreTests {
    let scratch = Scratch()
    var path: String { scratch.path + "/chain" }

    func block(_ height: UInt64) -> BlockRecord {
        var random = SeededGenerator(seed: height)
        return BlockRecord(header: random.bytes(80), certificate: random.bytes(300), bodies: random.bytes(random.below(5_000)))
    }

    static func change(_ height: UInt64) -> StateChange {
        StateChange(
            key: StateKey(contract: Address([UInt8](repeating: 3, count: 20))!, [UInt8(height % 50)])!, value: [UInt8(height & 0xff)])
    }

    @Test func aBlockComesBackAsItWas() async throws {
        let store = try ChainStore.create(in: path, chainID: chainA, first: 10)
        #expect(store.blocks.first == 10 && store.blocks.next == 10)
        for height in 10..<30 as Range<UInt64> { try await store.blocks.append(block(height), at: Height(height)) }
        #expect(try store.blocks.read(9) == nil && store.blocks.read(30) == nil)
        for height in 10..<30 as Range<UInt64> { #expect(try store.blocks.read(Height(height)) == block(height)) }
        await #expect(throws: StoreError.self) { try await store.blocks.append(block(31), at: 31) }
        var seen: [Height] = []
        try store.blocks.scan(from: 25) { height, _ in
            seen.append(height)
            return height < 28
        }
        #expect(seen == [25, 26, 27, 28])
    }

    @Test func openingWantsWhatIsThere() throws {
        #expect(refusal { _ = try ChainStore.open(in: path, chainID: chainA) } == .incompatible)
        var store: ChainStore? = try ChainStore.create(in: path, chainID: chainA)
        #expect(store?.journal != nil)
        #expect(refusal { _ = try ChainStore.open(in: path, chainID: chainA) } == .locked)
        store?.close()
        store = nil
        #expect(refusal { _ = try ChainStore.open(in: path, chainID: chainB) } == .incompatible)
        // A lost journal is noticed, also by those who would make a store, until one is made on purpose.
        try FileManager.default.removeItem(atPath: path + "/journal")
        for attempt in 0..<2 {
            store = attempt == 0 ? try .open(in: path, chainID: chainA) : try .create(in: path, chainID: chainA)
            #expect(store?.journal == nil)
            store?.close()
            store = nil
        }
        try ChainStore.createJournal(in: path, chainID: chainA)
        #expect(refusal { try ChainStore.createJournal(in: path, chainID: chainA) } == .incompatible)
        #expect(try ChainStore.open(in: path, chainID: chainA).journal != nil)
    }

    /// Blocks above the flushed height are replayed; a state ahead of the log, or behind what is left of it, is refused.
    @Test func theStateFollowsTheLog() async throws {
        var options = ChainStore.Options()
        options.blockSegmentBytes = 4096
        let store = try ChainStore.create(in: path, chainID: chainA, options: options)
        let state = try WorldState(opening: store.state.snapshot())
        var roots: [UInt64: Digest] = [:]
        for height in 0..<40 as Range<UInt64> {
            try await store.blocks.append(block(height), at: Height(height))
            _ = try state.apply([Self.change(height)], height: Height(height))
            roots[height] = state.root
            if height == 24 {
                let group = try #require(state.beginFlush())
                state.finishFlush(group, snapshot: try await store.flush(group))
            }
        }
        let again = try WorldState(opening: store.state.snapshot())
        #expect(again.flushedHeight == 24 && again.root == roots[24])
        var replayed: [Height] = []
        try store.replay(above: again.flushedHeight) { (height, record) throws(StoreError) in
            #expect(record == block(height.rawValue))
            _ = try again.apply([Self.change(height.rawValue)], height: height)
            #expect(again.root == roots[height.rawValue])
            replayed.append(height)
        }
        #expect(replayed == (25..<40).map { Height($0) })
        try store.replay(above: 39) { height, _ in Issue.record("\(height) has been flushed") }
        #expect(refusal { try store.replay(above: 40) { _, _ in } } == .corrupt)
        while try store.blocks.prune(below: 30) > 0 {}
        let first = store.blocks.first
        #expect(first > 0 && first <= 30)
        #expect(refusal { try store.replay(above: nil) { _, _ in } } == .corrupt)
        try store.replay(above: first.predecessor) { _, _ in }
    }

    /// While a flush stands still, hundreds of journal records and blocks become durable one after the other.
    @Test func aStalledFlushDelaysNoVote() async throws {
        let store = try ChainStore.create(in: path, chainID: chainA)
        let journal = try #require(store.journal)
        let stalled = DispatchSemaphore(value: 0), gate = DispatchSemaphore(value: 0)
        let isDone = Mutex(false)
        let flush = Task {
            let state = store.state
            try await store.runBetweenFlushes { () throws(StoreError) in
                try state.write { (writer) throws(StoreError) in
                    try writer.put(.meta, [1], [2])
                    stalled.signal()
                    gate.wait()
                }
                isDone.withLock { $0 = true }
            }
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                stalled.wait()
                continuation.resume()
            }
        }
        for height in 0..<300 as Range<UInt64> {
            try await journal.append([[UInt8(height & 0xff)]], height: Height(height))
            try await store.blocks.append(block(height), at: Height(height))
        }
        #expect(isDone.withLock { $0 } == false, "the transaction was open all the time")
        #expect(journal.bounds == 0..<300 && store.blocks.next == 300)
        #expect(try store.state.snapshot().value(.meta, [1]) == nil, "and readers did not wait for it either")
        gate.signal()
        try await flush.value
        #expect(try store.state.snapshot().value(.meta, [1]) == [2])
    }
}
