import HTTPTypes
import Hummingbird
import Interface
import Ledger
import Primitives

/// The stream of events.
enum EventRoutes {
    private static let from = QueryKey("from", "The first block to show; the next one when absent. `Last-Event-ID` goes before it.", .integer)
    private static let blocks = QueryKey("blocks", "Whether to show each block, too, as an event of the type `block`.", .bool)

    static let all: [Route] = [
        Route(
            "GET /v1/events", "Events", "What contracts tell, from now on or from a block on, for as long as the client listens",
            keys: [EventFilter.typeKey, EventFilter.contractKey, EventFilter.subjectKey, from, blocks],
            answers: .other("text/event-stream", """
                Server-sent events. Each has the JSON of an Event as its data and the event's `id`, with which a stream goes on \
                (`Last-Event-ID`); `event: block` has a Block, and `event: stream.lagged` a Lagged: blocks that were asked for are no \
                longer kept, and the stream goes on with the oldest that is. Comments are signs of life.
                """),
            refuses: [.requestQuery, .nodeBusy], cost: 5, handler: stream),
    ]

    @Sendable private static func stream(_ exchange: Exchange) async throws -> Reply {
        let filter = try EventFilter(exchange)
        let showsBlocks = try exchange.query.flag(blocks)
        let stream = EventStream(backend: exchange.backend, filter: filter, showsBlocks: showsBlocks, start: try start(exchange))
        let tallies = exchange.backend.tallies
        let max = exchange.backend.configuration.streamsMax
        guard exchange.request.method != .head else { return Reply(.ok, "text/event-stream", .bytes([])) }
        guard tallies.count(.streams) < max else { throw Problem(.nodeBusy, "\(max) streams are open already.") }
        let request = exchange.request
        var reply = Reply(.ok, "text/event-stream", .stream { writer in
            guard tallies.enter(.streams, max: max) else { return try await writer.finish(nil) }
            defer { tallies.leave(.streams) }
            try await request.body.consumeWithCancellationOnInboundClose { _ in try await stream.run(&writer) }
            try await writer.finish(nil)
        })
        // A proxy that gathers an answer before it passes it on would never pass on this one.
        reply.headers[HTTPField.Name("X-Accel-Buffering")!] = "no"
        return reply
    }

    private static func start(_ exchange: Exchange) throws -> EventMark {
        if let text = exchange.request.headers[.lastEventID], !text.isEmpty {
            guard let mark = EventMark(text: text) else { throw Problem(.requestQuery, "Must be an event's id.", at: "Last-Event-ID") }
            return mark
        }
        guard let from = try exchange.query.number(from, 0...UInt64.max - 1) else { return EventMark(through: exchange.head.height) }
        // Behind the block before; block 0 has no events.
        return EventMark(through: Height(from == 0 ? 0 : from - 1))
    }
}

extension HTTPField.Name {
    static let lastEventID = Self("Last-Event-ID")!
}
