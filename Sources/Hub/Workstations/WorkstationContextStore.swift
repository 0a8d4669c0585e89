import Postgres
import Shared

/// The contexts of workstations, one open at most for each.
struct WorkstationContextStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// Takes the place of whoever was there at its moment; one that is the same patient's goes on.
    ///
    /// Its moment may be long past: an Agent tells of a card when it can. What has begun since then
    /// stays as it is, and ends it.
    static func begin(
        _ new: WorkstationContext.Beginning,
        _ connection: PostgresConnection
    ) async throws {
        // Two beginnings at one workstation wait for each other.
        try await connection.execute("SELECT FROM agent WHERE id = \(new.agent) FOR UPDATE")
        try await endExpired(at: new.at, agent: new.agent, connection)
        let held = try await connection.query(
            """
            SELECT id, patient_survivor(patient_id) = patient_survivor(\(new.patient)) AS same
            FROM workstation_context WHERE agent_id = \(new.agent)
                AND started_at <= \(new.at) AND (ended_at IS NULL OR ended_at > \(new.at))
            ORDER BY started_at DESC LIMIT 1
            """
        )
        if let row = held.first {
            let id = try row.decode("id", as: Identifier.self)
            // A card confirms what was chosen by hand; it does not interrupt it.
            if try row.decode("same", as: Bool?.self) == true {
                guard new.how == .card else { return }
                try await connection.execute(
                    """
                    UPDATE workstation_context SET how = 'card', card_session = \(new.cardSession)
                    WHERE id = \(id)
                    """
                )
                return
            }
            try await connection.execute(
                """
                UPDATE workstation_context SET ended_at = \(new.at), end_reason = 'replaced'
                WHERE id = \(id)
                """
            )
        }
        try await insert(new, connection)
        try await PatientStore.lookAgain(at: new.patient, connection)
    }

    /// Open where nobody came after it, else over when the next began or its time was over.
    private static func insert(
        _ new: WorkstationContext.Beginning,
        _ connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO workstation_context (id, site_id, agent_id, patient_id, how, card_session,
                started_at, set_by, ended_at, end_reason)
            SELECT \(new.id), site.id, \(new.agent), \(new.patient), \(new.how.rawValue),
                \(new.cardSession), \(new.at), \(new.by), least(next.began, span.over),
                CASE WHEN next.began > span.over THEN 'time'
                    WHEN next.began IS NOT NULL THEN 'replaced' END
            FROM site
                CROSS JOIN (
                    SELECT min(started_at) AS began FROM workstation_context
                    WHERE agent_id = \(new.agent) AND started_at > \(new.at)
                ) AS next
                CROSS JOIN LATERAL (
                    SELECT CASE WHEN next.began IS NOT NULL THEN \(new.at)::timestamptz
                        + site.context_minutes * interval '1 minute' END AS over
                ) AS span
            WHERE site.id = \(new.site)
            """
        )
    }

    /// Ends what lasted longer than the site allows, at the moment when its time was over.
    private static func endExpired(
        at now: Instant,
        agent: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            """
            UPDATE workstation_context AS context
            SET ended_at = context.started_at + site.context_minutes * interval '1 minute',
                end_reason = 'time'
            FROM site WHERE site.id = context.site_id AND context.agent_id = \(agent)
                AND context.ended_at IS NULL
                AND context.started_at + site.context_minutes * interval '1 minute' <= \(now)
            """
        )
    }

    /// The context that is in force; nil where there is none, or its time is over.
    ///
    /// `now` is by the Agent's clock.
    func current(at agent: Identifier, now: Instant) async throws -> WorkstationContext? {
        let rows = try await database.query(
            """
            SELECT context.id, context.agent_id, context.patient_id, how, started_at,
                context.ended_at, coalesce(card.outcome = 'testCard', false) AS by_test_card
            FROM workstation_context AS context JOIN site ON site.id = context.site_id
            LEFT JOIN card_session AS card ON card.id = context.card_session
            WHERE context.agent_id = \(agent) AND context.ended_at IS NULL
                AND context.started_at + site.context_minutes * interval '1 minute' > \(now)
            """
        )
        guard let row = rows.first,
            let how = WorkstationContext.How(rawValue: try row.decode("how"))
        else { return nil }
        return WorkstationContext(
            id: try row.decode("id"),
            agent: try row.decode("agent_id"),
            patient: try row.decode("patient_id"),
            how: how,
            startedAt: try row.decode("started_at"),
            endedAt: try row.decode("ended_at"),
            isByTestCard: try row.decode("by_test_card")
        )
    }

    /// Has a person's choice begin, and tells the workstation's pages.
    func choose(_ new: WorkstationContext.Beginning) async throws {
        try await database.withTransaction { connection in
            try await Self.begin(new, connection)
            try await connection.notifyStation(new.agent)
        }
    }

    /// Ends the context because a person says so.
    ///
    /// `context` is the one that the person saw: another that has begun meanwhile goes on.
    func end(
        _ context: Identifier,
        at agent: Identifier,
        now: Instant,
        by account: Identifier
    ) async throws {
        try await database.withTransaction { connection in
            try await connection.execute(
                """
                UPDATE workstation_context SET ended_at = greatest(\(now), started_at),
                    end_reason = 'hand', ended_by = \(account)
                WHERE id = \(context) AND agent_id = \(agent) AND ended_at IS NULL
                """
            )
            try await connection.notifyStation(agent)
        }
    }
}
