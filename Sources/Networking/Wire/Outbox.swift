import NIOCore
import Primitives

/// What waits to be sent to one peer, and the order in which it goes: control first, then consensus, then the other classes
/// by turns. Frames are cut into chunks as they leave, so that a vote overtakes the rest of a large frame.
///
/// Invariants: `queued[class] <= queueBytesMax`, frame overheads included; a frame that has been begun is never dropped, for
/// the peer holds its other half.
struct Outbox: Sendable {
    /// Consensus chunks in a row while something else waits: a validator that talks without end does not starve the rest.
    static let consensusChunksInARowMax = 64

    struct Chunk {
        let tag: UInt8
        let continues: Bool
        let payload: ArraySlice<UInt8>
    }

    private struct Queue {
        var waiting = CircularBuffer<[UInt8]>()
        /// The frame that has been begun, from the first byte that has not been sent.
        var current: ArraySlice<UInt8>?
        /// Cost of everything here that has not been sent.
        var bytes = 0
        /// What the peer still takes.
        var credit: Int
    }

    private var queues = PerClass { Queue(credit: $0.windowBytes) }
    private var controls = CircularBuffer<[UInt8]>()
    private var consensusChunksInARow = 0
    private var turn: TrafficClass = .sync
    private var chunksLeftInTurn = TrafficClass.sync.chunksPerTurn
    private var traffic = PerClass { _ in SentTraffic() }

    private static func cost(_ bytes: Int) -> Int { bytes + Frame.overheadBytes }

    /// Whether everything has been handed over.
    var isEmpty: Bool { controls.isEmpty && TrafficClass.allCases.allSatisfy { queues[$0].bytes == 0 } }

    /// What waits, frame overheads included.
    var queuedBytes: Int { TrafficClass.allCases.reduce(0) { $0 + queues[$1].bytes } }

    /// Takes a frame of 1 … `frameBytesMax` bytes.
    mutating func enqueue(_ bytes: [UInt8], as trafficClass: TrafficClass) -> SendResult {
        precondition(!bytes.isEmpty && bytes.count <= trafficClass.frameBytesMax)
        let cost = Self.cost(bytes.count)
        var dropped = 0
        while queues[trafficClass].bytes + cost > trafficClass.queueBytesMax {
            guard trafficClass.overflow == .dropOldest, let oldest = queues[trafficClass].waiting.popFirst() else {
                traffic[trafficClass].framesRefused += 1
                return .queueFull
            }
            queues[trafficClass].bytes -= Self.cost(oldest.count)
            dropped += 1
        }
        queues[trafficClass].waiting.append(bytes)
        queues[trafficClass].bytes += cost
        traffic[trafficClass].framesDropped += dropped
        return .queued(dropped: dropped)
    }

    /// Control messages that may wait. A peer that reads has none waiting for longer than a write takes.
    static let controlsMax = 32
    var takesControls: Bool { controls.count < Self.controlsMax }

    mutating func enqueue(control message: ControlMessage) { controls.append(message.bcs) }

    /// The peer takes `bytes` more of a class. False when that would be more than its window: the peer counts wrongly.
    mutating func grant(_ bytes: Int, to trafficClass: TrafficClass) -> Bool {
        guard bytes <= trafficClass.windowBytes - queues[trafficClass].credit else { return false }
        queues[trafficClass].credit += bytes
        return true
    }

    /// Forgets what has not been begun of a class.
    mutating func discardWaiting(_ trafficClass: TrafficClass) {
        for frame in queues[trafficClass].waiting { queues[trafficClass].bytes -= Self.cost(frame.count) }
        traffic[trafficClass].framesDropped += queues[trafficClass].waiting.count
        queues[trafficClass].waiting.removeAll()
    }

    /// The next chunks, until they hold `bytesMax` bytes or nothing may leave.
    mutating func take(upTo bytesMax: Int) -> [Chunk] {
        var chunks: [Chunk] = []
        var bytes = 0
        while bytes < bytesMax, let chunk = nextChunk() {
            chunks.append(chunk)
            bytes += Frame.headerBytes + chunk.payload.count
        }
        return chunks
    }

    /// What was sent, refused and dropped since the last call.
    mutating func takeTraffic() -> PerClass<SentTraffic> {
        defer { traffic = PerClass { _ in SentTraffic() } }
        return traffic
    }

    private mutating func nextChunk() -> Chunk? {
        if let control = controls.popFirst() {
            return Chunk(tag: Frame.controlTag, continues: false, payload: control[...])
        }
        if canSend(.consensus), consensusChunksInARow < Self.consensusChunksInARowMax || !canSendBulk {
            consensusChunksInARow += 1
            return cut(.consensus)
        }
        consensusChunksInARow = 0
        // Each class is looked at once; the last step comes back to the one whose turn it was.
        for _ in 0...3 {
            if chunksLeftInTurn > 0, canSend(turn) {
                chunksLeftInTurn -= 1
                return cut(turn)
            }
            turn = turn.nextInTurn
            chunksLeftInTurn = turn.chunksPerTurn
        }
        return nil
    }

    private var canSendBulk: Bool { canSend(.sync) || canSend(.transactions) || canSend(.discovery) }

    private func canSend(_ trafficClass: TrafficClass) -> Bool {
        let queue = queues[trafficClass]
        if let current = queue.current { return min(current.count, Frame.chunkBytesMax) <= queue.credit }
        guard let next = queue.waiting.first else { return false }
        return Self.cost(min(next.count, Frame.chunkBytesMax)) <= queue.credit
    }

    private mutating func cut(_ trafficClass: TrafficClass) -> Chunk {
        let isFirst = queues[trafficClass].current == nil
        let rest = queues[trafficClass].current ?? queues[trafficClass].waiting.removeFirst()[...]
        let payload = rest.prefix(Frame.chunkBytesMax), remaining = rest.dropFirst(payload.count)
        let cost = payload.count + (isFirst ? Frame.overheadBytes : 0)
        queues[trafficClass].credit -= cost
        queues[trafficClass].bytes -= cost
        queues[trafficClass].current = remaining.isEmpty ? nil : remaining
        traffic[trafficClass].bytes += payload.count
        if remaining.isEmpty { traffic[trafficClass].frames += 1 }
        return Chunk(tag: trafficClass.rawValue, continues: !remaining.isEmpty, payload: payload)
    }
}

extension TrafficClass {
    /// The order of turns among the classes that take turns.
    fileprivate var nextInTurn: TrafficClass {
        switch self {
        case .sync: .transactions
        case .transactions: .discovery
        case .discovery, .consensus: .sync
        }
    }
}

/// What became of a frame that was to be sent.
public enum SendResult: Equatable, Sendable {
    /// It waits for its turn; so many older frames of its class had to make room.
    case queued(dropped: Int)
    /// The class's queue to this peer is full, and the class does not drop.
    case queueFull
    case notConnected
    /// Empty, or longer than the class's frames may be.
    case lengthInvalid
    /// Consensus, to a peer that has not proved to be a validator.
    case notValidator

    public var isQueued: Bool { if case .queued = self { true } else { false } }
}
