import Logging
import Synchronization

/// The subscriptions of one client, so that its shutdown ends them.
final class NotificationListeners: Sendable {
    private struct State {
        var running: [Int: NotificationListener] = [:]
        var numbered = 0
        var isStopped = false
    }

    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let state = Mutex(State())

    init(configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Begins a subscription; it ends with its stream.
    func listen(on channels: [String]) -> AsyncThrowingStream<PostgresNotification, any Error> {
        let (stream, feed) = NotificationFeed.make()
        do {
            let listener = try NotificationListener(
                configuration: configuration,
                channels: channels,
                feed: feed,
                logger: logger
            )
            guard let number = add(listener) else {
                feed.finish()
                return stream
            }
            feed.onEnd { [self] in
                listener.stop()
                state.withLock { $0.running[number] = nil }
            }
            listener.start()
        } catch {
            feed.finish(throwing: error)
        }
        return stream
    }

    /// Ends every subscription, and refuses new ones.
    func stop() {
        let running = state.withLock { state in
            state.isStopped = true
            return state.running.values
        }
        for listener in running { listener.stop() }
    }

    private func add(_ listener: NotificationListener) -> Int? {
        state.withLock { state in
            guard !state.isStopped else { return nil }
            state.numbered += 1
            state.running[state.numbered] = listener
            return state.numbered
        }
    }
}
