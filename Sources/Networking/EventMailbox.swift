import Primitives
import Synchronization

/// Where messages come from and where their credit goes back to.
protocol MessageSource: AnyObject, Sendable {
    /// The owner has taken messages of this source; `cost` is theirs in credit.
    func taken(_ count: Int, cost: PerClass<Int>)
}

/// Where a transport's owner finds what has happened: one reader, bounded, batches.
///
/// Bounds: messages by the credit of the peers that have a place, for it is given back when the reader takes them; refusals by
/// ``refusalsMax``, beyond which they are only counted; what happens to one peer is folded into three changes at most.
public final class EventMailbox: Sendable {
    /// Refusals that wait to be read.
    public static let refusalsMax = 256

    private let state = Mutex(MailboxState())

    init() {}

    /// The next batch, as soon as there is anything; nil when the transport has shut down and everything was read.
    public func next() async -> [PeerEvent]? {
        while true {
            let batch = takeBatch()
            if !batch.isEmpty { return batch }
            if state.withLock({ $0.isFinished && !$0.hasEvents }) { return nil }
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isReady = state.withLock { state in
                    precondition(state.reader == nil, "a mailbox has one reader")
                    if state.hasEvents || state.isFinished { return true }
                    state.reader = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        }
    }

    /// What is there now, without waiting; empty when nothing is.
    public func takeBatch() -> [PeerEvent] {
        let (events, receipts) = state.withLock { $0.take() }
        for receipt in receipts { receipt.source.taken(receipt.count, cost: receipt.cost) }
        return events
    }

    /// Messages that wait.
    public var waitingMessages: Int { state.withLock { $0.messageCount } }
    /// Refusals that found no room.
    public var refusalsDropped: Int { state.withLock { $0.refusalsDropped } }

    // MARK: For connections

    /// Messages of one peer, which is connected.
    func post(_ messages: [InboundMessage], from source: any MessageSource) {
        change { state in
            for message in messages { state.append(message, from: source) }
        }
    }

    func connected(_ info: PeerInfo) { change { $0.connected(info) } }
    func standingChanged(_ peer: PublicKey, _ standing: ValidatorStanding?) { change { $0.standingChanged(peer, standing) } }
    func disconnected(_ peer: PublicKey, _ error: NetworkError, byPeer: Bool) {
        change { $0.disconnected(peer, error, byPeer: byPeer) }
    }
    func refused(_ refusal: Refusal) { change { $0.refused(refusal) } }
    /// Nothing more will come.
    func finish() { change { $0.isFinished = true } }

    private func change(_ body: (inout MailboxState) -> Void) {
        let reader = state.withLock { state in
            body(&state)
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }
}
