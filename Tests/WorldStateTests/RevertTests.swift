import Primitives
import Testing
@testable import WorldState

/// What is left of a block that was taken back: nothing, whether it had been flushed or not.
@Suite struct RevertTests {
    private static func change(_ index: Int, _ value: UInt8?) -> StateChange {
        StateChange(key: Workload.key(index), value: value.map { [$0] })
    }

    @Test func theWindowHasOneViewOfEachHeight() throws {
        let state = try WorldState(opening: MemoryStore().snapshot())
        state.proofWindow = 3
        var undos: [BlockUndo] = []
        for height in 1...4 { undos.append(try state.apply([Self.change(1, UInt8(height))], height: Height(UInt64(height)))) }
        let before = state.view(at: 3)!.root
        try state.revert(undos[3], to: 3)
        #expect(state.viewHeights == [1, 2, 3])
        #expect(state.view(at: 3)!.root == before)
        try state.revert(undos[2], to: 2)
        _ = try state.apply([Self.change(1, 30)], height: 3)
        #expect(state.viewHeights == [1, 2, 3])
        #expect(try state.view(at: 3)!.value(Workload.key(1)) == [30])
    }

    /// A record with a key twice, or out of order, would not lead back to one state.
    @Test func undoRecordsOutOfOrderAreRefused() throws {
        let state = try WorldState(opening: MemoryStore().snapshot())
        let undo = try state.apply([Self.change(1, 1), Self.change(2, 2)], height: 1)
        let header = Array(undo.bcs.prefix(10)), keys = undo.inverse.map(\.key)
        func record(_ keys: [StateKey]) -> [UInt8] { header + keys.flatMap { $0.bcs + [0] } }
        #expect(try BlockUndo(bcs: record(keys)) == undo)
        for wrong in [[keys[0], keys[0]], [keys[1], keys[0]]] {
            #expect(throws: BCSError.self) { try BlockUndo(bcs: record(wrong)) }
        }
    }
}
