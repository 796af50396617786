import Primitives
import Testing
@testable import WorldState

/// What a flush leaves in the store, table by table, and in memory.
@Suite struct StoreTests {
    private static func changes(_ range: Range<Int>, _ value: [UInt8]?) -> [StateChange] {
        range.map { StateChange(key: Workload.key($0), value: value) }
    }

    /// Blocks that grow and shrink the tree leave no record behind that the tree does not reach.
    @Test(arguments: [false, true])
    func nothingIsLeftBehind(_ isAbandonedFirst: Bool) throws {
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot())
        var expected: [[UInt8]: [UInt8]] = [:]
        var random = SeededGenerator(seed: 51)
        for height in 1...24 {
            let start = random.below(500), value = height % 3 == 0 ? nil : random.bytes(5)
            let changes = Self.changes(start..<start + random.below(500), value)
            for change in changes { expected[change.key.bytes] = change.value }
            _ = try state.apply(changes, height: Height(UInt64(height)))
            if isAbandonedFirst { state.abandonFlush(try #require(state.beginFlush())) }
            if height % 2 == 0 { continue }
            try state.flush(to: store)
            store.expectExactly(expected, "height \(height)")
        }
        _ = try state.apply(Self.changes(0..<1_000, nil), height: 25)
        if isAbandonedFirst { state.abandonFlush(try #require(state.beginFlush())) }
        try state.flush(to: store)
        store.expectExactly([:], "in the end")
        #expect(store.count(.page) == 1)
    }

    /// A page from which a later block removed a slot's last leaf holds nothing more than the store, and yet is newer.
    @Test func removalsDuringAFlushAreNotForgotten() throws {
        let store = MemoryStore()
        var options = WorldState.Options()
        options.cachedDepth = 1
        let state = try WorldState(opening: store.snapshot(), options: options)
        _ = try state.apply(Self.changes(0..<500, [1]), height: 1)
        try state.flush(to: store)
        for index in 0..<500 {
            let height = Height(UInt64(3 * index + 2))
            _ = try state.apply(Self.changes(600..<601, [UInt8(index & 255)]), height: height)
            let group = try #require(state.beginFlush())
            _ = try state.apply(Self.changes(index..<index + 1, nil), height: height.successor)
            let root = state.root
            try group.write(to: store)
            state.finishFlush(group, snapshot: store.snapshot())
            #expect(try state.view.value(Workload.key(index)) == nil)
            _ = try state.apply(Self.changes(index..<index + 1, nil), height: height.successor.successor)
            #expect(state.root == root)
        }
    }

    /// The keys of a group leave memory with it, even when blocks go on appearing while it is written.
    @Test func flushedKeysLeaveMemory() throws {
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot())
        for round in 0..<8 {
            let start = 100 * round
            _ = try state.apply(Self.changes(start..<start + 50, [1]), height: Height(UInt64(2 * round + 1)))
            let group = try #require(state.beginFlush())
            _ = try state.apply(Self.changes(start + 50..<start + 100, [1]), height: Height(UInt64(2 * round + 2)))
            try group.write(to: store)
            state.finishFlush(group, snapshot: store.snapshot())
            #expect(state.view.runs.runs.map(\.keys.count) == [50])
        }
        try state.flush(to: store)
        #expect(state.view.runs.runs.isEmpty)
    }
}

extension MemoryStore {
    /// Compares the order of keys, the leaves, and the set of pages with what a state of `expected` needs.
    func expectExactly(_ expected: [[UInt8]: [UInt8]], _ comment: Comment) {
        #expect(entries(.order).map(\.key) == expected.keys.sorted { $0.lexicographicallyPrecedes($1) }, comment)
        #expect(entries(.leaf).map(\.key) == expected.keys.map { TextbookSHA256.hash($0) }.sorted { $0.lexicographicallyPrecedes($1) }, comment)
        let pages = Dictionary(uniqueKeysWithValues: entries(.page))
        // A page is named by its depth and packed nibbles; a slot of 255 leads to the next.
        var reached: Set<[UInt8]> = []
        var open: [[UInt8]] = [[]]
        while let nibbles = open.popLast() {
            var name = [UInt8(nibbles.count)]
            for (index, nibble) in nibbles.enumerated() {
                if index % 2 == 0 { name.append(nibble << 4) } else { name[name.count - 1] |= nibble }
            }
            reached.insert(name)
            for slot in 0..<16 where pages[name]?[slot] == 255 { open.append(nibbles + [UInt8(slot)]) }
        }
        #expect(Set(pages.keys) == reached, comment)
    }
}
