import Glibc

/// Wakes a thread that waits in `poll`: a pipe whose reading end becomes readable for good.
final class WakeSignal: Sendable {
    /// What the waiting thread polls.
    let descriptor: Int32
    private let writing: Int32

    init() throws(PostgresError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw PostgresError(.connectionFailed, detail: "no file descriptor is left")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        descriptor = ends[0]
        writing = ends[1]
    }

    deinit {
        close(descriptor)
        close(writing)
    }

    /// Wakes the thread now or when it next waits; a full pipe is awake already.
    func wake() {
        var byte: UInt8 = 1
        _ = write(writing, &byte, 1)
    }

    /// Waits until `socket` has input, the signal comes, or the time is over; -1 waits for ever.
    ///
    /// - Returns: true when the signal has come.
    func wait(orInputOn socket: Int32?, milliseconds: Int32) -> Bool {
        var entries = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        if let socket { entries.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
        _ = poll(&entries, nfds_t(entries.count), milliseconds)
        return entries[0].revents != 0
    }
}
