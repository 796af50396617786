public import API
import Consensus
import Cryptography
import Gossip
import Networking
import Primitives
import Verification

/// How the node is, for people, probes and boards.
extension Node {
    public var status: NodeStatus {
        get async {
            let uptime = (ContinuousClock.now - started).components
            let keeperIsStalled = await environment.keeper.ask { $0.isStalled }
            let now = Timestamp.now, nodeKey = environment.keys.node.publicKey, consensusKey = environment.keys.consensus?.publicKey
            return await core.ask { core in
                let report = core.replica.report, voters = core.replica.position.epoch.validators
                let votes = consensusKey.map { voters.index(of: $0) != nil } ?? false
                return NodeStatus(
                    version: TrellisVersion.text, nodeKey: nodeKey, role: consensusKey == nil ? .full : votes ? .validator : .candidate, consensusKey: consensusKey,
                    epoch: voters.epoch, obstacles: core.obstacles(report, voters, now: now, diskIsFull: keeperIsStalled || core.journal.isStalled),
                    sync: SyncReport(phase: core.sync.phase.rawValue, have: core.sync.have, of: core.sync.of), poolCount: core.gossip.pool.count,
                    poolBytes: core.gossip.pool.byteCount, peerCount: core.links.count, consensus: report, voters: voters,
                    uptimeMilliseconds: UInt64(max(0, uptime.seconds)) * 1_000 + UInt64(max(0, uptime.attoseconds) / 1_000_000_000_000_000))
            }
        }
    }

    public var peers: [PeerReport] {
        get async {
            environment.transport.peers.sorted { $0.info.peer.bytes.lexicographicallyPrecedes($1.info.peer.bytes) }.map { status in
                PeerReport(
                    key: status.info.peer, isInbound: status.info.direction == .inbound, remoteAddress: status.info.remoteAddress,
                    listenAddress: status.info.listenAddress.map { "\($0)" }, agent: status.info.agent, validator: status.info.validator?.consensusKey,
                    roundTripMicroseconds: status.roundTrip.map { UInt64(max(0, $0.components.attoseconds / 1_000_000_000_000)) + UInt64(max(0, $0.components.seconds)) * 1_000_000 })
            }
        }
    }
}

extension Core {
    /// Heights that a ready node may be behind what its peers say.
    private static let behindMax: UInt64 = 3
    /// How long nothing may move although there is work.
    private static let stallMilliseconds: UInt64 = 10_000

    /// Why this node is not ready to serve; the words are stable.
    func obstacles(_ report: StallReport, _ voters: ValidatorSet, now: Timestamp, diskIsFull: Bool) -> [NodeStatus.Obstacle] {
        var found: [NodeStatus.Obstacle] = []
        func add(_ code: String, _ text: String) { found.append(NodeStatus.Obstacle(code: code, text: text)) }
        if diskIsFull { add("store.full", "the disk is full: free some space, and the node goes on by itself") }
        if let alarm = report.alarm { add(alarm.code, alarm.text) }
        if report.awaiting == .recovery { add("consensus.journal-lost", "the consensus journal was lost: a quorum of validators must say how far this node may have voted") }
        if sync.phase != .idle, sync.of > sync.have + Self.behindMax { add("sync.behind", "catching up (\(sync.phase.rawValue)): \(sync.have) of \(sync.of)") }
        if gossip.lacksSource { add("sync.pruned", "no peer keeps block \(delivered.rawValue + 1) any more, and none offers a snapshot yet: wait for the next one, or name a node that keeps all blocks in network.persistentPeers") }
        let others = voters.validators.filter { $0.consensusKey != environment.keys.consensus?.publicKey }
        let isAlone = others.isEmpty && environment.keys.consensus != nil
        if links.count == 0, !isAlone { add("network.no-peers", "no peer is connected: see network.persistentPeers and network.seeds, and whether the port can be reached") }
        let waited = now.rawValue - min(report.since.rawValue, now.rawValue)
        if report.awaiting != .work, waited > Self.stallMilliseconds {
            let names = report.missing.prefix(8).map { "\($0.rawValue)" }.joined(separator: ", ")
            add("consensus.stalled", "height \(report.height), view \(report.view.rawValue): waiting for \(report.awaiting.text) since \(waited / 1_000) s" + (names.isEmpty ? "" : "; missing are the validators \(names)"))
        }
        return found
    }
}

extension StallReport.Awaiting {
    /// As in "waiting for …".
    var text: String {
        switch self {
        case .work: "transactions"
        case .viewChanges: "votes to change the view"
        case .newView: "the new primary"
        case .proposal: "the primary's proposal"
        case .check: "the bodies or the judgement of the proposal"
        case .prepares: "PREPARE votes"
        case .journal: "the own journal"
        case .execution: "execution"
        case .commits: "COMMIT votes"
        case .block: "a decided block"
        case .recovery: "a quorum's word about the lost journal"
        case .operatorDecision: "the operator"
        }
    }
}
