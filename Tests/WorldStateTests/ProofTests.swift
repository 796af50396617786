import Primitives
import Testing
@testable import WorldState

@Suite struct ProofTests {
    /// States of several sizes, half in the store and half in memory.
    static func state(keys: Int, seed: UInt64 = 31) throws -> (state: WorldState, expected: [[UInt8]: [UInt8]]) {
        var workload = Workload(seed: seed, keySpace: max(keys, 1) * 2, removals: 0)
        let store = MemoryStore()
        let state = try WorldState(opening: store.snapshot())
        if keys > 0 {
            _ = try state.apply(workload.block((keys + 1) / 2), height: 1)
            try state.flush(to: store)
            _ = try state.apply(workload.block(keys / 2), height: 2)
        }
        return (state, workload.expected)
    }

    @Test(arguments: [0, 1, 2, 3, 30, 700])
    func provesPresenceAndAbsence(_ keys: Int) throws {
        let (state, expected) = try Self.state(keys: keys)
        for index in 0..<min(2 * keys + 3, 200) {
            let key = Workload.key(index)
            let proof = try StateProof(bcs: state.view.prove([key]).bcs)
            let truth = StateClaim(key: key, value: expected[key.bytes])
            #expect(try state.view.claims([key]) == [truth])
            try proof.verify(root: state.root, claims: [truth])
            for lie in [expected[key.bytes] == nil ? [] : nil, [1, 2, 3], (truth.value ?? []) + [0]] where lie != truth.value {
                #expect(throws: ProofError.self) {
                    try proof.verify(root: state.root, claims: [StateClaim(key: key, value: lie)])
                }
            }
            #expect(throws: ProofError.self) { try proof.verify(root: Digest.last, claims: [truth]) }
        }
    }

    @Test func oneProofCoversManyKeys() throws {
        let (state, expected) = try Self.state(keys: 500)
        var random = SeededGenerator(seed: 32)
        for count in [2, 7, 40, 300] {
            let keys = Set((0..<count).map { _ in Workload.key(random.below(1_100)) })
            let claims = keys.map { StateClaim(key: $0, value: expected[$0.bytes]) }
            let proof = try state.view.prove(Array(keys))
            try proof.verify(root: state.root, claims: claims)
            var single = 0
            for key in keys { single += try state.view.prove([key]).bcs.count }
            #expect(proof.bcs.count <= single)
            for (position, claim) in claims.enumerated() {
                var wrong = claims
                wrong[position] = StateClaim(key: claim.key, value: claim.value == nil ? [9] : nil)
                #expect(throws: ProofError.self) { try proof.verify(root: state.root, claims: wrong) }
            }
        }
    }

    @Test func aProofSaysNothingAboutOtherKeys() throws {
        let (state, expected) = try Self.state(keys: 400)
        let proof = try state.view.prove([Workload.key(1)])
        let truth = StateClaim(key: Workload.key(1), value: expected[Workload.key(1).bytes])
        let other = (2..<50).map(Workload.key).first { expected[$0.bytes] == nil }!
        #expect(throws: ProofError.notCovered) {
            try proof.verify(root: state.root, claims: [truth, StateClaim(key: other, value: nil)])
        }
        #expect(throws: ProofError.duplicateClaim) { try proof.verify(root: state.root, claims: [truth, truth]) }
    }

    /// A leaf that a proof shows in passing is there, whatever is claimed about it.
    @Test func aLeafInPassingIsNotAbsent() throws {
        let (state, expected) = try Self.state(keys: 60)
        var shown = 0
        for index in 0..<200 {
            let absent = Workload.key(index)
            guard expected[absent.bytes] == nil else { continue }
            let proof = try state.view.prove([absent])
            guard let leaf = proof.leaves.first else { continue }
            shown += 1
            let claims = [ClaimedLeaf(path: absent.path, hash: nil), ClaimedLeaf(path: leaf.path, hash: nil)]
            #expect(throws: ProofError.contradicted) { try proof.verify(root: state.root, claims, range: nil) }
            #expect(throws: ProofError.self) { try proof.verify(root: state.root, claims, range: Digest.zero...Digest.last) }
        }
        #expect(shown > 5)
    }

    @Test func everySingleBitMatters() throws {
        let (state, expected) = try Self.state(keys: 60)
        for index in [0, 1, 5] {
            let keys = [Workload.key(index), Workload.key(index + 40)]
            let claims = keys.map { StateClaim(key: $0, value: expected[$0.bytes]) }
            let bytes = try state.view.prove(keys).bcs
            for bit in 0..<(bytes.count * 8) {
                var flipped = bytes
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                let isAccepted = (try? StateProof(bcs: flipped)).map { proof in
                    (try? proof.verify(root: state.root, claims: claims)) != nil
                } ?? false
                #expect(!isAccepted, "bit \(bit)")
            }
        }
    }

    @Test func malformedShapesAreRefused() throws {
        var deep = StateProof()
        for _ in 0..<300 { deep.append(.branch) }
        #expect(throws: ProofError.malformed) { try deep.verify(root: .zero, claims: []) }
        var short = StateProof()
        short.append(.branch)
        short.append(.empty)
        #expect(throws: ProofError.malformed) { try short.verify(root: .zero, claims: []) }
        var long = StateProof()
        long.append(.empty)
        long.append(.empty)
        #expect(throws: ProofError.malformed) { try long.verify(root: .zero, claims: []) }
        var leftover = StateProof()
        leftover.append(.empty)
        leftover.stubs.append(.zero)
        #expect(throws: ProofError.malformed) { try leftover.verify(root: .zero, claims: []) }
    }
}

@Suite struct SnapshotTests {
    static func chunks(of view: StateView, byteCount: Int) throws -> [StateChunk] {
        var chunks: [StateChunk] = []
        var from: Digest? = .zero
        while let start = from {
            chunks.append(try StateChunk(bcs: view.chunk(from: start, byteCount: byteCount).bcs))
            from = chunks.last!.next
        }
        return chunks
    }

    @Test(arguments: [0, 1, 2, 600])
    func restoresFromChunksInAnyOrder(_ keys: Int) throws {
        let (state, expected) = try ProofTests.state(keys: keys)
        var random = SeededGenerator(seed: 41)
        var chunks = try Self.chunks(of: state.view, byteCount: 900)
        if keys == 600 { #expect(chunks.count > 10) }
        for index in chunks.indices.reversed() { chunks.swapAt(index, random.below(index + 1)) }
        let store = MemoryStore()
        var restore = try SnapshotRestore(into: store, height: 2, root: state.root)
        for (number, chunk) in chunks.enumerated() {
            try restore.add(number == 3 ? [chunk, chunks[0], chunks[1]] : [chunk])
            // A restart in between loses nothing, and the same chunk again does no harm.
            if number % 5 == 0 { restore = try SnapshotRestore(into: store, height: 2, root: state.root) }
            if number % 7 == 0 { try restore.add(chunk) }
        }
        #expect(restore.isComplete && restore.firstGap == nil)
        try restore.finish()
        let report = try #require(try StateCheck.run(on: store.snapshot()))
        #expect(report.root == state.root && report.height == 2 && report.keyCount == UInt64(expected.count))
        let restored = try WorldState(opening: store.snapshot())
        var cursor = restored.view.keys(prefix: [])
        var found: [[UInt8]: [UInt8]] = [:]
        while let key = try cursor.next() { found[key.bytes] = try restored.view.value(key) }
        #expect(found == expected)
        // The restored state lives on exactly as the original does.
        let change = StateChange(key: Workload.key(3), value: [7, 7])
        _ = try restored.apply([change], height: 3)
        _ = try state.apply([change], height: 3)
        #expect(restored.root == state.root)
    }

    @Test func forgedChunksAreRefused() throws {
        let (state, _) = try ProofTests.state(keys: 300)
        let chunks = try Self.chunks(of: state.view, byteCount: 1_500)
        let chunk = chunks[chunks.count / 2]
        try chunk.verify(root: state.root)
        func forged(
            from: Digest? = nil, through: Digest? = nil, _ entries: [StateClaim]? = nil
        ) -> StateChunk {
            StateChunk(from: from ?? chunk.from, through: through ?? chunk.through, entries: entries ?? chunk.entries, proof: chunk.proof)
        }
        // Something left out, added, changed, exchanged, or a range that claims more than the proof shows.
        for index in chunk.entries.indices {
            var fewer = chunk.entries
            fewer.remove(at: index)
            #expect(throws: ProofError.self) { try forged(fewer).verify(root: state.root) }
            var changed = chunk.entries
            changed[index] = StateClaim(key: changed[index].key, value: (changed[index].value ?? []) + [1])
            #expect(throws: ProofError.self) { try forged(changed).verify(root: state.root) }
        }
        #expect(throws: ProofError.self) { try forged(chunk.entries.reversed()).verify(root: state.root) }
        #expect(throws: ProofError.self) { try forged(through: Digest.last).verify(root: state.root) }
        #expect(throws: ProofError.self) { try forged(from: Digest.zero).verify(root: state.root) }
        #expect(throws: ProofError.self) { try forged(from: chunk.through, through: chunk.from).verify(root: state.root) }
        #expect(throws: ProofError.self) { try chunk.verify(root: chunks[0].from) }
        var restore = try SnapshotRestore(into: MemoryStore(), height: 2, root: state.root)
        #expect(throws: SnapshotRestore<MemoryStore>.Failure.self) { try restore.add(forged(through: Digest.last)) }
        #expect(restore.covered.isEmpty)
    }

    /// An entry may not hide as a leaf that the proof shows in passing, nor behind a stub.
    @Test func entriesCannotHideInTheProof() throws {
        let (state, _) = try ProofTests.state(keys: 300)
        let chunk = try state.view.chunk(from: .zero, byteCount: 1_500)
        for index in chunk.entries.indices {
            var fewer = chunk.entries
            let hidden = fewer.remove(at: index)
            var prover = StateProver(view: state.view, selection: .paths(fewer.map(\.key.path)))
            let withStubs = try prover.prove()
            var withLeaf = chunk.proof
            // Leaves in passing stand in the order of their paths; those of a chunk lie behind its range.
            withLeaf.leaves.insert(ProofLeaf(path: hidden.key.path, valueHash: TreeHash.value(hidden.value!)), at: 0)
            try withLeaf.verify(root: state.root, fewer.map(ClaimedLeaf.init), range: nil)
            for proof in [withStubs, withLeaf] {
                let forged = StateChunk(from: chunk.from, through: chunk.through, entries: fewer, proof: proof)
                #expect(throws: ProofError.self) { try forged.verify(root: state.root) }
            }
        }
    }

    @Test func everyBitOfAChunkMatters() throws {
        let (state, _) = try ProofTests.state(keys: 40)
        let bytes = try state.view.chunk(from: Digest([0x40] + [UInt8](repeating: 0, count: 31))!, byteCount: 200).bcs
        for bit in 0..<(bytes.count * 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let chunk = try? StateChunk(bcs: flipped), (try? chunk.verify(root: state.root)) != nil else { continue }
            // Only the bounds may move, and only where the proof still shows the whole range.
            #expect(bit < 8 + 512, "bit \(bit)")
            #expect(chunk.entries == (try StateChunk(bcs: bytes)).entries)
        }
    }

    /// What the disk made of the chunks is checked once more in the end.
    @Test func damagedRestorationsAreNotDeclaredWhole() throws {
        let (state, _) = try ProofTests.state(keys: 100)
        let store = MemoryStore()
        var restore = try SnapshotRestore(into: store, height: 2, root: state.root)
        for chunk in try Self.chunks(of: state.view, byteCount: 900) { try restore.add(chunk) }
        let (key, value) = store.entries(.leaf)[7]
        store.put(.leaf, key, [value[0] ^ 1] + value.dropFirst())
        #expect(throws: StoreError.self) { try restore.finish() }
        #expect(try StateCheck.run(on: store.snapshot()) == nil)
        store.put(.leaf, key, value)
        try restore.finish()
        #expect(try StateCheck.run(on: store.snapshot())?.root == state.root)
    }

    /// A chunk ends before its proof is longer than a decoder takes, whatever the keys.
    @Test func chunksEndWhereTheirProofsWouldGrowTooLong() throws {
        let (state, expected) = try ProofTests.state(keys: 700)
        for nodesMax in [1_100, 1_300, 1_500] {
            var from: Digest? = .zero
            var found = 0, longest = 0, number = 0
            while let start = from {
                let chunk = try state.view.chunk(from: start, byteCount: .max, nodesMax: nodesMax)
                try chunk.verify(root: state.root)
                #expect(chunk.proof.nodeCount <= nodesMax)
                found += chunk.entries.count
                longest = max(longest, chunk.entries.count)
                number += 1
                from = chunk.next
            }
            #expect(found == expected.count && number > 1)
            // Each entry adds about three nodes; the two ends and the first branches keep the rest in reserve.
            #expect(longest * 4 > nodesMax - 1_060, "\(longest) entries with \(nodesMax) nodes")
        }
        #expect(2 * 8 * Digest.byteCount * StateProof.keysMax <= StateProof.nodesMax)
    }

    @Test func anotherStateIsNotMixedIn() throws {
        let (state, _) = try ProofTests.state(keys: 50)
        let store = MemoryStore()
        var restore = try SnapshotRestore(into: store, height: 2, root: state.root)
        try restore.add(state.view.chunk(from: .zero, byteCount: 300))
        #expect(throws: StoreError.self) { try SnapshotRestore(into: store, height: 3, root: state.root) }
        #expect(throws: StoreError.self) { try SnapshotRestore(into: store, height: 2, root: Digest.zero) }
        let full = MemoryStore()
        let other = try WorldState(opening: full.snapshot())
        _ = try other.apply([], height: 1)
        try other.flush(to: full)
        #expect(throws: StoreError.self) { try SnapshotRestore(into: full, height: 2, root: state.root) }
    }
}
