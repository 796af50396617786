public import Primitives

/// The bounds of everything in this room that a peer can make grow, each with its reason. With n validators, none of them
/// lets one peer take the place of another: votes are bounded per signer, hints and answers per peer.
public enum ConsensusLimits {
    /// Votes kept of one signer for one step of the height in flight. A correct replica leaves a view for good, so only its
    /// newest few matter; older ones matter to a certificate that completes late.
    public static let votesPerSignerMax = 4
    /// Transactions of a block behind which others gather for the whole block interval.
    public static let gatheringTransactions = 512
    /// Proposals kept for views that this replica has not entered, each from that view's primary.
    public static let earlyProposalsMax = 4
    /// Messages kept of one signer for the next height, so that a replica one step behind loses none.
    public static let nextHeightMessagesPerSignerMax = 6
    /// Drafts of one height of which bodies, checks and executions are remembered: the current, the prepared, the decided,
    /// and those of views that came to nothing.
    public static let candidatesMax = 6
    /// Peers of whose heights and requests a note is kept.
    public static let peersMax = 512
    /// Blocks ahead of the chain that are kept until those below them arrive.
    public static let blocksAheadMax = 32
    /// Blocks asked for in one request, so that one answer stays below a few frames.
    public static let blocksPerRequestMax = 16
    /// Committed heights whose certificates and view changes are kept in memory to prove offences; older ones are in the journal.
    public static let archiveHeightsMax = 128
    /// Votes kept of one height: proposals, view changes and PREPAREs of the last views; COMMITs are in the certificate.
    public static let archivedVotesMax = 16 * 1024
    /// Pieces of evidence kept: one per validator, epoch and offence until it expires.
    public static let evidenceMax = 2048
    /// Validator sets kept to verify by: the current epoch, the one before, and the next.
    public static let validatorSetsMax = 3
    /// Transactions whose censorship clock runs.
    public static let censorshipClocksMax = 64
    /// Transactions per signer that complaints are counted for.
    public static let complaintsPerSignerMax = 16
    /// Effects that wait for the journal: tens of heights. A disk that is further behind stalls the replica.
    public static let waitingEffectsMax = 256
    /// Passes over the rules after one input. Each pass moves at least one thing; a height needs fewer than ten.
    public static let settlePassesMax = 64
    /// The highest view that a message may name. At the shortest timeouts it is centuries away; a number beyond it is a lie, and
    /// counting on from it could overflow.
    public static let viewMax: View = 0x1_0000_0000
    /// The latest block time: the year 287396. Beyond it arithmetic on times could overflow.
    public static let timeMax: Timestamp = 0x20_0000_0000_0000
    /// Exponent of the longest skip of a primary that loses its turns: 2^8 heights.
    public static let skipExponentMax: UInt8 = 8
    /// Slots of the rotation's cycle per validator; more slots follow the weights more closely.
    public static let cycleSlotsPerValidator = 4
    /// The message delay grows by a tenth per view up to this view; beyond it the delay is 117 times the base.
    public static let delayGrowthViewsMax: UInt64 = 50
}
