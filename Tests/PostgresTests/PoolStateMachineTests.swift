import Testing

@testable import Postgres

@Suite struct PoolStateMachineTests {
    private let start = ContinuousClock.now
    private let refused = PostgresError(.connectionFailed)

    private func deadline(_ seconds: Int) -> ContinuousClock.Instant {
        start + .seconds(seconds)
    }

    @Test func `the first wish opens a connection`() {
        var pool = PoolStateMachine(maximumConnections: 2, maximumWaiters: 9)
        #expect(pool.acquire(1, deadline: deadline(1)) == [.open(1), .wake(deadline(1))])
        #expect(pool.opened(1) == [.lease(1, 1)])
        #expect(pool.statistics.leased == 1)
    }

    @Test func `an idle connection is lent again`() {
        var pool = PoolStateMachine(maximumConnections: 2, maximumWaiters: 9)
        _ = pool.acquire(1, deadline: deadline(1))
        _ = pool.opened(1)
        #expect(pool.released(1, isReusable: true) == [])
        #expect(pool.acquire(2, deadline: deadline(1)) == [.lease(1, 2)])
    }

    @Test func `a full pool serves waiters in the order of their arrival`() {
        var pool = PoolStateMachine(maximumConnections: 1, maximumWaiters: 9)
        _ = pool.acquire(1, deadline: deadline(1))
        _ = pool.opened(1)
        #expect(pool.acquire(2, deadline: deadline(2)) == [])
        #expect(pool.acquire(3, deadline: deadline(2)) == [])
        #expect(pool.released(1, isReusable: true) == [.lease(1, 2)])
        #expect(pool.released(1, isReusable: true) == [.lease(1, 3)])
    }

    @Test func `a broken connection is replaced where someone waits`() {
        var pool = PoolStateMachine(maximumConnections: 1, maximumWaiters: 9)
        _ = pool.acquire(1, deadline: deadline(1))
        _ = pool.opened(1)
        _ = pool.acquire(2, deadline: deadline(1))
        #expect(pool.released(1, isReusable: false) == [.close(1), .open(2)])
        #expect(pool.opened(2) == [.lease(2, 2)])
    }

    @Test func `a failure to open goes to the first waiter, and the next one is tried for`() {
        var pool = PoolStateMachine(maximumConnections: 1, maximumWaiters: 9)
        _ = pool.acquire(1, deadline: deadline(1))
        _ = pool.acquire(2, deadline: deadline(1))
        #expect(pool.openFailed(1, refused) == [.fail(1, refused), .open(2)])
        #expect(pool.openFailed(2, refused) == [.fail(2, refused)])
        #expect(
            pool.statistics == PoolStatistics(open: 0, idle: 0, connecting: 0, waiting: 0)
        )
    }

    @Test func `a cancelled waiter's connection stays for the next one`() {
        var pool = PoolStateMachine(maximumConnections: 1, maximumWaiters: 9)
        _ = pool.acquire(1, deadline: deadline(1))
        #expect(pool.cancelled(1) == [.fail(1, PostgresError(.cancelled))])
        #expect(pool.opened(1) == [])
        #expect(pool.statistics.idle == 1)
    }

    @Test func `cancelling a waiter that was served does nothing`() {
        var pool = PoolStateMachine(maximumConnections: 1, maximumWaiters: 9)
        _ = pool.acquire(1, deadline: deadline(1))
        _ = pool.opened(1)
        #expect(pool.cancelled(1) == [])
    }

    @Test func `waiters fail at their deadline, not before`() {
        var pool = PoolStateMachine(maximumConnections: 1, maximumWaiters: 9)
        _ = pool.acquire(1, deadline: deadline(1))
        _ = pool.acquire(2, deadline: deadline(3))
        let actions = pool.expired(now: deadline(2))
        #expect(actions == [.fail(1, PostgresError(.poolTimeout)), .wake(deadline(3))])
        #expect(pool.statistics.waiting == 1)
    }

    @Test func `more waiters than allowed are turned away`() {
        var pool = PoolStateMachine(maximumConnections: 1, maximumWaiters: 1)
        _ = pool.acquire(1, deadline: deadline(1))
        #expect(
            pool.acquire(2, deadline: deadline(1)) == [.fail(2, PostgresError(.poolExhausted))]
        )
    }

    @Test func `shutting down waits for what is lent`() {
        var pool = PoolStateMachine(maximumConnections: 3, maximumWaiters: 9)
        for waiter in 1...3 { _ = pool.acquire(waiter, deadline: deadline(1)) }
        _ = pool.opened(1)
        _ = pool.opened(2)
        _ = pool.released(2, isReusable: true)
        #expect(pool.shutDown() == [])
        #expect(
            pool.acquire(4, deadline: deadline(1)) == [.fail(4, PostgresError(.poolClosed))]
        )
        #expect(pool.opened(3) == [.close(3)])
        #expect(pool.released(1, isReusable: true) == [.close(1)])
        #expect(pool.released(2, isReusable: true) == [.close(2), .drained])
    }

    /// Whatever happens in whatever order: never above the limit, nobody forgotten, nothing leaked.
    @Test(arguments: 0..<50)
    func `random events keep the books right`(seed: UInt64) {
        var random = SplitMix(state: seed)
        var world = PoolWorld(maximumConnections: Int.random(in: 1...4, using: &random))
        for _ in 0..<400 { world.step(using: &random) }
        world.settle()
        #expect(world.unanswered == [])
        #expect(
            world.pool.statistics == PoolStatistics(open: 0, idle: 0, connecting: 0, waiting: 0)
        )
        #expect(world.isDrained)
        #expect(world.highest <= world.maximumConnections)
    }
}
