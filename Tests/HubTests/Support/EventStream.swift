import Dispatch
import Foundation
import Glibc
import Synchronization

/// A browser's side of a stream of server-sent events: everything that has come so far.
final class EventStream: Sendable {
    private let socket: Int32
    private let received = Mutex("")
    private let queue = DispatchQueue(label: "event-stream")

    struct Failure: Error {
        let received: String
    }

    /// Connects and asks.
    init(
        port: Int,
        after: Int,
        cookie: String,
        lastEventID: String? = nil,
        query: String = ""
    ) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        // A server that says nothing fails the test rather than hanging it.
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure(received: "connect: \(errno)") }
        var request = "GET /live/readings?after=\(after)\(query) HTTP/1.1\r\nHost: localhost\r\n"
        request += "Cookie: \(cookie)\r\n"
        if let lastEventID { request += "Last-Event-ID: \(lastEventID)\r\n" }
        request += "\r\n"
        _ = request.withCString { write(socket, $0, strlen($0)) }
    }

    deinit { close(socket) }

    /// Waits until `mark` has come, and returns everything until then; throws where it does not.
    @discardableResult
    func expect(_ mark: String) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(with: Result { try self.read(until: mark) })
            }
        }
    }

    private func read(until mark: String) throws -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let text = received.withLock { $0 }
            if text.contains(mark) { return text }
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { throw Failure(received: text) }
            received.withLock { $0 += String(decoding: buffer[..<count], as: UTF8.self) }
        }
    }
}
