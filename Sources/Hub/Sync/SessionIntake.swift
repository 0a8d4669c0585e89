import Postgres
import Shared
import Sync

/// Opens a session: tells an agent how far the Hub is, and notes that it was heard.
struct SessionIntake: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// Answers a session request of `agent`.
    ///
    /// An Agent that proves the Hub to be older than it was begins a recovery in the same
    /// transaction.
    func open(_ request: SessionRequest, from agent: EnrolledAgent) async throws -> SessionReply {
        let (clock, nonce, received) = (clock, Nonce.make(), clock.now())
        guard let version = WireVersions.own.common(with: request.versions) else {
            try await note(tooNew: agent, request.condition, at: received)
            throw SyncError.versionNewer(hub: WireVersions.own.highest)
        }
        return try await database.withTransaction { connection in
            let log = AgentLog(connection: connection, agent: agent)
            let known = try await log.lockedLedger()
            var ledger = known
            let standing = try HubIntake.open(request, &ledger, nonce: nonce, now: clock.now())
            let recovery = RecoveryLog(connection: connection, clock: clock)
            if standing == .hubBehind {
                try await recovery.noticed(by: agent.id, fence: request.fence)
            }
            try await recovery.heard(
                agent.id,
                isComplete: Recovery.isComplete(
                    epoch: request.epoch,
                    head: request.head,
                    standing: standing,
                    ledger
                )
            )
            if ledger != known { try await log.store(ledger) }
            try await log.note(request, now: clock.now())
            try await CapturedTimes(connection: connection, agent: agent)
                .note(request.condition, now: received)
            let isWithin =
                request.epoch == ledger.epoch && request.acknowledged <= ledger.applied
            var reply = SessionReply(
                agent: agent.id,
                epoch: ledger.epoch,
                appliedThrough: ledger.applied,
                chain: ledger.chain,
                chainAtAcknowledged: isWithin
                    ? try await log.chain(at: request.acknowledged, ledger) : nil,
                nonce: ledger.nonce ?? nonce,
                hub: try await connection.hubInstance(),
                serverTime: clock.now(),
                flow: Flow()
            )
            reply.receivedAt = received
            reply.version = request.versions.map { _ in version }
            return reply
        }
    }

    /// An agent that is newer than this Hub keeps everything; people have to hear that it waits.
    private func note(
        tooNew agent: EnrolledAgent,
        _ condition: AgentCondition,
        at now: Instant
    ) async throws {
        try await database.withTransaction { connection in
            let log = AgentLog(connection: connection, agent: agent)
            _ = try await log.lockedLedger()
            try await log.note(condition, now: now)
            try await connection.execute(
                "UPDATE agent SET is_too_new = true WHERE id = \(agent.id)"
            )
        }
    }
}
