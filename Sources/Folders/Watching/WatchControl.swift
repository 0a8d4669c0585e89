internal import Synchronization

/// What the watcher's thread shares with the tasks that own it.
final class WatchControl: Sendable {
    private struct State {
        var isStopped = false
        var requestedScan: ScanKind?
        var reported: RootFailure?
    }

    let signal: WakeSignal
    let channel: EventChannel
    let calls = CallCounter()
    private let state = Mutex(State())

    init() {
        signal = WakeSignal()
        channel = EventChannel(drained: signal)
    }

    var isStopped: Bool { state.withLock(\.isStopped) }

    /// True once a call was reported to hang, until the root is there again.
    var isReportedHanging: Bool { state.withLock { $0.reported == .hanging } }

    func stop() {
        state.withLock { $0.isStopped = true }
        signal.wake()
    }

    func request(_ kind: ScanKind) {
        state.withLock { $0.requestedScan = max($0.requestedScan ?? kind, kind) }
        signal.wake()
    }

    func takeRequest() -> ScanKind? {
        state.withLock { state in
            defer { state.requestedScan = nil }
            return state.requestedScan
        }
    }

    /// Sends an event from the watcher's thread, waiting for room.
    ///
    /// Errors: `stopped`.
    func send(_ event: FolderEvent) throws(Interruption) {
        while !channel.askForRoom() {
            if isStopped { throw .stopped }
            channel.flush()
            _ = signal.wait([], nanoseconds: .max)
        }
        channel.send(event)
    }

    /// Reports why the root is away, once per reason; never waits.
    func report(_ failure: RootFailure) {
        state.withLock { state in
            guard state.reported != failure, !state.isStopped else { return }
            state.reported = failure
            channel.send(.rootUnavailable(failure))
        }
        channel.flush()
    }

    /// Reports that the root is there.
    func report(_ description: RootDescription) {
        state.withLock { state in
            state.reported = nil
            channel.send(.rootAvailable(description))
        }
        channel.flush()
    }
}

/// Why the watcher's thread leaves what it was doing.
enum Interruption: Error {
    /// The watcher is to end.
    case stopped
    /// The root is gone, or must be opened again.
    case root(RootFailure)
}

/// Counts the beginnings and ends of calls, so that a hanging one shows as a standing odd number.
final class CallCounter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    /// Makes a call to the file system that may hang.
    func during<Result, Failure: Error>(
        _ call: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        count.wrappingAdd(1, ordering: .relaxed)
        defer { count.wrappingAdd(1, ordering: .relaxed) }
        return try call()
    }
}

/// Tells from samples of a `CallCounter` that a call does not come back.
struct HangDetector {
    private let deadline: Duration
    private var last = 0
    private var standing = Duration.zero

    init(deadline: Duration) {
        self.deadline = deadline
    }

    /// Takes the counter's value some time after the sample before; true where a call is overdue.
    mutating func isHanging(_ value: Int, after pause: Duration) -> Bool {
        guard value == last, value % 2 == 1 else {
            last = value
            standing = .zero
            return false
        }
        standing += pause
        return standing >= deadline
    }
}
