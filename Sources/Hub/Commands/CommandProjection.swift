import Postgres
import Shared
import Sync

/// Writes what agents tell of their commands.
///
/// A state only moves on: an outcome that the Agent has told is never changed, and one that the Hub
/// assumed without an answer gives way to the Agent's.
struct CommandProjection: Sendable {
    let connection: PostgresConnection
    let agent: EnrolledAgent

    /// Stores the facts in their order.
    func store(_ facts: [CommandFact]) async throws {
        var settled: [Identifier] = []
        var delivered: [Identifier] = []
        for fact in facts {
            guard fact.state != .received else {
                try await connection.execute(
                    """
                    UPDATE device_command SET state = 'received'
                    WHERE id = \(fact.id) AND agent_id = \(agent.id) AND state = 'issued'
                    """
                )
                continue
            }
            let changed = try await connection.execute(
                """
                UPDATE device_command SET state = \(fact.state.rawValue),
                    code = \(fact.code.map { String($0.prefix(64)) }), settled_at = \(fact.at),
                    is_answered = true
                WHERE id = \(fact.id) AND agent_id = \(agent.id) AND NOT is_answered
                """
            )
            guard changed == 1 else { continue }
            settled.append(fact.id)
            if fact.state == .delivered { delivered.append(fact.id) }
        }
        try await DeviceCommandStore.withdraw(
            settled,
            site: agent.site,
            agent: agent.id,
            connection
        )
        try await lookAgain(delivered)
    }

    /// Readings that came before the news of their delivery are matched anew.
    private func lookAgain(_ delivered: [Identifier]) async throws {
        guard !delivered.isEmpty else { return }
        let ids = delivered.map(\.description)
        let added = try await connection.execute(
            """
            INSERT INTO match_work (site_id, reading_id)
            SELECT DISTINCT reading.site_id, reading.id FROM device_command AS command
            JOIN reading ON reading.site_id = command.site_id
                AND reading.agent_id = command.agent_id
                AND 'source:' || reading.source = command.device_key
                AND reading.captured_at >= command.settled_at
            WHERE command.id = ANY(\(ids)::text[]::uuid[])
            """
        )
        if added > 0 { try await connection.execute("SELECT pg_notify('match', '')") }
    }
}
