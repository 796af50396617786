public import Ledger
import Primitives

/// Brings a node that is far behind to a recent state: boundary headers from what is trusted to the newest snapshot that peers
/// offer, then the snapshot's chunks from several peers at once. Nothing is believed that a certificate or a proof does not show;
/// both are checked by the shell. When no peer can serve it, blocks do.
final class SnapshotSync {
    private enum State {
        case off
        /// Needs the header of the hash that the operator trusts, or the next boundaries behind the trusted one.
        case walking(to: Height)
        case opening(TrustedHeader)
        case restoring(TrustedHeader, ChunkPlan)
        case finishing(TrustedHeader)
    }

    private struct Request {
        let link: Link
        let deadline: GossipTick
        let kind: Kind

        enum Kind: Equatable {
            case light(LightRequest)
            case chunk(ChunkRequest)
        }
    }

    let peers: SyncPeers
    /// How far behind a snapshot must be ahead to be worth more than its blocks.
    private let gap: UInt64
    private(set) var trust: TrustGround
    private var state = State.off
    private var requests: [Request] = []
    /// What the shell is judging, and from whom it came.
    private var lightInJudgement: Link?
    private var chunksInJudgement: [(request: ChunkRequest, link: Link)] = []
    private var failures = 0
    /// Set when snapshots have failed too often: until then blocks have to do.
    private var pausedUntil: GossipTick?
    private var now: GossipTick = 0

    init(peers: SyncPeers, gap: UInt64, trust: TrustGround) {
        self.peers = peers
        self.gap = gap
        self.trust = trust
    }

    private var isActive: Bool { if case .off = state { false } else { true } }
    /// Whether blocks would be wasted: the state is about to be replaced.
    var replacesState: Bool {
        switch state {
        case .off, .walking: false
        case .opening, .restoring, .finishing: true
        }
    }
    var requestCount: Int { requests.count }

    func progress(height: Height) -> SyncProgress? {
        switch state {
        case .off: nil
        case .walking(let target): SyncProgress(phase: .headers, have: trustedHeight.rawValue, of: target.rawValue)
        case .opening: SyncProgress(phase: .snapshot, have: 0, of: 1_000)
        case .restoring(_, let plan): SyncProgress(phase: .snapshot, have: plan.permille, of: 1_000)
        case .finishing: SyncProgress(phase: .snapshot, have: 1_000, of: 1_000)
        }
    }

    private var trustedHeight: Height {
        switch trust {
        case .header(let header): header.height
        case .hash(_, let height): height
        }
    }

    // ── Steps ──

    func step(_ now: GossipTick, height: Height, _ outbox: inout Outbox) {
        self.now = now
        if let until = pausedUntil, until <= now { pausedUntil = nil }
        for request in requests where request.deadline <= now {
            outbox.offend(request.link, .syncUnanswered)
            peers.ended(request.link, well: false)
            failures += 1
        }
        requests.removeAll { $0.deadline <= now }
        if failures > GossipLimits.snapshotFailuresMax { giveUp(&outbox) }
        switch state {
        case .off: start(above: height)
        case .walking(let target): walk(to: target, now, &outbox)
        case .opening, .finishing: break
        case .restoring(let header, let plan): restore(header, plan, now, &outbox)
        }
    }

    /// Begins when a snapshot is far ahead, or is the only way on because nobody has the next block any more.
    private func start(above height: Height) {
        guard pausedUntil == nil, let target = peers.newestSnapshot, target > height, target >= trustedHeight else { return }
        let isFar = target.rawValue - height.rawValue > gap
        let statuses = peers.table.links.compactMap { peers[$0]?.status }
        let isOnlyWay = statuses.allSatisfy { $0.height <= height || $0.oldestBlock.rawValue > height.rawValue + 1 }
        if isFar || isOnlyWay { state = .walking(to: target) }
    }

    private func walk(to target: Height, _ now: GossipTick, _ outbox: inout Outbox) {
        guard requests.isEmpty, lightInJudgement == nil else { return }
        let request: LightRequest
        switch trust {
        case .hash(_, let height): request = .block(height)
        case .header(let header):
            if header.height == target {
                state = .opening(header)
                outbox.effects.append(.openRestore(header))
                return
            }
            if header.height > target { return state = .off }
            request = .boundaries(above: header.height)
        }
        guard let link = peers.choose(at: now, where: { $0.status.map { $0.height >= target } ?? false }) else {
            if peers.newestSnapshot == nil { state = .off }
            return
        }
        send(.lightRequest(request), .light(request), to: link, now, &outbox)
    }

    private func restore(_ header: TrustedHeader, _ plan: ChunkPlan, _ now: GossipTick, _ outbox: inout Outbox) {
        if plan.isComplete {
            guard requests.isEmpty, chunksInJudgement.isEmpty else { return }
            state = .finishing(header)
            outbox.effects.append(.finishRestore(header))
            return
        }
        func asked() -> [Digest] {
            requests.compactMap { if case .chunk(let chunk) = $0.kind { chunk.from } else { nil } } + chunksInJudgement.map(\.request.from)
        }
        while requests.count + chunksInJudgement.count < GossipLimits.chunksMax, let from = plan.nextStart(asked: asked()) {
            let request = ChunkRequest(height: header.height, from: from)
            guard let link = peers.choose(at: now, where: { self.mayServe($0, header.height) }) else { break }
            send(.chunkRequest(request), .chunk(request), to: link, now, &outbox)
        }
        let isServed = peers.table.links.contains { peers[$0].map { mayServe($0, header.height) } ?? false }
        if requests.isEmpty, chunksInJudgement.isEmpty, !isServed { abandon(&outbox) }
    }

    /// A peer with a newer snapshot may still have this one; if not, it says so.
    private func mayServe(_ peer: SyncPeers.Peer, _ height: Height) -> Bool {
        peer.status.map { $0.snapshot >= height } ?? false && peer.lacksSnapshot != height
    }

    private func send(_ message: GossipMessage, _ kind: Request.Kind, to link: Link, _ now: GossipTick, _ outbox: inout Outbox) {
        requests.append(Request(link: link, deadline: now.after(GossipLimits.syncTicks), kind: kind))
        peers.asked(link, at: now)
        outbox.send(message, to: link)
    }

    /// The snapshot is not to be had any more; a newer one may be.
    private func abandon(_ outbox: inout Outbox) {
        for request in requests { peers.ended(request.link, well: true) }
        requests = []
        chunksInJudgement = []
        lightInJudgement = nil
        state = .off
        outbox.effects.append(.abandonRestore)
    }

    private func giveUp(_ outbox: inout Outbox) {
        guard pausedUntil == nil else { return }
        pausedUntil = now.after(GossipLimits.snapshotPauseTicks)
        failures = 0
        if isActive { abandon(&outbox) }
    }

    // ── Answers of peers ──

    func receive(_ blocks: [LightBlock], from link: Link, _ outbox: inout Outbox) {
        guard let index = requests.firstIndex(where: { if case .light = $0.kind { $0.link == link } else { false } }) else {
            return outbox.offend(link, .unsolicited)
        }
        requests.remove(at: index)
        peers.ended(link, well: !blocks.isEmpty)
        guard case .walking(let target) = state else { return }
        var useful = blocks.filter { $0.height <= target }
        if case .hash = trust { useful = Array(useful.prefix(1)) }
        guard !useful.isEmpty else {
            failures += 1
            // The epochs pass over the target: nobody can have a snapshot there.
            if !blocks.isEmpty { deny(target) }
            return
        }
        lightInJudgement = link
        outbox.effects.append(.judgeLight(useful, by: trust, from: link))
    }

    /// Takes it that no peer has the snapshot that some offer.
    private func deny(_ target: Height) {
        for link in peers.table.links where peers[link]?.status?.snapshot == target { peers[link]?.lacksSnapshot = target }
        state = .off
    }

    func receive(_ answer: ChunkAnswer, from link: Link, _ outbox: inout Outbox) {
        guard let index = requests.firstIndex(where: { $0.link == link && $0.kind == .chunk(answer.request) }) else {
            return outbox.offend(link, .unsolicited)
        }
        requests.remove(at: index)
        peers.ended(link, well: answer.chunk != nil)
        guard let chunk = answer.chunk else {
            peers[link]?.lacksSnapshot = answer.request.height
            failures += 1
            return
        }
        chunksInJudgement.append((answer.request, link))
        outbox.effects.append(.judgeChunk(answer.request, chunk, from: link))
    }

    // ── Answers of the shell ──

    func lightJudged(_ verdict: LightVerdict, _ outbox: inout Outbox) {
        guard let link = lightInJudgement else { return }
        lightInJudgement = nil
        switch verdict {
        case .advanced(let header):
            if header.height > trustedHeight || trust != .header(header) { failures = 0 }
            trust = .header(header)
        case .refused:
            failures += 1
            outbox.offend(link, .syncInvalid)
        case .trustExpired: giveUp(&outbox)
        }
    }

    func opened(covered: [ClosedRange<Digest>]) {
        guard case .opening(let header) = state else { return }
        state = .restoring(header, ChunkPlan(covered: covered))
    }

    func chunkJudged(_ request: ChunkRequest, covered: ClosedRange<Digest>?, _ outbox: inout Outbox) {
        guard let index = chunksInJudgement.firstIndex(where: { $0.request == request }) else { return }
        let link = chunksInJudgement.remove(at: index).link
        guard case .restoring(let header, var plan) = state else { return }
        if let covered {
            plan.add(covered)
            failures = 0
            state = .restoring(header, plan)
        } else {
            failures += 1
            peers[link]?.lacksSnapshot = request.height
            outbox.offend(link, .syncInvalid)
        }
    }

    func restored(_ isGood: Bool, _ outbox: inout Outbox) {
        guard case .finishing = state else { return }
        state = .off
        if !isGood { giveUp(&outbox) }
    }

    func disconnect(_ link: Link) {
        requests.removeAll { $0.link == link }
        if lightInJudgement == link { lightInJudgement = nil }
    }
}

/// What the shell found out about boundary headers.
@frozen public enum LightVerdict: Sendable {
    /// They lead to this one.
    case advanced(TrustedHeader)
    /// They contradict the trusted header, each other or their certificates: the peer's fault.
    case refused
    /// What this node trusts is older than the trusting period: the fault of nobody who was asked.
    case trustExpired
}
