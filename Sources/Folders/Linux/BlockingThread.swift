internal import Dispatch
internal import Synchronization

/// One thread for the blocking calls of one root, replaced when a call does not come back.
///
/// Limits: `maximumStuck` threads may be stuck at a time; with that many, jobs fail at once. A
/// stuck thread ends when its call returns. At most `maximumWaiting` jobs wait.
final class BlockingThread: Sendable {
    static let maximumStuck = 2
    static let maximumWaiting = 256

    private let core: Core

    init(deadline: Duration) {
        core = Core(deadline: deadline)
    }

    deinit { core.stop() }

    /// How many threads wait for calls that are overdue.
    var stuckThreads: Int { core.state.withLock(\.stuck) }

    /// Runs `body` on the thread, and gives up on it after the deadline.
    ///
    /// Errors: `timedOut`, `cancelled`.
    func perform<Value: Sendable>(
        _ body: @escaping @Sendable () -> Value
    ) async throws(FileFailure) -> Value {
        let slot = ResultSlot<Value>()
        let core = core
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                slot.wait(continuation)
                core.submit(
                    Job(
                        submitted: SystemTime.monotonic,
                        run: { slot.finish(.success(body())) },
                        fail: { slot.finish(.failure($0)) }
                    )
                )
            }
        } onCancel: {
            slot.finish(.failure(.cancelled))
        }
        return try result.get()
    }
}

private struct Job: Sendable {
    let submitted: Int64
    let run: @Sendable () -> Void
    let fail: @Sendable (FileFailure) -> Void
}

/// Answers a waiting task exactly once, whoever comes first.
private final class ResultSlot<Value: Sendable>: Sendable {
    private enum State {
        case new
        case waiting(CheckedContinuation<Result<Value, FileFailure>, Never>)
        case finished(Result<Value, FileFailure>)
        case answered
    }

    private let state = Mutex(State.new)

    func wait(_ continuation: CheckedContinuation<Result<Value, FileFailure>, Never>) {
        let finished: Result<Value, FileFailure>? = state.withLock { state in
            guard case .finished(let result) = state else {
                state = .waiting(continuation)
                return nil
            }
            state = .answered
            return result
        }
        if let finished { continuation.resume(returning: finished) }
    }

    func finish(_ result: Result<Value, FileFailure>) {
        let waiting: CheckedContinuation<Result<Value, FileFailure>, Never>? = state.withLock {
            state in
            switch state {
            case .new:
                state = .finished(result)
                return nil
            case .waiting(let continuation):
                state = .answered
                return continuation
            case .finished, .answered: return nil
            }
        }
        waiting?.resume(returning: result)
    }
}

private final class Core: Sendable {
    struct State {
        var waiting: [Job] = []
        var running: (job: Job, since: Int64)?
        /// The thread that may take jobs; a stuck one has an older number.
        var thread = 0
        var hasThread = false
        var stuck = 0
        var isWatched = false
        var isStopped = false
    }

    let state = Mutex(State())
    private let work = DispatchSemaphore(value: 0)
    private let deadline: Int64

    init(deadline: Duration) {
        self.deadline = max(deadline.nanoseconds, 1_000_000)
    }

    func submit(_ job: Job) {
        let (isTaken, isWatched) = state.withLock { state in
            guard state.waiting.count < BlockingThread.maximumWaiting else { return (false, true) }
            if !state.hasThread { startThread(&state) }
            guard state.hasThread else { return (false, true) }
            state.waiting.append(job)
            defer { state.isWatched = true }
            return (true, state.isWatched)
        }
        guard isTaken else { return job.fail(.timedOut) }
        work.signal()
        if !isWatched { watch() }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        work.signal()
    }

    private func startThread(_ state: inout State) {
        guard state.stuck < BlockingThread.maximumStuck else { return }
        state.thread += 1
        let number = state.thread
        state.hasThread = NativeThread.start(name: "folder-read") { [self] in run(number) }
    }

    private func run(_ number: Int) {
        while true {
            work.wait()
            let (job, isStopped) = state.withLock { state -> (Job?, Bool) in
                guard !state.waiting.isEmpty else { return (nil, state.isStopped) }
                let job = state.waiting.removeFirst()
                state.running = (job, SystemTime.monotonic)
                return (job, false)
            }
            if isStopped { return }
            guard let job else { continue }
            job.run()
            let isCurrent = state.withLock { state in
                guard state.thread == number, state.hasThread else {
                    state.stuck -= 1
                    return false
                }
                state.running = nil
                return true
            }
            guard isCurrent else { return }
        }
    }

    /// Looks for overdue jobs from time to time, as long as there are jobs.
    private func watch() {
        let pause = DispatchTimeInterval.nanoseconds(Int(max(deadline / 4, 1_000_000)))
        DispatchQueue.global().asyncAfter(deadline: .now() + pause) { [self] in
            let (overdue, goesOn) = state.withLock { takeOverdue(&$0) }
            for job in overdue { job.fail(.timedOut) }
            if goesOn { watch() }
        }
    }

    private func takeOverdue(_ state: inout State) -> ([Job], Bool) {
        let limit = SystemTime.monotonic - deadline
        var overdue = state.waiting.filter { $0.submitted < limit }
        state.waiting.removeAll { $0.submitted < limit }
        if let running = state.running, running.since < limit {
            overdue.append(running.job)
            state.running = nil
            state.stuck += 1
            state.hasThread = false
            // The semaphore counts the waiting jobs, so that a new thread finds them.
            if !state.waiting.isEmpty { startThread(&state) }
        }
        if !state.hasThread {
            overdue += state.waiting
            state.waiting = []
        }
        state.isWatched = state.running != nil || !state.waiting.isEmpty
        return (overdue, state.isWatched)
    }
}
