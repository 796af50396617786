/// Why a connection did not come about or did not last: one stable name each, for logs, counters and people. Those that a node
/// tells its peer before it hangs up also have a number on the wire. Neither is ever reused.
@frozen public enum NetworkCode: String, Error, Sendable, CaseIterable {
    // MARK: Before it is known who speaks
    /// The bytes are no TLS.
    case notTLS = "network.not_tls"
    /// Another version of TLS than 1.3.
    case tlsVersion = "network.tls_version"
    /// The TLS handshake failed for another reason; the context has the library's words.
    case tlsFailed = "network.tls_failed"
    case certificateMissing = "network.certificate_missing"
    /// Not exactly one certificate, or one that is not a node's.
    case certificateMalformed = "network.certificate_malformed"
    /// The key is not canonical or not of prime order.
    case certificateKey = "network.certificate_key"
    case certificateSignature = "network.certificate_signature"
    /// The handshake ended without this node having judged a certificate, such as a resumed session.
    case certificateUnchecked = "network.certificate_unchecked"
    /// The dialled address answers with another node's key.
    case peerUnexpected = "network.peer_unexpected"
    case selfConnection = "network.self_connection"
    /// TLS was spoken, but for another protocol (ALPN).
    case protocolUnknown = "network.protocol_unknown"
    /// TLS and HELLO together took too long.
    case handshakeTimeout = "network.handshake_timeout"

    // MARK: HELLO
    case helloInvalid = "network.hello_invalid"
    case chainMismatch = "network.chain_mismatch"
    case versionMismatch = "network.version_mismatch"
    /// The claim to be a validator of a known epoch does not hold.
    case claimInvalid = "network.claim_invalid"

    // MARK: Admission
    case addressBanned = "network.address_banned"
    case peerBanned = "network.peer_banned"
    /// There are as many inbound connections from strangers as there may be.
    case inboundFull = "network.inbound_full"
    case outboundFull = "network.outbound_full"
    /// Too many connections from one part of the network.
    case addressFull = "network.address_full"
    /// Too many connections whose handshake is under way.
    case handshakesFull = "network.handshakes_full"
    /// One part of the network connects too often.
    case attemptsTooFrequent = "network.attempts_too_frequent"
    /// The two nodes have a connection already.
    case duplicate = "network.duplicate"

    // MARK: Traffic
    case frameInvalid = "network.frame_invalid"
    /// More was sent than had been granted.
    case creditExceeded = "network.credit_exceeded"
    /// A frame was begun and not finished in time.
    case frameTimeout = "network.frame_timeout"
    case controlInvalid = "network.control_invalid"
    case controlTooFrequent = "network.control_too_frequent"

    // MARK: The end of a connection
    /// Nothing was heard for too long.
    case idle = "network.idle"
    /// The peer takes no bytes.
    case stalled = "network.stalled"
    case shutdown = "network.shutdown"
    /// The owner asked for it.
    case requested = "network.requested"
    /// The connection broke or was closed without a word.
    case lost = "network.lost"
    /// The peer gave a reason that this version does not know.
    case reasonUnknown = "network.reason_unknown"

    // MARK: This node's own actions
    case dialFailed = "network.dial_failed"
    case dialTimeout = "network.dial_timeout"
    case addressInvalid = "network.address_invalid"
    case listenFailed = "network.listen_failed"

    /// The number in a goodbye, for what a peer is told.
    var wire: UInt8? {
        switch self {
        case .shutdown: 0
        case .requested: 1
        case .duplicate: 2
        case .inboundFull: 3
        case .outboundFull: 4
        case .peerBanned: 5
        case .chainMismatch: 6
        case .versionMismatch: 7
        case .claimInvalid: 8
        case .helloInvalid: 9
        case .frameInvalid: 10
        case .creditExceeded: 11
        case .frameTimeout: 12
        case .controlInvalid: 13
        case .controlTooFrequent: 14
        case .idle: 15
        case .stalled: 16
        case .handshakeTimeout: 17
        case .protocolUnknown: 18
        default: nil
        }
    }

    init(wire: UInt8) { self = Self.allCases.first { $0.wire == wire } ?? .reasonUnknown }
}

/// A code with what was found and expected; for people. The context holds no text of a peer.
public struct NetworkError: Error, Equatable, Sendable, CustomStringConvertible {
    public let code: NetworkCode
    public let context: String

    public init(_ code: NetworkCode, _ context: String) {
        self.code = code
        self.context = context
    }

    public var description: String { "\(code.rawValue): \(context)" }
}
