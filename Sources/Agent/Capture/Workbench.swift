import Dispatch
import Shared
import Synchronization

/// Threads for work that keeps a processor busy, so that the cooperative pool stays free.
///
/// Callers bound how much they give at once.
struct Workbench: Sendable {
    private let queue = DispatchQueue(label: "workbench", attributes: .concurrent)

    /// Runs `work` on a thread of its own.
    func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }

    /// The same, but nil where `work` is not done after `limit`: it is then left to itself, as a call
    /// that hangs in the kernel can only be.
    func run<Value: Sendable>(
        within limit: Duration,
        _ work: @escaping @Sendable () -> Value
    ) async -> Value? {
        await withCheckedContinuation { (continuation: CheckedContinuation<Value?, Never>) in
            let isAnswered = Once()
            queue.async {
                let value = work()
                if isAnswered.take() { continuation.resume(returning: value) }
            }
            let deadline = DispatchTime.now() + .milliseconds(Int(limit.wholeMilliseconds))
            queue.asyncAfter(deadline: deadline) {
                if isAnswered.take() { continuation.resume(returning: nil) }
            }
        }
    }

    /// Runs `work` on a thread of its own and throws what it throws.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try work() }) }
        }
    }
}

/// True for the first who asks.
private final class Once: Sendable {
    private let isTaken = Mutex(false)

    func take() -> Bool {
        isTaken.withLock { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
    }
}
