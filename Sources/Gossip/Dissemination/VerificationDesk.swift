import Ledger
import Primitives

/// Who brought a transaction.
enum Origin: Hashable {
    case client
    /// `relay`: the sender asks that validators hear of it from us.
    case peer(Link, relay: Bool)
}

/// Which signatures are being checked, for whom, and who has to wait. A peer's allowance doubles while its signatures hold and
/// halves with each that does not, so that what a stranger can cost is a few milliseconds.
///
/// Invariants: of one link at most its allowance is in flight and ``GossipLimits/waitingPerLinkMax`` wait; in all at most
/// ``GossipLimits/verificationsMax`` are in flight, of peers; clients of this node have as many again.
struct VerificationDesk {
    private final class Desk {
        var allowance: Int
        var inFlight = 0
        var held = 0
        var waiting: [(signed: SignedTransaction, origin: Origin)] = []
        var waitingStart = 0
        var waitingBytes = 0

        var waitingCount: Int { waiting.count - waitingStart }

        init(allowance: Int) { self.allowance = allowance }
    }

    /// The tasks under way: by whom they were brought.
    private var tasks: [EnvelopeHash: Origin] = [:]
    private var waitingHashes: Set<EnvelopeHash> = []
    private var desks = LinkTable<Desk>()
    private var clientCount = 0
    private var peerCount = 0
    private var batch: [SignedTransaction] = []

    var inFlightCount: Int { tasks.count }
    func waitingCount(_ link: Link) -> Int { desks[link]?.waitingCount ?? 0 }
    func allowance(_ link: Link) -> Int { desks[link]?.allowance ?? 0 }

    func holds(_ hash: EnvelopeHash) -> Bool { tasks[hash] != nil || waitingHashes.contains(hash) }

    mutating func connect(_ link: Link, isValidator: Bool) {
        desks[link] = Desk(allowance: isValidator ? GossipLimits.verificationsPerValidator : GossipLimits.verificationsPerNewLink)
    }

    mutating func disconnect(_ link: Link) {
        guard let desk = desks[link] else { return }
        for task in desk.waiting[desk.waitingStart...] { waitingHashes.remove(task.signed.envelopeHash) }
        desks[link] = nil
    }

    /// Takes a transaction to check, or false when there is no room.
    mutating func submit(_ signed: SignedTransaction, _ origin: Origin) -> Bool {
        switch origin {
        case .client:
            guard clientCount < GossipLimits.verificationsMax else { return false }
            clientCount += 1
            start(signed, origin)
        case .peer(let link, _):
            guard let desk = desks[link] else { return false }
            if desk.inFlight < desk.allowance, desk.waitingCount == 0, peerCount < GossipLimits.verificationsMax {
                desk.inFlight += 1
                peerCount += 1
                start(signed, origin)
            } else {
                guard desk.waitingCount < GossipLimits.waitingPerLinkMax,
                      desk.waitingBytes + signed.envelope.count <= GossipLimits.waitingBytesPerLinkMax else { return false }
                desk.waiting.append((signed, origin))
                desk.waitingBytes += signed.envelope.count
                waitingHashes.insert(signed.envelopeHash)
            }
        }
        return true
    }

    private mutating func start(_ signed: SignedTransaction, _ origin: Origin) {
        tasks[signed.envelopeHash] = origin
        batch.append(signed)
    }

    /// Takes note of a verdict and returns who brought the transaction; nil when it was not asked for.
    mutating func finish(_ verdict: VerificationVerdict) -> Origin? {
        guard let origin = tasks.removeValue(forKey: verdict.envelopeHash) else { return nil }
        switch origin {
        case .client: clientCount -= 1
        case .peer(let link, _):
            peerCount -= 1
            guard let desk = desks[link] else { break }
            desk.inFlight -= 1
            switch verdict {
            case .verified:
                desk.held += 1
                if desk.held >= desk.allowance {
                    desk.held = 0
                    desk.allowance = min(2 * desk.allowance, GossipLimits.verificationsPerLinkMax)
                }
            case .refused: desk.allowance = max(desk.allowance / 2, 1)
            case .cancelled: break
            }
        }
        return origin
    }

    /// Lets those who wait go on, a few of each peer in turn.
    mutating func advance() {
        for link in desks.links {
            guard let desk = desks[link], desk.waitingCount > 0 else { continue }
            while desk.waitingCount > 0, desk.inFlight < desk.allowance, peerCount < GossipLimits.verificationsMax {
                let (signed, origin) = desk.waiting[desk.waitingStart]
                desk.waitingStart += 1
                desk.waitingBytes -= signed.envelope.count
                waitingHashes.remove(signed.envelopeHash)
                desk.inFlight += 1
                peerCount += 1
                start(signed, origin)
            }
            if desk.waitingStart > 1_024 || desk.waitingCount == 0 {
                desk.waiting.removeFirst(desk.waitingStart)
                desk.waitingStart = 0
            }
        }
    }

    /// The transactions to hand to the verification pool, in one piece.
    mutating func takeBatch() -> [SignedTransaction] {
        defer { batch = [] }
        return batch
    }
}
