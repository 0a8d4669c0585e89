internal import Glibc
internal import Synchronization

/// The work of a port's thread: waits for the line and for its callers, and carries bytes.
struct PortLoop: ~Copyable {
    private let core: PortCore
    private let device: PortDevice
    private var marks = ParityMarks()
    private var chunk = [UInt8](repeating: 0, count: 4096)

    init(core: PortCore, device: consuming PortDevice) {
        self.core = core
        self.device = device
    }

    /// Runs until the port is closed or the device is gone; then the device is free.
    consuming func run() {
        let core = core
        var reason: SerialPortFailure?
        while reason == nil { reason = turn() }
        release()
        core.end(reason ?? .closed)
        core.finishClosing()
    }

    /// Puts the settings back and closes the descriptor.
    private consuming func release() {}

    /// What to wait for.
    private struct Wish {
        var reads = false
        var writes = false
        /// When the next write is late; nil where none waits.
        var deadline: Duration?
    }

    /// One wait and what follows from it; the reason to end, where there is one.
    private mutating func turn() -> SerialPortFailure? {
        let wish: Wish? = core.state.withLock { state in
            guard !state.isClosing else { return nil }
            return Wish(
                reads: state.buffered < PortCore.maximumBuffer,
                writes: !state.pending.isEmpty,
                deadline: state.pending.map(\.deadline).min()
            )
        }
        guard let wish else { return .closed }
        let events = (wish.reads ? POLLIN : 0) | (wish.writes ? POLLOUT : 0)
        let limit = wish.deadline.map { $0 - core.moment }
        // A line that is hung up would wake us again and again though there is no room.
        let ready = core.wake.wait(
            for: events,
            on: events == 0 ? -1 : device.number,
            limit: limit
        )
        if wish.writes, let failure = write(canWrite: ready & POLLOUT != 0) { return failure }
        guard wish.reads, ready & (POLLIN | POLLHUP | POLLERR | POLLNVAL) != 0 else { return nil }
        return read(isHungUp: ready & (POLLHUP | POLLERR | POLLNVAL) != 0)
    }

    private mutating func read(isHungUp: Bool) -> SerialPortFailure? {
        let count = Glibc.read(device.number, &chunk, chunk.count)
        let number = errno
        if count > 0 {
            let taken = marks.take(chunk[..<count])
            let lost = device.lost()
            core.state.withLock { state in
                state.errors.faults += taken.faults
                state.errors.breaks += taken.breaks
                if let lost { state.errors.overruns = lost }
            }
            guard !taken.bytes.isEmpty else { return nil }
            core.deliver(
                SerialPort.Chunk(
                    bytes: taken.bytes,
                    moment: core.moment,
                    faults: taken.faults
                )
            )
            return nil
        }
        // Without a terminal's end mark, nothing to read means that nobody is there.
        if count == 0 { return .detached }
        switch number {
        case EINTR: return nil
        case EAGAIN: return isHungUp ? .detached : nil
        default: return SerialPortFailure(errorNumber: number)
        }
    }

    /// Writes as much as the line takes, and gives up what is late.
    private func write(canWrite: Bool) -> SerialPortFailure? {
        if canWrite, let first = core.state.withLock({ $0.pending.first }) {
            let count = first.bytes.withUnsafeBytes {
                Glibc.write(device.number, $0.baseAddress, $0.count)
            }
            let number = errno
            guard count >= 0 || number == EAGAIN || number == EINTR else {
                return SerialPortFailure(errorNumber: number)
            }
            if count > 0 { advance(by: count) }
        }
        let now = core.moment
        let late = core.state.withLock { state in
            let late = state.pending.filter { $0.deadline <= now }
            state.pending.removeAll { $0.deadline <= now }
            return late
        }
        for write in late { write.finish(.timedOut(written: write.written)) }
        return nil
    }

    private func advance(by count: Int) {
        let done: PortCore.Pending? = core.state.withLock { state in
            state.pending[0].bytes.removeFirst(count)
            return state.pending[0].bytes.isEmpty ? state.pending.removeFirst() : nil
        }
        done?.finish(nil)
    }
}
