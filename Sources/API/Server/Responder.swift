import Foundation
import HTTPTypes
import Hummingbird
import Interface
import Ledger
import Logging
import NIOCore
import Primitives
import WorldState

/// What is known of a request's client.
struct ClientContext: InitializableFromSource {
    let address: SocketAddress?
    init(source: ApplicationRequestContextSource) { address = source.channel.remoteAddress }
}

/// From a request to its answer: bounds, host, rate, route, query, body, handler, headers. Whatever is refused on the way is a problem.
struct Responder: HTTPResponder {
    let backend: Backend
    let files: StaticFiles
    let hosts: HostRule
    private let table = RouteTable()
    private let limiter: RateLimiter?
    private let chainHeaders: ChainHeaders

    init(_ backend: Backend, files: StaticFiles) {
        self.backend = backend
        self.files = files
        hosts = HostRule(backend.configuration)
        limiter = backend.configuration.rate.map { RateLimiter($0) }
        chainHeaders = ChainHeaders(backend.node.genesis.chainID)
    }

    @Sendable func respond(to request: Request, context: ClientContext) async throws -> Response {
        let began = ContinuousClock.now
        let head = backend.node.head
        let target = request.head.path ?? ""
        let mark = target.firstIndex(of: "?") ?? target.endIndex
        let path = target[..<mark]
        let match = table.match(request.method, path)
        var headers = HTTPFields()
        var reply: Reply
        do {
            try admit(request, target, match, context, &headers)
            reply = try await answer(request, path, mark < target.endIndex ? target[target.index(after: mark)...] : nil, match, head)
        } catch {
            reply = .problem(problem(error))
        }
        if case .otherMethods(let methods) = match { reply.headers[.allow] = methods.map(\.rawValue).joined(separator: ", ") }
        if reply.headers[.retryAfter] != nil, let wait = headers[.retryAfter] { reply.headers[.retryAfter] = wait }
        headers[.retryAfter] = nil
        reply.headers.append(contentsOf: headers)
        share(request, &reply)
        let route = if case .route(let route, _) = match { route.path } else { "" }
        backend.tallies.note(
            Tallies.Key(method: Self.known(request.method), route: route, status: reply.status.code), ContinuousClock.now - began)
        return response(reply, to: request, head)
    }

    // ── Before the route ──

    /// Refuses what needs no look at the node.
    private func admit(
        _ request: Request, _ target: String, _ match: RouteTable.Match, _ context: ClientContext, _ headers: inout HTTPFields
    ) throws {
        guard target.utf8.count <= RequestLimits.targetBytesMax else {
            throw Problem(.requestTargetTooLong, "\(target.utf8.count) bytes; at most \(RequestLimits.targetBytesMax).")
        }
        guard hosts.allows(request.head.authority) else { throw Problem(.requestHost, "\(request.head.authority?.prefix(128) ?? "") is none of this server's names.", at: "Host") }
        guard let limiter else { return }
        let cost = if case .route(let route, _) = match { route.cost } else { 1.0 }
        guard cost > 0 else { return }
        let verdict = limiter.take(RateLimiter.client(context.address), cost: cost)
        headers[HTTPField.Name("RateLimit-Limit")!] = String(verdict.limit)
        headers[HTTPField.Name("RateLimit-Remaining")!] = String(verdict.remaining)
        headers[HTTPField.Name("RateLimit-Reset")!] = String(verdict.reset)
        guard verdict.isAllowed else {
            backend.tallies.noteLimited()
            headers[.retryAfter] = String(max(1, verdict.reset))
            throw Problem(.rateLimited, "At most \(verdict.limit) at once.")
        }
    }

    private func answer(_ request: Request, _ path: Substring, _ query: Substring?, _ match: RouteTable.Match, _ head: ChainHead) async throws -> Reply {
        switch match {
        case .route(let route, let captures):
            let exchange = Exchange(
                backend: backend, head: head, request: request, captures: captures, query: try Query(query, keys: route.keys),
                body: route.input == nil ? [] : try await body(of: request), mediaType: Self.mediaType(request))
            return try await route.handler(exchange)
        case .otherMethods(let methods):
            if request.method == .options, request.headers[.origin] != nil, !backend.configuration.origins.isEmpty { return Reply(.noContent, "text/plain", .bytes([])) }
            throw Problem(.methodNotAllowed, "The path takes \(methods.map(\.rawValue).joined(separator: " and ")).")
        case .nothing:
            guard let file = files[String(path)], request.method == .get || request.method == .head else {
                throw Problem(.routeUnknown, "Nothing is at \(path.prefix(256)).")
            }
            return serve(file, request)
        }
    }

    private func body(of request: Request) async throws -> [UInt8] {
        let max = RequestLimits.bodyBytesMax
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > max {
            throw Problem(.requestBodyTooLarge, "\(length) bytes; at most \(max).")
        }
        var bytes: [UInt8] = []
        for try await part in request.body {
            guard bytes.count + part.readableBytes <= max else { throw Problem(.requestBodyTooLarge, "More than \(max) bytes.") }
            bytes.append(contentsOf: part.readableBytesView)
        }
        return bytes
    }

    private static func mediaType(_ request: Request) -> String {
        request.headers[.contentType]?.split(separator: ";").first.map { $0.filter { $0 != " " }.lowercased() } ?? ""
    }

    // ── Behind the route ──

    private func serve(_ file: StaticFiles.File, _ request: Request) -> Reply {
        let isKnown = request.headers[.ifNoneMatch].map { $0.split(separator: ",").contains { $0.filter { $0 != " " } == file.etag } } ?? false
        var reply = Reply(isKnown ? .notModified : .ok, file.contentType, .bytes(isKnown ? [] : file.bytes))
        reply.headers[.eTag] = file.etag
        reply.headers[.cacheControl] = "no-cache"
        reply.headers[.contentSecurityPolicy] = StaticFiles.policy
        return reply
    }

    private func problem(_ error: any Error) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let error as NodeViewError:
            backend.logger.warning("The node could not answer.", metadata: ["error": "\(error)"])
            return Problem(error)
        case let error as StoreError where error.code == .outOfReach: return Problem(.stateOutOfReach, error.context)
        case let error as StoreError:
            backend.logger.warning("The state could not be read.", metadata: ["error": "\(error)"])
            return Problem(.nodeStorage, "Reading failed.")
        case is CancellationError: return Problem(.nodeStopping, "The node is stopping.")
        default:
            backend.logger.error("A request ended in an error that nobody expected.", metadata: ["error": "\(error)"])
            return Problem(.internalFault, "The request could not be answered.")
        }
    }

    /// Lets pages of the configured origins read the answer.
    private func share(_ request: Request, _ reply: inout Reply) {
        guard let origin = request.headers[.origin], backend.configuration.origins.contains(origin) else { return }
        reply.headers[.accessControlAllowOrigin] = origin
        reply.headers[.vary] = "Origin"
        reply.headers[.accessControlExposeHeaders] = ChainHeaders.meanings.map(\.0).joined(separator: ", ") + ", Retry-After, Location"
        if request.method == .options {
            reply.headers[.accessControlAllowMethods] = "GET, HEAD, POST"
            reply.headers[.accessControlAllowHeaders] = "Content-Type, Last-Event-ID"
            reply.headers[.accessControlMaxAge] = "600"
        }
    }

    private func response(_ reply: Reply, to request: Request, _ head: ChainHead) -> Response {
        var headers = reply.headers
        chainHeaders.add(to: &headers, head: head, position: reply.position)
        headers[.xContentTypeOptions] = "nosniff"
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        switch reply.body {
        case .bytes(let bytes):
            let body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
            let response = Response(status: reply.status, headers: headers, body: body)
            return request.method == .head ? response.createHeadResponse() : response
        case .stream(let write): return Response(status: reply.status, headers: headers, body: ResponseBody { writer in try await write(&writer) })
        }
    }

    /// A method's name for metrics: a client's own invention is none.
    private static func known(_ method: HTTPRequest.Method) -> String {
        [.get, .head, .post, .put, .delete, .options, .patch].contains(method) ? method.rawValue : "other"
    }
}

/// Under which names the server answers. Without this, a page from elsewhere could point its own name at a loopback address and
/// read what a private node says.
struct HostRule: Sendable {
    /// nil when any name will do.
    private let names: Set<String>?

    init(_ configuration: APIConfiguration) {
        let loopback: Set<String> = ["localhost", "127.0.0.1", "::1", "[::1]"]
        guard loopback.contains(configuration.host) || !configuration.hostNames.isEmpty else {
            names = nil
            return
        }
        names = loopback.union(configuration.hostNames.map { $0.lowercased() }).union([configuration.host.lowercased()])
    }

    func allows(_ authority: String?) -> Bool {
        guard let names else { return true }
        guard var host = authority?.lowercased(), !host.isEmpty else { return false }
        if let colon = host.lastIndex(of: ":"), host[host.index(after: colon)...].allSatisfy(\.isNumber), !host.hasSuffix("]") { host = String(host[..<colon]) }
        return names.contains(host)
    }
}
