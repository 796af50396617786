import NIOCore
import NIOPosix
import Primitives

/// Connects to a port and hangs up.
public struct TCPProbe: MeasurementSource {
    let host: String
    let port: Int
    let measure: ProbeMeasure
    let effort: ProbeEffort

    public init(host: String, port: Int, measure: ProbeMeasure = .availability, effort: ProbeEffort = ProbeEffort()) {
        self.host = host
        self.port = port
        self.measure = measure
        self.effort = effort
    }

    public var query: String { "tcp\n\(host) \(port)\n\(measure.rawValue)\nattempts \(effort.attempts) of \(effort.seconds) s" }
    public var presence: Presence { .live(effort) }

    public func read(_ windows: [TimeWindow]) async throws(SourceError) -> SourceAnswer {
        let start = ContinuousClock.now
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.seconds(Int64(effort.seconds))).connect(host: host, port: port).get()
            let duration = ContinuousClock.now - start
            channel.close(promise: nil)
            return measure.answer(duration, digest: .zero)
        } catch { return measure.answer(Self.failure(error, host)) }
    }

    private static func failure(_ error: any Error, _ host: String) -> SourceError {
        if let error = error as? NIOConnectionError, error.connectionErrors.isEmpty { return SourceError(.resolve, "\(host) has no address") }
        if case ChannelError.connectTimeout? = error as? ChannelError { return SourceError(.timeout, "\(host) did not take the connection in time") }
        return SourceError(.unreachable, "\(host) takes no connection: \(SourceError.words("\(error)".utf8))")
    }
}
