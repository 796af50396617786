import NIOCore

/// A part of the network that one party can plausibly have to itself: the unit in which connections are counted. For IPv4 that
/// is a /24, for IPv6 a /64; an IPv4 address inside IPv6 counts as what it is.
struct AddressPrefix: Hashable, Sendable {
    private let isIPv6: Bool
    private let bits: UInt64

    /// nil for anything that is neither IPv4 nor IPv6.
    init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        if bytes.count == 16, !bytes.starts(with: mapped) {
            isIPv6 = true
            bits = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        } else if bytes.count == 4 || bytes.count == 16 {
            isIPv6 = false
            bits = bytes.suffix(4).dropLast().reduce(0) { $0 << 8 | UInt64($1) }
        } else {
            return nil
        }
    }

    init?(_ address: SocketAddress?) {
        // RFC 3493: family and port before an IPv4 address, and a flow label too before one of IPv6.
        switch address {
        case .v4: self.init(Self.bytes(of: address!, 4..<8))
        case .v6: self.init(Self.bytes(of: address!, 8..<24))
        default: return nil
        }
    }

    private static func bytes(of address: SocketAddress, _ range: Range<Int>) -> [UInt8] {
        address.withSockAddr { pointer, size in
            precondition(range.upperBound <= size)
            return Array(UnsafeRawBufferPointer(start: pointer, count: size)[range])
        }
    }

    /// The part of the network in which the numeric address `text` lies.
    init?(numeric text: String) { self.init(try? SocketAddress(ipAddress: text, port: 0)) }
}
