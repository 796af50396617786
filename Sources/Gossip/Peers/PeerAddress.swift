public import Primitives

/// An Internet address: IPv6, or IPv4 as `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2). Names are resolved by the shell.
@frozen public struct NetworkAddress: FixedBytes {
    public var words: (UInt64, UInt64)
    @inlinable public init() { words = (0, 0) }

    public init(ipv4 a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        self.init([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d])!
    }

    public var isIPv4: Bool { bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]) }

    /// Those that one operator is likely to hold many of: a /16 of IPv4, a /32 of IPv6.
    public var group: AddressGroup {
        let bytes = bytes
        return AddressGroup(prefix: isIPv4 ? [4, bytes[12], bytes[13], 0, 0] : [6] + bytes[..<4])
    }

    /// Where the address can lead to.
    @frozen public enum Scope: Hashable, Sendable {
        case global
        /// This machine or a private network: good in a test network, worthless to the world.
        case local
        /// Unspecified, multicast, documentation and other reserved ranges (RFC 6890).
        case unusable
    }

    public var scope: Scope {
        let bytes = bytes
        if isIPv4 {
            switch (bytes[12], bytes[13], bytes[14]) {
            case (127, _, _), (10, _, _), (172, 16...31, _), (192, 168, _), (169, 254, _), (100, 64...127, _): return .local
            case (0, _, _), (224..., _, _), (192, 0, 0), (192, 0, 2), (198, 18...19, _), (198, 51, 100), (203, 0, 113): return .unusable
            default: return .global
            }
        }
        if bytes[..<15].allSatisfy({ $0 == 0 }) { return bytes[15] == 1 ? .local : .unusable }
        if bytes[0] & 0xfe == 0xfc || (bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80) { return .local }
        if bytes[0] == 0xff || bytes.starts(with: [0x20, 0x01, 0x0d, 0xb8]) || bytes[0] == 0 { return .unusable }
        return .global
    }
}

/// See ``NetworkAddress/group``.
@frozen public struct AddressGroup: Hashable, Comparable, Sendable {
    let prefix: [UInt8]

    public static func < (left: Self, right: Self) -> Bool { left.prefix.lexicographicallyPrecedes(right.prefix) }
}

/// Where a node listens, and the key it must prove there.
public struct PeerAddress: Hashable, Sendable, BCSCodable {
    public let key: PublicKey
    public let host: NetworkAddress
    public let port: UInt16

    public init(key: PublicKey, host: NetworkAddress, port: UInt16) {
        self.key = key
        self.host = host
        self.port = port
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(key)
        encoder.encode(host)
        encoder.encode(port)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        key = try decoder.decode(PublicKey.self)
        host = try decoder.decode(NetworkAddress.self)
        port = try decoder.decode(UInt16.self)
    }
}
