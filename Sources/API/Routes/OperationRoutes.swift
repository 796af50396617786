import Hummingbird
import Interface

/// For probes, boards, and whoever wants to know the interface.
enum OperationRoutes {
    static let group = "Operation"
    private static let text = Route.Output.other("text/plain", "`ok`.")

    static let all: [Route] = [
        Route("GET /livez", group, "Whether the process answers", answers: text, cost: 0) { _ in .text("ok\n") },
        Route("GET /healthz", group, "Whether the node answers", answers: text, cost: 0) { exchange in
            _ = await exchange.node.status
            return .text("ok\n")
        },
        Route(
            "GET /readyz", group, "Whether the node is ready to serve, and why not", answers: .resource(ReadinessResource.self),
            .resource(ReadinessResource.self, .serviceUnavailable), cost: 0
        ) { exchange in
            let obstacles = await exchange.node.status.obstacles
            return .json(
                ReadinessResource(isReady: obstacles.isEmpty, obstacles: obstacles.map { ObstacleResource(code: $0.code, text: $0.text) }),
                obstacles.isEmpty ? .ok : .serviceUnavailable)
        },
        Route("GET /metrics", group, "Numbers for Prometheus", answers: .other("text/plain", "Prometheus' text format 0.0.4."), cost: 5) { exchange in
            let own = exchange.backend.tallies.families(exchange.backend.workers)
            return .text(PrometheusText.write(await exchange.node.metrics + own), type: PrometheusText.type)
        },
        Route("GET /openapi.json", group, "This interface as an OpenAPI 3.1 document", answers: .object("The document."), cost: 5) { _ in
            Reply(.ok, "application/json", .bytes(Documents.openAPI))
        },
        Route("GET /docs", group, "This interface for people", answers: .other("text/html", "A page without outside files."), cost: 5) { _ in
            var reply = Reply(.ok, "text/html; charset=utf-8", .bytes(Documents.page))
            reply.headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
            return reply
        },
    ]
}
