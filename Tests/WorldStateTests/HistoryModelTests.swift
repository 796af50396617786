import Primitives
import Testing
@testable import WorldState

/// History against a list of whole states, whatever happens between blocks: some are taken back, flushes begin and succeed or fail, and
/// the store is opened anew.
@Suite struct HistoryModelTests {
    @Test(arguments: [nil, 12] as [UInt64?], 0..<24)
    func everyHeightAnswersWhateverHappened(_ window: UInt64?, _ seed: UInt64) throws {
        var run = try Run(seed: seed, window: window)
        for _ in 0..<70 {
            try run.step()
            try run.check(keys: 3)
        }
        try run.check(keys: Run.keySpace)
        try run.checkHeld()
    }

    /// So many flushes that records go from groups into the order of paths several times over.
    @Test(arguments: 100..<104 as Range<UInt64>) func everyHeightAnswersBehindManyFlushes(_ seed: UInt64) throws {
        var run = try Run(seed: seed, window: nil)
        for round in 0..<220 {
            try run.step()
            try run.flush()
            if round % 20 == 19 { try run.check(keys: Run.keySpace) }
        }
        let (settled, grouped) = run.recordCounts
        #expect(settled > 20 && grouped > 0)
    }

    /// What is kept of blocks goes when the store has them, and not before.
    @Test func replacedValuesAreKeptUntilTheStoreHasThem() throws {
        let store = MemoryStore()
        var options = WorldState.Options()
        options.keepsHistory = true
        let state = try WorldState(opening: store.snapshot(), options: options)
        func apply(_ heights: ClosedRange<UInt64>) throws {
            for height in heights { _ = try state.apply([StateChange(key: Workload.key(1), value: height.bcs)], height: Height(height)) }
        }
        try apply(1...5)
        let group = try #require(state.beginFlush())
        try apply(6...8)
        #expect(state.view.recent.undos?.map(\.height) == [1, 2, 3, 4, 5, 6, 7, 8])
        state.abandonFlush(group)
        #expect(state.view.recent.undos?.count == 8)
        let again = try #require(state.beginFlush())
        try apply(9...9)
        try again.write(to: store)
        state.finishFlush(again, snapshot: store.snapshot())
        #expect(state.view.recent.undos?.map(\.height) == [9])
        // The views of the proof window hold none of it.
        #expect(state.viewHeights.count == 9)
        for height in state.viewHeights { #expect(state.view(at: height)?.recent.undos == nil) }
    }
}

/// One random history of a state, and what its values have been.
private struct Run {
    static let keySpace = 14

    private struct Block {
        let undo: BlockUndo
        let state: [[UInt8]: [UInt8]]
        var height: Height { undo.height }
    }

    private var random: SeededGenerator
    private let store = MemoryStore()
    private let options: WorldState.Options
    private var state: WorldState
    private var chain: [Block] = []
    /// The chain that the store holds, and the one that a group will bring.
    private var stored: [Block] = []
    private var flushing: (group: FlushGroup, chain: [Block], isWritten: Bool)?
    private var held: [(view: StateView, chain: [Block])] = []

    init(seed: UInt64, window: UInt64?) throws {
        random = SeededGenerator(seed: seed)
        var options = WorldState.Options()
        options.keepsHistory = true
        options.historyWindow = window
        self.options = options
        state = try WorldState(opening: store.snapshot(), options: options)
        state.proofWindow = 5
    }

    mutating func step() throws {
        switch random.below(20) {
        case 0..<10: try apply()
        case 10..<13: for _ in 0...random.below(4) { try revert() }
        case 13, 14: if flushing == nil { flushing = state.beginFlush().map { ($0, chain, false) } }
        case 15, 16: try write()
        case 17: try finish()
        case 18: abandon()
        default: try reopen()
        }
        if random.chance(10, in: 100) { held.append((state.view, chain)) }
    }

    /// All that has been applied, unless a group is under way.
    mutating func flush() throws {
        if flushing == nil { flushing = state.beginFlush().map { ($0, chain, false) } }
        try finish()
    }

    var recordCounts: (settled: Int, grouped: Int) { (store.count(.history), store.count(.replaced)) }

    private mutating func apply() throws {
        let height = chain.last.map { $0.height.rawValue + 1 + (random.chance(10, in: 100) ? 1 : 0) } ?? UInt64(random.below(3))
        var values = chain.last?.state ?? [:], changes: [StateChange] = []
        for index in 0..<Self.keySpace where random.chance(20, in: 100) {
            let key = Workload.key(index), value = random.chance(30, in: 100) ? nil : random.bytes(random.below(5))
            values[key.bytes] = value
            changes.append(StateChange(key: key, value: value))
        }
        chain.append(Block(undo: try state.apply(changes, height: Height(height)), state: values))
    }

    private mutating func revert() throws {
        guard chain.count > 1, let last = chain.popLast() else { return }
        try state.revert(last.undo, to: chain[chain.count - 1].height)
    }

    private mutating func write() throws {
        guard let flush = flushing, !flush.isWritten else { return }
        try flush.group.write(to: store)
        flushing?.isWritten = true
        stored = flush.chain
    }

    private mutating func finish() throws {
        try write()
        guard let flush = flushing else { return }
        state.finishFlush(flush.group, snapshot: store.snapshot())
        flushing = nil
    }

    private mutating func abandon() {
        guard let flush = flushing, !flush.isWritten else { return }
        state.abandonFlush(flush.group)
        flushing = nil
    }

    private mutating func reopen() throws {
        guard random.chance(30, in: 100) else { return }
        flushing = nil
        state = try WorldState(opening: store.snapshot(), options: options)
        state.proofWindow = 5
        chain = stored
    }

    /// The newest state answers for every height, and each view of the proof window for what it has.
    mutating func check(keys count: Int) throws {
        let history = try StateHistory(behind: state.view)
        let heights = try #require(history.heights)
        #expect(heights.upperBound == chain.last?.height ?? 0)
        if let window = options.historyWindow {
            #expect(heights.lowerBound.rawValue + window <= max(state.flushedHeight?.rawValue ?? 0, window))
        } else {
            #expect(heights.lowerBound == 0)
        }
        try expect(history, chain, keys: count)
        for height in state.viewHeights {
            let view = try #require(state.view(at: height)), older = try StateHistory(behind: view)
            #expect(older.heights.map { $0.upperBound <= height } ?? true)
            try expect(older, chain, keys: 1)
        }
    }

    /// Views that somebody has held on to answer as before.
    mutating func checkHeld() throws {
        #expect(!held.isEmpty)
        for (view, chain) in held {
            let history = try StateHistory(behind: view)
            #expect(history.heights?.upperBound == chain.last?.height ?? 0)
            try expect(history, chain, keys: Self.keySpace)
        }
    }

    private mutating func expect(_ history: StateHistory, _ chain: [Block], keys count: Int) throws {
        guard let heights = history.heights else { return }
        // The last key is never written.
        let keys = count < Self.keySpace ? (0..<count).map { _ in random.below(Self.keySpace + 1) } : Array(0...Self.keySpace)
        for height in heights.lowerBound.rawValue...heights.upperBound.rawValue {
            let expected = chain.last { $0.height.rawValue <= height }?.state ?? [:]
            for index in keys {
                let key = Workload.key(index), found = try history.value(key, at: Height(height))
                #expect(found == expected[key.bytes], "key \(index) at \(height) of \(heights)")
            }
        }
    }
}
