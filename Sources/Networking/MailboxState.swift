import NIOCore
import Primitives

/// The contents of a mailbox, and the order in which they come out.
///
/// Of one peer the reader sees `connected`, messages, `disconnected`, and then perhaps `connected` again. Whatever happens while
/// it does not read is folded: connections that came and went unread leave no trace but their messages.
struct MailboxState {
    /// Messages of one batch.
    static let batchMessagesMax = 1024
    /// Of those, consensus; so that the rest moves even when votes never end.
    static let batchConsensusMax = 768
    /// Bytes of one batch, but for the message that passes the bound.
    static let batchBytesMax = 8 * 1024 * 1024
    /// Messages that one peer has in its turn, consensus apart.
    static let messagesPerTurn = 16

    private struct Entry {
        let message: InboundMessage
        let source: any MessageSource
        var cost: Int { message.bytes.count + Frame.overheadBytes }
    }

    private struct Departure {
        let error: NetworkError
        let byPeer: Bool
    }

    /// What the reader has not been told of a peer: `departure`, then `arrival`, then `nextDeparture`.
    ///
    /// Invariant: `departure` only if the reader believes the peer connected; `nextDeparture` only behind `arrival`.
    private struct PeerState {
        var departure: Departure?
        var arrival: PeerInfo?
        var nextDeparture: Departure?
        var isAnnounced = false
        /// Consensus messages that wait in the common queue.
        var consensusCount = 0
        var bulk = CircularBuffer<Entry>()
        var hasMessages: Bool { consensusCount > 0 || !bulk.isEmpty }
    }

    /// Messages that were taken, to be acknowledged to their source.
    struct Receipt {
        let source: any MessageSource
        var count = 0
        var cost = PerClass { _ in 0 }
    }

    var reader: CheckedContinuation<Void, Never>?
    var isFinished = false
    private(set) var refusalsDropped = 0
    private(set) var messageCount = 0
    private var peers: [PublicKey: PeerState] = [:]
    /// Peers of which the reader has something to be told beside messages, in the order in which it began.
    private var changed: [PublicKey] = []
    private var standings: [(PublicKey, ValidatorStanding?)] = []
    private var refusals: [Refusal] = []
    private var consensus = CircularBuffer<Entry>()
    /// Peers with other messages, in the order of their turns.
    private var turns = CircularBuffer<PublicKey>()

    var hasEvents: Bool { messageCount > 0 || !changed.isEmpty || !standings.isEmpty || !refusals.isEmpty }

    // MARK: In

    mutating func connected(_ info: PeerInfo) {
        var state = peers[info.peer] ?? PeerState()
        precondition(state.isAnnounced ? state.departure != nil : state.arrival == nil || state.nextDeparture != nil)
        state.arrival = info
        state.nextDeparture = nil
        peers[info.peer] = state
        noteChange(of: info.peer)
    }

    mutating func disconnected(_ peer: PublicKey, _ error: NetworkError, byPeer: Bool) {
        guard var state = peers[peer] else { return }
        let departure = Departure(error: error, byPeer: byPeer)
        if state.arrival != nil { state.nextDeparture = departure } else { state.departure = departure }
        peers[peer] = state
        noteChange(of: peer)
    }

    mutating func standingChanged(_ peer: PublicKey, _ standing: ValidatorStanding?) {
        guard peers[peer] != nil else { return }
        standings.removeAll { $0.0 == peer }
        standings.append((peer, standing))
    }

    mutating func refused(_ refusal: Refusal) {
        if refusals.count < EventMailbox.refusalsMax { refusals.append(refusal) } else { refusalsDropped += 1 }
    }

    /// A message of a peer that has left for the reader too is dropped.
    mutating func append(_ message: InboundMessage, from source: any MessageSource) {
        let entry = Entry(message: message, source: source)
        guard peers[message.peer] != nil else { return }
        messageCount += 1
        if message.trafficClass == .consensus {
            consensus.append(entry)
            peers[message.peer]!.consensusCount += 1
        } else {
            if peers[message.peer]!.bulk.isEmpty { turns.append(message.peer) }
            peers[message.peer]!.bulk.append(entry)
        }
    }

    private mutating func noteChange(of peer: PublicKey) {
        if !changed.contains(peer) { changed.append(peer) }
    }

    // MARK: Out

    mutating func take() -> (events: [PeerEvent], receipts: [Receipt]) {
        var events = refusals.map(PeerEvent.refused)
        refusals.removeAll()
        announceArrivals(&events)
        for (peer, standing) in standings where peers[peer]?.isAnnounced == true { events.append(.standingChanged(peer, standing)) }
        standings.removeAll()
        let (messages, receipts) = takeMessages()
        if !messages.isEmpty { events.append(.messages(messages)) }
        announceDepartures(&events)
        return (events, receipts)
    }

    private mutating func announceArrivals(_ events: inout [PeerEvent]) {
        for peer in changed {
            guard var state = peers[peer], let arrival = state.arrival else { continue }
            if let departure = state.departure { events.append(.disconnected(peer, departure.error, byPeer: departure.byPeer)) }
            events.append(.connected(arrival))
            state.isAnnounced = true
            state.departure = state.nextDeparture
            state.arrival = nil
            state.nextDeparture = nil
            peers[peer] = state
        }
    }

    private mutating func announceDepartures(_ events: inout [PeerEvent]) {
        changed.removeAll { peer in
            guard let state = peers[peer], let departure = state.departure else { return true }
            guard !state.hasMessages else { return false }
            events.append(.disconnected(peer, departure.error, byPeer: departure.byPeer))
            peers[peer] = nil
            return true
        }
    }

    private mutating func takeMessages() -> ([InboundMessage], [Receipt]) {
        var messages: [InboundMessage] = []
        var receipts: [ObjectIdentifier: Receipt] = [:]
        var bytes = 0
        func take(_ entry: Entry) {
            messages.append(entry.message)
            bytes += entry.cost
            var receipt = receipts[ObjectIdentifier(entry.source)] ?? Receipt(source: entry.source)
            receipt.count += 1
            receipt.cost[entry.message.trafficClass] += entry.cost
            receipts[ObjectIdentifier(entry.source)] = receipt
        }
        while messages.count < Self.batchConsensusMax, bytes < Self.batchBytesMax, let entry = consensus.popFirst() {
            peers[entry.message.peer]!.consensusCount -= 1
            take(entry)
        }
        while messages.count < Self.batchMessagesMax, bytes < Self.batchBytesMax, let peer = turns.popFirst() {
            var left = Self.messagesPerTurn
            while left > 0, messages.count < Self.batchMessagesMax, bytes < Self.batchBytesMax,
                  let entry = peers[peer]!.bulk.popFirst() {
                take(entry)
                left -= 1
            }
            if !peers[peer]!.bulk.isEmpty { turns.append(peer) }
        }
        messageCount -= messages.count
        return (messages, Array(receipts.values))
    }
}
