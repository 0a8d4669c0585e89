@testable import Postgres

/// A small generator whose sequence its seed decides.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Everything around a pool, made of plain sets: who waits, what is open, what is lent.
struct PoolWorld {
    let maximumConnections: Int
    var pool: PoolStateMachine
    var unanswered: Set<Int> = []
    var highest = 0
    var isDrained = false
    private var connecting: Set<Int> = []
    private var idle: Set<Int> = []
    private var leased: Set<Int> = []
    private var waiters = 0
    private var now = ContinuousClock.now

    init(maximumConnections: Int) {
        self.maximumConnections = maximumConnections
        pool = PoolStateMachine(maximumConnections: maximumConnections, maximumWaiters: 20)
    }

    mutating func step(using random: inout SplitMix) {
        now += .seconds(1)
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4:
            waiters += 1
            unanswered.insert(waiters)
            apply(pool.acquire(waiters, deadline: now + .seconds(9)))
        case 4..<6:
            guard let connection = connecting.sorted().randomElement(using: &random) else { return }
            connecting.remove(connection)
            if Bool.random(using: &random) {
                idle.insert(connection)
                apply(pool.opened(connection))
            } else {
                apply(pool.openFailed(connection, PostgresError(.connectionFailed)))
            }
        case 6..<8:
            guard let connection = leased.sorted().randomElement(using: &random) else { return }
            leased.remove(connection)
            idle.insert(connection)
            let isReusable = Bool.random(using: &random)
            apply(pool.released(connection, isReusable: isReusable))
        case 8:
            guard waiters > 0 else { return }
            apply(pool.cancelled(Int.random(in: 1...waiters, using: &random)))
        default: apply(pool.expired(now: now))
        }
    }

    /// Shuts down, and lets everything that is under way come to its end.
    mutating func settle() {
        apply(pool.shutDown())
        for connection in connecting {
            connecting.remove(connection)
            idle.insert(connection)
            apply(pool.opened(connection))
        }
        for connection in leased {
            leased.remove(connection)
            idle.insert(connection)
            apply(pool.released(connection, isReusable: true))
        }
    }

    private mutating func apply(_ actions: [PoolStateMachine.Action]) {
        for action in actions {
            switch action {
            case .open(let connection): connecting.insert(connection)
            case .lease(let connection, let waiter):
                precondition(idle.remove(connection) != nil, "only a free connection is lent")
                precondition(unanswered.remove(waiter) != nil, "a waiter is answered once")
                leased.insert(connection)
            case .fail(let waiter, _):
                precondition(unanswered.remove(waiter) != nil, "a waiter is answered once")
            case .close(let connection):
                precondition(idle.remove(connection) != nil, "only a free connection is closed")
            case .wake: break
            case .drained: isDrained = true
            }
        }
        highest = max(highest, connecting.count + idle.count + leased.count)
    }
}
