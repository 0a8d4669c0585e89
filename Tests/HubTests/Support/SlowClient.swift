import Dispatch
import Glibc

/// A client that takes its time: it sends what a test says, piece by piece, until it is cut off.
///
/// Its pace is that of `recv`, which waits a little for an answer before the next piece goes out.
final class SlowClient: Sendable {
    private let socket: Int32
    /// POLLRDHUP, which Glibc hides from who does not ask for GNU's own.
    private static let hangUp: Int16 = 0x2000
    private let queue = DispatchQueue(label: "slow-client")

    /// What came until the connection ended.
    struct Ended: Sendable {
        let received: String
        let sentPieces: Int
        let seconds: Double
        /// False where the connection was still there when the patience ended.
        let isCut: Bool
    }
    struct Failure: Error {}

    /// Connects; `receiveBuffer` keeps small what the system takes without being asked.
    init(port: Int, receiveBuffer: Int32? = nil) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var bytes = receiveBuffer {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure() }
    }

    deinit { close(socket) }

    /// Sends `first`, then `piece` again and again, a little apart, and answers once it is cut off.
    func drip(
        _ first: String,
        piece: String = "",
        apart milliseconds: Int = 20,
        patience: Double = 20
    ) async -> Ended {
        await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(
                    returning: self.run(first, piece, milliseconds, patience)
                )
            }
        }
    }

    private func run(_ first: String, _ piece: String, _ apart: Int, _ patience: Double) -> Ended {
        let begin = DispatchTime.now().uptimeNanoseconds
        func seconds() -> Double {
            Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e9
        }
        var pause = timeval(tv_sec: 0, tv_usec: apart * 1000)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &pause, socklen_t(MemoryLayout<timeval>.size))
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        var pieces = 0
        send(first)
        while seconds() < patience {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count > 0 {
                received += buffer[..<count]
                continue
            }
            guard count < 0, errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR else {
                let text = String(decoding: received, as: UTF8.self)
                return Ended(received: text, sentPieces: pieces, seconds: seconds(), isCut: true)
            }
            guard !piece.isEmpty else { continue }
            send(piece)
            pieces += 1
        }
        let text = String(decoding: received, as: UTF8.self)
        return Ended(received: text, sentPieces: pieces, seconds: seconds(), isCut: false)
    }

    /// Sends without being ended by a connection that is gone.
    private func send(_ text: String) {
        guard !text.isEmpty else { return }
        _ = text.withCString { Glibc.send(socket, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
    }

    /// Sends without reading anything, and answers true where the other side hangs up meanwhile.
    func stuff(_ text: String, patience milliseconds: Int32) async -> Bool {
        await withCheckedContinuation { continuation in
            queue.async {
                _ = text.withCString {
                    Glibc.send(
                        self.socket,
                        $0,
                        strlen($0),
                        Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                    )
                }
                var watched = pollfd(fd: self.socket, events: Self.hangUp, revents: 0)
                continuation.resume(returning: poll(&watched, 1, milliseconds) > 0)
            }
        }
    }
}
