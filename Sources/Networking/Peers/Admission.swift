/// How many connections there may be, of which kind and from where. It counts; sockets are elsewhere.
///
/// A connection holds a place from the moment it is accepted or dialled until it is closed *and* nothing that it brought waits
/// for the owner any more: who connects, fills the mailbox and leaves cannot do so again before it is emptied.
struct Admission: Sendable {
    /// What a connection counts as.
    enum Place: Equatable, Sendable {
        /// Accepted; it is not known yet who it is.
        case arriving(AddressPrefix?)
        /// Dialled; likewise.
        case leaving(isKept: Bool)
        case inboundStranger(AddressPrefix?)
        /// From a peer that the owner named, or a validator: only the part of the network that it comes from is counted.
        case inboundKnown(AddressPrefix?)
        case outboundStranger
        case outboundKnown
    }

    private let limits: ConnectionLimits
    private var inboundByPrefix: [AddressPrefix: Int] = [:]
    private var attempts: [AddressPrefix: TokenBucket] = [:]
    private var arriving = 0
    /// Dials that are not to kept peers.
    private var leaving = 0
    private var inboundStrangers = 0
    private var outboundStrangers = 0
    /// All places.
    private(set) var taken = 0

    init(limits: ConnectionLimits) { self.limits = limits }

    /// A place for a connection that was accepted.
    mutating func accept(from prefix: AddressPrefix?, now: UInt64) throws(NetworkError) -> Place {
        if let prefix {
            guard spendAttempt(of: prefix, now: now) else {
                throw NetworkError(.attemptsTooFrequent, "more than \(limits.attemptsPerPrefixPerSecond) attempts a second")
            }
            guard inboundByPrefix[prefix, default: 0] < limits.inboundPerPrefixMax else {
                throw NetworkError(.addressFull, "more than \(limits.inboundPerPrefixMax) connections from one part of the network")
            }
        }
        guard arriving < limits.handshakesMax else {
            throw NetworkError(.handshakesFull, "more than \(limits.handshakesMax) handshakes are under way")
        }
        return enter(.arriving(prefix))
    }

    /// A place for a connection that is about to be dialled. Peers that are kept connected are bounded by their list.
    mutating func dial(isKept: Bool) throws(NetworkError) -> Place {
        guard isKept || leaving + outboundStrangers < limits.outboundMax else {
            throw NetworkError(.outboundFull, "there are \(limits.outboundMax) outbound connections")
        }
        return enter(.leaving(isKept: isKept))
    }

    /// The place for good, once it is known who it is.
    mutating func settle(_ place: Place, isKnown: Bool) throws(NetworkError) -> Place {
        let settled: Place
        switch place {
        case .arriving(let prefix):
            guard isKnown || inboundStrangers < limits.inboundMax else {
                throw NetworkError(.inboundFull, "there are \(limits.inboundMax) inbound connections")
            }
            settled = isKnown ? .inboundKnown(prefix) : .inboundStranger(prefix)
        case .leaving(let isKept):
            settled = isKnown || isKept ? .outboundKnown : .outboundStranger
        default:
            preconditionFailure("a connection is settled once")
        }
        release(place)
        return enter(settled)
    }

    mutating func release(_ place: Place) { change(place, by: -1) }

    private mutating func enter(_ place: Place) -> Place {
        change(place, by: 1)
        return place
    }

    private mutating func change(_ place: Place, by step: Int) {
        taken += step
        switch place {
        case .arriving(let prefix):
            arriving += step
            count(prefix, by: step)
        case .leaving(let isKept):
            if !isKept { leaving += step }
        case .inboundStranger(let prefix):
            inboundStrangers += step
            count(prefix, by: step)
        case .inboundKnown(let prefix): count(prefix, by: step)
        case .outboundStranger: outboundStrangers += step
        case .outboundKnown: break
        }
    }

    private mutating func count(_ prefix: AddressPrefix?, by step: Int) {
        guard let prefix else { return }
        let count = inboundByPrefix[prefix, default: 0] + step
        precondition(count >= 0)
        inboundByPrefix[prefix] = count == 0 ? nil : count
    }

    private mutating func spendAttempt(of prefix: AddressPrefix, now: UInt64) -> Bool {
        if attempts[prefix] == nil {
            if attempts.count >= ConnectionLimits.prefixesMax {
                for key in attempts.keys { attempts[key]!.refill(now) }
                attempts = attempts.filter { !$0.value.isFull }
            }
            // More parts of the network at it than can be told apart: an attack that nobody can be blamed for.
            guard attempts.count < ConnectionLimits.prefixesMax else { return false }
            attempts[prefix] = TokenBucket(
                perSecond: limits.attemptsPerPrefixPerSecond, capacity: limits.attemptsPerPrefixBurst, now: now)
        }
        return attempts[prefix]!.takeOne(now: now)
    }
}
