import NIOSSL

/// Names for the ways in which TLS fails. The library tells them apart by the reason's text alone.
enum TLSFailure {
    private static let reasons: [(text: String, code: NetworkCode)] = [
        ("PEER_DID_NOT_RETURN_A_CERTIFICATE", .certificateMissing),
        ("UNSUPPORTED_PROTOCOL", .tlsVersion),
        ("PROTOCOL_VERSION", .tlsVersion),
        ("WRONG_VERSION_NUMBER", .notTLS),
        ("HTTP_REQUEST", .notTLS),
        ("HTTPS_PROXY_REQUEST", .notTLS),
        ("NO_APPLICATION_PROTOCOL", .protocolUnknown),
    ]

    static func describe(_ error: any Error, whileSecuring: Bool) -> NetworkError {
        let text = "\(error)"
        if whileSecuring, let reason = reasons.first(where: { text.contains($0.text) }) {
            return NetworkError(reason.code, reason.text)
        }
        // What the library says has no text of the peer in it, but it may be long.
        return NetworkError(whileSecuring ? .tlsFailed : .lost, String(text.prefix(200)))
    }
}
