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
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) | getsockname(descriptor, $0, &length) }
        }
        guard status == 0, let address = NetworkAddress("127.0.0.1:\(UInt16(bigEndian: name.sin_port))") else {
            let number = errno
            close(descriptor)
            throw Failed(number: number)
        }
        self.address = address
        self.descriptor = descriptor
    }

    func release() { close(descriptor) }
}
