#if canImport(Glibc)
import Glibc
#endif

/// Time since the computer started, sleep included: nobody can set it.
package struct BootClock: Sendable {
    /// A moment of one start of the computer.
    package struct Moment: Equatable, Sendable {
        /// Which start it is; nil where the system does not say.
        package var boot: Identifier?
        package var milliseconds: Int64

        /// Takes the parts as they are.
        package init(boot: Identifier?, milliseconds: Int64) {
            self.boot = boot
            self.milliseconds = milliseconds
        }
    }

    private let read: @Sendable () -> Moment

    /// A clock that answers with `read`.
    package init(read: @escaping @Sendable () -> Moment) {
        self.read = read
    }

    /// The computer's own.
    package static let system: BootClock = {
        let boot = bootIdentifier()
        return BootClock {
            var time = timespec()
            clock_gettime(CLOCK_BOOTTIME, &time)
            return Moment(
                boot: boot,
                milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
            )
        }
    }()

    /// The present moment.
    package func now() -> Moment { read() }

    private static func bootIdentifier() -> Identifier? {
        let file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 36)
        guard Glibc.read(file, &bytes, 36) == 36 else { return nil }
        return Identifier(String(decoding: bytes, as: UTF8.self))
    }
}
