import Primitives

/// The order of the words between TLS and the first frame, as a value: what came is handed in, what is to be done comes out.
///
/// Both sides send HELLO, then answer the other's with a claim. The node with the smaller key is the arbiter: it alone decides
/// whether the connection is kept, so that of two connections between the same nodes both keep the same one, and says so by
/// WELCOME. The other side counts itself connected when that arrives.
struct Handshake: Sendable {
    enum Phase: Equatable, Sendable {
        case awaitingHello
        case awaitingClaim(Hello)
        /// Only on the side that is not the arbiter.
        case awaitingWelcome(Hello, ValidatorClaim?)
        case done
    }

    enum Effect: Equatable, Sendable {
        /// Answer the peer's HELLO with this node's claim, over the nonce in it.
        case sendClaim(nonce: Digest)
        /// Judge what the peer has said; what holds is kept until the welcome.
        case judge(Hello, ValidatorClaim?)
        /// Judge what the peer has said, admit it, and welcome it.
        case decide(Hello, ValidatorClaim?)
        /// The arbiter keeps the connection: admit the peer.
        case admit
    }

    private(set) var phase = Phase.awaitingHello
    let own: Hello
    let isArbiter: Bool

    init(own: Hello, ownKey: PublicKey, peer: PublicKey) {
        precondition(ownKey != peer)
        self.own = own
        isArbiter = ownKey < peer
    }

    mutating func receive(_ message: ControlMessage) throws(NetworkError) -> Effect {
        switch (phase, message) {
        case (.awaitingHello, .hello(let hello)):
            guard hello.chainID == own.chainID else {
                throw NetworkError(.chainMismatch, "the peer is on chain \(hello.chainID), this node on \(own.chainID)")
            }
            guard hello.version(with: own) != nil else {
                throw NetworkError(.versionMismatch, """
                    the peer speaks \(hello.versionLowest)…\(hello.versionHighest), this node \(own.versionLowest)…\(own.versionHighest)
                    """)
            }
            phase = .awaitingClaim(hello)
            return .sendClaim(nonce: hello.nonce)
        case (.awaitingClaim(let hello), .claim(let claim)):
            phase = isArbiter ? .done : .awaitingWelcome(hello, claim)
            return isArbiter ? .decide(hello, claim) : .judge(hello, claim)
        case (.awaitingWelcome, .welcome):
            phase = .done
            return .admit
        default:
            throw NetworkError(.helloInvalid, "a message out of order")
        }
    }
}
