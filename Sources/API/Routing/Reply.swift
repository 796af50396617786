import HTTPTypes
import Hummingbird
import Interface
import Ledger
import NIOCore
import Primitives

/// A final block that an answer speaks of.
struct Position: Sendable {
    let height: Height
    let hash: Digest

    init(_ height: Height, _ hash: Digest) {
        self.height = height
        self.hash = hash
    }

    init(_ block: FinalBlock) { self.init(block.header.height, block.hash) }
    init(_ state: StateAtHeight) { self.init(state.header.height, state.header.digest) }
}

/// An answer before it is written.
struct Reply: Sendable {
    enum Body: Sendable {
        case bytes([UInt8])
        /// Written as long as the client listens.
        case stream(@Sendable (inout any ResponseBodyWriter) async throws -> Void)
    }

    var status: HTTPResponse.Status
    var body: Body
    var headers: HTTPFields
    /// What the answer speaks of, when that is not the newest block.
    var position: Position?

    init(_ status: HTTPResponse.Status = .ok, _ type: String, _ body: Body, at position: Position? = nil) {
        self.status = status
        self.body = body
        self.position = position
        headers = [.contentType: type]
    }

    static func json(_ resource: some Resource, _ status: HTTPResponse.Status = .ok, at position: Position? = nil) -> Reply {
        Reply(status, "application/json", .bytes(resource.json), at: position)
    }

    static func problem(_ problem: Problem) -> Reply {
        var reply = Reply(HTTPResponse.Status(code: Int(problem.status)), "application/problem+json", .bytes(problem.json))
        if problem.status == 429 || problem.status == 503 { reply.headers[.retryAfter] = "1" }
        return reply
    }

    static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Reply { Reply(.ok, type, .bytes(Array(text.utf8))) }
}
