internal import CLinux
internal import Glibc

/// A thread of the operating system's, for calls that may never return: the cooperative pool has
/// one thread per processor.
enum PortThread {
    /// Starts `body` on its own thread; false where the system gives no more threads.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let context = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let result = pthread_create(
            &thread,
            nil,
            { pointer in
                guard let pointer else { return nil }
                pthread_detach(pthread_self())
                clinic_name_thread("serial port")
                Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().body()
                return nil
            },
            context.toOpaque()
        )
        if result != 0 { context.release() }
        return result == 0
    }

    private final class Body: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

/// Wakes the port's thread from any other.
final class WakeSignal: Sendable {
    private let number: Int32

    init() { number = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC)) }

    deinit { if number >= 0 { close(number) } }

    /// Ends the present wait, or the next one.
    func wake() {
        var one: UInt64 = 1
        if number >= 0 { _ = write(number, &one, MemoryLayout<UInt64>.size) }
    }

    /// Waits until woken, until `device` has one of `events`, or until `limit` has passed.
    ///
    /// Answers what the device has.
    func wait(for events: Int32, on device: Int32, limit: Duration?) -> Int32 {
        var descriptors = [
            pollfd(fd: number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: device, events: Int16(truncatingIfNeeded: events), revents: 0),
        ]
        guard poll(&descriptors, 2, milliseconds(limit)) > 0 else { return 0 }
        if descriptors[0].revents != 0 {
            var count: UInt64 = 0
            _ = read(number, &count, MemoryLayout<UInt64>.size)
        }
        return Int32(descriptors[1].revents)
    }

    private func milliseconds(_ limit: Duration?) -> Int32 {
        // Without an eventfd (no descriptor left) short pauses have to do.
        let longest: Int64 = number >= 0 ? Int64(Int32.max) : 250
        guard let limit else { return number >= 0 ? -1 : Int32(longest) }
        let (seconds, attoseconds) = limit.components
        // Rounded up: waking too early would mean spinning.
        let whole = max(0, min(seconds, 1_000_000)) * 1000
        return Int32(min(max(0, whole + attoseconds / 1_000_000_000_000_000 + 1), longest))
    }
}

/// The computer's clock that is never turned back.
enum SystemClock {
    static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
