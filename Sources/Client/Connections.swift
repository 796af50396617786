import AsyncHTTPClient
import NIOCore

/// The connections of this process to nodes, shared by all clients; never closed, so that nobody has to.
enum Connections {
    /// Requests to one node at a time; further ones wait for a connection. Each `submitAndWait` and each subscription holds one.
    private static let perNodeMax = 512

    static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration(
            // A node answers itself; whoever sends a client elsewhere is not asked twice.
            redirectConfiguration: .disallow,
            // A stream of events says something at least every quarter of a minute.
            timeout: HTTPClient.Configuration.Timeout(connect: .seconds(10), read: .seconds(90)))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = perNodeMax
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
