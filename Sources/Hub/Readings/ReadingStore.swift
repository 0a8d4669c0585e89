import Postgres
import Shared

/// Reads readings for pages; only the agents' intake writes them.
struct ReadingStore: Sendable {
    let database: PostgresClient

    /// The newest readings before `position`, or the newest of all.
    func list(
        site: Identifier,
        _ filter: ReadingFilter,
        before position: Int64?,
        limit: Int
    ) async throws -> [ReadingRecord] {
        let rows = try await database.query(
            """
            SELECT \(ReadingRecord.columns) FROM reading
            WHERE site_id = \(site) AND position < \(position ?? Int64.max)
              AND \(filter.condition)
            ORDER BY position DESC LIMIT \(limit)
            """
        )
        return try rows.map(ReadingRecord.init)
    }

    /// What arrived behind `position`, oldest first, whatever its kind.
    func arrivals(
        site: Identifier,
        after position: Int64,
        limit: Int
    ) async throws -> [ReadingRecord] {
        let rows = try await database.query(
            """
            SELECT \(ReadingRecord.columns) FROM reading
            WHERE site_id = \(site) AND position > \(position)
            ORDER BY position LIMIT \(limit)
            """
        )
        return try rows.map(ReadingRecord.init)
    }

    /// The position of the newest reading; 0 where there is none.
    func newestPosition(site: Identifier) async throws -> Int64 {
        let rows = try await database.query(
            "SELECT reading_position FROM site WHERE id = \(site)"
        )
        return try rows.first?.decode("reading_position") ?? 0
    }

    /// The newest revision of one reading; nil where the site has no such reading.
    func reading(_ id: Identifier, site: Identifier) async throws -> ReadingRecord? {
        let rows = try await database.query(
            """
            SELECT \(ReadingRecord.columns) FROM reading WHERE site_id = \(site) AND id = \(id)
            """
        )
        return try rows.first.map(ReadingRecord.init)
    }

    /// An older revision, with what the newest one says beside its values.
    func reading(
        _ id: Identifier,
        revision: Int,
        site: Identifier
    ) async throws -> ReadingRecord? {
        let rows = try await database.query(
            """
            SELECT reading.site_id, reading.id, revision.revision,
                   revision.body->>'kind' AS kind, revision.body->>'label' AS label,
                   revision.body->>'role' AS role,
                   revision.body->'device'->>'model' AS device_model,
                   reading.workstation, reading.source, revision.decoder_version,
                   revision.captured_at, revision.received_at,
                   EXISTS (
                       SELECT FROM jsonb_array_elements(revision.body->'problems') AS problem
                       WHERE problem->>'severity' = 'rejected'
                   ) AS rejected,
                   reading.position, revision.body::text AS body, \(ReadingRecord.setting)
            FROM reading JOIN reading_revision AS revision
              ON revision.site_id = reading.site_id AND revision.reading_id = reading.id
            WHERE reading.site_id = \(site) AND reading.id = \(id)
              AND revision.revision = \(revision)
            """
        )
        return try rows.first.map(ReadingRecord.init)
    }

    /// Every revision, newest first.
    func revisions(of id: Identifier, site: Identifier) async throws -> [RevisionRecord] {
        let rows = try await database.query(
            """
            SELECT revision, received_at, decoder_version FROM reading_revision
            WHERE site_id = \(site) AND reading_id = \(id) ORDER BY revision DESC LIMIT 100
            """
        )
        return try rows.map { row in
            RevisionRecord(
                number: try row.decode("revision"),
                receivedAt: try row.decode("received_at"),
                decoderVersion: try row.decode("decoder_version")
            )
        }
    }

    /// Whether an Agent is enrolled at the site.
    func hasAgents(site: Identifier) async throws -> Bool {
        let rows = try await database.query(
            "SELECT EXISTS (SELECT FROM agent WHERE site_id = \(site)) AS there"
        )
        return try rows.first?.decode("there") ?? false
    }
}
