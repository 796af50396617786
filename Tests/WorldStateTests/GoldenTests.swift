import Foundation
import Primitives
import Testing
import WorldState

/// Roots and encodings against vectors from an independent program, `Vectors/make_golden.py`.
@Suite struct GoldenTests {
    struct Golden: Decodable {
        struct Proof: Decodable { let keys: [String], bcs: String }
        struct Chunk: Decodable { let from: String, size: Int, bcs: String }
        struct State: Decodable {
            let count: Int, root: String, proofs: [Proof], chunk: Chunk
        }
        struct Undo: Decodable { let height: UInt64, bcs: String }
        let states: [State]
        let undo: Undo
    }

    private let golden: Golden

    init() throws {
        let url = Bundle.module.resourceURL!.appending(path: "Vectors/golden.json")
        golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }

    private static func change(_ index: Int) -> StateChange {
        StateChange(key: Workload.key(index), value: Array(TextbookSHA256.hash(Array("value \(index)".utf8)).prefix(index % 33)))
    }

    @Test func rootsProofsAndChunks() throws {
        for vector in golden.states {
            let store = MemoryStore()
            let state = try WorldState(opening: store.snapshot())
            let half = vector.count / 2
            _ = try state.apply((0..<half).map(Self.change), height: 1)
            try state.flush(to: store)
            _ = try state.apply((half..<vector.count).map(Self.change), height: 2)
            #expect(state.root.hex == vector.root)
            for proof in vector.proofs {
                let keys = proof.keys.map { StateKey([UInt8](hex: $0)!)! }
                #expect(try state.view.prove(keys).bcs.hex == proof.bcs)
                let decoded = try StateProof(bcs: [UInt8](hex: proof.bcs)!)
                #expect(decoded.bcs.hex == proof.bcs)
                try decoded.verify(root: state.root, claims: try state.view.claims(keys))
            }
            let chunk = try state.view.chunk(from: Digest(hex: vector.chunk.from)!, byteCount: vector.chunk.size)
            #expect(chunk.bcs.hex == vector.chunk.bcs)
            #expect(try StateChunk(bcs: [UInt8](hex: vector.chunk.bcs)!) == chunk)
        }
    }

    @Test func undoRecords() throws {
        let state = try WorldState(opening: MemoryStore().snapshot())
        _ = try state.apply((0..<4).map(Self.change), height: 8)
        let changes = [
            StateChange(key: Workload.key(0), value: [1]), StateChange(key: Workload.key(2), value: nil),
            StateChange(key: Workload.key(7), value: [2]),
        ]
        let undo = try state.apply(changes, height: Height(golden.undo.height))
        #expect(undo.bcs.hex == golden.undo.bcs)
        #expect(try BlockUndo(bcs: [UInt8](hex: golden.undo.bcs)!) == undo)
    }
}
