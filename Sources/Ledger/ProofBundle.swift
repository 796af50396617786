public import Primitives
public import WorldState

/// An answer that carries its own proof: something that a block or its state contains, the way from it to the header, and the
/// certificate of the header. Whoever knows the chain identifier and the hash of the validator set can check it without a
/// node; `Tests/ProofVerifier/verify.py` does so with other code.
///
/// It proves what it says of that block: compare the keys, or the identifier, with what was asked. It does not prove that the
/// block is the newest: ask several nodes.
public struct ProofBundle: Hashable, Sendable, BCSCodable {
    public let block: LightBlock
    public let content: Content

    public init(block: LightBlock, content: Content) {
        self.block = block
        self.content = content
    }

    /// What is proven. Each case is a case of the encoding.
    @frozen public enum Content: Hashable, Sendable {
        /// Values and absences in the state after the block; at least one.
        case state([StateClaim], StateProof)
        /// A transaction that the block contains.
        case transaction(SignedTransaction, MerklePath)
        /// What came of a transaction of the block.
        case receipt(Receipt, MerklePath)
        /// An event that a transaction of the block emitted.
        case event(EventRecord, MerklePath)
    }

    /// Claims of one answer.
    public static let claimsMax = 1_024

    /// Checks everything: set, certificate with all its signatures, and content.
    ///
    /// - Parameter validatorsHash: of the set that may speak for the chain at that height, such as one from a ``TrustedHeader``.
    public func verify(chainID: ChainID, validatorsHash: Digest) throws(ProofBundleError) {
        guard block.header.draft.validatorsHash == validatorsHash else {
            throw .validatorsHashWrong(expected: validatorsHash, actual: block.header.draft.validatorsHash)
        }
        // Hashes come before signatures, which cost far more.
        try checkContent()
        do { try block.checkCertified(chainID: chainID) } catch { throw .block(error) }
    }

    /// Checks everything on the ground of an older header, see ``TrustedHeader/advanced(to:rules:)``, or of the bundle's own, and
    /// returns the new ground.
    public func verify(from trusted: TrustedHeader, rules: LightClientRules) throws(ProofBundleError) -> TrustedHeader {
        try checkContent()
        do {
            guard block.header == trusted.header else { return try trusted.advanced(to: block, rules: rules) }
            try trusted.confirm(block, rules: rules)
            return trusted
        } catch { throw .block(error) }
    }

    private func checkContent() throws(ProofBundleError) {
        let header = block.header
        switch content {
        case .state(let claims, let proof):
            guard (1...ProofBundle.claimsMax).contains(claims.count) else { throw .claimCount(claims.count) }
            do { try proof.verify(root: header.result.stateRoot, claims: claims) } catch { throw .state(error) }
        case .transaction(let transaction, let path):
            try Self.check(transaction.envelopeHash.leaf, path, root: header.draft.transactionsRoot)
        case .receipt(let receipt, let path):
            try Self.check(receipt.leaf, path, root: header.result.receiptsRoot)
        case .event(let event, let path):
            try Self.check(event.leaf, path, root: header.result.eventsRoot)
        }
    }

    private static func check(_ leaf: Digest, _ path: MerklePath, root: Digest) throws(ProofBundleError) {
        let actual = path.root(leafHash: leaf)
        guard actual == root else { throw .rootWrong(expected: root, actual: actual) }
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        encoder.encode(block)
        encoder.encode(content)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        block = try decoder.decode(LightBlock.self)
        content = try decoder.decode(Content.self)
    }
}

/// Why a bundle proves nothing.
public enum ProofBundleError: Error, Equatable, Sendable {
    /// Another set than the trusted one.
    case validatorsHashWrong(expected: Digest, actual: Digest)
    case block(LightClientError)
    /// No claims, or more than ``ProofBundle/claimsMax``.
    case claimCount(Int)
    case state(ProofError)
    /// The way from the leaf leads to another root than the header's.
    case rootWrong(expected: Digest, actual: Digest)
}

extension ProofBundle.Content: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        switch self {
        case .state(let claims, let proof):
            encoder.encodeVariant(0)
            encoder.encode(claims)
            encoder.encode(proof)
        case .transaction(let transaction, let path):
            encoder.encodeVariant(1)
            encoder.encode(transaction)
            encoder.encode(path)
        case .receipt(let receipt, let path):
            encoder.encodeVariant(2)
            encoder.encode(receipt)
            encoder.encode(path)
        case .event(let event, let path):
            encoder.encodeVariant(3)
            encoder.encode(event)
            encoder.encode(path)
        }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        switch try decoder.decodeVariant(count: 4) {
        case 0:
            self = .state(
                try decoder.decodeSequence(of: StateClaim.self, limit: ProofBundle.claimsMax), try decoder.decode(StateProof.self))
        case 1: self = .transaction(try decoder.decode(SignedTransaction.self), try decoder.decode(MerklePath.self))
        case 2: self = .receipt(try decoder.decode(Receipt.self), try decoder.decode(MerklePath.self))
        default: self = .event(try decoder.decode(EventRecord.self), try decoder.decode(MerklePath.self))
        }
    }
}
