import Synchronization

/// One waiter, any number of ringers: rings while nobody waits become one.
final class Doorbell: Sendable {
    private struct State {
        var rung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Wakes the waiter, or the next one.
    func ring() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let waiter = state.waiter else {
                state.rung = true
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Waits for a ring, for `deadline`, or for the task's cancellation.
    ///
    /// - Returns: true where it was a ring.
    func wait(until deadline: ContinuousClock.Instant) async -> Bool {
        let timeout = Timeout()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else {
                    return
                }
                timeout.pass()
                self.ring()
            }
            await self.wait()
            group.cancelAll()
        }
        return !timeout.hasPassed
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRung = state.withLock { state -> Bool in
                    let isRung = state.rung || Task.isCancelled
                    state.rung = false
                    if !isRung { state.waiter = continuation }
                    return isRung
                }
                if isRung { continuation.resume() }
            }
        } onCancel: {
            ring()
        }
    }
}

/// Whether a wait ended by its deadline.
private final class Timeout: Sendable {
    private let passed = Mutex(false)

    var hasPassed: Bool { passed.withLock { $0 } }

    func pass() { passed.withLock { $0 = true } }
}
