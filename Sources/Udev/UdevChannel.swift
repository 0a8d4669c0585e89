internal import CLinux
internal import Glibc
internal import Synchronization

/// Carries events from libudev's thread to the consumer's task, and the wish to end the other way.
final class UdevChannel: Sendable {
    private struct State {
        var queue = UdevQueue()
        var consumer: CheckedContinuation<Result<[UdevEvent], UdevError>, Never>?
        var failure: UdevError?
        var isStopped = false
    }

    private let state = Mutex(State())
    /// Wakes the thread; negative where no descriptor was left.
    let wake = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))

    deinit { if wake >= 0 { close(wake) } }

    var isStopped: Bool { state.withLock { $0.isStopped } }
    /// True where the consumer has to take something before more is received.
    var isFull: Bool { state.withLock { $0.queue.isFull } }

    /// Called by the thread.
    func send(_ events: [UdevEvent]) {
        let (consumer, batch) = state.withLock { state in
            for event in events { state.queue.add(event) }
            return Self.takeForConsumer(&state)
        }
        consumer?.resume(returning: .success(batch))
    }

    /// Called by the thread when it ends; nil for an end that was asked for.
    func finish(_ failure: UdevError?) {
        let consumer = state.withLock { state in
            state.failure = failure
            state.isStopped = true
            defer { state.consumer = nil }
            return state.consumer
        }
        consumer?.resume(returning: failure.map { .failure($0) } ?? .success([]))
    }

    /// Asks the thread to end.
    func stop() {
        state.withLock { $0.isStopped = true }
        signal()
    }

    /// All that waits, or what comes next; empty at the end.
    func take() async throws(UdevError) -> [UdevEvent] {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Result<[UdevEvent], UdevError>? in
                    precondition(state.consumer == nil, "events have one consumer")
                    if Task.isCancelled { return .success([]) }
                    if !state.queue.isEmpty {
                        let batch = state.queue.take()
                        // Changes may have cancelled each other out.
                        if !batch.isEmpty { return .success(batch) }
                    }
                    if let failure = state.failure { return .failure(failure) }
                    if state.isStopped { return .success([]) }
                    state.consumer = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let consumer = state.withLock { state in
                defer { state.consumer = nil }
                return state.consumer
            }
            consumer?.resume(returning: .success([]))
        }
        // The thread may have waited for room.
        signal()
        return try result.get()
    }

    private static func takeForConsumer(
        _ state: inout State
    ) -> (CheckedContinuation<Result<[UdevEvent], UdevError>, Never>?, [UdevEvent]) {
        guard let consumer = state.consumer, !state.queue.isEmpty else { return (nil, []) }
        let batch = state.queue.take()
        guard !batch.isEmpty else { return (nil, []) }
        state.consumer = nil
        return (consumer, batch)
    }

    private func signal() {
        var one: UInt64 = 1
        if wake >= 0 { _ = write(wake, &one, MemoryLayout<UInt64>.size) }
    }
}
