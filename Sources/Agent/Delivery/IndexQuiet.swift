import Shared
import Synchronization

/// Tells how long the bytes of a device's index have stayed as they are, by this process's clock.
final class IndexQuiet: Sendable {
    private let seen = Mutex<(digest: Digest256, since: ContinuousClock.Instant)?>(nil)

    /// An index that nobody has written for this long is whole, whatever its first line says.
    static let duration = Duration.seconds(20)

    /// Notes the bytes; true where they were the same at every look since `duration` ago.
    func isQuiet(_ bytes: [UInt8], at now: ContinuousClock.Instant) -> Bool {
        let digest = Digest256(of: bytes)
        return seen.withLock { seen in
            guard let earlier = seen, earlier.digest == digest else {
                seen = (digest, now)
                return false
            }
            return now - earlier.since >= Self.duration
        }
    }
}
