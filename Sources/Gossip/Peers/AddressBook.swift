import Cryptography
public import Primitives

/// Addresses of nodes, in buckets, so that nobody can fill it: an address heard of goes to a place that its source and its
/// group determine, one that was reached to a place that its own group determines, both under a secret of this node. A source
/// reaches ``GossipLimits/newBucketsPerSource`` of the new buckets, a group ``GossipLimits/triedBucketsPerGroup`` of the tried ones
/// (Heilman et al., "Eclipse Attacks on Bitcoin's Peer-to-Peer Network", 2015; Bitcoin Core's `addrman`).
///
/// Invariants: a key is in the book once; a place holds one address; private addresses are not in it.
public struct AddressBook {
    struct Entry {
        let address: PeerAddress
        let place: Place
        var failures: UInt64 = 0
        var nextDial: GossipTick = 0
        var lastReached: GossipTick?

        var isTried: Bool { place.isTried }
        /// Gives way to any other.
        var isHopeless: Bool { failures >= GossipLimits.dialFailuresMax }
    }

    struct Place: Hashable {
        let isTried: Bool
        let bucket: Int
        let slot: Int
    }

    private let secret: [UInt8]
    /// Whether addresses of private networks may be used and passed on.
    private let allowsLocal: Bool
    private var random: SeededGenerator
    /// Looked up by key only, never walked.
    private var entries: [PublicKey: Entry] = [:]
    private var fresh: [PublicKey?]
    private var tried: [PublicKey?]
    private(set) var freshCount = 0
    private(set) var triedCount = 0
    /// Addresses in tried places that another reached address wants: they are dialled, and give way if they fail.
    private(set) var contested: [PublicKey] = []

    public init(seed: UInt64, allowsLocal: Bool) {
        random = SeededGenerator(seed: seed)
        secret = random.bytes(32)
        self.allowsLocal = allowsLocal
        fresh = Array(repeating: nil, count: GossipLimits.newBuckets * GossipLimits.bucketPlaces)
        tried = Array(repeating: nil, count: GossipLimits.triedBuckets * GossipLimits.bucketPlaces)
    }

    public var count: Int { freshCount + triedCount }

    func entry(_ key: PublicKey) -> Entry? { entries[key] }

    /// Whether the address can be dialled at all, and may be told to others.
    func isUsable(_ address: PeerAddress) -> Bool {
        guard address.port != 0 else { return false }
        return switch address.host.scope {
        case .global: true
        case .local: allowsLocal
        case .unusable: false
        }
    }

    // ── Places ──

    private func number(_ parts: [UInt8]..., below bound: Int) -> Int {
        var hasher = SHA256Hasher()
        hasher.update(secret)
        for part in parts {
            hasher.update([UInt8(truncatingIfNeeded: part.count)])
            hasher.update(part)
        }
        return Int(hasher.finalize().words.0.littleEndian % UInt64(bound))
    }

    private func freshPlace(_ address: PeerAddress, source: AddressGroup) -> Place {
        let group = address.host.group.prefix
        let lane = number([1], source.prefix, group, below: GossipLimits.newBucketsPerSource)
        let bucket = number([2], source.prefix, [UInt8(lane)], below: GossipLimits.newBuckets)
        return Place(isTried: false, bucket: bucket, slot: number([3], [UInt8(bucket)], address.bcs, below: GossipLimits.bucketPlaces))
    }

    private func triedPlace(_ address: PeerAddress) -> Place {
        let lane = number([4], address.bcs, below: GossipLimits.triedBucketsPerGroup)
        let bucket = number([5], address.host.group.prefix, [UInt8(lane)], below: GossipLimits.triedBuckets)
        return Place(isTried: true, bucket: bucket, slot: number([6], [UInt8(bucket)], address.bcs, below: GossipLimits.bucketPlaces))
    }

    private func occupant(_ place: Place) -> PublicKey? {
        let index = place.bucket * GossipLimits.bucketPlaces + place.slot
        return place.isTried ? tried[index] : fresh[index]
    }

    private mutating func put(_ entry: Entry) {
        let index = entry.place.bucket * GossipLimits.bucketPlaces + entry.place.slot
        entries[entry.address.key] = entry
        if entry.isTried {
            tried[index] = entry.address.key
            triedCount += 1
        } else {
            fresh[index] = entry.address.key
            freshCount += 1
        }
    }

    private mutating func remove(_ key: PublicKey) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        let index = entry.place.bucket * GossipLimits.bucketPlaces + entry.place.slot
        if entry.isTried {
            tried[index] = nil
            triedCount -= 1
        } else {
            fresh[index] = nil
            freshCount -= 1
        }
        contested.removeAll { $0 == key }
    }

    // ── Changing ──

    /// Hears of an address from a peer of the group `source`. A reached address is never replaced by hearsay, and a place that
    /// is taken stays so unless what holds it has failed.
    mutating func hear(_ address: PeerAddress, source: AddressGroup) {
        guard isUsable(address) else { return }
        if let known = entries[address.key] {
            // A node may move; its old place is believed until it has failed.
            guard !known.isTried, known.isHopeless, known.address != address else { return }
            remove(address.key)
        }
        let place = freshPlace(address, source: source)
        if let holder = occupant(place) {
            guard entries[holder]?.isHopeless ?? true else { return }
            remove(holder)
        }
        put(Entry(address: address, place: place))
    }

    /// A connection to the address came up, and it proved its key.
    mutating func reached(_ address: PeerAddress, now: GossipTick) {
        guard isUsable(address) else { return }
        if var known = entries[address.key], known.isTried, known.address == address {
            known.failures = 0
            known.lastReached = now
            entries[address.key] = known
            contested.removeAll { $0 == address.key }
            return
        }
        let place = triedPlace(address)
        if let holder = occupant(place), holder != address.key {
            guard entries[holder]?.isHopeless ?? true else {
                if contested.count < GossipLimits.dialsMax, !contested.contains(holder) { contested.append(holder) }
                return
            }
            remove(holder)
        }
        remove(address.key)
        put(Entry(address: address, place: place, lastReached: now))
    }

    mutating func failed(_ key: PublicKey, now: GossipTick) {
        guard var entry = entries[key] else { return }
        entry.failures += 1
        entry.nextDial = now.after(GossipLimits.redialTicks << min(entry.failures - 1, GossipLimits.redialExponentMax))
        entries[key] = entry
        if entry.failures >= 2, contested.contains(key) { remove(key) }
    }

    mutating func forget(_ key: PublicKey) { remove(key) }

    // ── Choosing ──

    /// An address to dial: in half of the cases one that was reached before, from a random place, for which `isWanted` holds.
    mutating func choose(now: GossipTick, freshOnly: Bool = false, where isWanted: (PeerAddress) -> Bool) -> PeerAddress? {
        let prefersTried = !freshOnly && triedCount > 0 && (freshCount == 0 || random.chance(1, in: 2))
        for isTried in freshOnly ? [false] : [prefersTried, !prefersTried] {
            let places = isTried ? tried : fresh
            let start = random.below(places.count)
            var candidates = 0
            // From a random place on: each occupied place has its chance, and an empty book costs one walk.
            for offset in places.indices where candidates < GossipLimits.dialCandidatesMax {
                guard let key = places[(start + offset) % places.count], let entry = entries[key], entry.nextDial <= now else { continue }
                candidates += 1
                if isWanted(entry.address) { return entry.address }
            }
        }
        return nil
    }

    /// A sample to tell others: at most ``GossipLimits/addressesMax``, and at most a quarter of the book, so that nobody reads
    /// it out in one go.
    mutating func sample(but isExcluded: (PeerAddress) -> Bool) -> [PeerAddress] {
        let limit = min(GossipLimits.addressesMax, max(count / 4, min(count, 8)))
        var result: [PeerAddress] = []
        let places = fresh.count + tried.count
        let start = random.below(places)
        for offset in 0..<places where result.count < limit {
            let index = (start + offset) % places
            guard let key = index < fresh.count ? fresh[index] : tried[index - fresh.count], let entry = entries[key],
                  entry.failures == 0, !isExcluded(entry.address) else { continue }
            result.append(entry.address)
        }
        return result
    }

    // ── Keeping over a restart ──

    /// All addresses, reached ones first, for a file of the shell's; at most as many as there are places.
    public var record: [AddressRecord] {
        (tried + fresh).compactMap { $0 }.compactMap { key in entries[key].map { AddressRecord(address: $0.address, wasReached: $0.isTried) } }
    }

    /// Takes back what was kept.
    public mutating func restore(_ records: [AddressRecord]) {
        for record in records.prefix(fresh.count + tried.count) {
            if record.wasReached { reached(record.address, now: 0) } else { hear(record.address, source: record.address.host.group) }
        }
    }
}

/// One address of the book as it is kept.
public struct AddressRecord: Hashable, Sendable, BCSCodable {
    public let address: PeerAddress
    public let wasReached: Bool

    public init(address: PeerAddress, wasReached: Bool) {
        self.address = address
        self.wasReached = wasReached
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(address)
        encoder.encode(wasReached)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        address = try decoder.decode(PeerAddress.self)
        wasReached = try decoder.decode(Bool.self)
    }
}
