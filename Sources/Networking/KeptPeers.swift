import NIOCore
import Primitives
import Synchronization

/// The peers that the owner wants to be connected to, whatever happens: who is to be dialled again, and when.
final class KeptPeers: Sendable {
    private struct Kept {
        var address: NetworkAddress
        var backoff: Backoff
        /// A dial is scheduled or under way, or a connection that was dialled from here is there.
        var isPending = false
    }

    private let state: Mutex<[PublicKey: Kept]> = Mutex([:])
    private let configuration: TransportConfiguration

    init(configuration: TransportConfiguration) { self.configuration = configuration }

    /// True if the peer is to be dialled at once, false if that is under way. Throws when there are too many.
    func add(_ address: PeerAddress) throws(NetworkError) -> Bool {
        let timeouts = configuration.timeouts
        return try state.withLock { state throws(NetworkError) in
            if state[address.peer] != nil {
                state[address.peer]!.address = address.address
            } else {
                guard state.count < configuration.limits.keptMax else {
                    throw NetworkError(.outboundFull, "\(state.count) peers are kept already")
                }
                let first = max(timeouts.redialFirst.nanosecondsClamped, 1)
                state[address.peer] = Kept(address: address.address, backoff: Backoff(
                    first: first, longest: max(timeouts.redialLongest.nanosecondsClamped, first)))
            }
            defer { state[address.peer]!.isPending = true }
            return !state[address.peer]!.isPending
        }
    }

    func remove(_ peer: PublicKey) { state.withLock { _ = $0.removeValue(forKey: peer) } }

    /// The address to dial now.
    func address(of peer: PublicKey) -> NetworkAddress? { state.withLock { $0[peer]?.address } }

    /// The peer is connected, by whomever: nothing is pending.
    func connected(_ peer: PublicKey) { state.withLock { $0[peer]?.isPending = false } }

    /// A connection to the peer has ended or a dial has failed, `wasKept` if it was dialled from here. The wait before the next
    /// dial, or nil if there is to be none now.
    func waitAfterEnd(of peer: PublicKey, lasted: Duration?, wasKept: Bool) -> TimeAmount? {
        state.withLock { state in
            guard state[peer] != nil, wasKept || !state[peer]!.isPending else { return nil }
            if let lasted, lasted >= configuration.timeouts.settled { state[peer]!.backoff.reset() }
            state[peer]!.isPending = true
            return .nanoseconds(Int64(state[peer]!.backoff.next(random: configuration.randomness())))
        }
    }
}
