import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// How long a client may take, in seconds.
public struct ClientDeadlines: Sendable {
    /// From the connection, or the end of the answer before, to the end of the next head. An idle connection is closed after it.
    public var head = 30.0
    /// From the end of the head to the end of the body.
    public var body = 30.0
    /// For which a client may take no byte of an answer while there are some.
    public var stall = 60.0

    public init() {}
}

/// Ends connections whose client is too slow: with the head of a request, with its body, or with reading an answer. A deadline is
/// for the whole part, so that a byte now and then buys nothing.
final class DeadlineHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let deadlines: ClientDeadlines
    /// Requests that are not answered yet.
    private var unanswered = 0
    private var request: Scheduled<Void>?
    private var stall: Scheduled<Void>?

    init(_ deadlines: ClientDeadlines) { self.deadlines = deadlines }

    /// Bytes that the kernel may hold for a client that reads slowly; left alone, it takes megabytes for each.
    private static let sendBufferBytes: Int32 = 256 << 10
    /// For which clients may finish while the server stops.
    private static let farewell = 3.0

    func handlerAdded(context: ChannelHandlerContext) {
        // A socket that is gone already refuses; nothing is lost then.
        context.channel.setOption(.socketOption(.so_sndbuf), value: .init(Self.sendBufferBytes)).whenFailure { _ in }
        if context.channel.isActive { awaitHead(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        awaitHead(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        request?.cancel()
        stall?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            unanswered += 1
            request?.cancel()
            request = close(context, after: deadlines.body)
            if head.headerFields[.expect]?.lowercased() == "100-continue" {
                context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
            }
        case .body: break
        case .end:
            request?.cancel()
            request = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            unanswered -= 1
            // With a request half read, its own deadline goes on.
            if unanswered == 0, request == nil { awaitHead(context) }
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = context.channel.isWritable ? nil : close(context, after: deadlines.stall)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The last deadline: who reads nothing does not keep the server from stopping.
        if event is ChannelShouldQuiesceEvent { _ = close(context, after: Self.farewell) }
        context.fireUserInboundEventTriggered(event)
    }

    private func awaitHead(_ context: ChannelHandlerContext) {
        request?.cancel()
        request = close(context, after: deadlines.head)
    }

    private func close(_ context: ChannelHandlerContext, after seconds: Double) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(Int64(seconds * 1e9))) { context.close(promise: nil) }
    }
}

@available(*, unavailable)
extension DeadlineHandler: Sendable {}
