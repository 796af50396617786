import Primitives
import Synchronization

/// What has left of one class.
public struct SentTraffic: Equatable, Sendable {
    public var frames = 0
    /// Payload bytes.
    public var bytes = 0
    /// Frames that made room for newer ones.
    public var framesDropped = 0
    /// Frames that found their queue full.
    public var framesRefused = 0

    mutating func add(_ other: SentTraffic) {
        frames += other.frames
        bytes += other.bytes
        framesDropped += other.framesDropped
        framesRefused += other.framesRefused
    }
}

/// What has come of one class.
public struct ReceivedTraffic: Equatable, Sendable {
    public var frames = 0
    /// Payload bytes.
    public var bytes = 0
    /// Frames of consensus from peers that are not validators.
    public var framesDiscarded = 0
}

/// What a transport has done since it began; for gauges and counters of whoever exports them.
public struct NetworkCounters: Equatable, Sendable {
    public var sent = PerClass { _ in SentTraffic() }
    public var received = PerClass { _ in ReceivedTraffic() }
    /// Connections that came about.
    public var connectedInbound = 0
    public var connectedOutbound = 0
    /// Connections that did not, by reason.
    public var refusals: [NetworkCode: Int] = [:]
    /// Connections that ended, by reason.
    public var disconnections: [NetworkCode: Int] = [:]
    public var roundTrips = 0
    public var roundTripNanosecondsTotal: UInt64 = 0
}

/// A connected peer, for people and gauges.
public struct PeerStatus: Equatable, Sendable {
    public let info: PeerInfo
    /// The newest round trip that was measured.
    public let roundTrip: Duration?
    /// Bytes that wait to be sent, frame overheads included.
    public let queuedBytes: Int
}

/// Counters that any thread may move.
final class Meter: Sendable {
    private let counters = Mutex(NetworkCounters())
    var snapshot: NetworkCounters { counters.withLock { $0 } }
    func count(_ body: (inout NetworkCounters) -> Void) { counters.withLock { body(&$0) } }

    func sent(_ traffic: PerClass<SentTraffic>) {
        count { counters in
            for trafficClass in TrafficClass.allCases { counters.sent[trafficClass].add(traffic[trafficClass]) }
        }
    }
}
