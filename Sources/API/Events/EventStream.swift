import Hummingbird
import Interface
import NIOCore
import Primitives
import ServiceLifecycle

/// One client that listens to events (server-sent events, HTML Living Standard §9.2).
///
/// It keeps no queue: it remembers how far it has come and fetches the next block when the client has taken the last one. So a slow
/// reader costs one block, and comes back to where it was.
struct EventStream: Sendable {
    let backend: Backend
    let filter: EventFilter
    /// Whether each block is shown, too.
    let showsBlocks: Bool
    /// What the client has seen already.
    let start: EventMark

    func run(_ writer: inout any ResponseBodyWriter) async throws {
        var position = start
        var said = ContinuousClock.now
        let heartbeat = Duration.seconds(backend.configuration.heartbeatSeconds)
        try await writer.write(ByteBuffer(string: "retry: 1000\nid: \(position.text)\n\n"))
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            let head = backend.node.head
            if position.nextHeight > head.height {
                let remaining = heartbeat - (ContinuousClock.now - said)
                // Whoever asked for a height far ahead waits for it.
                if remaining > .zero, await height(above: head.height, within: remaining) == head.height, !Task.isCancelled { return }
            } else if position.nextHeight < head.oldestBlock {
                let lagged = LaggedResource(asked: position.nextHeight.rawValue, oldest: head.oldestBlock.rawValue)
                position = head.oldestBlock.predecessor.map { EventMark(through: $0) } ?? position
                try await writer.write(Self.message("stream.lagged", position, lagged.json))
                said = .now
            } else if let block = try await backend.feed.block(at: position.nextHeight) {
                if try await show(block, after: position, &writer) { said = .now }
                position = EventMark(through: block.height)
            } else if backend.node.head.oldestBlock <= position.nextHeight {
                // It should be there, and is not: the client comes back and asks again.
                return
            }
            if ContinuousClock.now - said >= heartbeat {
                // A message without data shows nothing, and moves on what the client remembers.
                try await writer.write(ByteBuffer(string: ": \(backend.node.head.height)\nid: \(position.text)\n\n"))
                said = .now
            }
        }
    }

    /// Writes what of a block the client wants; false when that is nothing.
    private func show(_ block: FeedBlock, after position: EventMark, _ writer: inout any ResponseBodyWriter) async throws -> Bool {
        var buffer = ByteBuffer()
        var didWrite = false
        for place in block.places where filter.mayMatch(place, of: block) {
            let mark = block.mark(place)
            guard position.isBefore(mark) else { continue }
            let event = block.event(place)
            guard filter.matches(event) else { continue }
            buffer.writeImmutableBuffer(Self.message(nil, mark, event.json))
            if buffer.readableBytes > 64 << 10 {
                try await writer.write(buffer)
                buffer.clear()
                didWrite = true
            }
        }
        if showsBlocks { buffer.writeImmutableBuffer(Self.message("block", EventMark(through: block.height), block.json)) }
        guard buffer.readableBytes > 0 else { return didWrite }
        try await writer.write(buffer)
        return true
    }

    /// The height as soon as it is above `height`; nil when that takes too long, `height` when the node stops.
    private func height(above height: Height, within duration: Duration) async -> Height? {
        let node = backend.node
        return await withTaskGroup(of: Height?.self) { group in
            group.addTask { await node.height(above: height) }
            group.addTask {
                try? await Task.sleep(for: duration)
                return nil
            }
            group.addTask {
                try? await gracefulShutdown()
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    private static func message(_ event: String?, _ mark: EventMark, _ json: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(json.count + 64)
        buffer.writeString("id: \(mark.text)\n")
        if let event { buffer.writeString("event: \(event)\n") }
        buffer.writeString("data: ")
        buffer.writeBytes(json)
        buffer.writeString("\n\n")
        return buffer
    }
}
