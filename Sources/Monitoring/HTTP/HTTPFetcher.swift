import AsyncHTTPClient
import Cryptography
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Primitives

/// One question to a server over HTTP, and what may come back: bounded in bytes, in time, and in where it leads, for redirections are not followed.
struct HTTPQuestion: Sendable {
    var method: HTTPMethod = .GET
    var url: String
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]?
    var seconds: Int
    var bytesMax = MonitoringLimits.answerBytesMax
    /// A file with the certificates of an authority that is trusted beside those of the system.
    var authorityFile: String?
    /// Each probe makes a connection of its own, as a new user does.
    var isAlone = false
}

struct HTTPAnswer: Sendable {
    let status: Int
    let body: [UInt8]
    /// What the server says to wait, in seconds.
    let retryAfter: Int?
    var digest: Digest { SHA256.hash(body) }
}

/// Asks servers. It has one client for the whole process, which is never closed.
enum HTTPFetcher {
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        // A refused connection is the answer; whether to ask again is decided elsewhere.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.idleTimeout = .seconds(20)
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()

    static func fetch(_ question: HTTPQuestion) async throws(SourceError) -> HTTPAnswer {
        var request = HTTPClientRequest(url: question.url)
        request.method = question.method
        for (name, value) in question.headers { request.headers.add(name: name, value: value) }
        request.headers.replaceOrAdd(name: "User-Agent", value: "trellis-monitor/1")
        if question.isAlone { request.headers.replaceOrAdd(name: "Connection", value: "close") }
        if let body = question.body { request.body = .bytes(ByteBuffer(bytes: body)) }
        if let file = question.authorityFile { request.tlsConfiguration = try trust(file) }
        // The library's deadline ends with the head of an answer; a body that trickles must end, too.
        let ready = request, seconds = Int64(question.seconds), bytesMax = question.bytesMax
        return try await Deadline.run(seconds: question.seconds) { () async throws(SourceError) -> HTTPAnswer in
            do {
                let response = try await client.execute(ready, timeout: .seconds(seconds))
                let limit = (200..<300).contains(response.status.code) ? bytesMax : min(bytesMax, MonitoringLimits.refusalBytesMax)
                let retryAfter = response.headers.first(name: "Retry-After").flatMap { Int($0) }
                var body: [UInt8] = []
                for try await part in response.body {
                    guard body.count + part.readableBytes <= limit else {
                        // A long refusal is cut; a long answer is none.
                        guard limit < bytesMax else { throw SourceError(.oversize, "an answer of more than \(limit) bytes") }
                        break
                    }
                    body.append(contentsOf: part.readableBytesView)
                }
                return HTTPAnswer(status: Int(response.status.code), body: body, retryAfter: retryAfter)
            } catch { throw failure(error, host: host(of: question.url)) }
        }
    }

    /// The same where only a good answer will do.
    static func fetchGood(_ question: HTTPQuestion) async throws(SourceError) -> HTTPAnswer {
        let answer = try await fetch(question)
        guard (200..<300).contains(answer.status) else { throw refusal(answer) }
        return answer
    }

    /// What a status means, whatever the service.
    static func refusal(_ answer: HTTPAnswer, words: String? = nil) -> SourceError {
        let words = words ?? SourceError.words(answer.body)
        let text = "the status \(answer.status)" + (words.isEmpty ? "" : ": \(words)")
        switch answer.status {
        case 401, 403: return SourceError(.denied, text)
        case 429: return SourceError(.throttled, text)
        case 400, 404, 405, 413, 414, 422: return SourceError(.query, text)
        default: return SourceError(.status, text)
        }
    }

    private static func trust(_ file: String) throws(SourceError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        do { configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(file))] } catch {
            throw SourceError(.credentials, "the certificates in \(file) cannot be read")
        }
        return configuration
    }

    private static func host(of url: String) -> String { URL(string: url)?.host ?? "the server" }

    private static func failure(_ error: any Error, host: String) -> SourceError {
        switch error {
        case let error as SourceError: return error
        case is CancellationError: return SourceError(.timeout, "cancelled while \(host) was asked")
        case let error as NIOConnectionError:
            let isUnknown = error.connectionErrors.isEmpty && (error.dnsAError != nil || error.dnsAAAAError != nil)
            return SourceError(isUnknown ? .resolve : .unreachable, isUnknown ? "\(host) has no address" : "\(host) takes no connection")
        case let error as HTTPClientError:
            switch error {
            case .deadlineExceeded, .readTimeout, .writeTimeout, .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
                return SourceError(.timeout, "\(host) did not answer in time")
            case .cancelled: return SourceError(.timeout, "cancelled while \(host) was asked")
            default: return SourceError(.unreachable, "\(host): \(error.shortDescription)")
            }
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: return SourceError(.tls, "\(host): \(words(error))")
        default: return SourceError(.unreachable, "\(host): \(words(error))")
        }
    }

    private static func words(_ error: any Error) -> String { SourceError.words("\(error)".utf8) }
}

/// Texts as parts of addresses and forms.
enum PercentEncoding {
    /// RFC 3986: everything but unreserved characters, byte by byte.
    static func encode(_ text: some StringProtocol, keeping kept: String = "") -> String {
        let kept = Array(kept.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                 UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): result.append(byte)
            case _ where kept.contains(byte): result.append(byte)
            default: result += Array(("%" + [byte].hex.uppercased()).utf8)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `name=value&…`, in the order given.
    static func form(_ fields: [(name: String, value: String)]) -> String {
        fields.map { encode($0.name) + "=" + encode($0.value) }.joined(separator: "&")
    }
}
