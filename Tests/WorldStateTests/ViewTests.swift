import Primitives
import Testing
@testable import WorldState

@Suite struct ViewTests {
    @Test func viewsStayWhatTheyWere() throws {
        var workload = Workload(seed: 21, keySpace: 300)
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot())
        var history: [(view: StateView, expected: [[UInt8]: [UInt8]])] = []
        for height in 1...20 {
            _ = try state.apply(workload.block(40), height: Height(UInt64(height)))
            history.append((state.view, workload.expected))
            if height % 6 == 0 { try state.flush(to: store) }
        }
        for (view, expected) in history {
            #expect(view.root.bytes == NaiveTree.root(expected))
            #expect(view.keyCount == UInt64(expected.count))
            for index in 0..<300 {
                let key = Workload.key(index)
                #expect(try view.value(key) == expected[key.bytes])
            }
        }
    }

    @Test func theWindowKeepsAsManyHeightsAsItSays() throws {
        let state = try WorldState(opening: MemoryStore().snapshot())
        state.proofWindow = 4
        func apply(_ heights: ClosedRange<Int>) throws {
            for height in heights { _ = try state.apply([StateChange(key: Workload.key(height), value: [1])], height: Height(UInt64(height))) }
        }
        try apply(1...9)
        #expect(state.viewHeights == [5, 6, 7, 8, 9])
        #expect(state.view(at: 4) == nil)
        #expect(try state.view(at: 6)?.value(Workload.key(7)) == nil)
        #expect(try state.view(at: 7)?.value(Workload.key(7)) == [1])
        // A narrower one is so at once; a wider one becomes so.
        state.proofWindow = 1
        #expect(state.viewHeights == [8, 9])
        state.proofWindow = 5
        try apply(10...11)
        #expect(state.viewHeights == [8, 9, 10, 11])
        try apply(12...14)
        #expect(state.viewHeights == [9, 10, 11, 12, 13, 14])
        state.proofWindow = 0
        #expect(state.viewHeights == [14])
    }

    @Test func theWindowShrinksWhenBlocksChangeMuch() throws {
        var options = WorldState.Options()
        options.heldBytesMax = 1 << 20
        let state = try WorldState(opening: MemoryStore().snapshot(), options: options)
        var workload = Workload(seed: 23, keySpace: 100_000)
        for height in 1...20 { _ = try state.apply(workload.block(1), height: Height(UInt64(height))) }
        #expect(state.viewHeights.count == 20)
        for height in 21...40 { _ = try state.apply(workload.block(400), height: Height(UInt64(height))) }
        #expect((1...3).contains(state.viewHeights.count))
        _ = try state.apply(workload.block(4_000), height: 41)
        #expect(state.viewHeights == [41])
        for height in 42...60 { _ = try state.apply(workload.block(1), height: Height(UInt64(height))) }
        #expect(state.viewHeights == (42...60).map { Height($0) })
    }

    @Test func oldViewsPinFewStatesOfTheStore() throws {
        var options = WorldState.Options()
        options.pinnedStatesMax = 3
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot(), options: options)
        for height in 1...40 {
            _ = try state.apply([StateChange(key: Workload.key(height), value: [1])], height: Height(UInt64(height)))
            if height % 4 == 0 { try state.flush(to: store) }
        }
        // The newest view of each group moves on to the state that was just written, so that three states serve nine heights.
        #expect(state.viewHeights == (32...40).map { Height(UInt64($0)) })
        for height in state.viewHeights {
            #expect(try state.view(at: height)!.value(Workload.key(Int(height.rawValue))) == [1])
            #expect(try state.view(at: height)!.value(Workload.key(Int(height.rawValue) + 1)) == nil)
        }
    }

    @Test(arguments: [ScanDirection.ascending, .descending])
    func scansFollowTheOrderOfKeysInEveryView(_ direction: ScanDirection) throws {
        var workload = Workload(seed: 22, keySpace: 400, removals: 40)
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot())
        var random = SeededGenerator(seed: 23)
        var views: [(StateView, [[UInt8]: [UInt8]])] = []
        for height in 1...24 {
            _ = try state.apply(workload.block(60), height: Height(UInt64(height)))
            views.append((state.view, workload.expected))
            if height % 7 == 0 { try state.flush(to: store) }
        }
        for (view, expected) in views {
            let contract = [UInt8](repeating: UInt8(random.below(3)), count: 20)
            for prefix in [[], contract, contract + Array("k1".utf8), contract + Array("k39".utf8), [0xff]] {
                for start in [nil, Workload.key(random.below(400)).bytes, contract + Array("k2".utf8)] {
                    let sorted = expected.keys.filter { $0.starts(with: prefix) }.sorted { $0.lexicographicallyPrecedes($1) }
                    let wanted = direction == .ascending
                        ? sorted.filter { key in start.map { !key.lexicographicallyPrecedes($0) } ?? true }
                        : sorted.filter { key in start.map { key.lexicographicallyPrecedes($0) } ?? true }.reversed()
                    var cursor = view.keys(prefix: prefix, from: start, direction)
                    var found: [[UInt8]] = []
                    while let key = try cursor.next() { found.append(key.bytes) }
                    #expect(found == wanted)
                }
            }
        }
    }

    /// Each key is the least successor of the one before, where a scan that is read in batches might step over one.
    @Test func scansStepOverNoKey() throws {
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot())
        let contract = Address([UInt8](repeating: 0xff, count: 20))!
        let keys = (0...Limits.stateKeyBytesMax).map { StateKey(contract: contract, [UInt8](repeating: 0, count: $0))! }
        _ = try state.apply(keys.map { StateChange(key: $0, value: []) }, height: 1)
        try state.flush(to: store)
        for (direction, wanted) in [(ScanDirection.ascending, keys), (.descending, keys.reversed())] {
            var cursor = state.view.keys(prefix: contract.bytes, direction)
            var found: [StateKey] = []
            while let key = try cursor.next() { found.append(key) }
            #expect(found == wanted)
        }
    }

    @Test func historyAnswersForEveryHeightAndIsPrunedLittleByLittle() throws {
        var options = WorldState.Options()
        options.keepsHistory = true
        var workload = Workload(seed: 24, keySpace: 120)
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot(), options: options)
        var expected: [[[UInt8]: [UInt8]]] = [[:]]
        for height in 1...30 {
            _ = try state.apply(workload.block(25), height: Height(UInt64(height)))
            expected.append(workload.expected)
            if height % 3 == 0 { try state.flush(to: store) }
        }
        let history = try StateHistory(behind: state.view)
        for height in 0...30 {
            for index in 0..<120 {
                let key = Workload.key(index)
                #expect(try history.value(key, at: Height(UInt64(height))) == expected[height][key.bytes])
            }
        }
        options.historyWindow = 10
        let pruning = try WorldState(opening: store.snapshot(), options: options)
        let before = store.count(.history)
        for height in 31...60 {
            _ = try pruning.apply([StateChange(key: Workload.key(0), value: [UInt8(height)])], height: Height(UInt64(height)))
            try pruning.flush(to: store)
        }
        #expect(store.count(.history) <= 11, "\(before) before")
        let recent = try StateHistory(behind: pruning.view)
        for height in 51...59 { #expect(try recent.value(Workload.key(0), at: Height(UInt64(height))) == [UInt8(height)]) }
    }

    @Test func runsMergeSoThatThereAreFew() {
        var runs = KeyRuns()
        for version in 1...500 {
            runs.append([(key: Workload.key(version).bytes, exists: true)], version: UInt64(version), mergingAfter: 0)
        }
        #expect(runs.runs.count <= 10)
        #expect(runs.keys(after: 0).count == 500)
    }
}

extension MemoryStore {
    func count(_ table: StateTable) -> Int { entries(table).count }
}

@Suite struct MemoryTests {
    /// Keys that every block touches keep their bottoms in memory, but not the values that the store has taken over.
    @Test func flushedValuesLeaveMemoryEvenWhereBlocksGoOn() throws {
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot())
        let large = [UInt8](repeating: 1, count: 10_000)
        var height: UInt64 = 0
        for round in 0..<6 {
            height += 1
            _ = try state.apply((0..<10).map { StateChange(key: Workload.key(10 * round + $0), value: large) }, height: Height(height))
            let group = try #require(state.beginFlush())
            height += 1
            // One small change to each bottom while the group is written.
            _ = try state.apply((100..<140).map { StateChange(key: Workload.key($0), value: [UInt8(height)]) }, height: Height(height))
            try group.write(to: store)
            state.finishFlush(group, snapshot: store.snapshot())
            #expect(state.view.page.bytesHeld <= 40)
        }
        for index in 0..<60 { #expect(try state.view.value(Workload.key(index)) == large) }
        try state.flush(to: store)
        #expect(state.view.page.bytesHeld == 0)
        #expect(try StateCheck.run(on: store.snapshot())?.root == state.root)
    }
}

extension Page {
    /// Bytes of values below.
    var bytesHeld: Int {
        (0..<16).reduce(0) { total, slot in
            switch body.slots[slot] {
            case .stored: total
            case .page(let child): total + child.bytesHeld
            case .bottom(let bottom):
                total + (0..<4).reduce(0) { $0 + bottom.cells[$1].entries.reduce(0) { $0 + $1.value.count } }
            }
        }
    }
}
