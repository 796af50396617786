public import Primitives

/// What belongs to one node: who it is and how patient. Nothing here influences the content of a block.
public struct ReplicaConfiguration: Sendable {
    public let chainID: ChainID
    /// The consensus key of this node. It votes in the epochs whose set contains the key; nil for a node that only follows.
    public let consensusKey: PublicKey?
    /// Ticks of the view timer in view 0; at least three times the worst execution time of a block.
    public let viewTimeoutTicks: UInt64
    /// The cap of the view timer, which doubles with each view of a height.
    public let viewTimeoutTicksMax: UInt64
    /// Ticks between two STATUS messages: half a second.
    public let statusTicks: UInt64
    /// Ticks after which an unanswered request for blocks goes to another peer.
    public let blockRequestTicks: UInt64
    #if MUTANTS
    /// The deliberate bug of this replica; see ``Mutant``.
    @_spi(Mutants) public var mutant: Mutant?
    #endif

    public init(
        chainID: ChainID, consensusKey: PublicKey?, viewTimeoutTicks: UInt64, viewTimeoutTicksMax: UInt64,
        statusTicks: UInt64, blockRequestTicks: UInt64
    ) {
        precondition(viewTimeoutTicks > 0 && viewTimeoutTicksMax >= viewTimeoutTicks && statusTicks > 0 && blockRequestTicks > 0)
        self.chainID = chainID
        self.consensusKey = consensusKey
        self.viewTimeoutTicks = viewTimeoutTicks
        self.viewTimeoutTicksMax = viewTimeoutTicksMax
        self.statusTicks = statusTicks
        self.blockRequestTicks = blockRequestTicks
    }
}

/// What the replica needs from cryptography: two hashes and its own signature. Verification is not among them, because
/// messages arrive verified. The node gives SHA-256 and Ed25519; a simulation may give something cheaper.
public protocol ReplicaCryptography: Sendable {
    /// `SHA-256(domain || bytes)`.
    func hash(_ domain: HashDomain, _ bytes: [UInt8]) -> Digest
    /// The RFC 6962 root of the envelope hashes.
    func transactionsRoot(of envelopeHashes: [Digest]) -> Digest
    /// The signature of this node's consensus key. It must be deterministic, so that a replayed journal gives the same bytes;
    /// never called on a node without a consensus key.
    func sign(_ bytes: [UInt8]) -> Signature
}

extension ReplicaCryptography {
    /// What PREPARE is for.
    public func draftDigest(_ draft: HeaderDraft) -> Digest { hash(.draft, draft.bcs) }
    /// The block's hash.
    public func headerHash(_ header: Header) -> Digest { hash(.header, header.bcs) }
    /// The hash that drafts and results name a set by.
    public func validatorsHash(_ validators: ValidatorSet) -> Digest { hash(.validators, validators.bcs) }
}
