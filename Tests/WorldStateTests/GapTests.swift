import Primitives
import Testing
@testable import WorldState

/// Scans step over what was removed, however much it was and in whatever order it went.
@Suite struct GapTests {
    private static func key(_ index: Int) -> StateKey {
        let digits = String(index)
        return StateKey(contract: Address([UInt8](repeating: 7, count: 20))!, Array((String(repeating: "0", count: 6 - digits.count) + digits).utf8))!
    }

    /// All keys of a view in both directions, each found in a few steps.
    private func expectScans(_ view: StateView, _ expected: Set<Int>, _ what: String) throws {
        let wanted = expected.sorted().map(Self.key)
        for direction in [ScanDirection.ascending, .descending] {
            var cursor = view.keys(prefix: [], direction), found: [StateKey] = [], skipped = 0
            while let key = try cursor.next() {
                found.append(key)
                #expect(cursor.skipped - skipped <= KeyGaps.countMin, "\(what): \(cursor.skipped - skipped) steps to a key")
                skipped = cursor.skipped
            }
            #expect(cursor.skipped - skipped <= KeyGaps.countMin, "\(what): \(cursor.skipped - skipped) steps to the end")
            #expect(found == (direction == .ascending ? wanted : wanted.reversed()), "\(what)")
        }
        // From within a gap as well.
        for start in stride(from: 0, to: 300, by: 37) {
            var ascending = view.keys(prefix: [], from: Self.key(start).bytes), descending = view.keys(prefix: [], from: Self.key(start).bytes, .descending)
            #expect(try ascending.next() == expected.filter { $0 >= start }.min().map(Self.key), "\(what)")
            #expect(try descending.next() == expected.filter { $0 < start }.max().map(Self.key), "\(what)")
        }
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func everyKeyIsFoundInAFewSteps(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let store = MemoryStore(), state = try WorldState(opening: store.snapshot())
        var expected: Set<Int> = [], height: UInt64 = 0
        var flushing: FlushGroup?
        var last: (undo: BlockUndo, before: Set<Int>)?
        for round in 0..<60 {
            switch random.below(8) {
            case 0 where last != nil && flushing == nil:
                try state.revert(last!.undo, to: Height(height - 1))
                expected = last!.before
                height -= 1
                last = nil
            case 1 where flushing == nil && height > 0: flushing = state.beginFlush()
            case 2 where flushing != nil:
                try flushing!.write(to: store)
                state.finishFlush(flushing!, snapshot: store.snapshot())
                flushing = nil
            default:
                let first = random.below(300), count = 1 + random.below(60), step = 1 + random.below(3), inserts = random.chance(50, in: 100)
                let indices = stride(from: first, to: min(300, first + count), by: step)
                let changes = indices.map { StateChange(key: Self.key($0), value: inserts ? [UInt8(truncatingIfNeeded: round)] : nil) }
                height += 1
                last = (try state.apply(changes, height: Height(height)), expected)
                if inserts { expected.formUnion(indices) } else { expected.subtract(indices) }
            }
            try expectScans(state.view, expected, "round \(round)")
        }
        // Views from before say what they said.
        let view = state.view
        _ = try state.apply((0..<300).map { StateChange(key: Self.key($0), value: nil) }, height: Height(height + 1))
        try expectScans(view, expected, "the view before")
        try expectScans(state.view, [], "without any key")
    }

    /// What a contract could do to make scans dear: many keys that come and go, all at once or one at a time, from either end.
    @Test(arguments: 0..<4) func thousandsThatWentAreOneStep(_ order: Int) throws {
        let store = MemoryStore(), state = try WorldState(opening: store.snapshot())
        let count = 3_000
        _ = try state.apply((0..<count).map { StateChange(key: Self.key($0), value: [1]) }, height: 1)
        if order % 2 == 0 { try state.flush(to: store) }
        let middle = 1..<count - 1
        var height: UInt64 = 1
        for part in order < 2 ? [Array(middle)] : [middle.filter { $0 % 3 == 0 }, middle.filter { $0 % 3 == 1 }, middle.filter { $0 % 3 == 2 }.reversed()] {
            for piece in stride(from: 0, to: part.count, by: order < 2 ? part.count : 40) {
                height += 1
                let keys = part[piece..<min(part.count, piece + (order < 2 ? part.count : 40))]
                _ = try state.apply(keys.map { StateChange(key: Self.key($0), value: nil) }, height: Height(height))
            }
        }
        try expectScans(state.view, [0, count - 1], "all between have gone")
        #expect(state.view.runs.gaps.gaps.count == 1)
        _ = try state.apply([StateChange(key: Self.key(1_000), value: [2])], height: Height(height + 1))
        try expectScans(state.view, [0, 1_000, count - 1], "one is there again")
        try state.flush(to: store)
        #expect(state.view.runs.gaps.gaps.isEmpty)
        try expectScans(state.view, [0, 1_000, count - 1], "flushed")
    }
}
