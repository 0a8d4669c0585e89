import Glibc
import Shared

/// Asks the running Agent, for the commands; blocks, at most as long as an answer may take.
package struct ControlClient: Sendable {
    private let path: String

    package init(path: String) {
        self.path = path
    }

    /// Sends `request` and reads the answer.
    ///
    /// Errors: `ControlError`; `.unavailable` where the Agent does not run.
    package func ask(_ request: ControlRequest) throws -> ControlReply {
        let descriptor = try connected()
        defer { close(descriptor) }
        try send(try JSON.encode(request) + [UInt8(ascii: "\n")], descriptor)
        let line = try receive(descriptor)
        guard let reply = try? JSON.decode(ControlReply.self, from: line) else {
            throw ControlError(.failed, "The answer cannot be read: another version runs.")
        }
        if let error = reply.error { throw error }
        return reply
    }

    private func connected() throws(ControlError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw ControlError(.unavailable, "The path of the control socket is too long.")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw failure(errno) }
        var limit = timeval(
            tv_sec: Int(ControlLimits.replyTime.components.seconds) + 10,
            tv_usec: 0
        )
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let reason = errno
            close(descriptor)
            throw failure(reason)
        }
        return descriptor
    }

    private func send(_ bytes: [UInt8], _ descriptor: Int32) throws(ControlError) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw failure(errno) }
            sent += count
        }
    }

    private func receive(_ descriptor: Int32) throws(ControlError) -> [UInt8] {
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while line.count <= ControlLimits.replyBytes {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw failure(errno) }
            guard count > 0, let end = buffer[..<count].firstIndex(of: UInt8(ascii: "\n")) else {
                guard count > 0 else { break }
                line += buffer[..<count]
                continue
            }
            return line + buffer[..<end]
        }
        throw ControlError(.failed, "The answer broke off.")
    }

    private func failure(_ code: Int32) -> ControlError {
        switch code {
        case ENOENT, ECONNREFUSED:
            ControlError(
                .unavailable,
                "clinic-agent does not run (no answer at \(path)): start it with systemctl start "
                    + "clinic-agent, and see journalctl -u clinic-agent for why it stopped."
            )
        case EACCES, EPERM:
            ControlError(
                .forbidden,
                "You may not ask clinic-agent: use sudo, or join the group clinic-agent."
            )
        case EAGAIN:
            ControlError(.unavailable, "clinic-agent does not answer in time.")
        default:
            ControlError(.unavailable, "clinic-agent cannot be asked at \(path) (errno \(code)).")
        }
    }
}
