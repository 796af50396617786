public import Primitives

/// Where a node listens: a host name or an address, and a port. Written `host:port`, or `[address]:port` for IPv6.
///
/// Invariant: `host` is 1 … ``hostBytesMax`` bytes of letters, digits, `.`, `-`, `_` and, for IPv6, `:`; `port` is not 0. It can
/// therefore be printed and put into a log as it is.
public struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// The longest DNS name.
    public static let hostBytesMax = 253

    public let host: String
    public let port: UInt16

    public init?(host: String, port: UInt16) {
        guard port > 0, (1...Self.hostBytesMax).contains(host.utf8.count), host.utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.host = host
        self.port = port
    }

    public init?(_ text: some StringProtocol) {
        guard text.utf8.count <= Self.hostBytesMax + 8, let colon = text.lastIndex(of: ":"),
              let port = UInt16(text[text.index(after: colon)...]) else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        self.init(host: String(host), port: port)
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
             UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"): true
        default: false
        }
    }
}

extension NetworkAddress: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(host)
        encoder.encode(port)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        let host = try decoder.decodeText(limit: Self.hostBytesMax)
        let port = try decoder.decode(UInt16.self)
        guard let address = NetworkAddress(host: host, port: port) else { throw decoder.refuse("not a network address") }
        self = address
    }
}

/// A node and where it listens, written `key@host:port` with the key in hexadecimal. The key is what the node must prove.
public struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    public let peer: PublicKey
    public let address: NetworkAddress

    public init(peer: PublicKey, address: NetworkAddress) {
        self.peer = peer
        self.address = address
    }

    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let peer = PublicKey(hex: parts[0]), let address = NetworkAddress(parts[1]) else { return nil }
        self.init(peer: peer, address: address)
    }

    public var description: String { "\(peer)@\(address)" }
}
