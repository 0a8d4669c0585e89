import GRDB
import Synchronization

/// The one writer: what waits while a commit reaches the disk goes into the next one together.
///
/// A group takes whatever waits, at most 64 jobs, and never waits for more: a lone job is committed
/// at once, and under load one fsync carries many. Each job runs in a savepoint of its own, so one
/// that throws takes nothing else with it. A caller continues only when its work is durable.
final class GroupWriter: Sendable {
    private let pool: DatabasePool
    private let checkpoints: Checkpoints
    private let state: Mutex<State>
    /// Yields once, when the store must not be used any more.
    let failures: AsyncStream<StoreError>
    private let failureContinuation: AsyncStream<StoreError>.Continuation

    static let maximumGroup = 64
    static let maximumWaiting = 1024

    private struct State {
        var waiting: [Job] = []
        var isDraining = false
        var failure: StoreError?
        var isFull = false
        var isLogEmpty: Bool
    }

    private struct Job: Sendable {
        /// Does the work; the result is called with nil once it is durable, else with the reason.
        let perform: @Sendable (Database) throws -> @Sendable (StoreError?) -> Void
        let refuse: @Sendable (any Error) -> Void
    }

    /// Where `isLogEmpty` is false, what an earlier process left in the log goes into the database
    /// before anything is written behind it.
    init(_ pool: DatabasePool, _ checkpoints: Checkpoints, isLogEmpty: Bool) {
        self.pool = pool
        self.checkpoints = checkpoints
        state = Mutex(State(isLogEmpty: isLogEmpty))
        (failures, failureContinuation) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingNewest(1)
        )
    }

    /// Runs `body` in a transaction and returns when that is durable.
    ///
    /// Errors: `StoreError`, or what `body` throws; then nothing of `body` was written.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(
                Job(
                    perform: { database in
                        let value = try body(database)
                        return { reason in
                            if let reason {
                                continuation.resume(throwing: reason)
                            } else {
                                continuation.resume(returning: value)
                            }
                        }
                    },
                    refuse: { continuation.resume(throwing: StoreError.translate($0)) }
                )
            )
        }
    }

    /// True from the first write that is refused because disk or quota is full until `noteRoom`.
    var isFull: Bool { state.withLock { $0.isFull } }

    func noteRoom() { state.withLock { $0.isFull = false } }

    private func enqueue(_ job: Job) {
        let (refusal, mustDrain) = state.withLock { state -> (StoreError?, Bool) in
            if let failure = state.failure { return (failure, false) }
            guard state.waiting.count < Self.maximumWaiting else { return (.overloaded, false) }
            state.waiting.append(job)
            let mustDrain = !state.isDraining
            state.isDraining = true
            return (nil, mustDrain)
        }
        if let refusal { job.refuse(refusal) }
        if mustDrain { pool.asyncWriteWithoutTransaction { self.drain($0) } }
    }

    private func drain(_ database: Database) {
        while let group = nextGroup() {
            commit(group, database)
        }
    }

    private func nextGroup() -> [Job]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isDraining = false
                return nil
            }
            let group = Array(state.waiting.prefix(Self.maximumGroup))
            state.waiting.removeFirst(group.count)
            return group
        }
    }

    private func commit(_ group: [Job], _ database: Database) {
        var finished: [@Sendable (StoreError?) -> Void] = []
        var refused: [(job: Job, error: any Error)] = []
        do {
            if !state.withLock({ $0.isLogEmpty }) {
                try Checkpoints.emptyLog(database)
                state.withLock { $0.isLogEmpty = true }
            }
            try database.inTransaction(.immediate) {
                for job in group {
                    do {
                        try database.inSavepoint {
                            finished.append(try job.perform(database))
                            return .commit
                        }
                    } catch {
                        // Some errors roll the whole transaction back, not only the savepoint;
                        // after others nothing of it may be trusted.
                        let reason = StoreError.translate(error) as? StoreError
                        guard database.isInsideTransaction, reason?.isFatal != true else {
                            throw error
                        }
                        refused.append((job, error))
                    }
                }
                return .commit
            }
            note(refused.map(\.error))
            for finish in finished { finish(nil) }
            for (job, error) in refused { job.refuse(error) }
            if let failure = checkpoints.failure { fail(failure) }
        } catch {
            let reason = (error as? DatabaseError).map { StoreError($0) } ?? .statement(code: 1)
            if reason.isFatal { fail(reason) }
            note([reason] + refused.map(\.error))
            for finish in finished { finish(reason) }
            for (job, error) in refused { job.refuse(error) }
            // The job that broke the transaction, and those behind it that were not begun.
            for job in group.dropFirst(finished.count + refused.count) { job.refuse(reason) }
        }
    }

    /// One job alone can be refused for want of room: others of its group need none.
    private func note(_ refusals: [any Error]) {
        guard refusals.contains(where: { StoreError.translate($0) as? StoreError == .full }) else {
            return
        }
        state.withLock { $0.isFull = true }
    }

    /// Writes the log into the database and begins it anew.
    ///
    /// Errors: `StoreError`.
    func emptyLog() async throws {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncWriteWithoutTransaction { database in
                do {
                    try Checkpoints.emptyLog(database)
                    continuation.resume()
                } catch {
                    let reason = StoreError.translate(error)
                    if let reason = reason as? StoreError, reason.isFatal { self.fail(reason) }
                    continuation.resume(throwing: reason)
                }
            }
        }
    }

    /// Ends the use of the store and refuses all that waits.
    private func fail(_ reason: StoreError) {
        let waiting = state.withLock { state -> [Job] in
            state.failure = reason
            defer { state.waiting = [] }
            return state.waiting
        }
        failureContinuation.yield(reason)
        failureContinuation.finish()
        for job in waiting { job.refuse(reason) }
    }
}
