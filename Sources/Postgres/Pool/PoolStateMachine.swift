/// Decides who gets which connection; knows no socket, no task and no clock.
///
/// Every event returns what must be done. Waiters are served in the order of their arrival.
struct PoolStateMachine {
    typealias ConnectionNumber = Int
    typealias WaiterNumber = Int

    /// What the pool around it must do.
    enum Action: Equatable {
        /// Open a connection, then report `opened` or `openFailed`.
        case open(ConnectionNumber)
        /// Give the connection to the waiter.
        case lease(ConnectionNumber, WaiterNumber)
        /// Tell the waiter that it gets none.
        case fail(WaiterNumber, PostgresError)
        /// Let go of the connection.
        case close(ConnectionNumber)
        /// Report `expired` at this instant.
        case wake(ContinuousClock.Instant)
        /// After `shutDown`: nothing is open any more.
        case drained
    }

    private enum Slot { case connecting, idle, leased }

    private struct Waiter {
        let number: WaiterNumber
        let deadline: ContinuousClock.Instant
    }

    private let maximumConnections: Int
    private let maximumWaiters: Int
    private var slots: [ConnectionNumber: Slot] = [:]
    private var idle: [ConnectionNumber] = []
    private var waiters: [Waiter] = []
    private var connectionsNumbered = 0
    private var isWakeAsked = false
    private var isShutDown = false

    init(maximumConnections: Int, maximumWaiters: Int) {
        precondition(maximumConnections > 0, "a pool has at least one connection")
        precondition(maximumWaiters >= 0, "a queue has no negative length")
        self.maximumConnections = maximumConnections
        self.maximumWaiters = maximumWaiters
    }

    /// How many connections there are, and who waits.
    var statistics: PoolStatistics {
        PoolStatistics(
            open: slots.values.count { $0 != .connecting },
            idle: idle.count,
            connecting: connecting,
            waiting: waiters.count
        )
    }

    private var connecting: Int { slots.values.count { $0 == .connecting } }

    /// Someone wants a connection.
    mutating func acquire(
        _ waiter: WaiterNumber,
        deadline: ContinuousClock.Instant
    ) -> [Action] {
        guard !isShutDown else { return [.fail(waiter, PostgresError(.poolClosed))] }
        if let connection = idle.popLast() {
            slots[connection] = .leased
            return [.lease(connection, waiter)]
        }
        guard waiters.count < maximumWaiters else {
            return [.fail(waiter, PostgresError(.poolExhausted))]
        }
        waiters.append(Waiter(number: waiter, deadline: deadline))
        return openAsNeeded() + wakeAsNeeded()
    }

    /// A connection is open.
    mutating func opened(_ connection: ConnectionNumber) -> [Action] {
        precondition(slots[connection] == .connecting, "only what is being opened opens")
        guard !isShutDown else { return remove(connection, closing: true) }
        return offer(connection)
    }

    /// A connection could not be opened: whoever waits longest learns why.
    mutating func openFailed(_ connection: ConnectionNumber, _ error: PostgresError) -> [Action] {
        precondition(slots[connection] == .connecting, "only what is being opened can fail to")
        var actions: [Action] = []
        if !waiters.isEmpty { actions.append(.fail(waiters.removeFirst().number, error)) }
        return actions + remove(connection, closing: false)
    }

    /// A connection comes back; one that is not reusable is replaced where someone waits.
    mutating func released(_ connection: ConnectionNumber, isReusable: Bool) -> [Action] {
        precondition(slots[connection] == .leased, "only what was lent comes back")
        guard isReusable, !isShutDown else { return remove(connection, closing: true) }
        return offer(connection)
    }

    /// A waiter's task was cancelled; nothing happens where it waits no more.
    mutating func cancelled(_ waiter: WaiterNumber) -> [Action] {
        guard let index = waiters.firstIndex(where: { $0.number == waiter }) else { return [] }
        waiters.remove(at: index)
        return [.fail(waiter, PostgresError(.cancelled))]
    }

    /// The instant has come that `wake` named.
    mutating func expired(now: ContinuousClock.Instant) -> [Action] {
        isWakeAsked = false
        let late = waiters.prefix { $0.deadline <= now }
        waiters.removeFirst(late.count)
        return late.map { .fail($0.number, PostgresError(.poolTimeout)) } + wakeAsNeeded()
    }

    /// No more connections are given; those that are lent are closed when they come back.
    mutating func shutDown() -> [Action] {
        guard !isShutDown else { return slots.isEmpty ? [.drained] : [] }
        isShutDown = true
        var actions: [Action] = waiters.map { .fail($0.number, PostgresError(.poolClosed)) }
        waiters = []
        for connection in idle {
            slots[connection] = nil
            actions.append(.close(connection))
        }
        idle = []
        return slots.isEmpty ? actions + [.drained] : actions
    }

    private mutating func offer(_ connection: ConnectionNumber) -> [Action] {
        guard !waiters.isEmpty else {
            slots[connection] = .idle
            idle.append(connection)
            return []
        }
        slots[connection] = .leased
        return [.lease(connection, waiters.removeFirst().number)]
    }

    private mutating func remove(_ connection: ConnectionNumber, closing: Bool) -> [Action] {
        slots[connection] = nil
        let actions: [Action] = closing ? [.close(connection)] : []
        guard isShutDown else { return actions + openAsNeeded() }
        return slots.isEmpty ? actions + [.drained] : actions
    }

    private mutating func openAsNeeded() -> [Action] {
        var actions: [Action] = []
        while connecting < waiters.count, slots.count < maximumConnections {
            connectionsNumbered += 1
            slots[connectionsNumbered] = .connecting
            actions.append(.open(connectionsNumbered))
        }
        return actions
    }

    private mutating func wakeAsNeeded() -> [Action] {
        guard !isWakeAsked, let first = waiters.first else { return [] }
        isWakeAsked = true
        return [.wake(first.deadline)]
    }
}
