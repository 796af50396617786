import Cryptography
import Primitives
import Synchronization

/// What the connections of one transport share: who is connected, who may be, and what this node says of itself.
///
/// Locks are taken in one order: this one, then a connection's, then the mailbox's.
final class Switchboard: Sendable {
    private struct State {
        var admission: Admission
        var bannedPeers: BanList<PublicKey>
        var bannedAddresses: BanList<AddressPrefix>
        var peers: [PublicKey: Connection] = [:]
        /// Everything with a socket.
        var connections: [ObjectIdentifier: Connection] = [:]
        var knownPeers: Set<PublicKey>
        var verifier: SignatureVerifier
        var validator: ValidatorIdentity?
        var height = Height(0)
        var isClosing = false
    }

    let configuration: TransportConfiguration
    let ownKey: PublicKey
    let mailbox = EventMailbox()
    let meter = Meter()
    private let state: Mutex<State>

    init(configuration: TransportConfiguration, identity: NodeIdentity) {
        self.configuration = configuration
        ownKey = identity.nodeKey.publicKey
        state = Mutex(State(
            admission: Admission(limits: configuration.limits),
            bannedPeers: BanList(countMax: configuration.limits.bansMax),
            bannedAddresses: BanList(countMax: configuration.limits.bansMax),
            knownPeers: configuration.knownPeers,
            verifier: SignatureVerifier(chainID: configuration.chainID, validatorSets: []),
            validator: identity.validator))
    }

    // MARK: Places

    func accept(from prefix: AddressPrefix?, now: UInt64) throws(NetworkError) -> Admission.Place {
        try state.withLock { state throws(NetworkError) in
            if state.isClosing { throw NetworkError(.shutdown, "this node shuts down") }
            if let prefix, state.bannedAddresses.contains(prefix, now: now) {
                throw NetworkError(.addressBanned, "connections from there are refused for some time")
            }
            return try state.admission.accept(from: prefix, now: now)
        }
    }

    func dial(expecting peer: PublicKey?, isKept: Bool, now: UInt64) throws(NetworkError) -> Admission.Place {
        try state.withLock { state throws(NetworkError) in
            if state.isClosing { throw NetworkError(.shutdown, "this node shuts down") }
            if let peer, state.bannedPeers.contains(peer, now: now) { throw NetworkError(.peerBanned, "the peer is banned for some time") }
            if let peer, state.peers[peer] != nil { throw NetworkError(.duplicate, "the peer is connected") }
            return try state.admission.dial(isKept: isKept)
        }
    }

    /// Places that are taken, for gauges.
    var placesTaken: Int { state.withLock { $0.admission.taken } }

    func release(_ place: Admission.Place) { state.withLock { $0.admission.release(place) } }

    /// Whether a peer with this key is let past TLS.
    func judge(_ peer: PublicKey, now: UInt64) throws(NetworkError) {
        guard peer != ownKey else { throw NetworkError(.selfConnection, "this node's own key") }
        try state.withLock { state throws(NetworkError) in
            if state.bannedPeers.contains(peer, now: now) { throw NetworkError(.peerBanned, "the peer is banned for some time") }
        }
    }

    // MARK: Connections

    func opened(_ connection: Connection) { state.withLock { $0.connections[ObjectIdentifier(connection)] = connection } }
    func closed(_ connection: Connection) { state.withLock { _ = $0.connections.removeValue(forKey: ObjectIdentifier(connection)) } }

    /// Makes `connection` the one to its peer, or says why not. On the arbiter's side an older connection stays; on the other
    /// side the arbiter has decided for the newer one, and the older is returned to be closed.
    func establish(
        _ connection: Connection, _ info: PeerInfo, place: Admission.Place, isArbiter: Bool
    ) throws(NetworkError) -> (place: Admission.Place, replaced: Connection?) {
        try state.withLock { state throws(NetworkError) in
            if state.isClosing { throw NetworkError(.shutdown, "this node shuts down") }
            let older = state.peers[info.peer]
            if isArbiter, let older {
                // If the older connection is dead, this is how it is found out soon.
                older.probe()
                throw NetworkError(.duplicate, "the two nodes have a connection already")
            }
            let isKnown = info.validator != nil || state.knownPeers.contains(info.peer)
            let settled = try state.admission.settle(place, isKnown: isKnown)
            if older != nil {
                mailbox.disconnected(info.peer, NetworkError(.duplicate, "the peer keeps another connection"), byPeer: true)
            }
            state.peers[info.peer] = connection
            mailbox.connected(info)
            return (settled, older)
        }
    }

    /// The connection is no longer the one to its peer. False if it was replaced before.
    func depart(_ connection: Connection, _ peer: PublicKey, _ error: NetworkError, byPeer: Bool) -> Bool {
        state.withLock { state in
            guard state.peers[peer] === connection else { return false }
            state.peers[peer] = nil
            mailbox.disconnected(peer, error, byPeer: byPeer)
            return true
        }
    }

    func connection(to peer: PublicKey) -> Connection? { state.withLock { $0.peers[peer] } }
    var peers: [Connection] { state.withLock { Array($0.peers.values) } }
    var connections: [Connection] { state.withLock { Array($0.connections.values) } }

    /// Lets nobody in from now on, and returns who is there.
    func beginClosing() -> [Connection] {
        state.withLock { state in
            state.isClosing = true
            return Array(state.connections.values)
        }
    }

    var isClosing: Bool { state.withLock { $0.isClosing } }

    // MARK: Bans and known peers

    func ban(_ peer: PublicKey, until end: UInt64, now: UInt64) -> Connection? {
        state.withLock { state in
            state.bannedPeers.ban(peer, until: end, now: now)
            return state.peers[peer]
        }
    }

    func ban(_ prefix: AddressPrefix, until end: UInt64, now: UInt64) -> [Connection] {
        state.withLock { state in
            state.bannedAddresses.ban(prefix, until: end, now: now)
            return state.connections.values.filter { $0.prefix == prefix }
        }
    }

    func lift(_ peer: PublicKey) { state.withLock { $0.bannedPeers.lift(peer) } }
    func lift(_ prefix: AddressPrefix) { state.withLock { $0.bannedAddresses.lift(prefix) } }
    func setKnown(_ peer: PublicKey, _ isKnown: Bool) {
        state.withLock { state in
            if isKnown { state.knownPeers.insert(peer) } else { state.knownPeers.remove(peer) }
        }
    }
    func isKnown(_ peer: PublicKey) -> Bool { state.withLock { $0.knownPeers.contains(peer) } }

    // MARK: What this node says and believes

    func hello(nonce: Digest) -> Hello {
        Hello(
            chainID: configuration.chainID, versionLowest: configuration.versions.lowerBound,
            versionHighest: configuration.versions.upperBound, nonce: nonce, height: state.withLock { $0.height },
            listenAddress: configuration.externalAddress, agent: configuration.agent)
    }

    func setHeight(_ height: Height) { state.withLock { $0.height = height } }

    /// True when this node's own place has changed, and peers have to be told.
    func setValidators(_ sets: [ValidatorSet], _ validator: ValidatorIdentity?) -> Bool {
        state.withLock { state in
            let hasChanged = state.validator?.epoch != validator?.epoch || state.validator?.index != validator?.index
                || state.validator?.consensusKey.publicKey != validator?.consensusKey.publicKey
            state.verifier = SignatureVerifier(chainID: configuration.chainID, validatorSets: sets)
            state.validator = validator
            return hasChanged
        }
    }

    /// This node's claim to the peer that said `nonce`.
    func claim(to peer: PublicKey, nonce: Digest) -> ValidatorClaim? {
        let validator = state.withLock { $0.validator }
        return validator?.claim(by: ownKey, to: peer, nonce: nonce, chainID: configuration.chainID)
    }

    /// Whether the set that `standing` was proved for is still in use.
    func holds(_ standing: ValidatorStanding) -> Bool { state.withLock { $0.verifier.validatorSet(of: standing.epoch) != nil } }

    /// What `claim` proves of `peer`, to whom this node said `nonce`.
    func standing(of peer: PublicKey, _ claim: ValidatorClaim?, nonce: Digest) throws(NetworkError) -> ValidatorStanding? {
        guard let claim else { return nil }
        let verifier = state.withLock { $0.verifier }
        return try claim.standing(by: peer, to: ownKey, nonce: nonce, verifier: verifier)
    }
}
