import GRDB
import Logging
import Shared
import Sync

/// Sends the payloads that were withheld once more, now and then: what refused them may have gone.
struct WithheldDriver: Sendable {
    let store: AgentStore
    let outbox: Outbox
    /// Sends a payload to the Hub; throws `SyncError`.
    let send: @Sendable (WithheldPayload) async throws -> WithheldReply
    let logger: Logger

    /// Between rounds; the first is at the start, when the Agent or the way may be another.
    private static let interval = Duration.seconds(3600)
    /// After a round in which the Hub was not there.
    private static let shortInterval = Duration.seconds(300)
    /// How many are looked up at once.
    private static let page = 100

    /// Drives until the task is cancelled.
    ///
    /// - Throws: what the store throws.
    func run() async throws {
        while !Task.isCancelled {
            let isDone = try await round()
            try? await Task.sleep(for: isDone ? Self.interval : Self.shortInterval)
        }
    }

    /// Tries each once, the oldest first; false where the Hub was not there.
    func round() async throws -> Bool {
        var last: Int64 = .min
        while !Task.isCancelled {
            let numbers = try await numbers(after: last)
            guard let end = numbers.last else { return true }
            for number in numbers where !Task.isCancelled {
                guard try await attempt(number) else { return false }
            }
            last = end
        }
        return true
    }

    /// Tries one; false where the Hub is not there.
    private func attempt(_ number: Int64) async throws -> Bool {
        guard let withheld = try await payload(number) else { return true }
        do {
            let reply = try await send(withheld)
            try await settle(number, reply)
            logger.notice(
                "what was kept back has been sent",
                metadata: ["outcome": "\(reply.verdict.outcome.rawValue)"]
            )
            return true
        } catch let error as SyncError {
            logger.info("what is kept back stays", metadata: ["code": "\(error.code)"])
            switch error {
            case .unreachable, .busy, .certificate, .revoked: return false
            default: return true
            }
        }
    }

    private func numbers(after last: Int64) async throws -> [Int64] {
        try await store.read { database in
            try Int64.fetchAll(
                database,
                sql: """
                    SELECT number FROM operation
                    WHERE state = 'quarantined' AND verdict_code = 'withheld' AND number > ?
                    ORDER BY number LIMIT ?
                    """,
                arguments: [last, Self.page]
            )
        }
    }

    /// Nil where it does not open any more: then nobody can send it.
    private func payload(_ number: Int64) async throws -> WithheldPayload? {
        try await store.read { [outbox] database in
            let row = try Row.fetchOne(
                database,
                sql: "SELECT id, kind, version, sealed FROM whole_operation WHERE number = ?",
                arguments: [number]
            )
            guard let row, let operation = try? outbox.opened(row) else { return nil }
            return WithheldPayload(id: operation.id, payload: operation.payload)
        }
    }

    private func settle(_ number: Int64, _ reply: WithheldReply) async throws {
        let state = StoredOperation.State(reply.verdict.outcome)
        let own = store.clock.now()
        try await store.write { database in
            let settledAt = try RetentionTime.mark(
                hub: reply.serverTime,
                own: own,
                in: database
            )
            try database.execute(
                sql: """
                    UPDATE operation SET state = ?, verdict_code = ?, settled_at = ?
                    WHERE number = ? AND verdict_code = 'withheld'
                    """,
                arguments: [state.rawValue, reply.verdict.code, settledAt, number]
            )
        }
    }
}
