public import Ledger
public import Primitives

/// Everything that can happen to a ``GossipNode``. It is a value, so that a recorded run replays.
public enum GossipInput: Sendable {
    /// ``GossipLimits/tickMilliseconds`` have passed.
    case tick

    // ── Connections ──
    /// A connection is up: the peer has proved its key, and for a validator the key that it votes with.
    case connected(Link, ConnectedPeer)
    /// The peer has proved to be a validator, another one, or is none any more.
    case standingChanged(Link, validator: PublicKey?)
    case disconnected(Link)
    /// A dial came to nothing.
    case dialFailed(PeerAddress)
    /// The transport's queue to the peer is long, or short again.
    case congested(Link, Bool)
    /// A message from a peer.
    case message(GossipMessage, from: Link)
    /// What the shell saw a peer do: bytes that are no message, or a consensus message that does not verify.
    case misbehaved(Link, Misbehaviour)
    /// The consensus keys of the epoch's validators.
    case validators([PublicKey])

    // ── Transactions ──
    /// From a client of this node.
    case submitted([SignedTransaction])
    /// What the verification pool found out.
    case verdicts([VerificationVerdict])
    /// A block is final, and its state is what the pool's account function reads.
    case committed(CommittedBlock)
    /// The chain was moved by a snapshot.
    case moved(height: Height, parameters: NetworkParameters)

    // ── What the replica asks for ──
    /// The bodies of a proposal, from its proposer, then its voters; answered by ``GossipEffect/bodies(draftDigest:_:)``, if need be
    /// after a long time. The bodies are served until `height` is final.
    case fetchBodies(BodiesRequest)
    /// The view timer runs: send the oldest executable transactions to all validators.
    case shareTransactions
    /// Fetch these if need be and include them first.
    case prioritise([EnvelopeHash])
    /// Send an encoded consensus message to all validators, or to one.
    case sendConsensus([UInt8], to: PublicKey?)
    /// A consensus message that came by ``GossipEffect/consensus(_:from:)`` verifies: pass it on.
    case relayConsensus(ConsensusEnvelope, from: Link)
    /// Ask a peer for committed blocks.
    case requestBlocks(ClosedRange<Height>, of: Link)

    // ── Catching up ──
    /// What this node can serve.
    case serves(ChainStatus)
    /// The answer to ``GossipEffect/readBlocks(_:for:)``: encoded, from the first on, possibly fewer or none.
    case blocksRead(first: Height, [[UInt8]], for: Link)
    /// The answer to ``GossipEffect/readLight(_:for:)``.
    case lightRead([LightBlock], for: Link)
    /// The answer to ``GossipEffect/readChunk(_:for:)``; nil when there is no such snapshot.
    case chunkRead(ChunkRequest, [UInt8]?, for: Link)
    /// The answer to ``GossipEffect/judgeBlock(_:_:from:)``.
    case blockJudged(Height, accepted: Bool)
    /// The answer to ``GossipEffect/judgeLight(_:by:from:)``.
    case lightJudged(LightVerdict)
    /// The answer to ``GossipEffect/openRestore(_:)``: what an earlier attempt has left.
    case restoreOpened(covered: [ClosedRange<Digest>])
    /// The answer to ``GossipEffect/judgeChunk(_:_:from:)``: the range of paths that it proved, or nil.
    case chunkJudged(ChunkRequest, covered: ClosedRange<Digest>?)
    /// The answer to ``GossipEffect/finishRestore(_:)``.
    case restored(Bool)
}

/// Who is at the other end of a connection.
public struct ConnectedPeer: Hashable, Sendable {
    /// Its node key and where it listens, if it says so.
    public let key: PublicKey
    public let listensAt: PeerAddress?
    /// Where the connection comes from.
    public let host: NetworkAddress
    public let isOutbound: Bool
    /// The consensus key that it has proved.
    public internal(set) var validator: PublicKey?

    public init(key: PublicKey, listensAt: PeerAddress?, host: NetworkAddress, isOutbound: Bool, validator: PublicKey?) {
        self.key = key
        self.listensAt = listensAt
        self.host = host
        self.isOutbound = isOutbound
        self.validator = validator
    }
}

public enum VerificationVerdict: Sendable {
    case verified(Verified<SignedTransaction>)
    case refused(SignedTransaction, TransactionRejection)
    /// The verification pool was full or closed.
    case cancelled(SignedTransaction)

    var envelopeHash: EnvelopeHash {
        switch self {
        case .verified(let verified): verified.value.envelopeHash
        case .refused(let signed, _), .cancelled(let signed): signed.envelopeHash
        }
    }
}

/// Asks for the bodies of a proposal.
public struct BodiesRequest: Hashable, Sendable {
    public let draftDigest: Digest
    public let height: Height
    public let hashes: [EnvelopeHash]
    /// Consensus keys of those who should have them: the proposer first, then those who voted for it.
    public let holders: [PublicKey]

    public init(draftDigest: Digest, height: Height, hashes: [EnvelopeHash], holders: [PublicKey]) {
        self.draftDigest = draftDigest
        self.height = height
        self.hashes = hashes
        self.holders = holders
    }
}
