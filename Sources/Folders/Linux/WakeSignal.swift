internal import CLinux
internal import Glibc

/// Wakes the thread that waits in `wait`, from any other thread.
final class WakeSignal: Sendable {
    /// Keeps `number` open.
    private let descriptor: Descriptor?
    private let number: Int32?

    /// Without an eventfd (no descriptor left) waiting falls back to short pauses.
    init() {
        let opened = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        descriptor = opened >= 0 ? Descriptor(opened) : nil
        number = opened >= 0 ? opened : nil
    }

    /// Ends the present wait, or the next one.
    func wake() {
        var one: UInt64 = 1
        if let number { _ = write(number, &one, MemoryLayout<UInt64>.size) }
    }

    /// Waits until woken, until one of `others` has something, or for so many nanoseconds.
    ///
    /// Answers which of `others` have something.
    func wait(_ others: [(number: Int32, events: Int32)], nanoseconds: Int64) -> [Bool] {
        let own = number.map { [($0, POLLIN)] } ?? []
        var descriptors = (own + others).map {
            pollfd(fd: $0.0, events: Int16(truncatingIfNeeded: $0.1), revents: 0)
        }
        let limit = own.isEmpty ? Self.pauseWithoutSignal : Int64(Int32.max)
        // Rounded up: waking too early would mean spinning until the moment has come.
        let milliseconds = Int32(min(max(nanoseconds, 0) / 1_000_000 + 1, limit))
        guard poll(&descriptors, nfds_t(descriptors.count), milliseconds) > 0 else {
            return others.map { _ in false }
        }
        if let number, descriptors[0].revents != 0 {
            var count: UInt64 = 0
            _ = read(number, &count, MemoryLayout<UInt64>.size)
        }
        return descriptors.dropFirst(own.count).map { $0.revents != 0 }
    }

    private static let pauseWithoutSignal: Int64 = 250
}
