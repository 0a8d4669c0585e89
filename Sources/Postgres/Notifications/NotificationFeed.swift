/// Passes notifications to a reader that may be slow, and never loses one in silence.
struct NotificationFeed: Sendable {
    typealias Continuation = AsyncThrowingStream<PostgresNotification, any Error>.Continuation

    private let continuation: Continuation

    /// A feed and the stream that is read from it, which holds `limit` notifications.
    static func make(
        limit: Int = 1024
    ) -> (AsyncThrowingStream<PostgresNotification, any Error>, NotificationFeed) {
        let (stream, continuation) = AsyncThrowingStream.makeStream(
            of: PostgresNotification.self,
            bufferingPolicy: .bufferingNewest(limit)
        )
        return (stream, NotificationFeed(continuation: continuation))
    }

    /// Adds one; where the oldest must go for it, `.reconnected` follows.
    func pass(_ notification: PostgresNotification) {
        guard case .dropped = continuation.yield(notification) else { return }
        if notification != .reconnected { continuation.yield(.reconnected) }
    }

    /// Ends the stream, with an error where one is given.
    func finish(throwing error: PostgresError? = nil) {
        continuation.finish(throwing: error)
    }

    /// Calls `action` when the stream has ended, or its reader has gone.
    func onEnd(_ action: @escaping @Sendable () -> Void) {
        continuation.onTermination = { _ in action() }
    }
}
