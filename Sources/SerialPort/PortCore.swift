internal import Synchronization

/// What a port's thread and its callers share.
final class PortCore: Sendable {
    /// Bytes on their way to the device.
    struct Pending {
        var bytes: ArraySlice<UInt8>
        let count: Int
        /// On the port's clock.
        let deadline: Duration
        let finish: @Sendable (SerialPortFailure?) -> Void

        var written: Int { count - bytes.count }
    }

    /// Who waits for the next chunk.
    struct Reader {
        let ticket: Int
        let give: @Sendable (SerialPort.Chunk?) -> Void
    }

    struct State {
        var buffer: [SerialPort.Chunk] = []
        var buffered = 0
        var reader: Reader?
        /// Who was cancelled before they began to wait.
        var cancelled: Int?
        var tickets = 0
        var pending: [Pending] = []
        var errors = SerialPort.LineErrors()
        var isClosing = false
        var ending: SerialPortFailure?
        var isClosed = false
        var closers: [@Sendable () -> Void] = []
    }

    /// More bytes than this are left in the driver.
    static let maximumBuffer = 1024 * 1024
    private static let maximumWrite = 64 * 1024
    private static let maximumPending = 64

    let state = Mutex(State())
    let wake = WakeSignal()
    private let opened = SystemClock.now

    var moment: Duration { SystemClock.now - opened }
    var ending: SerialPortFailure? { state.withLock { $0.ending } }
    var errors: SerialPort.LineErrors { state.withLock { $0.errors } }

    /// Starts the thread, which opens the port and tells how that went.
    func start(
        path: String,
        settings: LineSettings,
        _ tell: @escaping @Sendable (SerialPortFailure?) -> Void
    ) {
        let started = PortThread.start {
            switch PortDevice.open(path, settings) {
            case .failure(let failure):
                self.end(failure)
                self.finishClosing()
                tell(failure)
            case .success(let device):
                tell(nil)
                PortLoop(core: self, device: device).run()
            }
        }
        guard !started else { return }
        end(.overloaded)
        finishClosing()
        tell(.overloaded)
    }

    func requestClose() {
        state.withLock { $0.isClosing = true }
        wake.wake()
    }

    func whenClosed(_ tell: @escaping @Sendable () -> Void) {
        let isClosed = state.withLock { state in
            if !state.isClosed { state.closers.append(tell) }
            return state.isClosed
        }
        if isClosed { tell() }
    }

    func enqueue(
        _ bytes: [UInt8],
        deadline: Duration,
        _ finish: @escaping @Sendable (SerialPortFailure?) -> Void
    ) {
        let limit = moment + deadline
        let refusal: SerialPortFailure?? = state.withLock { state in
            if let ending = state.ending { return .some(ending) }
            if state.isClosing { return .some(.closed) }
            guard !bytes.isEmpty else { return .some(nil) }
            guard bytes.count <= Self.maximumWrite, state.pending.count < Self.maximumPending
            else { return .some(.overloaded) }
            let pending = Pending(
                bytes: bytes[...],
                count: bytes.count,
                deadline: limit,
                finish: finish
            )
            state.pending.append(pending)
            return nil
        }
        if let refusal { return finish(refusal) }
        wake.wake()
    }

    /// A number for one wait, by which it can be cancelled.
    func ticket() -> Int {
        state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
    }

    /// Gives the next chunk, now or when there is one; a second reader gets the end.
    func take(_ ticket: Int, _ give: @escaping @Sendable (SerialPort.Chunk?) -> Void) {
        let answer: SerialPort.Chunk?? = state.withLock { state in
            if state.cancelled == ticket { return .some(nil) }
            if !state.buffer.isEmpty {
                let chunk = state.buffer.removeFirst()
                state.buffered -= chunk.bytes.count
                return .some(chunk)
            }
            if state.ending != nil || state.reader != nil { return .some(nil) }
            state.reader = Reader(ticket: ticket, give: give)
            return nil
        }
        // The thread may have waited for room.
        if answer != nil { wake.wake() }
        if let answer { give(answer) }
    }

    /// Ends one wait, whether it has begun or not.
    func cancelTake(_ ticket: Int) {
        let reader: Reader? = state.withLock { state in
            guard let reader = state.reader, reader.ticket == ticket else {
                state.cancelled = ticket
                return nil
            }
            state.reader = nil
            return reader
        }
        reader?.give(nil)
    }

    /// Hands a chunk to the reader, or keeps it.
    func deliver(_ chunk: SerialPort.Chunk) {
        let reader = state.withLock { state in
            defer { state.reader = nil }
            if state.reader == nil {
                state.buffer.append(chunk)
                state.buffered += chunk.bytes.count
            }
            return state.reader
        }
        reader?.give(chunk)
    }

    /// Ends reading and writing; the first reason counts.
    func end(_ reason: SerialPortFailure) {
        let (reader, pending) = state.withLock { state in
            state.ending = state.ending ?? reason
            defer { (state.reader, state.pending) = (nil, []) }
            return (state.reader, state.pending)
        }
        reader?.give(nil)
        for write in pending { write.finish(reason) }
    }

    /// Tells those who wait that the device is free.
    func finishClosing() {
        let closers = state.withLock { state in
            state.isClosed = true
            defer { state.closers = [] }
            return state.closers
        }
        for closer in closers { closer() }
    }
}
