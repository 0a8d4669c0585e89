import Sync
import Synchronization

/// Lets a few pushes into the database at once; the others wait their turn, the first first.
///
/// All pushes of a site end at the same row. Thirty at once take twice the processor time of four:
/// they wait for each other, each with its memory and its locks.
final class IntakeGate: Sendable {
    private struct State {
        var free: Int
        var next = 0
        var waiting: [(number: Int, continuation: CheckedContinuation<Void, any Error>)] = []
    }

    private let state: Mutex<State>
    private let waitersAtMost: Int

    /// How long an Agent waits that found the line full.
    private static let retry = 5

    /// - Parameters:
    ///   - width: how many go at once.
    ///   - waiters: how many may wait; whoever comes then is told to come back.
    init(width: Int = 4, waiters: Int = 64) {
        state = Mutex(State(free: width))
        waitersAtMost = waiters
    }

    /// Runs `body` when it is its turn.
    ///
    /// Throws `SyncError.busy` where too many wait, `CancellationError` where the caller has gone.
    func pass<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await body()
    }

    /// How many wait.
    var waiters: Int { state.withLock { $0.waiting.count } }

    /// Whether the next one would go at once.
    var isFree: Bool { state.withLock { $0.free > 0 } }

    private func enter() async throws {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.free > 0 {
                        state.free -= 1
                        return .success(())
                    }
                    guard state.waiting.count < waitersAtMost else {
                        return .failure(SyncError.busy(retryAfterSeconds: Self.retry))
                    }
                    state.waiting.append((number, continuation))
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let gone = state.withLock { state in
                state.waiting.firstIndex { $0.number == number }
                    .map { state.waiting.remove(at: $0).continuation }
            }
            gone?.resume(throwing: CancellationError())
        }
    }

    private func leave() {
        // The place goes on to whoever waits, without being free in between.
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume()
    }
}
