public import Primitives

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

    /// Those in force, for a file of the shell's.
    func record(_ now: GossipTick) -> [BanRecord] {
        bans.filter { $0.until > now }.map { BanRecord(key: $0.key, host: $0.host, ticks: $0.until.rawValue - now.rawValue, times: $0.times) }
    }

    /// Takes back what was kept. A file that somebody has changed makes no ban longer than the longest there is.
    mutating func restore(_ records: [BanRecord], now: GossipTick) {
        let ticksMax = GossipLimits.banTicks << GossipLimits.banExponentMax
        for record in records.prefix(GossipLimits.bansMax - bans.count) where record.ticks > 0 && !bans.contains(where: { $0.key == record.key }) {
            bans.append(Ban(key: record.key, host: record.host, until: now.after(min(record.ticks, ticksMax)), times: min(record.times, GossipLimits.banExponentMax + 1)))
        }
    }

    func refuses(key: PublicKey, now: GossipTick) -> Bool { bans.contains { $0.key == key && $0.until > now } }

    func refuses(host: NetworkAddress, now: GossipTick) -> Bool { bans.contains { $0.host == host && $0.until > now } }
}

/// One ban as it is kept over a restart.
public struct BanRecord: Hashable, Sendable, BCSCodable {
    public let key: PublicKey
    public let host: NetworkAddress?
    /// How long it still is.
    public let ticks: UInt64
    /// Bans of the key so far: the next one is longer.
    public let times: UInt64

    public init(key: PublicKey, host: NetworkAddress?, ticks: UInt64, times: UInt64) {
        self.key = key
        self.host = host
        self.ticks = ticks
        self.times = times
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(key)
        encoder.encode(host)
        encoder.encode(ticks)
        encoder.encode(times)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        key = try decoder.decode(PublicKey.self)
        host = try decoder.decode(NetworkAddress?.self)
        ticks = try decoder.decode(UInt64.self)
        times = try decoder.decode(UInt64.self)
    }
}
