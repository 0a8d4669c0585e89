import Dispatch

/// Runs an actor on a thread of its own, where C calls may block.
///
/// A private queue, not the cooperative pool: a slow server holds up nobody but its connection.
final class ThreadExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    /// Runs `work` in turn with the actor's jobs.
    func run(_ work: @escaping @Sendable () -> Void) {
        queue.async(execute: work)
    }

    /// As `run`, a while later.
    func run(after delay: Duration, _ work: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + .nanoseconds(delay.wholeNanoseconds), execute: work)
    }

    func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}

extension Duration {
    /// Rounded up, and never negative.
    var wholeNanoseconds: Int {
        Int((max(self, .zero) / .nanoseconds(1)).rounded(.up))
    }
}
