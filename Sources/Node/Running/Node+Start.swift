import API
import Consensus
import Contracts
import Cryptography
import Dispatch
import Execution
import Foundation
import Gossip
import Keystore
public import Ledger
public import Logging
import Networking
import Primitives
import Storage
import Synchronization
import Verification
import WorldState

extension Node {
    /// Opens the node's store and begins.
    ///
    /// - Parameters:
    ///   - genesis: the first block of the chain; the store must be of the same.
    ///   - keys: see ``NodeKeys``.
    public static func start(
        _ configuration: NodeConfiguration, genesis: Genesis, keys: NodeKeys, log: Logger
    ) async throws(NodeError) -> Node {
        let stores = try openStores(configuration, genesis, log)
        do throws(NodeError) {
            return try await start(configuration, genesis, keys, stores, log)
        } catch {
            stores.close()
            throw error
        }
    }

    private static func start(
        _ configuration: NodeConfiguration, _ genesis: Genesis, _ keys: NodeKeys, _ stores: NodeStores, _ log: Logger
    ) async throws(NodeError) -> Node {
        let ending = Ending(), store = stores.chain
        let failed: @Sendable (NodeError) -> Void = { error in
            log.critical("the node cannot go on: \(error)", metadata: ["code": "\(error.code.rawValue)"])
            ending.finish(.failed(error))
        }

        // The chain: state, block log, and what the journal knows beyond them.
        let cryptography = NodeCryptography(key: keys.consensus)
        let chain = try openChain(configuration, genesis, stores, log)
        var resumption = try Resumption(genesis: genesis, stores: stores, chain: chain, cryptography: cryptography, overrides: configuration.consensus.overridesLostJournal)
        let newest = Published.Newest(
            head: ChainHead(chain, hash: chain.committed.digest, oldestBlock: store.blocks.first), view: chain.committedView, parameters: chain.parameters)
        let published = Published(newest)
        // Questions keep prepared contracts of their own: what somebody asks, unpaid, takes nothing away from blocks.
        let executor = BlockExecutor(catalogue: Catalogue(Catalogue.definitions, loader: PreparedContracts()), chainID: genesis.chainID)
        let snapshots = SnapshotServer { log.error("serving a snapshot: \($0)") }
        let keeperState = ChainKeeper(
            chain: chain, stores: stores, snapshots: snapshots, published: published, settings: configuration.storage,
            flushSchedule: FlushSchedule(node: keys.node.publicKey, blocks: configuration.storage.flushBlocks), log: log)
        for decided in resumption.undelivered {
            guard keeperState.deliverAtStart(decided.block, decided.transactions) else {
                throw NodeError(.executionFailed, "block \(decided.block.height), which the journal holds, does not follow the chain")
            }
        }
        // What a crash took of the ends of epochs comes first: they are kept in order.
        await stores.repairBoundaries(newest.view, log)
        let keeper = Owner("chain", keeperState)
        await keeper.ask { state in
            state.owner = keeper
            state.failed = failed
            state.writeWaiting()
            state.completeIndex()
        }

        // The network.
        let transport = try openTransport(configuration, genesis, keys)
        let listens: Networking.NetworkAddress?
        do { listens = try await transport.start() } catch {
            await transport.shutdown()
            throw NodeError(.networkFailed, "\(error)", remedy: "see whether another process has the port, or choose another by network.listen")
        }
        for peer in configuration.network.persistentPeers where Gossip.PeerAddress(peer) == nil {
            // A name: the transport resolves and redials it.
            do { try transport.keepConnected(peer) } catch { log.warning("peer \(peer): \(error)") }
        }

        // Agreement and gossip.
        let environment = CoreEnvironment(
            genesis: genesis, keys: keys, transport: transport, stores: stores, snapshots: snapshots,
            restorer: SnapshotRestorer(directory: store.directory, chainID: genesis.chainID), pool: VerificationPool(workers: configuration.verificationThreads),
            published: published, keeper: keeper, log: log, failed: failed, restored: { ending.finish(.restored) }, chainID: genesis.chainID)
        let height = published.newest.head.height
        let gossip = try makeGossip(configuration, genesis, keys, stores, published, resumption.state.position, log)
        let replica = Replica(configuration: replicaConfiguration(configuration, genesis, keys), cryptography: cryptography, state: resumption.state)
        let coreState = Core(environment: environment, replica: replica, gossip: gossip, accepted: resumption.state, delivered: height)
        for (digest, bodies) in resumption.bodies { coreState.bodies[digest] = bodies }
        let mode = resumption.mode
        let resumedBodies = resumption.bodies.values.flatMap(\.transactions)
        resumption.bodies = [:]
        let core = Owner("core", coreState)
        core.post { core_ in
            core_.owner = core
            core_.start(mode, resumedBodies: resumedBodies)
        }
        let timer = TimerBox(core.every(milliseconds: Core.tickMilliseconds) { $0.tick() })
        let pump = Task {
            // One batch at a time: peers' credit comes back when it has been worked off.
            while let events = await transport.events.next() {
                let news = NetworkNews.decode(events)
                await core.ask { $0.take(news) }
            }
        }
        log.info("the node runs", metadata: [
            "chain": "\(genesis.chainID)", "height": "\(height)", "node": "\(keys.node.publicKey)", "listens": "\(listens.map { "\($0)" } ?? "no")",
        ])
        return Node(
            configuration: configuration, environment: environment, executor: executor, core: core, timer: timer, pump: pump, ending: ending,
            listens: listens.map { "\($0)" })
    }

    // ── The store ──

    private static func openStores(_ configuration: NodeConfiguration, _ genesis: Genesis, _ log: Logger) throws(NodeError) -> NodeStores {
        let directory = NodeHome(configuration.home).dataPath
        do throws(StoreError) {
            return try NodeStores(directory: directory, chainID: genesis.chainID, settings: configuration.storage, log: log)
        } catch {
            let remedy = switch error.code {
            case .incompatible: "run `trellis init` for a new node; a directory of another chain stays with its own genesis.bcs"
            case .locked: "another node runs in \(configuration.home); stop it, or use another --home"
            case .corrupt: "start with storage.discardsDamage=true to cut the damage off and fetch the rest from peers"
            case .full: "free some space on the disk"
            default: "look at the disk and at the permissions of \(directory)"
            }
            throw NodeError(.storeFailed, "\(error)", remedy: remedy)
        }
    }

    /// Makes the store of a node, with an empty journal: from now on a missing journal is a lost one. In a home that had a store before,
    /// the new one has no journal, because what the former one held is lost: the node will ask a quorum how far it may have voted.
    public static func createStore(_ home: NodeHome, _ genesis: Genesis) throws(NodeError) {
        do {
            let hadOne = FileManager.default.fileExists(atPath: home.storeMarkPath)
            try Data("0x\(genesis.chainID.hex)\n".utf8).write(to: URL(fileURLWithPath: home.storeMarkPath))
            try ChainStore.create(in: home.dataPath, chainID: genesis.chainID).close()
            if hadOne { try FileManager.default.removeItem(atPath: home.dataPath + "/journal") }
        } catch {
            throw NodeError(.storeFailed, "\(error)", remedy: "look at the disk and at the permissions of \(home.path)")
        }
    }

    /// The executor at the newest block of the log: the state as it was flushed, and on it the blocks above.
    private static func openChain(
        _ configuration: NodeConfiguration, _ genesis: Genesis, _ stores: NodeStores, _ log: Logger
    ) throws(NodeError) -> ChainExecutor {
        let store = stores.chain
        var options = WorldState.Options()
        options.keepsHistory = true
        options.historyWindow = configuration.storage.retainedStates
        do {
            let state = try WorldState(opening: try store.state.snapshot(), options: options)
            var behind: Header?
            if let flushed = state.flushedHeight {
                guard let header = try stores.header(at: flushed) else { throw StoreError(.corrupt, "the state is at block \(flushed), which the log does not have") }
                behind = header
            }
            let chain = try ChainExecutor(genesis: genesis, definitions: Catalogue.definitions, state: state, behind: behind)
            if behind == nil, store.blocks.next == 0 {
                try appendGenesis(chain.committed, store)
            }
            let first = chain.committed.height, last = store.blocks.next
            if last.rawValue > first.rawValue + 1 { log.info("bringing the state up to the block log", metadata: ["from": "\(first)", "to": "\(last.rawValue - 1)"]) }
            var failure: (any Error)?
            try store.blocks.scan(from: first.successor) { (height, record) throws(StoreError) in
                do {
                    let stored = try StoredBlock(record)
                    guard let certified = stored.certified else { throw StoreError(.corrupt, "block \(height) has no certificate") }
                    _ = try chain.deliver(certified, bodies: stored.transactions)
                    if height.rawValue % 10_000 == 0 { log.info("bringing the state up to the block log", metadata: ["at": "\(height)", "to": "\(last.rawValue - 1)"]) }
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
            if let failure { throw failure }
            return chain
        } catch {
            throw NodeError(.storeFailed, "opening the chain: \(error)", remedy: "restore data/state from a snapshot, or remove it to make it again from the blocks")
        }
    }

    private static func appendGenesis(_ header: Header, _ store: ChainStore) throws {
        let record = StoredBlock(header: header, certificate: nil, transactions: [], receipts: [], events: []).record
        let done = DispatchSemaphore(value: 0)
        let result = Mutex<Result<Height, StoreError>?>(nil)
        guard store.blocks.submit(record, at: 0, { outcome in
            result.withLock { $0 = outcome }
            done.signal()
        }) else { throw StoreError(.full, "the block log takes nothing") }
        done.wait()
        _ = try result.withLock { $0 }!.get()
    }

    // ── The parts ──

    private static func openTransport(_ configuration: NodeConfiguration, _ genesis: Genesis, _ keys: NodeKeys) throws(NodeError) -> Transport {
        let settings = configuration.network
        var transport = TransportConfiguration(chainID: genesis.chainID)
        transport.listenHost = settings.listen?.host
        transport.listenPort = settings.listen?.port ?? 0
        transport.externalAddress = settings.external ?? settings.listen.flatMap { settings.allowsLocal ? Networking.NetworkAddress(host: $0.host, port: $0.port) : nil }
        transport.agent = "trellis/\(TrellisVersion.text)"
        transport.limits.inboundMax = settings.inboundMax
        transport.limits.outboundMax = settings.outboundMax
        transport.knownPeers = Set(settings.persistentPeers.map(\.peer))
        transport.privatePeers = Set(settings.privatePeers)
        if settings.allowsLocal {
            // All nodes of a local network come from one address.
            transport.limits.inboundPerPrefixMax = 256
            transport.limits.attemptsPerPrefixPerSecond = 256
            transport.limits.attemptsPerPrefixBurst = 1_024
        }
        do { return try Transport(configuration: transport, identity: NodeIdentity(nodeKey: keys.node)) } catch {
            throw NodeError(.networkFailed, "\(error)")
        }
    }

    private static func makeGossip(
        _ configuration: NodeConfiguration, _ genesis: Genesis, _ keys: NodeKeys, _ stores: NodeStores, _ published: Published, _ position: ChainPosition, _ log: Logger
    ) throws(NodeError) -> GossipNode {
        let settings = configuration.network, newest = published.newest
        let policy = PeerPolicy(
            ownKey: keys.node.publicKey, persistent: settings.persistentPeers.compactMap { Gossip.PeerAddress($0) },
            seeds: settings.seeds.compactMap { Gossip.PeerAddress($0) }, privateKeys: Set(settings.privatePeers), allowsLocal: settings.allowsLocal,
            outboundPerGroupMax: settings.allowsLocal ? GossipLimits.linksMax : GossipLimits.outboundPerGroupMax,
            inboundPerGroupMax: settings.allowsLocal ? GossipLimits.linksMax : GossipLimits.inboundPerGroupMax)
        let trust: TrustGround
        do {
            let known = try stores.trusted(genesis)
            trust = configuration.sync.trusted.flatMap { $0.height > known.height ? .hash($0.hash, at: $0.height) : nil } ?? .header(known)
        } catch { throw NodeError(.storeFailed, "what this node trusts: \(error)") }
        let seed = Entropy.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var gossip = GossipConfiguration(
            policy: policy, ownValidator: keys.consensus?.publicKey, validators: position.epoch.validators.validators.map(\.consensusKey), seed: seed,
            height: newest.head.height, trust: trust)
        gossip.snapshotGap = configuration.sync.snapshotGap
        let rules = TransactionRules(chainID: genesis.chainID, height: newest.head.height.successor, parameters: newest.parameters)
        let node = GossipNode(gossip, rules: rules) { address in published.newest.account(address, log) }
        node.restoreAddresses(KeptPeers.addresses(in: stores.records, log))
        node.restoreBans(KeptPeers.bans(in: stores.records, now: .now, log))
        return node
    }

    private static func replicaConfiguration(_ configuration: NodeConfiguration, _ genesis: Genesis, _ keys: NodeKeys) -> ReplicaConfiguration {
        let tick = UInt64(Core.tickMilliseconds), settings = configuration.consensus
        let timeout = max(1, settings.viewTimeoutMilliseconds / tick)
        return ReplicaConfiguration(
            chainID: genesis.chainID, consensusKey: keys.consensus?.publicKey, viewTimeoutTicks: timeout,
            viewTimeoutTicksMax: max(timeout, settings.viewTimeoutMillisecondsMax / tick), statusTicks: 500 / tick, blockRequestTicks: 2_000 / tick)
    }
}
