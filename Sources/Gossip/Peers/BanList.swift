import Primitives

/// Keys and hosts that are refused for a while; each ban of a key is twice as long as the one before.
///
/// Invariant: at most ``GossipLimits/bansMax``; the one that ends first gives way.
struct BanList {
    private struct Ban {
        let key: PublicKey
        let host: NetworkAddress?
        var until: GossipTick
        var times: UInt64
    }

    private var bans: [Ban] = []

    var count: Int { bans.count }

    /// Bans `key`, and `host` if it is given; returns for how many ticks.
    mutating func add(_ key: PublicKey, host: NetworkAddress?, now: GossipTick) -> UInt64 {
        let times = bans.first { $0.key == key }?.times ?? 0
        bans.removeAll { $0.key == key }
        if bans.count >= GossipLimits.bansMax, let first = bans.indices.min(by: { bans[$0].until < bans[$1].until }) { bans.remove(at: first) }
        let ticks = GossipLimits.banTicks << min(times, GossipLimits.banExponentMax)
        bans.append(Ban(key: key, host: host, until: now.after(ticks), times: times + 1))
        return ticks
    }

    func refuses(key: PublicKey, now: GossipTick) -> Bool { bans.contains { $0.key == key && $0.until > now } }

    func refuses(host: NetworkAddress, now: GossipTick) -> Bool { bans.contains { $0.host == host && $0.until > now } }
}
