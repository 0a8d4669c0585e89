#if canImport(Glibc)
import Glibc
#endif

/// Where the present time comes from: the computer's clock, or a test's own.
package struct WallClock: Sendable {
    private let read: @Sendable () -> Instant

    /// A clock that answers with `read`.
    package init(read: @escaping @Sendable () -> Instant) {
        self.read = read
    }

    /// The computer's real-time clock.
    package static let system = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// The present instant.
    package func now() -> Instant { read() }

    /// A new version 7 identifier of the present instant.
    package func identifier() -> Identifier {
        var random = SystemRandomNumberGenerator()
        return Identifier(now: now(), random: &random)
    }
}
