import Primitives
import WorldState

extension FuzzTargets {
    static let worldState: [FuzzTarget] = [
        .canonical("state-key", StateKey.self, samples: [State.key(1)]),
        .canonical("state-claim", StateClaim.self, samples: [State.claims[0], State.claims[40]]),
        .canonical("state-proof", StateProof.self, samples: State.proofs),
        .canonical("state-chunk", StateChunk.self, samples: State.chunks),
        .canonical("block-undo", BlockUndo.self, samples: [State.undo]),
        // Whatever happens to a proof, it never proves what is not so.
        FuzzTarget(name: "state-proof-check", samples: State.proofs.map(\.bcs)) { input in
            guard let proof = try? StateProof(bcs: input) else { return nil }
            for lie in State.lies where (try? proof.verify(root: State.root, claims: lie)) != nil { return "proves a lie about \(lie[0].key.bytes.hex)" }
            return nil
        },
        // A chunk that passes holds exactly what the state holds in its range.
        FuzzTarget(name: "state-chunk-check", samples: State.chunks.map(\.bcs)) { input in
            guard let chunk = try? StateChunk(bcs: input), (try? chunk.verify(root: State.root)) != nil else { return nil }
            let truth = State.claims.filter { $0.value != nil && (chunk.from...chunk.through).contains($0.key.path) }
            return Set(truth) == Set(chunk.entries) ? nil : "passes with \(chunk.entries.count) entries instead of \(truth.count)"
        },
        // Whatever blocks come and whenever they are flushed, the root is that of the keys and values.
        FuzzTarget(name: "state-updates", samples: [StateScript.sample]) { input in
            do { return try StateScript.run(input) } catch { return "\(error)" }
        },
    ]

    /// A small state: forty keys with values, the next forty without.
    private enum State {
        private static let world: (root: Digest, view: StateView, undo: BlockUndo) = {
            do {
                let state = try WorldState(opening: MemoryStore().snapshot())
                let undo = try state.apply(claims.filter { $0.value != nil }.map { StateChange(key: $0.key, value: $0.value) }, height: 1)
                return (state.root, state.view, undo)
            } catch { preconditionFailure("\(error)") }
        }()

        static func key(_ number: UInt64) -> StateKey { StateKey(contract: Sample.fixed(7), number.bcs)! }

        /// The truth about eighty keys.
        static let claims = (0..<80).map { StateClaim(key: key($0), value: $0 < 40 ? [UInt8](repeating: UInt8($0), count: Int($0)) : nil) }
        static var root: Digest { world.root }
        static var undo: BlockUndo { world.undo }
        static let proofs: [StateProof] = {
            do { return try [[1], [50], [2, 51, 3]].map { try world.view.prove($0.map(key)) } } catch { preconditionFailure("\(error)") }
        }()
        static let chunks: [StateChunk] = {
            do {
                let first = try world.view.chunk(from: .zero, byteCount: 400)
                guard let next = first.next else { preconditionFailure("the state fits one chunk") }
                return [first, try world.view.chunk(from: next, byteCount: 400)]
            } catch { preconditionFailure("\(error)") }
        }()
        /// Of keys whose proofs are among the samples.
        static let lies: [[StateClaim]] = [
            [StateClaim(key: key(1), value: nil)], [StateClaim(key: key(1), value: [9])], [StateClaim(key: key(50), value: [])],
            [StateClaim(key: key(2), value: [2, 2]), StateClaim(key: key(51), value: [1]), StateClaim(key: key(3), value: nil)],
        ]
    }
}
