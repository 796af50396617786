import AsyncHTTPClient
public import Interface
import NIOCore
import NIOHTTP1

/// What of the chain's events somebody wants to hear.
public struct EventSelection: Sendable {
    /// Names of events; empty for all.
    public var types: [String] = []
    /// Addresses or names of contracts; empty for all.
    public var contracts: [String] = []
    /// Something that the event is about: its contract, who signed, or any text of its fields.
    public var subject: String?
    /// The first block to show; from now on when nil.
    public var from: UInt64?
    /// Whether each block is shown, too.
    public var blocks = false

    public init() {}
}

/// What a subscription tells.
public enum StreamItem: Sendable {
    case event(EventResource)
    case block(BlockResource)
    /// Blocks that were asked for are no longer kept: what they said must be read anew.
    case lagged(LaggedResource)
}

extension Client {
    /// Events as they become final, for as long as somebody listens.
    ///
    /// ```swift
    /// for try await item in client.events(selection) { … }
    /// ```
    /// A connection that breaks, or says nothing for longer than the node's signs of life, is made again behind the last event that was
    /// heard: none is lost or told twice, unless a ``StreamItem/lagged(_:)`` says so. Whoever reads slowly slows the node down, and
    /// nothing is heaped up in between.
    public func events(_ selection: EventSelection = EventSelection()) -> EventSubscription { EventSubscription(client: self, selection: selection) }
}

public struct EventSubscription: AsyncSequence, Sendable {
    public typealias Element = StreamItem
    public typealias Failure = ClientError
    let client: Client
    let selection: EventSelection

    public func makeAsyncIterator() -> Iterator { Iterator(client: client, selection: selection) }

    public struct Iterator: AsyncIteratorProtocol {
        private let client: Client
        private let selection: EventSelection
        private var body: HTTPClientResponse.Body.AsyncIterator?
        private var lines = EventLines()
        private var waiting: [StreamItem] = []
        private var lastID: String?
        private var pause = Backoff(first: .seconds(1), last: .seconds(30))
        /// Attempts in a row that brought nothing, before it is given up.
        private static let attemptsMax = 10
        /// A stream lasts; silence ends it, see ``Connections``.
        private static let streamHours: Int64 = 24

        init(client: Client, selection: EventSelection) {
            self.client = client
            self.selection = selection
        }

        public mutating func next() async throws(ClientError) -> StreamItem? {
            while !Task.isCancelled {
                if !waiting.isEmpty { return waiting.removeFirst() }
                do throws(ClientError) {
                    if body == nil {
                        body = try await connect()
                        // Half a message of the connection before belongs to nothing: it is told again.
                        lines = EventLines()
                    }
                    guard let piece = try await read() else {
                        body = nil
                        throw .unreachable("the stream ended")
                    }
                    try take(piece)
                } catch {
                    body = nil
                    guard error.isPassing, pause.count < Self.attemptsMax else { throw error }
                    await pause.wait()
                }
            }
            return nil
        }

        private mutating func read() async throws(ClientError) -> ByteBuffer? {
            var iterator = body
            defer { body = iterator }
            do { return try await iterator?.next() } catch { throw client.failure(error) }
        }

        private func connect() async throws(ClientError) -> HTTPClientResponse.Body.AsyncIterator {
            var request = client.request(.GET, "/v1/events", query: [
                ("type", selection.types.isEmpty ? nil : selection.types.joined(separator: ",")),
                ("contract", selection.contracts.isEmpty ? nil : selection.contracts.joined(separator: ",")),
                ("subject", selection.subject), ("from", lastID == nil ? selection.from.map { String($0) } : nil), ("blocks", selection.blocks ? "1" : nil),
            ])
            request.headers.replaceOrAdd(name: "Accept", value: "text/event-stream")
            if let lastID { request.headers.add(name: "Last-Event-ID", value: lastID) }
            do {
                let response = try await Connections.http.execute(request, timeout: .hours(Self.streamHours))
                guard response.status == .ok else {
                    throw Client.refusal(response.status.code, [UInt8](buffer: try await response.body.collect(upTo: 1 << 20)))
                }
                return response.body.makeAsyncIterator()
            } catch { throw client.failure(error) }
        }

        private mutating func take(_ piece: ByteBuffer) throws(ClientError) {
            let messages: [EventLines.Message]
            do throws(EventLines.TooLong) { messages = try lines.append(piece.readableBytesView) } catch {
                throw .answerUnexpected("an event of more than \(EventLines.messageBytesMax) bytes")
            }
            for message in messages {
                if let id = message.id { lastID = id }
                pause.reset()
                guard message.hasData else { continue }
                switch message.event {
                case "message": waiting.append(.event(try Client.read(EventResource.self, message.data)))
                case "block": waiting.append(.block(try Client.read(BlockResource.self, message.data)))
                case "stream.lagged": waiting.append(.lagged(try Client.read(LaggedResource.self, message.data)))
                // A newer node may tell more.
                default: continue
                }
            }
        }
    }
}
