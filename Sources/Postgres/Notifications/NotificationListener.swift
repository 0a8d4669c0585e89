import Dispatch
import Logging

/// One subscription: a thread that sleeps on its connection's socket until something is sent.
final class NotificationListener: Sendable {
    private let configuration: PostgresConfiguration
    private let channels: [String]
    private let feed: NotificationFeed
    private let logger: Logger
    private let stopSignal: WakeSignal

    init(
        configuration: PostgresConfiguration,
        channels: [String],
        feed: NotificationFeed,
        logger: Logger
    ) throws(PostgresError) {
        guard channels.allSatisfy(Self.isChannel) else {
            throw PostgresError(.invalidConfiguration, detail: "not a channel's name")
        }
        self.configuration = configuration
        self.channels = channels
        self.feed = feed
        self.logger = logger
        stopSignal = try WakeSignal()
    }

    private static func isChannel(_ name: String) -> Bool {
        // The server cuts longer names, and would then listen to another channel.
        (1...63).contains(name.utf8.count) && !name.utf8.contains(0)
    }

    /// Begins on a thread of its own.
    func start() {
        DispatchQueue(label: "postgres.listener").async { self.follow() }
    }

    /// Ends the thread and the stream.
    func stop() {
        stopSignal.wake()
    }

    private func follow() {
        var backoff = Backoff(first: .milliseconds(100), limit: .seconds(5))
        var isStopped = false
        while !isStopped {
            do {
                let handle = try connect()
                backoff.reset()
                feed.pass(.reconnected)
                isStopped = deliver(from: handle)
                if !isStopped { logger.notice("the listening connection was lost") }
            } catch {
                logger.notice("listening failed", metadata: ["error": "\(error)"])
            }
            if !isStopped {
                let pause = Int32(clamping: Int(backoff.pause() / .milliseconds(1)))
                isStopped = stopSignal.wait(orInputOn: nil, milliseconds: pause)
            }
        }
        feed.finish()
    }

    private func connect() throws(PostgresError) -> ConnectionHandle {
        let handle = try ConnectionHandle.open(configuration)
        for channel in channels {
            let name = channel.split(separator: "\"", omittingEmptySubsequences: false)
                .joined(separator: "\"\"")
            _ = try handle.script("LISTEN \"\(name)\"")
        }
        return handle
    }

    /// Passes on what comes; true when it was told to stop, false when the connection is lost.
    private func deliver(from handle: borrowing ConnectionHandle) -> Bool {
        repeat {
            while let notification = handle.nextNotification() { feed.pass(notification) }
            if stopSignal.wait(orInputOn: handle.socket, milliseconds: -1) { return true }
        } while handle.consumeInput()
        return false
    }
}
