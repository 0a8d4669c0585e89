import Glibc
import HTTPTypes
import Hummingbird
import NIOCore
import Shared

/// Which network a request comes from, for counting failures: an IPv4 address, or an IPv6 /64.
struct NetworkName: Sendable {
    /// True where a proxy of the clinic stands before the Hub and names the client.
    let trustsForwardedFor: Bool

    func of(_ request: Request, _ context: HubContext) -> String {
        if trustsForwardedFor,
            let named = request.headers[values: .forwardedFor].last?.split(separator: ",").last,
            let address = try? SocketAddress(ipAddress: String(named).trimmed, port: 0)
        {
            return Self.network(address)
        }
        return context.peer.map(Self.network) ?? "unknown"
    }

    private static func network(_ address: SocketAddress) -> String {
        guard let text = address.ipAddress else { return "unknown" }
        var bytes = [UInt8](repeating: 0, count: 16)
        // IPv4, or an IPv4 client on an IPv6 socket (::ffff:a.b.c.d): the address itself.
        guard inet_pton(AF_INET6, text, &bytes) == 1, bytes.prefix(8).contains(where: { $0 != 0 })
        else { return text }
        return Hexadecimal.encode(bytes.prefix(8)) + "/64"
    }
}
