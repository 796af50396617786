import Cryptography
public import Primitives

/// What somebody says about one key of a state: it has this value, or it is absent.
public struct StateClaim: Hashable, Sendable, BCSCodable {
    public let key: StateKey
    /// nil claims that the key is absent.
    public let value: [UInt8]?

    public init(key: StateKey, value: [UInt8]?) {
        self.key = key
        self.value = value
    }

    public func encode(into encoder: inout BCSEncoder) {
        key.encode(into: &encoder)
        encoder.encode(value != nil)
        if let value { encoder.encodeBytes(value) }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        key = try decoder.decode(StateKey.self)
        value = try decoder.decode(Bool.self) ? try decoder.decodeBytes(limit: Limits.stateValueBytesMax) : nil
    }
}

/// A part of the authenticated tree, large enough to recompute its root: it proves any number of claims, present and absent,
/// of one state, and with a range that nothing was left out of it.
///
/// The tree is written in preorder, two bits a node: *empty* (0), *leaf* (1), *stub* (2: a subtree of which only the hash is
/// given), *branch* (3: its left and right subtrees follow). A leaf that a claim names costs nothing more, because whoever
/// checks the claim can hash it; any other leaf brings its path and value hash. A proof of one key among a million is about
/// 20 stubs of 32 bytes.
///
/// Soundness: each branch, leaf and empty node is the preimage of its hash, so that under one root there is one answer for
/// every path that does not end in a stub.
public struct StateProof: Hashable, Sendable {
    /// Two bits a node, four nodes a byte, first node lowest; unused bits are zero.
    var shape: [UInt8] = []
    var nodeCount = 0
    var stubs: [Digest] = []
    var leaves: [ProofLeaf] = []

    enum Node: UInt8 { case empty, leaf, stub, branch }

    /// Nodes of one proof: those of a snapshot chunk with the smallest values, and room. A chunk ends before it needs more.
    public static let nodesMax = 1 << 18
    /// Keys of one proof: each adds at most two nodes on each of 256 levels, so that `2 · 256 · keysMax <= nodesMax` however
    /// long somebody has searched for keys whose paths share their first bits.
    public static let keysMax = 512

    mutating func append(_ node: Node) {
        if nodeCount & 3 == 0 { shape.append(0) }
        shape[nodeCount >> 2] |= node.rawValue << UInt8(2 * (nodeCount & 3))
        nodeCount += 1
    }

    func node(_ index: Int) -> Node { Node(rawValue: shape[index >> 2] >> UInt8(2 * (index & 3)) & 3)! }
}

/// A leaf that stands where a proof passes, and belongs to no claim.
struct ProofLeaf: Hashable, Sendable, BCSCodable {
    let path: Digest
    let valueHash: Digest

    init(path: Digest, valueHash: Digest) {
        self.path = path
        self.valueHash = valueHash
    }

    func encode(into encoder: inout BCSEncoder) {
        path.encode(into: &encoder)
        valueHash.encode(into: &encoder)
    }

    init(from decoder: inout BCSDecoder) throws(BCSError) {
        path = try decoder.decode(Digest.self)
        valueHash = try decoder.decode(Digest.self)
    }
}

extension StateProof: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        encoder.encodeLength(nodeCount)
        encoder.append(shape)
        encoder.encode(stubs)
        encoder.encode(leaves)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        nodeCount = try decoder.decodeLength(limit: Self.nodesMax)
        let byteCount = (nodeCount + 3) / 4
        guard byteCount <= decoder.remaining else {
            throw .truncated(offset: decoder.offset, needed: byteCount, available: decoder.remaining)
        }
        for _ in 0..<byteCount { shape.append(try decoder.decode(UInt8.self)) }
        if nodeCount & 3 != 0, shape.last! >> UInt8(2 * (nodeCount & 3)) != 0 {
            throw decoder.refuse("the shape of a proof has bits behind its last node")
        }
        stubs = try decoder.decodeSequence(of: Digest.self, limit: Self.nodesMax)
        leaves = try decoder.decodeSequence(of: ProofLeaf.self, limit: Self.nodesMax)
    }
}

/// Why a proof does not prove what it was asked.
public enum ProofError: String, Error, Equatable, Sendable {
    /// The recomputed root is another.
    case rootMismatch = "proof.root-mismatch"
    /// A claim, or a part of the range, lies under a stub.
    case notCovered = "proof.not-covered"
    /// The tree shows something else at the path of a claim.
    case contradicted = "proof.contradicted"
    /// Nodes, stubs or leaves are missing, left over, misplaced or too deep.
    case malformed = "proof.malformed"
    /// The same key is claimed twice.
    case duplicateClaim = "proof.duplicate-claim"
}

extension StateProof {
    /// Checks that the state with `root` agrees with every claim.
    public func verify(root: Digest, claims: [StateClaim]) throws(ProofError) {
        try verify(root: root, claims.map(ClaimedLeaf.init), range: nil)
    }

    func verify(root: Digest, _ claims: [ClaimedLeaf], range: ClosedRange<Digest>?) throws(ProofError) {
        let claims = claims.sorted { $0.path < $1.path }
        guard zip(claims, claims.dropFirst()).allSatisfy({ $0.path != $1.path }) else { throw .duplicateClaim }
        var check = ProofCheck(proof: self, claims: claims, range: range)
        let top = try check.hash(0..<claims.count, prefix: .zero, depth: 0)
        guard check.isComplete else { throw .malformed }
        guard TreeHash.root(top: top) == root else { throw .rootMismatch }
    }
}

/// A claim as the tree sees it.
struct ClaimedLeaf: Sendable {
    let path: Digest
    /// nil claims absence.
    let hash: Digest?

    init(_ claim: StateClaim) {
        path = claim.key.path
        hash = claim.value.map { [path] value in TreeHash.leaf(path: path, valueHash: TreeHash.value(value)) }
    }

    init(path: Digest, hash: Digest?) {
        self.path = path
        self.hash = hash
    }
}

/// One pass over a proof's nodes.
private struct ProofCheck {
    let proof: StateProof
    let claims: [ClaimedLeaf]
    /// Paths of which every leaf must be claimed.
    let range: ClosedRange<Digest>?
    private var nextNode = 0, nextStub = 0, nextLeaf = 0

    init(proof: StateProof, claims: [ClaimedLeaf], range: ClosedRange<Digest>?) {
        self.proof = proof
        self.claims = claims
        self.range = range
    }

    var isComplete: Bool {
        nextNode == proof.nodeCount && nextStub == proof.stubs.count && nextLeaf == proof.leaves.count
    }

    /// The hash of the next subtree, whose paths start with `depth` bits of `prefix` and whose claims are in `span`.
    mutating func hash(_ span: Range<Int>, prefix: Digest, depth: Int) throws(ProofError) -> Digest {
        guard nextNode < proof.nodeCount else { throw .malformed }
        let node = proof.node(nextNode)
        nextNode += 1
        switch node {
        case .empty:
            guard claims[span].allSatisfy({ $0.hash == nil }) else { throw .contradicted }
            return TreeHash.empty
        case .stub:
            guard nextStub < proof.stubs.count else { throw .malformed }
            guard span.isEmpty, !touchesRange(prefix, depth) else { throw .notCovered }
            nextStub += 1
            return proof.stubs[nextStub - 1]
        case .leaf:
            return try leaf(span, prefix: prefix, depth: depth)
        case .branch:
            guard depth < 256 else { throw .malformed }
            var split = span.lowerBound
            while split < span.upperBound, !claims[split].path.bit(depth) { split += 1 }
            let left = try hash(span.lowerBound..<split, prefix: prefix, depth: depth + 1)
            let right = try hash(split..<span.upperBound, prefix: prefix.settingBit(depth), depth: depth + 1)
            return TreeHash.inner(left, right)
        }
    }

    private mutating func leaf(_ span: Range<Int>, prefix: Digest, depth: Int) throws(ProofError) -> Digest {
        let present = claims[span].filter { $0.hash != nil }
        if let claim = present.first {
            guard present.count == 1 else { throw .contradicted }
            return claim.hash!
        }
        guard nextLeaf < proof.leaves.count else { throw .malformed }
        let leaf = proof.leaves[nextLeaf]
        nextLeaf += 1
        guard leaf.path.commonPrefixLength(with: prefix) >= depth else { throw .malformed }
        guard claims[span].allSatisfy({ $0.path != leaf.path }), range?.contains(leaf.path) != true else {
            throw .contradicted
        }
        return TreeHash.leaf(path: leaf.path, valueHash: leaf.valueHash)
    }

    private func touchesRange(_ prefix: Digest, _ depth: Int) -> Bool {
        guard let range else { return false }
        return prefix <= range.upperBound && prefix.fillingBits(from: depth) >= range.lowerBound
    }
}

extension Digest {
    func settingBit(_ index: Int) -> Digest {
        var result = self
        withUnsafeMutableBytes(of: &result) { $0[index >> 3] |= 0x80 >> UInt8(index & 7) }
        return result
    }

    /// The last path that starts with the first `depth` bits.
    func fillingBits(from depth: Int) -> Digest {
        var result = self
        withUnsafeMutableBytes(of: &result) { bytes in
            var byte = depth >> 3
            if depth & 7 != 0 {
                bytes[byte] |= 0xff >> UInt8(depth & 7)
                byte += 1
            }
            while byte < 32 {
                bytes[byte] = 0xff
                byte += 1
            }
        }
        return result
    }
}
