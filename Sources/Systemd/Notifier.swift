import Glibc

/// Tells the service manager how the service is doing (sd_notify(3)).
///
/// Each message is one datagram. Where the process was not started by a service manager, nothing
/// is sent and nothing fails.
package struct Notifier: Sendable {
    private let socketPath: String?

    /// Takes the socket that the service manager has named.
    package init(environment: [String: String]) {
        socketPath = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The notifier of this process.
    package init() {
        self.init(
            environment: getenv("NOTIFY_SOCKET").map {
                ["NOTIFY_SOCKET": String(cString: $0)]
            } ?? [:]
        )
    }

    /// Whether anybody listens.
    package var isActive: Bool { socketPath != nil }

    /// What a service can say.
    package enum Message: Sendable, Hashable {
        /// Starting, or reloading, is over.
        case ready
        /// Stopping has begun.
        case stopping
        /// Reloading has begun, at this instant of the monotonic clock.
        case reloading(monotonicMicroseconds: UInt64)
        /// The watchdog's proof of life.
        case watchdog
        /// One line for `systemctl status`.
        case status(String)

        /// As it is sent.
        var text: String {
            switch self {
            case .ready: "READY=1"
            case .stopping: "STOPPING=1"
            case .reloading(let instant): "RELOADING=1\nMONOTONIC_USEC=\(instant)"
            case .watchdog: "WATCHDOG=1"
            // A line break would begin another assignment.
            case .status(let line):
                "STATUS=" + line.prefix(200).map { $0.isNewline ? " " : String($0) }.joined()
            }
        }

        /// `reloading` at this instant.
        package static var reloadingNow: Message {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return .reloading(
                monotonicMicroseconds: UInt64(time.tv_sec) * 1_000_000
                    + UInt64(time.tv_nsec) / 1000
            )
        }
    }

    /// Sends all of `messages` in one datagram.
    ///
    /// Errors: `socketAddress`, `system`.
    package func notify(_ messages: Message...) throws(SystemdError) {
        guard let socketPath else { return }
        let text = messages.map(\.text).joined(separator: "\n")
        try DatagramSocket.send(Array(text.utf8), to: socketPath)
    }
}
