import Dispatch
import Synchronization

/// Carries out what the pool's state machine decides.
final class ConnectionPool: Sendable {
    /// A connection that is lent; it must be given back once.
    struct Lease: Sendable {
        let number: PoolStateMachine.ConnectionNumber
        let connection: PostgresConnection
    }

    private typealias Waiter = CheckedContinuation<Result<Lease, PostgresError>, Never>

    private struct State {
        var machine: PoolStateMachine
        var connections: [PoolStateMachine.ConnectionNumber: PostgresConnection] = [:]
        var waiters: [PoolStateMachine.WaiterNumber: Waiter] = [:]
        var waitersNumbered = 0
        /// Waiters whose task was cancelled, perhaps before they began to wait.
        var cancelled: Set<PoolStateMachine.WaiterNumber> = []
        var drained: [CheckedContinuation<Void, Never>] = []
    }

    /// What is left to do once the state's lock is released.
    private enum Effect {
        case open(PoolStateMachine.ConnectionNumber)
        case answer(Waiter, Result<Lease, PostgresError>)
        case drop(PostgresConnection)
        case wake(ContinuousClock.Instant)
        case resume(CheckedContinuation<Void, Never>)
    }

    private let configuration: PostgresConfiguration
    private let maximumConnections: Int
    private let waitLimit: Duration
    private let state: Mutex<State>
    private let timer = DispatchQueue(label: "postgres.pool")

    init(
        configuration: PostgresConfiguration,
        maximumConnections: Int,
        maximumWaiters: Int,
        waitLimit: Duration
    ) {
        self.configuration = configuration
        self.maximumConnections = maximumConnections
        self.waitLimit = waitLimit
        state = Mutex(
            State(
                machine: PoolStateMachine(
                    maximumConnections: maximumConnections,
                    maximumWaiters: maximumWaiters
                )
            )
        )
    }

    var statistics: PoolStatistics { state.withLock { $0.machine.statistics } }

    /// Lends a connection that is known to be alive.
    ///
    /// Errors: `connectionFailed`, `poolTimeout`, `poolExhausted`, `poolClosed`, `cancelled`.
    func lease() async throws(PostgresError) -> Lease {
        // A restart of the server leaves every idle connection dead, so each may be met once.
        for _ in 0...maximumConnections {
            let lease = try await wait().get()
            guard lease.connection.hasUnaskedInput else { return lease }
            if await lease.connection.isAlive() { return lease }
            giveBack(lease)
        }
        throw PostgresError(.connectionFailed, detail: "every idle connection was dead")
    }

    /// Takes a connection back; only one that is between transactions is lent again.
    func giveBack(_ lease: Lease) {
        update {
            $0.machine.released(lease.number, isReusable: lease.connection.isReusable)
        }
    }

    /// Closes what is idle now, and what is lent when it comes back; returns when all is closed.
    func shutDown() async {
        await withCheckedContinuation { continuation in
            update { state in
                state.drained.append(continuation)
                return state.machine.shutDown()
            }
        }
    }

    private func wait() async -> Result<Lease, PostgresError> {
        let waiter = state.withLock { state in
            state.waitersNumbered += 1
            return state.waitersNumbered
        }
        defer { state.withLock { _ = $0.cancelled.remove(waiter) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                update { state in
                    state.waiters[waiter] = continuation
                    guard !state.cancelled.contains(waiter) else {
                        return [.fail(waiter, PostgresError(.cancelled))]
                    }
                    return state.machine.acquire(waiter, deadline: .now + waitLimit)
                }
            }
        } onCancel: {
            update { state in
                state.cancelled.insert(waiter)
                return state.machine.cancelled(waiter)
            }
        }
    }

    /// Changes the state under its lock, and does what follows from it without.
    private func update(_ event: (inout State) -> [PoolStateMachine.Action]) {
        let effects = state.withLock { state in
            event(&state).flatMap { Self.effects(of: $0, on: &state) }
        }
        for effect in effects { perform(effect) }
    }

    private static func effects(
        of action: PoolStateMachine.Action,
        on state: inout State
    ) -> [Effect] {
        switch action {
        case .open(let number): return [.open(number)]
        case .wake(let instant): return [.wake(instant)]
        case .lease(let number, let waiter):
            guard let continuation = state.waiters.removeValue(forKey: waiter),
                let connection = state.connections[number]
            else { preconditionFailure("a lease has a waiter and a connection") }
            return [.answer(continuation, .success(Lease(number: number, connection: connection)))]
        case .fail(let waiter, let error):
            guard let continuation = state.waiters.removeValue(forKey: waiter) else { return [] }
            return [.answer(continuation, .failure(error))]
        case .close(let number):
            return state.connections.removeValue(forKey: number).map { [.drop($0)] } ?? []
        case .drained:
            defer { state.drained = [] }
            return state.drained.map { .resume($0) }
        }
    }

    private func perform(_ effect: Effect) {
        switch effect {
        case .answer(let waiter, let result): waiter.resume(returning: result)
        case .resume(let continuation): continuation.resume()
        // The last reference goes here, outside the lock: closing a socket may take a moment.
        case .drop: break
        case .open(let number):
            PostgresConnection.open(configuration) { result in
                self.update { state in
                    switch result {
                    case .success(let connection):
                        state.connections[number] = connection
                        return state.machine.opened(number)
                    case .failure(let error): return state.machine.openFailed(number, error)
                    }
                }
            }
        case .wake(let instant):
            let delay = (instant - .now).wholeNanoseconds
            timer.asyncAfter(deadline: .now() + .nanoseconds(delay)) {
                self.update { $0.machine.expired(now: .now) }
            }
        }
    }
}
