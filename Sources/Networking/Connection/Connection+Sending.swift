import NIOCore
import Primitives
import Synchronization

/// From frames of any thread to writes of the event loop: one write for all that was sent since the last.
extension Connection {
    /// Queues a frame. From any thread.
    func send(_ bytes: [UInt8], as trafficClass: TrafficClass) -> SendResult {
        guard !bytes.isEmpty, bytes.count <= trafficClass.frameBytesMax else { return .lengthInvalid }
        let (result, schedules) = shared.withLock { shared -> (SendResult, Bool) in
            guard let info = shared.info else { return (.notConnected, false) }
            guard trafficClass != .consensus || info.validator != nil else { return (.notValidator, false) }
            let result = shared.outbox.enqueue(bytes, as: trafficClass)
            guard result.isQueued, !shared.isFlushScheduled else { return (result, false) }
            shared.isFlushScheduled = true
            return (result, true)
        }
        if schedules { onLoop { $0.flush() } }
        return result
    }

    /// Queues a control message and sends it. False when so many wait that the peer cannot be reading.
    @discardableResult
    func say(_ message: ControlMessage) -> Bool {
        let isQueued = shared.withLock { shared in
            guard shared.outbox.takesControls else { return false }
            shared.outbox.enqueue(control: message)
            return true
        }
        if isQueued, !isFlushing { write() }
        return isQueued
    }

    /// Gives credit back and writes.
    func flush(completely: Bool = false) {
        shared.withLock { $0.isFlushScheduled = false }
        switch phase {
        case .connected, .draining: break
        case .securing, .greeting, .closing, .closed: return
        }
        // Credit goes into the same write as everything else.
        if !isFlushing {
            isFlushing = true
            grantCredit(completely: completely)
            isFlushing = false
        }
        write()
    }

    /// Writes while the socket takes everything, for some rounds; then the other connections of the loop have theirs.
    private func write() {
        guard !isFlushing else { return }
        isFlushing = true
        defer { isFlushing = false }
        for _ in 0..<8 {
            guard bytesInFlight == 0, channel.isActive else { return }
            let chunks = shared.withLock { $0.outbox.take(upTo: Self.writeBytesMax) }
            if chunks.isEmpty { return finishDraining() }
            write(chunks)
        }
        onLoop { $0.flush() }
    }

    private func write(_ chunks: [Outbox.Chunk]) {
        let byteCount = chunks.reduce(0) { $0 + Frame.headerBytes + $1.payload.count }
        var buffer = channel.allocator.buffer(capacity: byteCount)
        for chunk in chunks {
            let header = Frame.header(chunk.tag, continues: chunk.continues, length: chunk.payload.count)
            buffer.writeInteger(header.0)
            buffer.writeInteger(header.1)
            buffer.writeInteger(header.2)
            buffer.writeBytes(chunk.payload)
        }
        bytesInFlight = byteCount
        wroteAt = Self.now
        switchboard.meter.sent(shared.withLock { $0.outbox.takeTraffic() })
        let written = channel.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in
            self.bytesInFlight = 0
            self.write()
        }
        channel.writeAndFlush(buffer, promise: written)
    }

    /// When everything has left, a connection that drains says goodbye and closes.
    private func finishDraining() {
        guard case .draining(let error, _) = phase, shared.withLock({ $0.outbox.isEmpty }) else { return }
        phase = .closing
        if let code = error.code.wire {
            let goodbye = ControlMessage.goodbye(code).bcs
            let header = Frame.header(Frame.controlTag, continues: false, length: goodbye.count)
            channel.writeAndFlush(ByteBuffer(bytes: [header.0, header.1, header.2] + goodbye), promise: nil)
        }
        close()
    }
}
