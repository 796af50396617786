import Primitives
import Testing
@testable import WorldState

/// Values at earlier heights, where blocks are taken back, keys are hot, and the store does not reach back for ever.
@Suite struct HistoryTests {
    private static func change(_ index: Int, _ value: UInt64) -> StateChange {
        StateChange(key: Workload.key(index), value: value.bcs)
    }

    private static func options(window: UInt64? = nil) -> WorldState.Options {
        var options = WorldState.Options()
        options.keepsHistory = true
        options.historyWindow = window
        return options
    }

    /// Blocks 2 and 3 change key 1 and are taken back; another block 2 leaves it alone.
    @Test(arguments: ["flushed", "while it was written", "abandoned"])
    func blocksThatWereTakenBackLeaveNoHistory(_ when: String) throws {
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot(), options: Self.options())
        var undos: [BlockUndo] = []
        for height in 1...3 { undos.append(try state.apply([Self.change(1, UInt64(height))], height: Height(UInt64(height)))) }
        let group = try #require(state.beginFlush())
        if when == "flushed" {
            try group.write(to: store)
            state.finishFlush(group, snapshot: store.snapshot())
        }
        try state.revert(undos[2], to: 2)
        try state.revert(undos[1], to: 1)
        if when == "while it was written" {
            try group.write(to: store)
            state.finishFlush(group, snapshot: store.snapshot())
        } else if when == "abandoned" {
            state.abandonFlush(group)
        }
        _ = try state.apply([Self.change(2, 20)], height: 2)
        try state.flush(to: store)
        _ = try state.apply([Self.change(3, 30)], height: 4)
        try state.flush(to: store)
        let history = try StateHistory(behind: state.view)
        for height in 1...4 { #expect(try history.value(Workload.key(1), at: Height(UInt64(height))) == UInt64(1).bcs) }
        #expect(try history.value(Workload.key(2), at: 1) == nil)
        #expect(try history.value(Workload.key(2), at: 2) == UInt64(20).bcs)
        #expect(store.count(.history) + store.count(.replaced) == 3)
    }

    /// A key that changes in every block has more recent records than one sweep looks at. Records go with the group in which they were written.
    @Test func aHotKeyDoesNotStopTheSweep() throws {
        let window = UInt64(HistoryBatch.sweepMin) + 500
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot(), options: Self.options(window: window))
        let keys = (0..<40).sorted { Workload.key($0).path < Workload.key($1).path }
        let hot = keys[0], cold = keys[1...]
        _ = try state.apply(cold.map { Self.change($0, 0) }, height: 1)
        for height in 2...(window + 100) {
            _ = try state.apply([Self.change(hot, height)], height: Height(height))
            if height % 500 == 0 { try state.flush(to: store) }
        }
        try state.flush(to: store)
        for height in (window + 101)...(window + 110) {
            _ = try state.apply([Self.change(hot, height)], height: Height(height))
            try state.flush(to: store)
        }
        #expect(store.count(.history) == 0)
        #expect(Int(window)..<Int(window) + 500 ~= store.count(.replaced))
    }

    /// The sweep keeps up with blocks that change many keys.
    @Test func historyDoesNotGrowForEver() throws {
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot(), options: Self.options(window: 4))
        let count = HistoryBatch.sweepMin * 3 / 2
        for height in 1...24 {
            _ = try state.apply((0..<count).map { Self.change($0, UInt64(height)) }, height: Height(UInt64(height)))
            try state.flush(to: store)
        }
        #expect(store.count(.history) == 0 && store.count(.replaced) <= 2 * 5 * count)
    }

    /// Records of a node that kept all go as well, when it keeps a window from now on.
    @Test func whatWasKeptForEverIsSweptAway() throws {
        let store = MemoryStore()
        var state = try WorldState(opening: store.snapshot(), options: Self.options())
        func run(_ heights: ClosedRange<UInt64>) throws {
            for height in heights {
                _ = try state.apply((0..<40).map { Self.change($0, height) }, height: Height(height))
                try state.flush(to: store)
            }
        }
        try run(1...100)
        #expect(store.count(.history) > 1_000 && store.count(.history) + store.count(.replaced) == 4_000)
        state = try WorldState(opening: store.snapshot(), options: Self.options(window: 4))
        try run(101...110)
        let history = try StateHistory(behind: state.view)
        #expect(history.heights == 106...110)
        for height in 106...110 { #expect(try history.value(Workload.key(7), at: Height(UInt64(height))) == UInt64(height).bcs) }
        #expect(store.count(.history) == 0 && store.count(.replaced) == 4 * 40)
    }

    @Test func heightsOutOfReachAreRefused() throws {
        let store = MemoryStore()
        var state = try WorldState(opening: store.snapshot())
        for height in 1...5 {
            _ = try state.apply([Self.change(1, UInt64(height))], height: Height(UInt64(height)))
            try state.flush(to: store)
        }
        #expect(try StateHistory(behind: state.view).heights == nil)
        state = try WorldState(opening: store.snapshot(), options: Self.options(window: 4))
        for height in 6...8 {
            _ = try state.apply([Self.change(1, UInt64(height))], height: Height(UInt64(height)))
            try state.flush(to: store)
        }
        var history = try StateHistory(behind: state.view)
        #expect(history.heights == 5...8)
        for height in 5...8 { #expect(try history.value(Workload.key(1), at: Height(UInt64(height))) == UInt64(height).bcs) }
        for height in [0, 4, 9, UInt64.max] {
            do {
                _ = try history.value(Workload.key(1), at: Height(height))
                Issue.record("height \(height) has an answer")
            } catch { #expect(error.code == .outOfReach) }
        }
        for height in 9...14 {
            _ = try state.apply([Self.change(1, UInt64(height))], height: Height(UInt64(height)))
            try state.flush(to: store)
        }
        history = try StateHistory(behind: state.view)
        #expect(history.heights == 10...14)
        for height in 10...14 { #expect(try history.value(Workload.key(1), at: Height(UInt64(height))) == UInt64(height).bcs) }
        // A stretch without history is a gap that later history does not bridge.
        state = try WorldState(opening: store.snapshot())
        _ = try state.apply([Self.change(1, 15)], height: 15)
        try state.flush(to: store)
        #expect(try StateHistory(behind: state.view).heights == nil)
        state = try WorldState(opening: store.snapshot(), options: Self.options())
        _ = try state.apply([Self.change(1, 16)], height: 16)
        try state.flush(to: store)
        #expect(try StateHistory(behind: state.view).heights == 15...16)
    }

    /// The values that a block replaced wait with it for the store.
    @Test func replacedValuesCountAsPending() throws {
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot(), options: Self.options())
        _ = try state.apply([StateChange(key: Workload.key(1), value: [UInt8](repeating: 1, count: 50_000))], height: 1)
        try state.flush(to: store)
        #expect(state.pendingBytes == 0)
        _ = try state.apply([StateChange(key: Workload.key(1), value: nil)], height: 2)
        #expect(state.pendingBytes > 50_000)
        try state.flush(to: store)
        #expect(state.pendingBytes == 0)
    }
}
