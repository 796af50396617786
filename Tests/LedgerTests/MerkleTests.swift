import Foundation
import Ledger
import Primitives
import Testing

/// Trees and proofs against RFC 6962's recursive definitions, as an independent program computes them; the first nine trees are
/// those of the certificate-transparency project, with its published roots.
@Suite struct MerkleTests {
    private static let trees = Golden.vectors.trees

    @Test(arguments: trees) func rootsAndProofs(_ vector: Golden.Tree) throws {
        let leaves = vector.leaves.map { MerkleTree.leafHash(bytes($0)) }
        let tree = MerkleTree(leafHashes: leaves)
        #expect(tree.root.hex == vector.root)
        #expect(tree.count == leaves.count)
        #expect(MerkleAccumulator.root(of: leaves).hex == vector.root)

        #expect(vector.inclusion.count == leaves.count)
        for expected in vector.inclusion {
            let proof = try #require(tree.inclusionProof(of: expected.index))
            #expect(proof.path.map(\.hex) == expected.path)
            #expect(proof.bcs.hex == expected.bcs)
            #expect(try InclusionProof(bcs: bytes(expected.bcs)) == proof)
            #expect(proof.merklePath?.bcs.hex == expected.merklePath)
            #expect(try MerklePath(bcs: bytes(expected.merklePath)) == proof.merklePath)
            #expect(proof.verifies(leafHash: leaves[expected.index], root: tree.root))
        }
        #expect(tree.inclusionProof(of: leaves.count) == nil)
        #expect(tree.inclusionProof(of: -1) == nil)

        #expect(vector.consistency.count == leaves.count)
        for expected in vector.consistency {
            let proof = try #require(tree.consistencyProof(from: expected.size))
            #expect(proof.path.map(\.hex) == expected.path)
            #expect(proof.bcs.hex == expected.bcs)
            #expect(try ConsistencyProof(bcs: bytes(expected.bcs)) == proof)
            let old = MerkleTree(leafHashes: Array(leaves.prefix(expected.size)))
            #expect(proof.verifies(oldRoot: old.root, newRoot: tree.root))
        }
        #expect(tree.consistencyProof(from: 0) == nil)
        #expect(tree.consistencyProof(from: leaves.count + 1) == nil)
    }

    /// A proof is worth nothing for another leaf, place, root or path.
    @Test(arguments: trees.filter { $0.leaves.count > 1 }) func forgedInclusionProofs(_ vector: Golden.Tree) throws {
        let leaves = vector.leaves.map { MerkleTree.leafHash(bytes($0)) }
        let tree = MerkleTree(leafHashes: leaves)
        for index in leaves.indices {
            let proof = try #require(tree.inclusionProof(of: index))
            func refuses(_ forged: InclusionProof, leaf: Digest? = nil, root: Digest? = nil) {
                #expect(!forged.verifies(leafHash: leaf ?? leaves[index], root: root ?? tree.root))
            }
            for other in leaves.indices where leaves[other] != leaves[index] { refuses(proof, leaf: leaves[other]) }
            refuses(proof, root: .zero)
            for other in UInt64(0)..<proof.size + 2 where other != proof.index {
                refuses(InclusionProof(index: other, size: proof.size, path: proof.path))
            }
            refuses(InclusionProof(index: proof.index, size: proof.size, path: proof.path + [.zero]))
            refuses(InclusionProof(index: proof.index, size: proof.size, path: proof.path.dropLast()))
            refuses(InclusionProof(index: proof.index, size: 0, path: proof.path))
            for step in proof.path.indices {
                var path = proof.path
                path[step] = tree.root
                refuses(InclusionProof(index: proof.index, size: proof.size, path: path))
            }
            // An inner node must not pass for a leaf's data.
            refuses(InclusionProof(index: proof.index, size: proof.size, path: []), leaf: tree.root)
        }
    }

    /// Every bit of a path counts.
    @Test(arguments: trees.filter { $0.leaves.count > 1 }) func mutatedPaths(_ vector: Golden.Tree) throws {
        let leaves = vector.leaves.map { MerkleTree.leafHash(bytes($0)) }
        let tree = MerkleTree(leafHashes: leaves)
        let encoded = try #require(tree.inclusionProof(of: leaves.count - 1)?.merklePath).bcs
        for bit in 0..<encoded.count * 8 {
            guard let path = try? MerklePath(bcs: encoded.flipping(bit)) else { continue }
            #expect(path.root(leafHash: leaves[leaves.count - 1]) != tree.root)
        }
    }

    @Test(arguments: trees.filter { $0.leaves.count > 1 }) func forgedConsistencyProofs(_ vector: Golden.Tree) throws {
        let leaves = vector.leaves.map { MerkleTree.leafHash(bytes($0)) }
        let tree = MerkleTree(leafHashes: leaves)
        for size in 1...leaves.count {
            let old = MerkleTree(leafHashes: Array(leaves.prefix(size))).root
            let proof = try #require(tree.consistencyProof(from: size))
            #expect(!proof.verifies(oldRoot: .zero, newRoot: tree.root))
            #expect(!proof.verifies(oldRoot: old, newRoot: .zero))
            #expect(!ConsistencyProof(oldSize: proof.oldSize, newSize: proof.newSize, path: proof.path + [.zero])
                .verifies(oldRoot: old, newRoot: tree.root))
            #expect(!ConsistencyProof(oldSize: 0, newSize: proof.newSize, path: proof.path).verifies(oldRoot: old, newRoot: tree.root))
            #expect(!ConsistencyProof(oldSize: proof.newSize + 1, newSize: proof.newSize, path: proof.path)
                .verifies(oldRoot: old, newRoot: tree.root))
            // A root fixes the levels of its tree and no more: a size with another number of levels is refused.
            if size < leaves.count {
                for newSize in [4 * proof.newSize, .max] {
                    #expect(!ConsistencyProof(oldSize: proof.oldSize, newSize: newSize, path: proof.path)
                        .verifies(oldRoot: old, newRoot: tree.root))
                }
            }
            for step in proof.path.indices {
                var path = proof.path
                path[step] = .zero
                #expect(!ConsistencyProof(oldSize: proof.oldSize, newSize: proof.newSize, path: path)
                    .verifies(oldRoot: old, newRoot: tree.root))
            }
            // A tree with an earlier leaf changed does not continue the old one.
            var changed = leaves
            changed[size - 1] = .zero
            let other = MerkleTree(leafHashes: changed)
            #expect(!(try #require(other.consistencyProof(from: size))).verifies(oldRoot: old, newRoot: other.root))
        }
    }

    /// Numbers that only an attacker writes neither trap nor pass.
    @Test func absurdSizes() {
        for size: UInt64 in [.max, 1 << 63, (1 << 63) + 1] {
            let path = [Digest](repeating: .zero, count: 64)
            #expect(!InclusionProof(index: size - 1, size: size, path: path).verifies(leafHash: .zero, root: .zero))
            #expect(!ConsistencyProof(oldSize: size, newSize: .max, path: path).verifies(oldRoot: .zero, newRoot: .zero))
            #expect(!ConsistencyProof(oldSize: 1, newSize: size, path: path).verifies(oldRoot: .zero, newRoot: .zero))
        }
    }

    @Test func accumulatorsAgreeWithTreesAtEverySize() {
        var accumulator = MerkleAccumulator()
        var leaves: [Digest] = []
        for number in 0..<300 {
            #expect(accumulator.root == MerkleTree(leafHashes: leaves).root)
            #expect(accumulator.count == UInt64(number))
            leaves.append(MerkleTree.leafHash([UInt8(truncatingIfNeeded: number), UInt8(number >> 8)]))
            accumulator.append(leafHash: leaves[number])
        }
    }
}
