import Postgres
import Shared
import Sync

/// How far a PC's clock was off when each reading of a push was stored.
struct ClockCorrections: Sendable {
    private struct Revision: Hashable {
        let reading: Identifier
        let number: Int
    }

    private var milliseconds: [Revision: Int64] = [:]

    /// Compares the clocks, for every reading among `facts`.
    init(of facts: [(Operation, ReceivedFact)], in header: PushHeader, received: Instant) {
        for (operation, fact) in facts {
            guard case .reading(let reading, _) = fact else { continue }
            milliseconds[Revision(reading: reading.id, number: reading.revision)] =
                ClockCorrection.milliseconds(
                    for: operation,
                    sentAt: header.mono,
                    boot: header.boot,
                    received: received
                )
        }
    }

    /// What has to be added to the PC's clock; nil where that was good, or nobody knows.
    subscript(fact: ReadingFact) -> Int64? {
        milliseconds[Revision(reading: fact.id, number: fact.revision)]
    }
}

/// Keeps how an agent's clock stood, beside the times that it gave.
struct CapturedTimes: Sendable {
    let connection: PostgresConnection
    let agent: EnrolledAgent

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
