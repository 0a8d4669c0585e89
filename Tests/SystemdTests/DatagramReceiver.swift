import Glibc
import TestKit

@testable import Systemd

/// What the service manager's end of the notification socket does: binds, and receives datagrams.
final class DatagramReceiver: Sendable {
    private let descriptor: Int32

    /// Binds a path, or `@` and an abstract name.
    init(_ name: String) throws {
        let (address, length) = try DatagramSocket.address(of: name)
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        let status = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length)
            }
        }
        guard status == 0 else { throw SystemdError.system(errno: errno) }
    }

    deinit { close(descriptor) }

    /// The next datagram; waits for it.
    func receive() -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    /// Whether a datagram waits.
    var hasMore: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0
    }
}
