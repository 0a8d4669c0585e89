/// How long to wait before the next attempt: twice as long each time, up to a limit.
struct Backoff {
    private let first: Duration
    private let limit: Duration
    private var next: Duration

    init(first: Duration, limit: Duration) {
        self.first = first
        self.limit = limit
        next = first
    }

    /// The pause before the next attempt.
    mutating func pause() -> Duration {
        defer { next = min(limit, next * 2) }
        return next
    }

    /// After a success the next failure waits shortly again.
    mutating func reset() { next = first }
}
