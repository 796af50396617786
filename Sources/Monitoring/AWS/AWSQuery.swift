import Foundation
import NIOHTTP1
import Primitives

/// Where and as whom Amazon Web Services are asked.
public struct AWSAccess: Hashable, Sendable {
    public var region: String
    public var credentials: AWSCredentialPlaces
    /// Another address than the region's own, as `http://127.0.0.1:5000`.
    public var endpoint: String?
    public var seconds: Int
    public var authorityFile: String?

    public init(
        region: String, credentials: AWSCredentialPlaces = AWSCredentialPlaces(), endpoint: String? = nil, seconds: Int = 15, authorityFile: String? = nil
    ) {
        self.region = region
        self.credentials = credentials
        self.endpoint = endpoint
        self.seconds = max(1, seconds)
        self.authorityFile = authorityFile
    }

    func address(_ service: String) -> String { endpoint ?? "https://\(service).\(region).amazonaws.com" }
}

/// Asks a service by its Query interface: a signed form, answered in XML.
struct AWSQuery: Sendable {
    let access: AWSAccess
    /// As in the address and in signatures: `monitoring`, `ec2`.
    let service: String
    let version: String
    var clock: any MonitorClock = SystemClock()

    func ask(_ action: String, _ parameters: [(name: String, value: String)]) async throws(SourceError) -> (tree: XMLTree, body: [UInt8]) {
        let address = access.address(service)
        guard let url = URL(string: address), let host = url.host else { throw SourceError(.query, "\(address) is no address") }
        let body = Array(PercentEncoding.form([("Action", action), ("Version", version)] + parameters).utf8)
        let usual = url.scheme == "https" ? 443 : 80
        var headers = [("Host", url.port.map { $0 == usual ? host : "\(host):\($0)" } ?? host)]
        headers.append(("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"))
        let signer = AWSRequestSigner(credentials: try access.credentials.read(), region: access.region, service: service)
        headers += signer.headers(for: .init(method: "POST", path: "/", query: [], headers: headers, body: body), at: clock.now)
        let answer = try await HTTPFetcher.fetch(HTTPQuestion(
            method: .POST, url: address + "/", headers: headers, body: body, seconds: access.seconds, authorityFile: access.authorityFile))
        guard answer.status == 200 else { throw Self.refusal(answer) }
        return (try XMLTree(answer.body), answer.body)
    }

    /// The codes of the two interfaces' errors ("Common Errors", CloudWatch and EC2 API references).
    static func refusal(_ answer: HTTPAnswer) -> SourceError {
        guard let tree = try? XMLTree(answer.body), let error = tree["Error"] ?? tree["Errors"]?["Error"], let code = error.text("Code") else {
            return HTTPFetcher.refusal(answer)
        }
        let text = SourceError.words("\(code): \(error.text("Message") ?? "")".utf8)
        switch code {
        case "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException": return SourceError(.throttled, text)
        case "InvalidClientTokenId", "SignatureDoesNotMatch", "AuthFailure", "UnrecognizedClientException", "AccessDenied", "AccessDeniedException",
             "UnauthorizedOperation", "ExpiredToken", "ExpiredTokenException", "MissingAuthenticationToken", "OptInRequired", "RequestExpired",
             "IncompleteSignature", "NotAuthorized": return SourceError(.denied, text)
        default: return HTTPFetcher.refusal(answer, words: text)
        }
    }
}
