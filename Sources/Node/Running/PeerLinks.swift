import Glibc
import Gossip
import Networking
import Primitives

/// The connections of the moment: gossip's number of each, and who is at its other end.
struct PeerLinks {
    struct Entry {
        let key: PublicKey
        /// The consensus key that the peer has proved.
        var validator: PublicKey?
        /// Consensus messages of it that are being checked.
        var inGate = 0
    }

    private var entries: [Link: Entry] = [:]
    private var byKey: [PublicKey: Link] = [:]
    private var next: UInt64 = 0
    private var congested: Set<Link> = []

    subscript(link: Link) -> Entry? { entries[link] }
    subscript(key: PublicKey) -> Link? { byKey[key] }
    var count: Int { entries.count }

    mutating func add(_ peer: ConnectedPeer) -> Link {
        next += 1
        let link = Link(next)
        entries[link] = Entry(key: peer.key, validator: peer.validator)
        byKey[peer.key] = link
        return link
    }

    mutating func remove(_ key: PublicKey) -> (link: Link, entry: Entry)? {
        guard let link = byKey.removeValue(forKey: key), let entry = entries.removeValue(forKey: link) else { return nil }
        congested.remove(link)
        return (link, entry)
    }

    mutating func setValidator(_ key: PublicKey?, of link: Link) { entries[link]?.validator = key }

    /// Counts a consensus message that begins to be checked; false when too many of this peer are.
    mutating func begin(_ link: Link, max: Int) -> Bool {
        guard let count = entries[link]?.inGate, count < max else { return false }
        entries[link]?.inGate = count + 1
        return true
    }

    mutating func end(_ link: Link) { entries[link]?.inGate -= 1 }

    /// True when that is news.
    mutating func noteCongestion(_ link: Link) -> Bool { congested.insert(link).inserted }

    /// A queue that has become short is told of.
    mutating func reviewCongestion(_ transport: Transport, _ relieved: (Link) -> Void) {
        guard !congested.isEmpty else { return }
        for status in transport.peers {
            guard let link = byKey[status.info.peer], status.queuedBytes < TrafficClass.transactions.frameBytesMax / 4 else { continue }
            if congested.remove(link) != nil { relieved(link) }
        }
    }
}

// ── Between the two rooms' words for the same things ──

extension Gossip.NetworkAddress {
    /// nil for names: gossip deals in numbers.
    init?(numeric host: String) {
        var v4 = in_addr(), v6 = in6_addr()
        if inet_pton(AF_INET, host, &v4) == 1 {
            let bytes = withUnsafeBytes(of: &v4) { Array($0) }
            self.init(ipv4: bytes[0], bytes[1], bytes[2], bytes[3])
        } else if inet_pton(AF_INET6, host, &v6) == 1 {
            self.init(withUnsafeBytes(of: &v6) { Array($0) })
        } else {
            return nil
        }
    }

    var text: String {
        let bytes = bytes
        if isIPv4 { return bytes[12...].map { "\($0)" }.joined(separator: ".") }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        return bytes.withUnsafeBytes { source in
            guard inet_ntop(AF_INET6, source.baseAddress!, &buffer, socklen_t(buffer.count)) != nil else { return "::" }
            return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}

extension Gossip.PeerAddress {
    init?(_ address: Networking.PeerAddress) {
        guard let host = Gossip.NetworkAddress(numeric: address.address.host) else { return nil }
        self.init(key: address.peer, host: host, port: address.address.port)
    }

    /// nil for port 0.
    var network: Networking.NetworkAddress? { Networking.NetworkAddress(host: host.text, port: port) }
}

extension GossipMessage.Class {
    var traffic: TrafficClass {
        switch self {
        case .consensus: .consensus
        case .sync: .sync
        case .transactions: .transactions
        case .discovery: .discovery
        }
    }
}
