import Glibc

/// The clocks that quiet time is measured by: the computer's, or a test's own.
package struct CaptureTime: Sendable {
    /// The monotonic clock.
    package var now: @Sendable () -> ContinuousClock.Instant
    /// The real-time clock, in nanoseconds since 1970, as file systems write it.
    package var wallNanoseconds: @Sendable () -> Int64
    /// Returns at the instant, or throws on cancellation.
    package var sleep: @Sendable (ContinuousClock.Instant) async throws -> Void

    package init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        wallNanoseconds: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (ContinuousClock.Instant) async throws -> Void
    ) {
        self.now = now
        self.wallNanoseconds = wallNanoseconds
        self.sleep = sleep
    }

    /// The computer's clocks.
    package static let system = CaptureTime(
        now: { ContinuousClock.now },
        wallNanoseconds: {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        },
        sleep: { try await Task.sleep(until: $0, clock: .continuous) }
    )
}
