import Glibc

/// Unix datagram sockets by the names that systemd gives: a path, or `@` and an abstract name.
enum DatagramSocket {
    /// Sends one datagram.
    static func send(_ bytes: [UInt8], to name: String) throws(SystemdError) {
        let (address, length) = try address(of: name)
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw .system(errno: errno) }
        defer { close(descriptor) }
        let sent = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
        guard sent == bytes.count else { throw .system(errno: errno) }
    }

    /// The address of a name, and how much of it counts.
    static func address(of name: String) throws(SystemdError) -> (sockaddr_un, socklen_t) {
        var path = Array(name.utf8)
        let isAbstract = path.first == UInt8(ascii: "@")
        var address = sockaddr_un()
        let room = MemoryLayout.size(ofValue: address.sun_path)
        // An abstract name has no end mark, a path has.
        guard path.first == UInt8(ascii: "/") || isAbstract, path.count > 1,
            path.count < room || (isAbstract && path.count == room)
        else { throw .socketAddress }
        if isAbstract { path[0] = 0 } else { path.append(0) }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let header = MemoryLayout.size(ofValue: address.sun_family)
        return (address, socklen_t(header + path.count))
    }
}
