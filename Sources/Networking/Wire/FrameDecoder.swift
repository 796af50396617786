/// Puts the chunks of one connection together again and refuses what the protocol does not allow. It holds no more than what
/// its windows grant, and allocates for what has come and one chunk per class, never for a longer length that is only claimed.
@_spi(Fuzzing) public struct FrameDecoder: Sendable {
    /// Why a stream is not one of frames. Each ends the connection.
    public enum Failure: Error, Equatable, Sendable {
        case classUnknown(tag: UInt8)
        case chunkEmpty(tag: UInt8)
        case chunkTooLong(tag: UInt8, length: Int)
        /// A chunk that is not full, of a frame that goes on.
        case chunkNotFull(TrafficClass, length: Int)
        case controlTooLong(length: Int)
        case frameTooLong(TrafficClass, length: Int)
        case creditExceeded(TrafficClass, needed: Int, available: Int)
    }

    private struct Incoming: Sendable {
        /// Payload bytes of the frame that has been begun; 0 when none is.
        var received = 0
        var partial: [UInt8] = []
        /// Whether the begun frame is kept. It is decided with its first chunk.
        var isKept = true
        var credit: Int
    }

    /// The chunk whose payload is being read.
    private struct Chunk {
        /// nil is control.
        var trafficClass: TrafficClass?
        var continues: Bool
        var missing: Int
    }

    private var incoming = PerClass { Incoming(credit: $0.windowBytes) }
    private var control: [UInt8] = []
    private var header: [UInt8] = []
    private var chunk: Chunk?
    /// Whether frames of consensus that begin now are kept. Otherwise they are read over and their credit is given back.
    public var takesConsensus: Bool
    private var discardedCost = 0
    private var discardedFrames = 0

    public init(takesConsensus: Bool) {
        self.takesConsensus = takesConsensus
        header.reserveCapacity(Frame.headerBytes)
    }

    /// Whether a frame has been begun and not finished.
    public var isInsideFrame: Bool {
        chunk != nil || !header.isEmpty || TrafficClass.allCases.contains { incoming[$0].received > 0 }
    }

    /// Lets the peer send `bytes` more of a class.
    public mutating func grant(_ bytes: Int, to trafficClass: TrafficClass) {
        incoming[trafficClass].credit += bytes
        precondition(incoming[trafficClass].credit <= trafficClass.windowBytes)
    }

    /// The credit of frames that were read over since the last call.
    public mutating func takeDiscardedCost() -> Int {
        defer { discardedCost = 0 }
        return discardedCost
    }

    /// The number of frames that were read over since the last call.
    public mutating func takeDiscardedFrames() -> Int {
        defer { discardedFrames = 0 }
        return discardedFrames
    }

    /// Reads all of `input` and appends the frames that are complete. After an error nothing more may be read.
    public mutating func decode(_ input: UnsafeRawBufferPointer, into frames: inout [Frame]) throws(Failure) {
        var position = 0
        while position < input.count {
            guard var current = chunk else {
                header.append(input[position])
                position += 1
                if header.count == Frame.headerBytes {
                    chunk = try readHeader()
                    header.removeAll(keepingCapacity: true)
                }
                continue
            }
            let count = min(current.missing, input.count - position)
            take(UnsafeRawBufferPointer(rebasing: input[position..<position + count]), of: current)
            position += count
            current.missing -= count
            if current.missing > 0 {
                chunk = current
            } else {
                chunk = nil
                if !current.continues, let frame = finish(current.trafficClass) { frames.append(frame) }
            }
        }
    }

    private mutating func readHeader() throws(Failure) -> Chunk {
        let tag = header[0] & ~Frame.continuesBit, continues = header[0] & Frame.continuesBit != 0
        let length = Int(header[1]) | Int(header[2]) << 8
        guard length > 0 else { throw .chunkEmpty(tag: tag) }
        guard tag != Frame.controlTag else {
            guard !continues, length <= Frame.controlBytesMax else { throw .controlTooLong(length: length) }
            return Chunk(trafficClass: nil, continues: false, missing: length)
        }
        guard let trafficClass = TrafficClass(rawValue: tag) else { throw .classUnknown(tag: tag) }
        guard length <= Frame.chunkBytesMax else { throw .chunkTooLong(tag: tag, length: length) }
        guard !continues || length == Frame.chunkBytesMax else { throw .chunkNotFull(trafficClass, length: length) }
        try reserve(length, of: trafficClass, continues: continues)
        return Chunk(trafficClass: trafficClass, continues: continues, missing: length)
    }

    private mutating func reserve(_ length: Int, of trafficClass: TrafficClass, continues: Bool) throws(Failure) {
        var frame = incoming[trafficClass]
        incoming[trafficClass].partial = []
        // A frame that goes on holds at least one byte more.
        let frameBytes = frame.received + length + (continues ? 1 : 0)
        guard frameBytes <= trafficClass.frameBytesMax else { throw .frameTooLong(trafficClass, length: frameBytes) }
        let isFirst = frame.received == 0
        let cost = length + (isFirst ? Frame.overheadBytes : 0)
        guard cost <= frame.credit else { throw .creditExceeded(trafficClass, needed: cost, available: frame.credit) }
        frame.credit -= cost
        if isFirst {
            frame.isKept = trafficClass != .consensus || takesConsensus
            if frame.isKept { frame.partial.reserveCapacity(length) }
        }
        frame.received += length
        if !frame.isKept { discardedCost += cost }
        incoming[trafficClass] = frame
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer, of chunk: Chunk) {
        guard let trafficClass = chunk.trafficClass else { return control.append(contentsOf: bytes) }
        if incoming[trafficClass].isKept { incoming[trafficClass].partial.append(contentsOf: bytes) }
    }

    private mutating func finish(_ trafficClass: TrafficClass?) -> Frame? {
        guard let trafficClass else {
            defer { control = [] }
            return .control(control)
        }
        incoming[trafficClass].received = 0
        guard incoming[trafficClass].isKept else {
            discardedFrames += 1
            return nil
        }
        let bytes = incoming[trafficClass].partial
        incoming[trafficClass].partial = []
        return .message(trafficClass, bytes)
    }
}
