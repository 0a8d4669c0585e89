import Postgres
import Shared
import Sync

/// Opens a session: tells an agent how far the Hub is, and notes that it was heard.
struct SessionIntake: Sendable {
    let database: PostgresClient
    let hub: Identifier
    let clock: WallClock

    /// Answers a session request of `agent`.
    func open(_ request: SessionRequest, from agent: EnrolledAgent) async throws -> SessionReply {
        try await database.withTransaction { connection in
            let log = AgentLog(connection: connection, agent: agent)
            var ledger = try await log.lockedLedger()
            let nonce = ledger.nonce ?? Nonce.make()
            if ledger.nonce == nil { try await log.setNonce(nonce) }
            _ = try HubIntake.open(request, &ledger, nonce: nonce, now: clock.now())
            try await log.note(request.condition, now: clock.now())
            let chain: Digest256? =
                request.acknowledged <= ledger.applied
                ? try await log.chain(at: request.acknowledged, ledger) : nil
            return SessionReply(
                agent: agent.id,
                epoch: ledger.epoch,
                appliedThrough: ledger.applied,
                chain: ledger.chain,
                chainAtAcknowledged: chain,
                nonce: nonce,
                hub: hub,
                serverTime: clock.now(),
                flow: Flow()
            )
        }
    }
}
