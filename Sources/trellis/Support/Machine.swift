import Foundation
import Glibc

/// What the operating system says of this machine.
enum Machine {
    /// The permission bits of a file; nil when there is none.
    static func mode(_ path: String) -> UInt32? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    static func freeBytes(_ path: String) -> UInt64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }

    enum Port {
        case free, taken
        case impossible(String)
    }

    /// Tries to listen, and stops at once.
    static func bind(host: String, port: UInt16) -> Port {
        var hints = addrinfo(), found: UnsafeMutablePointer<addrinfo>?
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        let code = getaddrinfo(host, String(port), &hints, &found)
        guard code == 0, let address = found else { return .impossible(String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(found) }
        let socket = Glibc.socket(address.pointee.ai_family, address.pointee.ai_socktype, address.pointee.ai_protocol)
        guard socket >= 0 else { return .impossible(String(cString: strerror(errno))) }
        defer { close(socket) }
        var on: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard Glibc.bind(socket, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0, listen(socket, 1) == 0 else {
            return errno == EADDRINUSE ? .taken : .impossible(String(cString: strerror(errno)))
        }
        return .free
    }
}
