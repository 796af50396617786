import Primitives

/// The bounds of everything in this room that a peer can make grow, each with its reason. Times are in ticks.
public enum GossipLimits {
    // ── Time ──
    /// Milliseconds between two ticks: how long a transaction waits for others to share its push.
    public static let tickMilliseconds: UInt64 = 5
    public static let ticksPerSecond: UInt64 = 1_000 / tickMilliseconds

    // ── Pool ──
    /// Envelope hashes of committed transactions that are still known: thirteen full blocks at least, far longer than a copy travels.
    public static let committedHashesMax = 128 * 1024
    /// Lanes whose next transaction does not fit the rest of a block before the search for one that does ends.
    public static let selectionMissesMax = 64
    /// Transactions of one sharing, when a view timer starts: enough work for the next block of an idle chain.
    public static let shareCountMax = 256
    /// Bytes of one sharing, as every replica does it at once.
    public static let shareBytesMax = 512 * 1024
    /// Blocks whose prices are remembered: some seconds under load.
    public static let priceBlocksMax = 32
    /// Transactions watched for being passed over; a replica keeps as many clocks.
    public static let watchedMax = 64
    /// Transactions named by complaints that go first; a replica upholds no more.
    public static let prioritisedMax = 256

    // ── Signatures ──
    /// Transactions in the verification pool at once: 0.5 s of one core.
    public static let verificationsMax = 8_192
    /// Of one peer, once it has shown that its signatures hold: a quarter, so that four busy ones share.
    public static let verificationsPerLinkMax = 2_048
    /// Of a peer that has shown nothing yet: 4 ms of one core. It doubles with what holds and halves with what does not.
    public static let verificationsPerNewLink = 64
    /// Of a validator, which has a stake to lose.
    public static let verificationsPerValidator = 1_024
    /// Transactions of one peer that wait for their turn: those of two full blocks.
    public static let waitingPerLinkMax = 10_000
    /// Their bytes.
    public static let waitingBytesPerLinkMax = 4 * 1024 * 1024

    // ── Spreading ──
    /// Validators that push to each other directly. Beyond it a body would leave the entry node twenty times and more.
    public static let meshValidatorsMax = 20
    /// A push leaves at the next tick, or at once when it has this many bytes.
    public static let pushBytesMin = 64 * 1024
    /// Transactions of one message.
    public static let batchCountMax = 1_024
    /// Bytes of one message, one largest transaction beyond which it is not begun.
    public static let batchBytesMax = 1024 * 1024
    /// Bodies that wait for a congested peer; beyond it the peer hears of the rest by their hashes.
    public static let pushesPerLinkMax = 8_192
    public static let pushBytesPerLinkMax = 8 * 1024 * 1024
    /// Hashes of one announcement.
    public static let announcementMax = 1_024
    /// Hashes that wait to be announced to one peer; beyond it the oldest are left to others.
    public static let announcementsPerLinkMax = 16_384
    /// Announcements leave every so often: 50 ms, so that one costs far less than the body it is for.
    public static let announcementTicks: UInt64 = 10
    /// Hashes told to a peer that has just connected: the dearest executable transactions first.
    public static let inventoryMax = 8_192
    /// A node outside the mesh tells one validator at once and the others after this time, unless the transaction is committed.
    public static let secondAnnouncementTicks: UInt64 = 2 * ticksPerSecond
    /// A validator of the mesh announces what is still in its pool after this time: a push may have died with a connection.
    public static let repairTicks: UInt64 = 10 * ticksPerSecond
    /// Such announcements that wait for their time: as many as a pool holds, roughly.
    public static let secondAnnouncementsMax = 64 * 1024
    /// Hashes that a peer is known to have, and as many that it was told of: some seconds under load, in one megabyte. What is
    /// forgotten may be announced once more.
    public static let knownPerLinkMax = 16 * 1024
    /// Hashes of one pull.
    public static let pullMax = 512
    /// Pulls of one peer under way: bodies of a full block.
    public static let pullsPerLinkMax = 10
    /// Bodies that one peer is to deliver, asked for and yet to be.
    public static let wantsPerLinkMax = 16_384
    /// Bodies that are wanted in all.
    public static let wantsMax = 64 * 1024
    /// Peers remembered as holders of one wanted body.
    public static let holdersMax = 6
    /// After this time a pull goes to another holder …
    public static let pullTicks: UInt64 = 2 * ticksPerSecond
    /// … and for a proposal, which holds up a height, after this.
    public static let urgentPullTicks: UInt64 = ticksPerSecond / 4
    /// Bytes of bodies that one peer may pull a second, saved up for four: half a fast link.
    public static let serveBytesPerSecond = 8 * 1024 * 1024
    /// Proposals whose bodies are kept: a replica remembers six drafts of one height, and two heights overlap.
    public static let proposalsMax = 12
    /// Peers named as holders of a proposal's bodies.
    public static let proposalHoldersMax = 32
    /// Hashes of consensus messages that were relayed: with 1,024 validators, the votes of ten views.
    public static let relayedMax = 32 * 1024
    /// Bytes of a relayed consensus message: a frame less its header.
    public static let consensusBytesMax = Limits.frameBytesMax - 1_024
    /// Peers to which a node passes a relayed message on: the expected reach of gossip with eight is above 99.9 %.
    public static let relayFanout = 8

    // ── Catching up ──
    /// A status leaves this often: a peer's height is known to a second.
    public static let statusTicks: UInt64 = ticksPerSecond
    /// Blocks of one request.
    public static let blocksPerRequestMax = 16
    /// Bytes of blocks in one message: a frame less its header. One largest block with its certificate fits.
    public static let blocksBytesMax = Limits.frameBytesMax - 1_024
    /// Blocks above the chain that may be asked for and kept.
    public static let blocksAheadMax = 256
    /// Their bytes: sixteen full blocks.
    public static let blocksAheadBytesMax = 32 * 1024 * 1024
    /// Blocks handed over that have not been judged: as many as keep the executor busy.
    public static let blocksInJudgementMax = 8
    /// Requests for blocks, headers or chunks of one peer under way.
    public static let syncRequestsPerLinkMax = 2
    /// Requests for blocks, headers or chunks under way in all.
    public static let syncRequestsMax = 16
    /// After this time a request goes to another peer.
    public static let syncTicks: UInt64 = 10 * ticksPerSecond
    /// Requests of one peer that this node serves at once; a peer that keeps the bound above asks no more.
    public static let servingPerLinkMax = 4
    /// How far behind its peers a node is before it asks for blocks by itself; less is the replica's business.
    public static let blockSyncGap: UInt64 = 2
    /// Boundary headers of one message; with the largest sets the bytes of a frame end it earlier.
    public static let lightBlocksMax = 64
    /// Failures of all peers together after which a snapshot is given up for blocks …
    public static let snapshotFailuresMax = 24
    /// … for this long: peers that lie about snapshots must not rule them out for ever.
    public static let snapshotPauseTicks: UInt64 = 600 * ticksPerSecond
    /// The first pause after a request to a peer failed; it doubles up to 2^6 times this.
    public static let syncPauseTicks: UInt64 = ticksPerSecond / 2
    public static let syncPauseExponentMax: UInt64 = 6
    /// After so many failures in a row a peer's word about its height is not believed even as a hint.
    public static let hintFailuresMax: UInt64 = 3
    /// Bytes of one chunk with its proof.
    public static let chunkBytesMax = 3 * 1024 * 1024
    /// Separate gaps of a restoration that are worked on at once.
    public static let chunksMax = 16

    // ── Peers ──
    /// Connections in all.
    public static let linksMax = 128
    /// Connections that others made to this node.
    public static let inboundMax = 64
    /// Of those, from one group of addresses.
    public static let inboundPerGroupMax = 8
    /// Connections that this node makes to peers of its own choice.
    public static let outboundTarget = 8
    /// Of those, to one group of addresses.
    public static let outboundPerGroupMax = 1
    /// Dials under way.
    public static let dialsMax = 8
    /// After this time a dial has failed.
    public static let dialTicks: UInt64 = 10 * ticksPerSecond
    /// The first pause after a failed dial; it doubles up to 2^8 times this for a seed, and up to twice this for a peer that the
    /// operator named: validators that were cut off from each other decide nothing until they have met again.
    public static let redialTicks: UInt64 = 2 * ticksPerSecond
    public static let redialExponentMax: UInt64 = 8
    public static let persistentRedialExponentMax: UInt64 = 1
    /// How often an address that was never reached is tried for its own sake.
    public static let feelerTicks: UInt64 = 120 * ticksPerSecond
    /// Buckets and places of addresses heard of: 8,192 in all.
    public static let newBuckets = 256
    /// Buckets and places of addresses once reached: 2,048 in all.
    public static let triedBuckets = 64
    public static let bucketPlaces = 32
    /// New buckets that one source can reach …
    public static let newBucketsPerSource = 16
    /// … and tried buckets that one group of addresses can reach.
    public static let triedBucketsPerGroup = 4
    /// Addresses of one message.
    public static let addressesMax = 100
    /// A peer is asked for addresses, and answered, no more often than this: five minutes.
    public static let addressesTicks: UInt64 = 300 * ticksPerSecond
    /// Addresses looked at in search of one to dial: a book full of unwanted ones costs no more.
    public static let dialCandidatesMax = 256
    /// After so many failed dials in a row an address gives way to any other.
    public static let dialFailuresMax: UInt64 = 4
    /// Persistent peers that an operator names.
    public static let persistentMax = 64
    /// Penalty points at which a peer is banned.
    public static let banPoints = 100
    /// A point is forgiven this often: two seconds, so that an honest peer's races never add up.
    public static let forgivenessTicks: UInt64 = 2 * ticksPerSecond
    /// The first ban of a key; it doubles with each up to 2^6 times this.
    public static let banTicks: UInt64 = 600 * ticksPerSecond
    public static let banExponentMax: UInt64 = 6
    /// Bans remembered.
    public static let bansMax = 1_024
}
