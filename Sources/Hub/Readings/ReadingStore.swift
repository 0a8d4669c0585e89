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
            SELECT \(ReadingRecord.columns) FROM \(ReadingRecord.table)
            WHERE reading.site_id = \(site) AND reading.position < \(position ?? Int64.max)
              AND \(filter.condition)
            ORDER BY reading.position DESC LIMIT \(limit)
            """
        )
        return try await named(rows)
    }

    /// What arrived or was matched behind `position`, in the order of that, whatever its kind.
    ///
    /// `limit` counts arrivals and matches; a reading of which there are both is one record, so
    /// fewer than half of `limit` records are certainly all.
    func arrivals(
        site: Identifier,
        after position: Int64,
        limit: Int
    ) async throws -> [ReadingRecord] {
        let rows = try await database.query(
            """
            WITH event AS (
                (SELECT id, position FROM reading
                    WHERE site_id = \(site) AND position > \(position)
                    ORDER BY position LIMIT \(limit))
                UNION ALL
                (SELECT reading_id, position FROM reading_match
                    WHERE site_id = \(site) AND position > \(position)
                    ORDER BY position LIMIT \(limit))
                ORDER BY position LIMIT \(limit)
            ), changed AS (
                SELECT id, max(position) AS position FROM event GROUP BY id
            )
            SELECT \(ReadingRecord.columns), changed.position AS event_position
            FROM \(ReadingRecord.table) JOIN changed ON changed.id = reading.id
            WHERE reading.site_id = \(site) ORDER BY changed.position
            """
        )
        return try await zip(named(rows), rows).map { record, row in
            var record = record
            record.eventPosition = try row.decode("event_position")
            return record
        }
    }

    /// The position of the newest reading or match; 0 where there is none.
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
            SELECT \(ReadingRecord.columns) FROM \(ReadingRecord.table)
            WHERE reading.site_id = \(site) AND reading.id = \(id)
            """
        )
        return try await named(rows).first
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
                   CASE WHEN revision.revision = reading.revision
                       THEN reading.clock_correction_ms END AS clock_correction_ms,
                   EXISTS (
                       SELECT FROM json_array_elements(revision.body->'problems') AS problem
                       WHERE problem->>'severity' = 'rejected'
                   ) AS rejected,
                   reading.position, revision.body::text AS body, \(ReadingRecord.setting),
                   \(ReadingMatch.columns)
            FROM \(ReadingRecord.table) JOIN reading_revision AS revision
              ON revision.site_id = reading.site_id AND revision.reading_id = reading.id
            WHERE reading.site_id = \(site) AND reading.id = \(id)
              AND revision.revision = \(revision)
            """
        )
        return try await named(rows).first
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

    /// A patient's readings at a site, of every record that they have, the newest first.
    func list(
        of patient: Identifier,
        site: Identifier,
        after cursor: TimelineCursor?,
        limit: Int
    ) async throws -> [ReadingRecord] {
        let bound: PostgresQuery =
            if let cursor {
                """
                AND (date_trunc('milliseconds', reading.captured_at), reading.id)
                    < (\(cursor.capturedAt)::timestamptz, \(cursor.reading)::uuid)
                """
            } else { "" }
        let rows = try await database.query(
            """
            SELECT \(ReadingRecord.columns) FROM \(ReadingRecord.table)
            WHERE reading.site_id = \(site)
              AND match.patient_id IN (SELECT patient_records(\(patient))) \(bound)
            ORDER BY date_trunc('milliseconds', reading.captured_at) DESC, reading.id DESC
            LIMIT \(limit)
            """
        )
        return try await named(rows)
    }

    private func named(_ rows: [PostgresRow]) async throws -> [ReadingRecord] {
        try await ReadingRecord.naming(try rows.map(ReadingRecord.init), in: database)
    }

    /// Whether an Agent is enrolled at the site.
    func hasAgents(site: Identifier) async throws -> Bool {
        let rows = try await database.query(
            "SELECT EXISTS (SELECT FROM agent WHERE site_id = \(site)) AS there"
        )
        return try rows.first?.decode("there") ?? false
    }
}

/// Where a page of a patient's readings ends.
struct TimelineCursor: Sendable, Equatable {
    let capturedAt: Instant
    let reading: Identifier

    init(_ record: ReadingRecord) {
        capturedAt = record.capturedAt
        reading = record.id
    }

    /// Reads `1795601677218-<identifier>`; nil for any other text.
    init?(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, let milliseconds = Int64(parts[0]),
            (0...253_402_300_799_999).contains(milliseconds),
            let reading = Identifier(String(parts[1]))
        else { return nil }
        capturedAt = Instant(milliseconds: milliseconds)
        self.reading = reading
    }

    var text: String { "\(capturedAt.milliseconds)-\(reading)" }
}
