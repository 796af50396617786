public import Ledger
public import Primitives

/// What one node is told before it begins.
public struct GossipConfiguration: Sendable {
    public var pool = Mempool.Configuration()
    public var policy: PeerPolicy
    /// This node's consensus key, if it has one.
    public var ownValidator: PublicKey?
    /// The consensus keys of the epoch's validators.
    public var validators: [PublicKey]
    /// Decides whom to dial, where addresses go and who relays; secret, so that nobody can aim at it.
    public var seed: UInt64
    /// The newest committed block.
    public var height: Height
    /// On what the belief in boundary headers rests: genesis, the newest boundary that this node committed, or a hash that the
    /// operator knows.
    public var trust: TrustGround
    /// How many heights a snapshot must be ahead to be worth more than its blocks.
    public var snapshotGap: UInt64 = 20_000

    public init(policy: PeerPolicy, ownValidator: PublicKey?, validators: [PublicKey], seed: UInt64, height: Height, trust: TrustGround) {
        self.policy = policy
        self.ownValidator = ownValidator
        self.validators = validators
        self.seed = seed
        self.height = height
        self.trust = trust
    }
}

/// Everything between nodes but agreement itself: the pool of transactions and their spreading, bodies of proposals, catching up,
/// and the choice of peers. Inputs go in, effects come out, and the same inputs give the same effects.
///
/// It joins small machines that know nothing of each other; what they hold against peers comes together here.
public final class GossipNode {
    public let pool: Mempool
    let dissemination: Dissemination
    var relay: ConsensusRelay
    let syncPeers = SyncPeers()
    let blocks: BlockSync
    let snapshot: SnapshotSync
    let server: SyncServer
    let manager: PeerManager
    public private(set) var now: GossipTick = 0
    private var status: ChainStatus
    private var saidProgress: SyncProgress?

    /// `account` reads an account at the state of the newest block that the node was told of, or of a later one.
    public init(_ configuration: GossipConfiguration, rules: TransactionRules, account: @escaping (Address) -> AccountState?) {
        var random = SeededGenerator(seed: configuration.seed)
        pool = Mempool(rules: rules, configuration: configuration.pool, account: account)
        dissemination = Dissemination(pool: pool, ownValidator: configuration.ownValidator)
        dissemination.setValidators(configuration.validators)
        relay = ConsensusRelay(seed: random.next())
        blocks = BlockSync(peers: syncPeers, height: configuration.height)
        snapshot = SnapshotSync(peers: syncPeers, gap: configuration.snapshotGap, trust: configuration.trust)
        server = SyncServer(peers: syncPeers)
        manager = PeerManager(policy: configuration.policy, seed: random.next())
        status = ChainStatus(height: configuration.height, oldestBlock: 1, snapshot: 0)
    }

    /// The addresses to keep over a restart.
    public var addresses: [AddressRecord] { manager.book.record }
    public func restoreAddresses(_ records: [AddressRecord]) { manager.restoreBook(records) }
    /// The bans in force, to keep over a restart as well.
    public var bans: [BanRecord] { manager.bans(now) }
    public func restoreBans(_ records: [BanRecord]) { manager.restoreBans(records, now: now) }

    /// Does everything that follows from `input` and appends what the shell has to do.
    public func step(_ input: GossipInput, into effects: inout [GossipEffect]) {
        var outbox = Outbox()
        swap(&outbox.effects, &effects)
        handle(input, &outbox)
        // A ban ends a connection, which may be an offence of nobody else; the loop ends because each pass loses a link.
        while !outbox.offences.isEmpty {
            let offences = outbox.offences
            outbox.offences = []
            for (link, misbehaviour) in offences {
                outbox.effects.append(.offended(link, misbehaviour))
                if manager.offend(link, misbehaviour, now: now, &outbox) { drop(link, &outbox) }
            }
        }
        swap(&outbox.effects, &effects)
    }

    private func handle(_ input: GossipInput, _ outbox: inout Outbox) {
        switch input {
        case .tick: tick(&outbox)
        case .connected(let link, let peer): connect(link, peer, &outbox)
        case .standingChanged(let link, let validator):
            manager.standingChanged(link, validator: validator)
            dissemination.standingChanged(link, validator: validator)
        case .disconnected(let link):
            manager.disconnect(link)
            drop(link, &outbox)
        case .dialFailed(let address): manager.dialFailed(address, now: now)
        case .congested(let link, let isCongested): dissemination.congested(link, isCongested)
        case .message(let message, let link): receive(message, from: link, &outbox)
        case .misbehaved(let link, let misbehaviour): outbox.offend(link, misbehaviour)
        case .validators(let keys): dissemination.setValidators(keys)

        case .submitted(let transactions): dissemination.submit(transactions, &outbox)
        case .verdicts(let verdicts):
            dissemination.judge(verdicts, &outbox)
            dissemination.flushLargePushes(&outbox)
        case .committed(let block):
            dissemination.commit(block, &outbox)
            blocks.reached(block.height)
        case .moved(let height, let parameters):
            dissemination.move(to: height, parameters: parameters, &outbox)
            blocks.reached(height)

        case .fetchBodies(let request): dissemination.fetch(request, &outbox)
        case .shareTransactions: dissemination.share(&outbox)
        case .prioritise(let hashes): dissemination.prioritise(hashes)
        case .sendConsensus(let bytes, let validator): relay.send(bytes, to: validator, dissemination, &outbox)
        case .relayConsensus(let envelope, let link): relay.relay(envelope, from: link, dissemination, &outbox)
        case .requestBlocks(let heights, let link): blocks.order(heights, of: link)

        case .serves(let status): self.status = status
        case .blocksRead(let first, let encoded, let link): server.answer(.blocks(BlocksAnswer(first: first, blocks: encoded)), to: link, &outbox)
        case .lightRead(let light, let link): server.answer(.light(SyncServer.fitting(light)), to: link, &outbox)
        case .chunkRead(let request, let chunk, let link): server.answer(.chunk(ChunkAnswer(request: request, chunk: chunk)), to: link, &outbox)
        case .blockJudged(let height, let accepted): blocks.judged(height, accepted: accepted, &outbox)
        case .lightJudged(let verdict): snapshot.lightJudged(verdict, &outbox)
        case .restoreOpened(let covered): snapshot.opened(covered: covered)
        case .chunkJudged(let request, let covered): snapshot.chunkJudged(request, covered: covered, &outbox)
        case .restored(let isGood): snapshot.restored(isGood, &outbox)
        }
    }

    private func connect(_ link: Link, _ peer: ConnectedPeer, _ outbox: inout Outbox) {
        let (isAccepted, replaced) = manager.connect(link, peer, now: now, &outbox)
        if let replaced { drop(replaced, &outbox) }
        guard isAccepted else { return }
        dissemination.connect(link, validator: peer.validator)
        syncPeers.connect(link)
        outbox.send(.status(status), to: link)
    }

    /// A connection is gone: nothing is kept for it.
    private func drop(_ link: Link, _ outbox: inout Outbox) {
        dissemination.disconnect(link)
        blocks.disconnect(link)
        snapshot.disconnect(link)
        syncPeers.disconnect(link)
    }

    private func receive(_ message: GossipMessage, from link: Link, _ outbox: inout Outbox) {
        // A peer that was refused may still have had something on its way.
        guard syncPeers[link] != nil else { return }
        switch message {
        case .transactions(let batch): dissemination.receive(batch, from: link, &outbox)
        case .announcement(let hashes): dissemination.hear(hashes, from: link)
        case .pull(let hashes): dissemination.serve(hashes, to: link, &outbox)
        case .missing(let hashes): dissemination.missing(hashes, at: link, &outbox)
        case .consensus(let envelope): relay.receive(envelope, from: link, &outbox)
        case .status(let status):
            syncPeers[link]?.status = status
            outbox.effects.append(.peerHeight(link, status.height))
        case .blocksRequest, .lightRequest, .chunkRequest: server.serve(message, to: link, &outbox)
        case .blocks(let answer): blocks.receive(answer, from: link, &outbox)
        case .light(let light): snapshot.receive(light, from: link, &outbox)
        case .chunk(let answer): snapshot.receive(answer, from: link, &outbox)
        case .addressesRequest: manager.tellAddresses(link, now: now, &outbox)
        case .addresses(let addresses): manager.hear(addresses, from: link, &outbox)
        }
    }

    private func tick(_ outbox: inout Outbox) {
        now = now.after(1)
        dissemination.tick(now, &outbox)
        guard now.rawValue % GossipNode.slowTicks == 0 else { return }
        manager.step(now, &outbox)
        snapshot.step(now, height: blocks.height, &outbox)
        blocks.isPaused = snapshot.replacesState
        blocks.step(now, &outbox)
        sayProgress(&outbox)
        if now.rawValue % GossipLimits.statusTicks == 0 { outbox.send(.status(status), to: syncPeers.table.links) }
    }

    /// What catches up and looks after peers goes by tenths of a second.
    private static let slowTicks = GossipLimits.ticksPerSecond / 10

    private func sayProgress(_ outbox: inout Outbox) {
        let height = blocks.height
        let progress = snapshot.progress(height: height) ?? (blocks.isBehind
            ? SyncProgress(phase: .blocks, have: height.rawValue, of: syncPeers.highest.rawValue)
            : SyncProgress(phase: .idle, have: height.rawValue, of: height.rawValue))
        guard progress != saidProgress, progress.phase != .idle || saidProgress?.phase != .idle else { return }
        saidProgress = progress
        outbox.effects.append(.progress(progress))
    }
}

// ── What the shell may ask ──

extension GossipNode {
    /// The transactions for a block of this node's on the state that `rules` and `account` are for.
    public func select(rules: TransactionRules, account: (Address) -> AccountState?) -> Mempool.Selection {
        pool.select(rules: rules, prioritised: dissemination.prioritised, account: account)
    }

    /// The body that a hash names, from the pool or a recent proposal.
    public func body(_ hash: EnvelopeHash) -> Verified<SignedTransaction>? { pool.transaction(hash) ?? dissemination.bodies.body(hash) }

    /// Whether this node is behind and none of its peers has either the next block or a snapshot to offer.
    public var lacksSource: Bool {
        let statuses = links.compactMap { syncPeers[$0]?.status }
        return blocks.isBehind && syncPeers.newestSnapshot == nil && statuses.allSatisfy { $0.height <= blocks.height || $0.oldestBlock.rawValue > blocks.height.rawValue + 1 }
    }

    /// Peers connected now.
    public var links: [Link] { syncPeers.table.links }

    /// What is held against a peer, in points; ``GossipLimits/banPoints`` end it.
    public func points(_ link: Link) -> Int { manager.points(link) }
}
