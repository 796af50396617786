public import Ledger
public import Primitives

/// What the room wants done, in order.
public enum GossipEffect: Sendable {
    /// Encode once and send to each.
    case send(GossipMessage, to: [Link])

    // ── Transactions ──
    /// Check these signatures; answered by ``GossipInput/verdicts(_:)``, in any order and in parts.
    case verify([SignedTransaction])
    /// A transaction is in the pool.
    case admitted(TransactionID, EnvelopeHash, isExecutable: Bool)
    /// A client's transaction is refused.
    case refused(TransactionID, EnvelopeHash, MempoolRejection)
    /// Transactions left the pool without being committed.
    case dropped([DroppedTransaction])
    /// Whether the pool holds an executable transaction: for the replica's view timer. Said after each block and on each change.
    case work(hasExecutable: Bool)
    /// What the primary of a committed block passed over, for the replica's censorship clock.
    case passedOver([EnvelopeHash], at: Height)
    /// All bodies of a proposal are there, in its order.
    case bodies(draftDigest: Digest, [Verified<SignedTransaction>])
    /// A proposal that cannot be valid: a signature of it does not hold, or its bodies are larger than a block.
    case bodiesInvalid(draftDigest: Digest)
    /// A consensus message. When it verifies and asks to be relayed: ``GossipInput/relayConsensus(_:from:)``.
    case consensus(ConsensusEnvelope, from: Link)

    // ── Catching up ──
    /// A peer's word about its height, for the replica.
    case peerHeight(Link, Height)
    case readBlocks(ClosedRange<Height>, for: Link)
    case readLight(LightRequest, for: Link)
    case readChunk(ChunkRequest, for: Link)
    /// Decode, verify and execute the block that should be of this height; they come in ascending order.
    case judgeBlock(Height, [UInt8], from: Link)
    /// Advance the trusted header by these, or by its hash believe the only one if there is no trust yet.
    case judgeLight([LightBlock], by: TrustGround, from: Link)
    /// Make ready to restore the state of this header, or go on where an earlier attempt stopped. Whatever older state there is
    /// gives way; no block is handed over until the restoration has ended.
    case openRestore(TrustedHeader)
    case judgeChunk(ChunkRequest, [UInt8], from: Link)
    /// All chunks are there: build the tree and move the chain; answered by ``GossipInput/restored(_:)``.
    case finishRestore(TrustedHeader)
    /// Forget the unfinished restoration.
    case abandonRestore
    case progress(SyncProgress)

    // ── Peers ──
    case dial(PeerAddress)
    case disconnect(Link, DisconnectReason)
    /// A peer did what a correct one does not, or rarely: for the log.
    case offended(Link, Misbehaviour)
    /// Refuse this key until so many ticks have passed.
    case ban(PublicKey, ticks: UInt64)
}

/// Why a connection is to end. The raw value is for logs and people: stable and never reused.
@frozen public enum DisconnectReason: String, Hashable, Sendable {
    case banned = "peer.banned"
    case ownKey = "peer.own-key"
    case duplicate = "peer.duplicate"
    case full = "peer.full"
    case groupFull = "peer.group-full"
    /// A dial only to see whether the address works.
    case feeler = "peer.feeler"
}
