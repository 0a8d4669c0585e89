import Sync
import Synchronization
import TestKit
import Testing

@testable import Hub

@Suite struct IntakeGateTests {
    /// What is inside, and the order in which it came there.
    private final class Inside: Sendable {
        private let state = Mutex((now: 0, most: 0, order: [Int]()))

        func enter(_ number: Int) {
            state.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
                $0.order.append(number)
            }
        }

        func leave() { state.withLock { $0.now -= 1 } }
        var most: Int { state.withLock { $0.most } }
        var order: [Int] { state.withLock { $0.order } }
    }

    @Test func `no more go through at once than it is wide, and all go through`() async throws {
        let (gate, inside) = (IntakeGate(width: 3, waiters: 100), Inside())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask {
                    try await gate.pass {
                        inside.enter(number)
                        await Task.yield()
                        inside.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(inside.most <= 3)
        #expect(inside.order.sorted() == Array(0..<60))
    }

    /// Waits at the gate, which is full; returns once it stands in the line.
    private func line(_ gate: IntakeGate, _ count: Int) async throws {
        while gate.waiters < count { await Task.yield() }
    }

    @Test func `whoever waits goes in the order of coming`() async throws {
        let (gate, inside) = (IntakeGate(width: 1), Inside())
        let (holds, release) = AsyncStream.makeStream(of: Void.self)
        let holder = Task { try await gate.pass { for await _ in holds {} } }
        while gate.isFree { await Task.yield() }
        var tasks: [Task<Void, any Error>] = []
        for number in 0..<5 {
            tasks.append(Task { try await gate.pass { inside.enter(number) } })
            try await line(gate, number + 1)
        }
        release.finish()
        try await holder.value
        for task in tasks { try await task.value }
        #expect(inside.order == [0, 1, 2, 3, 4])
    }

    @Test func `where the line is full one is told to come back, and nothing is lost`() async throws
    {
        let gate = IntakeGate(width: 1, waiters: 1)
        let (holds, release) = AsyncStream.makeStream(of: Void.self)
        let holder = Task { try await gate.pass { for await _ in holds {} } }
        while gate.isFree { await Task.yield() }
        let waiter = Task { try await gate.pass { 7 } }
        try await line(gate, 1)
        await #expect(throws: SyncError.busy(retryAfterSeconds: 5)) { try await gate.pass {} }
        release.finish()
        try await holder.value
        #expect(try await waiter.value == 7)
        #expect(try await gate.pass { 8 } == 8)
    }

    @Test func `whoever goes while waiting gives its turn to the next`() async throws {
        let gate = IntakeGate(width: 1)
        let (holds, release) = AsyncStream.makeStream(of: Void.self)
        let holder = Task { try await gate.pass { for await _ in holds {} } }
        while gate.isFree { await Task.yield() }
        let gone = Task { try await gate.pass {} }
        try await line(gate, 1)
        let stays = Task { try await gate.pass { 9 } }
        try await line(gate, 2)
        gone.cancel()
        await #expect(throws: CancellationError.self) { try await gone.value }
        release.finish()
        try await holder.value
        #expect(try await stays.value == 9)
        #expect(gate.isFree)
    }

    @Test func `what fails inside leaves its place`() async throws {
        let gate = IntakeGate(width: 1)
        await #expect(throws: SyncError.tooLarge) {
            try await gate.pass { throw SyncError.tooLarge }
        }
        #expect(try await gate.pass { 1 } == 1)
    }
}
