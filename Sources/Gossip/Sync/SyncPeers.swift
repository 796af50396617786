import Primitives

/// What peers say they can serve, how they did so far, and who is to be asked next. It is shared by the machines that catch
/// up, so that one peer has one bound for all of them.
///
/// A peer's word chooses whom to ask and is believed by nobody; one that does not answer is asked again after all others.
final class SyncPeers {
    final class Peer {
        var status: ChainStatus?
        var failures: UInt64 = 0
        var askedAt: GossipTick = 0
        var notBefore: GossipTick = 0
        var requests = 0
        /// Requests of the peer that this node is serving.
        var serving = 0
        /// A snapshot that it turned out not to have.
        var lacksSnapshot: Height?
    }

    private(set) var table = LinkTable<Peer>()
    private(set) var requestCount = 0

    func connect(_ link: Link) { table[link] = Peer() }

    func disconnect(_ link: Link) {
        requestCount -= table[link]?.requests ?? 0
        table[link] = nil
    }

    subscript(link: Link) -> Peer? { table[link] }

    /// The best of those that are `able`: fewest failures, then not asked for longest. nil when all are busy.
    func choose(at now: GossipTick, where able: (Peer) -> Bool) -> Link? {
        guard requestCount < GossipLimits.syncRequestsMax else { return nil }
        let free = table.links.filter { link in
            table[link].map { $0.requests < GossipLimits.syncRequestsPerLinkMax && $0.notBefore <= now && able($0) } ?? false
        }
        return free.min { left, right in
            guard let a = table[left], let b = table[right] else { return false }
            return (a.failures, a.askedAt, left) < (b.failures, b.askedAt, right)
        }
    }

    func asked(_ link: Link, at now: GossipTick) {
        guard let peer = table[link] else { return }
        peer.requests += 1
        peer.askedAt = now
        requestCount += 1
    }

    /// A request ended, well or not.
    func ended(_ link: Link, well: Bool) {
        guard let peer = table[link] else { return }
        if peer.requests > 0 {
            peer.requests -= 1
            requestCount -= 1
        }
        peer.failures = well ? 0 : peer.failures + 1
        if !well { peer.notBefore = peer.askedAt.after(GossipLimits.syncPauseTicks << min(peer.failures, GossipLimits.syncPauseExponentMax)) }
    }

    /// The highest height that a peer says it has, and is not known to have lied about.
    var highest: Height {
        table.links.compactMap { link in table[link].flatMap { $0.failures < GossipLimits.hintFailuresMax ? $0.status?.height : nil } }.max() ?? 0
    }

    /// The newest snapshot that somebody still offers.
    var newestSnapshot: Height? {
        table.links.compactMap { link in
            table[link].flatMap { peer in peer.status.flatMap { $0.snapshot > 0 && peer.lacksSnapshot != $0.snapshot ? $0.snapshot : nil } }
        }.max()
    }
}
