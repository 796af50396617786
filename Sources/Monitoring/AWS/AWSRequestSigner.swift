import Cryptography
import Primitives

/// Signature Version 4, by which requests to Amazon Web Services show who sends them ("Signing AWS API requests", AWS General Reference).
struct AWSRequestSigner: Sendable {
    static let algorithm = "AWS4-HMAC-SHA256"

    let credentials: AWSCredentials
    let region: String
    let service: String

    struct Request: Sendable {
        var method: String
        /// As it is sent, percent-encoded or not.
        var path: String
        /// Names and values as they are meant, not encoded.
        var query: [(name: String, value: String)]
        /// All that shall be signed, with `host` and `x-amz-date`.
        var headers: [(name: String, value: String)]
        var body: [UInt8]
    }

    /// The headers to add to a request: its time, the session's token, and the authorization that covers them and `headers`.
    func headers(for request: Request, at time: Timestamp) -> [(name: String, value: String)] {
        let date = SourceTime.basic(time)
        var added = [("X-Amz-Date", date)]
        if let token = credentials.sessionToken { added.append(("X-Amz-Security-Token", token)) }
        var signed = request
        signed.headers += added
        return added + [("Authorization", authorization(for: signed, date: date))]
    }

    /// - Parameter date: in ISO 8601's basic form, the same as in the header.
    func authorization(for request: Request, date: String) -> String {
        let (canonical, names) = Self.canonical(request)
        let text = stringToSign(canonical, date: date)
        let signature = HMACSHA256.code(key: signingKey(day: String(date.prefix(8))), message: Array(text.utf8))
        return "\(Self.algorithm) Credential=\(credentials.accessKey)/\(scope(date)), SignedHeaders=\(names), "
            + "Signature=\(signature.withUnsafeBytes { Array($0).hex })"
    }

    func stringToSign(_ canonical: String, date: String) -> String {
        [Self.algorithm, date, scope(date), SHA256.hash(Array(canonical.utf8)).hex].joined(separator: "\n")
    }

    private func scope(_ date: String) -> String { "\(date.prefix(8))/\(region)/\(service)/aws4_request" }

    private func signingKey(day: String) -> SecretBytes {
        let first: SecretBytes = credentials.secretKey.withUnsafeBytes { secret in
            var bytes = Array("AWS4".utf8) + secret
            return SecretBytes(wiping: &bytes)
        }
        return [day, region, service, "aws4_request"].reduce(first) { key, part in HMACSHA256.code(key: key, message: Array(part.utf8)) }
    }

    /// The one form of a request, and the names of the headers in it.
    static func canonical(_ request: Request) -> (text: String, headerNames: String) {
        let query = request.query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map { "\($0)=\($1)" }.joined(separator: "&")
        var values: [String: [String]] = [:]
        for (name, value) in request.headers { values[name.lowercased(), default: []].append(trimmed(value)) }
        let names = values.keys.sorted()
        let headers = names.map { "\($0):\(values[$0, default: []].joined(separator: ","))\n" }.joined()
        let list = names.joined(separator: ";")
        let text = [
            request.method, PercentEncoding.encode(normalized(request.path), keeping: "/"), query, headers, list, SHA256.hash(request.body).hex,
        ].joined(separator: "\n")
        return (text, list)
    }

    /// Without spaces at the ends, and with one instead of several within.
    private static func trimmed(_ value: String) -> String {
        value.split(whereSeparator: { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "\r\n" }).joined(separator: " ")
    }

    /// RFC 3986, section 5.2.4: without `.`, `..` and empty segments.
    private static func normalized(_ path: String) -> String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        guard !segments.isEmpty else { return "/" }
        let isOpen = path.hasSuffix("/") || path.hasSuffix("/.") || path.hasSuffix("/..")
        return "/" + segments.joined(separator: "/") + (isOpen ? "/" : "")
    }
}
