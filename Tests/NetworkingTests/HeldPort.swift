import Glibc
import Networking

/// A port of this machine that belongs to a socket which does not listen: whoever dials it is refused, and nobody else can take it.
struct HeldPort {
    let address: NetworkAddress
    private let descriptor: Int32

    struct Failed: Error { let number: Int32 }

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failed(number: errno) }
        // A `sockaddr_in` by its bytes: family, port, address. Its fields belong to another module in every other build.
        var name = [UInt8(AF_INET), 0, 0, 0, 127, 0, 0, 1] + [UInt8](repeating: 0, count: 8)
        var length = socklen_t(name.count)
        let status = name.withUnsafeMutableBytes { bytes in
            let name = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            return bind(descriptor, name, length) | getsockname(descriptor, name, &length)
        }
        guard status == 0, let address = NetworkAddress(host: "127.0.0.1", port: UInt16(name[2]) << 8 | UInt16(name[3])) else {
            let number = errno
            close(descriptor)
            throw Failed(number: number)
        }
        self.address = address
        self.descriptor = descriptor
    }

    func release() { close(descriptor) }
}
