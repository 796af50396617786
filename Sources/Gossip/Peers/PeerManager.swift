import Primitives

/// Who this node is connected to: whom it dials, whom it lets in, what it holds against each, and whom it bans.
final class PeerManager {
    private final class Connected {
        var peer: ConnectedPeer
        var points = 0
        var forgivenAt: GossipTick
        var askedAddressesAt: GossipTick?
        var toldAddressesAt: GossipTick?
        /// An answer with addresses is due.
        var awaitsAddresses = false

        init(_ peer: ConnectedPeer, now: GossipTick) {
            self.peer = peer
            forgivenAt = now
        }
    }

    private struct Dial {
        let address: PeerAddress
        let deadline: GossipTick
        /// Only to see whether the address works.
        let isFeeler: Bool
    }

    /// A named peer that is not connected, and when it is tried next.
    private struct Appointment {
        let address: PeerAddress
        var failures: UInt64 = 0
        var nextDial: GossipTick = 0
    }

    let policy: PeerPolicy
    private(set) var book: AddressBook
    private var table = LinkTable<Connected>()
    private var dials: [Dial] = []
    private var persistent: [Appointment]
    private var seeds: [Appointment]
    private var bans = BanList()
    private var nextFeeler: GossipTick = GossipTick(GossipLimits.feelerTicks)

    init(policy: PeerPolicy, seed: UInt64) {
        self.policy = policy
        book = AddressBook(seed: seed, allowsLocal: policy.allowsLocal)
        persistent = policy.persistent.map { Appointment(address: $0) }
        seeds = policy.seeds.map { Appointment(address: $0) }
    }

    var count: Int { table.count }
    var dialCount: Int { dials.count }
    var banCount: Int { bans.count }
    func points(_ link: Link) -> Int { table[link]?.points ?? 0 }
    func isOutbound(_ link: Link) -> Bool { table[link]?.peer.isOutbound ?? false }
    func restoreBook(_ records: [AddressRecord]) { book.restore(records) }
    func bans(_ now: GossipTick) -> [BanRecord] { bans.record(now) }
    /// The operator may have named one of them since.
    func restoreBans(_ records: [BanRecord], now: GossipTick) { bans.restore(records.filter { !isPersistent($0.key) }, now: now) }

    private func isPersistent(_ key: PublicKey) -> Bool { persistent.contains { $0.address.key == key } }
    private func link(of key: PublicKey) -> Link? { table.links.first { table[$0]?.peer.key == key } }

    /// Connections that the caps are about: those of peers that nobody named.
    private func count(where matches: (ConnectedPeer) -> Bool) -> Int {
        table.links.count { link in table[link].map { $0.peer.validator == nil && !isPersistent($0.peer.key) && matches($0.peer) } ?? false }
    }

    // ── Connections ──

    func standingChanged(_ link: Link, validator: PublicKey?) { table[link]?.peer.validator = validator }

    /// Lets a connection stay, or says why not; one that has to go for it is told as well.
    func connect(_ link: Link, _ peer: ConnectedPeer, now: GossipTick, _ outbox: inout Outbox) -> (isAccepted: Bool, replaced: Link?) {
        let dial = peer.isOutbound ? dials.first { $0.address.key == peer.key } : nil
        dials.removeAll { peer.isOutbound && $0.address.key == peer.key }
        for index in persistent.indices where persistent[index].address.key == peer.key { persistent[index].failures = 0 }
        func refuse(_ reason: DisconnectReason) -> (isAccepted: Bool, replaced: Link?) {
            outbox.effects.append(.disconnect(link, reason))
            return (false, nil)
        }
        if peer.key == policy.ownKey {
            book.forget(peer.key)
            return refuse(.ownKey)
        }
        let isNamed = isPersistent(peer.key)
        if !isNamed, bans.refuses(key: peer.key, now: now) || (peer.validator == nil && bans.refuses(host: peer.host, now: now)) { return refuse(.banned) }
        if let dial { book.reached(dial.address, now: now) }
        if dial?.isFeeler ?? false { return refuse(.feeler) }
        var replaced: Link?
        if let existing = self.link(of: peer.key) {
            // Both may have dialled: of the two connections both nodes keep the one that the smaller key made.
            let isPreferred = peer.isOutbound == (policy.ownKey < peer.key)
            guard isPreferred, table[existing]?.peer.isOutbound != peer.isOutbound else { return refuse(.duplicate) }
            outbox.effects.append(.disconnect(existing, .duplicate))
            replaced = existing
            table[existing] = nil
        }
        guard table.count < GossipLimits.linksMax else { return refuse(.full) }
        if !isNamed, peer.validator == nil, !peer.isOutbound {
            guard count(where: { !$0.isOutbound }) < policy.inboundMax else { return refuse(.full) }
            guard count(where: { !$0.isOutbound && $0.host.group == peer.host.group }) < policy.inboundPerGroupMax else { return refuse(.groupFull) }
        }
        table[link] = Connected(peer, now: now)
        // Where a peer says it listens is believed only of the host that it came from, and then as hearsay.
        if !peer.isOutbound, let listensAt = peer.listensAt, listensAt.key == peer.key, listensAt.host == peer.host, !policy.privateKeys.contains(peer.key) {
            book.hear(listensAt, source: peer.host.group)
        }
        return (true, replaced)
    }

    func disconnect(_ link: Link) { table[link] = nil }

    func dialFailed(_ address: PeerAddress, now: GossipTick) {
        guard dials.contains(where: { $0.address == address }) else { return }
        dials.removeAll { $0.address == address }
        book.failed(address.key, now: now)
        PeerManager.postpone(&persistent, address, now, exponentMax: GossipLimits.persistentRedialExponentMax)
        PeerManager.postpone(&seeds, address, now, exponentMax: GossipLimits.redialExponentMax)
    }

    private static func postpone(_ appointments: inout [Appointment], _ address: PeerAddress, _ now: GossipTick, exponentMax: UInt64) {
        for index in appointments.indices where appointments[index].address == address {
            appointments[index].nextDial = now.after(GossipLimits.redialTicks << min(appointments[index].failures, exponentMax))
            appointments[index].failures += 1
        }
    }

    // ── Offences ──

    /// Counts an offence; a peer whose points reach the limit is banned. True when its connection has to go.
    func offend(_ link: Link, _ misbehaviour: Misbehaviour, now: GossipTick, _ outbox: inout Outbox) -> Bool {
        guard let connected = table[link] else { return false }
        let forgiven = (now.rawValue - connected.forgivenAt.rawValue) / GossipLimits.forgivenessTicks
        connected.points = max(0, connected.points - Int(min(forgiven, UInt64(GossipLimits.banPoints))))
        connected.forgivenAt = GossipTick(connected.forgivenAt.rawValue + forgiven * GossipLimits.forgivenessTicks)
        connected.points += misbehaviour.points
        guard connected.points >= GossipLimits.banPoints else { return false }
        let peer = connected.peer
        if !isPersistent(peer.key) {
            // A private host may be many nodes of a test; a public one that others share is refused with them for minutes.
            let host = peer.host.scope == .global && peer.validator == nil ? peer.host : nil
            outbox.effects.append(.ban(peer.key, ticks: bans.add(peer.key, host: host, now: now)))
            if book.entry(peer.key)?.address.key == peer.key { book.forget(peer.key) }
        }
        outbox.effects.append(.disconnect(link, .banned))
        table[link] = nil
        return true
    }

    // ── Time ──

    /// Looks after the connections, a few times a second.
    func step(_ now: GossipTick, _ outbox: inout Outbox) {
        for dial in dials where dial.deadline <= now { dialFailed(dial.address, now: now) }
        dialAppointments(&persistent, now, &outbox)
        let outbound = count { $0.isOutbound } + dials.count { !$0.isFeeler && !isPersistent($0.address.key) }
        if outbound < policy.outboundTarget {
            // Hearsay alone must not keep a node from those that its operator named.
            var asksSeeds = book.triedCount < policy.outboundTarget
            for _ in outbound..<policy.outboundTarget where dials.count < GossipLimits.dialsMax {
                guard let address = book.choose(now: now, where: { self.mayDial($0, now) }) else {
                    asksSeeds = true
                    break
                }
                dial(address, isFeeler: false, now, &outbox)
            }
            if asksSeeds { dialAppointments(&seeds, now, &outbox) }
        }
        if nextFeeler <= now {
            nextFeeler = now.after(GossipLimits.feelerTicks)
            // One that another address wants to replace, or one that was never reached.
            let contested = book.contested.first { link(of: $0) == nil }.flatMap { book.entry($0)?.address }
            let address = contested ?? book.choose(now: now, freshOnly: true, where: { self.isFree($0, now) })
            if let address, dials.count < GossipLimits.dialsMax { dial(address, isFeeler: true, now, &outbox) }
        }
        askForAddresses(now, &outbox)
    }

    private func isFree(_ address: PeerAddress, _ now: GossipTick) -> Bool {
        address.key != policy.ownKey && link(of: address.key) == nil && !dials.contains { $0.address.key == address.key }
            && !bans.refuses(key: address.key, now: now) && !bans.refuses(host: address.host, now: now)
    }

    private func mayDial(_ address: PeerAddress, _ now: GossipTick) -> Bool {
        guard isFree(address, now) else { return false }
        let group = address.host.group
        let same = count { $0.isOutbound && $0.host.group == group } + dials.count { !$0.isFeeler && $0.address.host.group == group }
        return same < policy.outboundPerGroupMax
    }

    private func dialAppointments(_ appointments: inout [Appointment], _ now: GossipTick, _ outbox: inout Outbox) {
        for appointment in appointments where appointment.nextDial <= now && dials.count < GossipLimits.dialsMax {
            let key = appointment.address.key
            guard key != policy.ownKey, link(of: key) == nil, !dials.contains(where: { $0.address.key == key }) else { continue }
            dial(appointment.address, isFeeler: false, now, &outbox)
        }
    }

    private func dial(_ address: PeerAddress, isFeeler: Bool, _ now: GossipTick, _ outbox: inout Outbox) {
        dials.append(Dial(address: address, deadline: now.after(GossipLimits.dialTicks), isFeeler: isFeeler))
        outbox.effects.append(.dial(address))
    }

    // ── Addresses ──

    private func askForAddresses(_ now: GossipTick, _ outbox: inout Outbox) {
        // Only peers of this node's own choice: who connects to it is not asked whom to connect to.
        for link in table.links {
            guard let connected = table[link], connected.peer.isOutbound,
                  connected.askedAddressesAt.map({ $0.after(GossipLimits.addressesTicks) <= now }) ?? true else { continue }
            connected.askedAddressesAt = now
            connected.awaitsAddresses = true
            outbox.send(.addressesRequest, to: link)
        }
    }

    func tellAddresses(_ link: Link, now: GossipTick, _ outbox: inout Outbox) {
        guard let connected = table[link] else { return }
        if let told = connected.toldAddressesAt, told.after(GossipLimits.addressesTicks / 2) > now { return outbox.offend(link, .requestFlood) }
        connected.toldAddressesAt = now
        let addresses = book.sample { policy.privateKeys.contains($0.key) || $0.key == connected.peer.key }
        outbox.send(.addresses(addresses), to: link)
    }

    func hear(_ addresses: [PeerAddress], from link: Link, _ outbox: inout Outbox) {
        guard let connected = table[link] else { return }
        guard connected.awaitsAddresses else { return outbox.offend(link, .addressesInvalid) }
        connected.awaitsAddresses = false
        var isInvalid = false
        for address in addresses {
            if address.port == 0 || address.host.scope == .unusable { isInvalid = true }
            if address.key != policy.ownKey, !policy.privateKeys.contains(address.key) { book.hear(address, source: connected.peer.host.group) }
        }
        if isInvalid { outbox.offend(link, .addressesInvalid) }
    }
}
