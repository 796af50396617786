import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle
import Synchronization

/// The HTTP interface of a node, as a service.
///
/// ```swift
/// let server = APIServer(node: node, configuration: configuration, files: dashboard)
/// try await ServiceGroup(services: [node, server], gracefulShutdownSignals: [.sigterm], logger: logger).run()
/// ```
public final class APIServer: Service {
    private let application: Application<Responder>
    private let workers: Workers
    private let binding: Binding

    public init(
        node: any NodeView, configuration: APIConfiguration = APIConfiguration(), files: StaticFiles = StaticFiles(), logger: Logger = Logger(label: "api")
    ) {
        let workers = Workers(count: configuration.workerCount, waitingMax: configuration.workersWaitingMax, viewsMax: configuration.viewsMax)
        let schemas = SchemaShelf(node: node, workers: workers)
        let backend = Backend(
            node: node, configuration: configuration, workers: workers, schemas: schemas, feed: EventFeed(node: node, schemas: schemas), tallies: Tallies(),
            logger: logger)
        let binding = Binding()
        let deadlines = configuration.deadlines
        application = Application(
            responder: Responder(backend, files: files),
            server: HTTPServerBuilder { responder in
                LoopChannel(base: HTTP1Channel(responder: responder, configuration: .init(
                    additionalChannelHandlers: [DeadlineHandler(deadlines)],
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: RequestLimits.headerBytesMax, maxHeaderListSize: RequestLimits.headerBytesMax,
                        maxHeaderFieldCount: RequestLimits.headerCountMax))))
            },
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.connectionsMax, logger: logger)),
            onServerRunning: { channel in binding.settle(.success(channel.localAddress?.port ?? configuration.port)) }, logger: logger)
        self.workers = workers
        self.binding = binding
    }

    public func run() async throws {
        defer { workers.stop() }
        do {
            try await application.run()
            binding.settle(.failure(CancellationError()))
        } catch {
            binding.settle(.failure(error))
            throw error
        }
    }

    /// The port that the server listens on, as soon as it does; throws what kept it from that.
    public var port: Int { get async throws { try await binding.port } }
}

/// Where the server listens, for whoever waits to know.
private final class Binding: Sendable {
    private struct State {
        var result: Result<Int, any Error>?
        var waiting: [CheckedContinuation<Int, any Error>] = []
    }

    private let state = Mutex(State())

    var port: Int {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state in
                    if state.result == nil { state.waiting.append(continuation) }
                    return state.result
                }
                if let result { continuation.resume(with: result) }
            }
        }
    }

    /// The first word counts.
    func settle(_ result: Result<Int, any Error>) {
        let waiting = state.withLock { state in
            guard state.result == nil else { return [CheckedContinuation<Int, any Error>]() }
            state.result = result
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(with: result) }
    }
}
