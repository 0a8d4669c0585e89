import Postgres
import Shared
import Sync

/// Says beside the time of a PC's clock what the Hub's clock was, where the two differ.
struct CapturedTimes: Sendable {
    let connection: PostgresConnection
    let agent: EnrolledAgent

    /// Notes how far the clock was off when each reading was stored; a later revision that came with
    /// a good clock takes the note away.
    func correct(
        _ facts: [(Operation, ReceivedFact)],
        of header: PushHeader,
        received: Instant
    ) async throws {
        var corrections: [(reading: ReadingFact, milliseconds: Int64?)] = []
        for (operation, fact) in facts {
            guard case .reading(let reading) = fact else { continue }
            let milliseconds = ClockCorrection.milliseconds(
                for: operation,
                sentAt: header.mono,
                boot: header.boot,
                received: received
            )
            corrections.append((reading, milliseconds))
        }
        guard !corrections.isEmpty else { return }
        try await connection.execute(
            """
            UPDATE reading SET clock_correction_ms = new.correction
            FROM unnest(
                \(PostgresColumn.identifiers(corrections.map(\.reading.id)))::uuid[],
                \(PostgresColumn.bigints(corrections.map { Int64($0.reading.revision) }))::bigint[],
                \(PostgresColumn.bigints(corrections.map(\.milliseconds)))::bigint[]) AS new (id, revision, correction)
            WHERE reading.site_id = \(agent.site) AND reading.id = new.id
                AND reading.revision = new.revision
                AND reading.clock_correction_ms IS DISTINCT FROM new.correction
            """
        )
    }

    /// Keeps how the agent's clock stands, where it has moved or an hour is over.
    func note(_ condition: AgentCondition, now: Instant) async throws {
        guard let offset = condition.clockOffsetMs, let roundTrip = condition.roundTripMs else {
            return
        }
        let hour = now.advanced(by: .seconds(-3600))
        try await connection.execute(
            """
            INSERT INTO agent_clock (agent_id, at, offset_ms, round_trip_ms)
            SELECT \(agent.id), \(now), \(offset)::bigint, \(roundTrip)::bigint
            WHERE NOT EXISTS (
                SELECT FROM (SELECT at, offset_ms FROM agent_clock
                    WHERE agent_id = \(agent.id) ORDER BY at DESC LIMIT 1) AS last
                WHERE last.at > \(hour) AND abs(last.offset_ms - \(offset)::bigint) <= 500)
            ON CONFLICT DO NOTHING
            """
        )
        let quarter = now.advanced(by: .seconds(-90 * 86400))
        try await connection.execute(
            "DELETE FROM agent_clock WHERE agent_id = \(agent.id) AND at < \(quarter)"
        )
    }
}
