import Postgres
import Shared
import Sync

/// Turns facts into the rows that pages read, in a few statements whatever their number.
struct Projection: Sendable {
    let connection: PostgresConnection
    let agent: EnrolledAgent
    /// The epoch of the agent's log that the facts stand in.
    let epoch: Int
    let ring: SealingRing
    let clock: WallClock
    /// The clock's corrections of a push, stored beside its readings' times.
    ///
    /// A later revision that came with a good clock takes the note away. Nil where no clock is
    /// known: then it stays.
    var corrections: ClockCorrections?

    /// Stores every document, reading, device and card among `facts`.
    ///
    /// - Throws: `contentMissing` where a document's bytes have not been uploaded;
    ///   `PostgresError` where the database refuses.
    func store(_ facts: [ReceivedFact]) async throws {
        try await store(ProjectionDraft(facts, for: self))
    }

    /// Stores what a draft holds; the large statements are written already.
    ///
    /// - Throws: as `store(_:)` of facts.
    func store(_ draft: ProjectionDraft) async throws {
        var draft = draft
        try await fetchUploads(into: &draft.documents)
        let documents = draft.documentStatement ?? documentStatement(of: draft.documents)
        if draft.readings.isEmpty {
            if let documents { try await connection.execute(documents) }
        } else {
            let taken = TakenRevisions(site: agent.site)
            let rows = try await connection.query(
                [documents, taken.query(for: draft.readings)].compactMap(\.self)
            )
            // Almost never has a person taken a revision of one of them.
            let statements =
                rows.isEmpty
                ? draft.readingStatements
                : readingStatements(of: try taken.fitted(draft.readings, rows))
            try await connection.execute(statements)
        }
        try await DeviceProjection(connection: connection, agent: agent, epoch: epoch)
            .store(draft.devices)
        try await CardIntake(connection: connection, agent: agent, ring: ring, clock: clock)
            .store(draft.cards)
        try await CommandProjection(connection: connection, agent: agent).store(draft.commands)
    }

    /// Fills in the bytes that came ahead of their operation.
    private func fetchUploads(into documents: inout [StoredDocument]) async throws {
        let absent = documents.indices.filter { documents[$0].fact.content == nil }
        guard !absent.isEmpty else { return }
        var missing: [Digest256] = []
        for index in absent {
            let digest = documents[index].fact.sha256
            let rows = try await connection.query(
                """
                SELECT content FROM upload WHERE agent_id = \(agent.id) AND sha256 = \(digest)
                UNION ALL
                SELECT content FROM document WHERE site_id = \(agent.site) AND sha256 = \(digest)
                LIMIT 1
                """
            )
            guard let content = try rows.first?.decode("content", as: [UInt8].self) else {
                missing.append(digest)
                continue
            }
            documents[index].content = content
        }
        guard missing.isEmpty else { throw SyncError.contentMissing(missing) }
        let digests = absent.map { documents[$0].fact.sha256.bytes }
        try await connection.execute(
            """
            DELETE FROM upload
            WHERE agent_id = \(agent.id) AND sha256 = ANY(\(digests)::bytea[])
            """
        )
    }

    /// The statement that stores documents; nil where there are none.
    func documentStatement(of documents: [StoredDocument]) -> PostgresQuery? {
        // One row per document: what has been read once is not unread by a later fact.
        var newest: [Digest256: StoredDocument] = [:]
        for document in documents {
            let isRead = newest[document.fact.sha256].map { $0.fact.failure == nil } ?? false
            if !isRead || document.fact.failure == nil { newest[document.fact.sha256] = document }
        }
        let rows = newest.values.sorted { $0.fact.capturedAt < $1.fact.capturedAt }
        guard !rows.isEmpty else { return nil }
        let facts = rows.map(\.fact)
        return """
            INSERT INTO document (site_id, agent_id, sha256, bytes, name, format, decoder_version,
                source, captured_at, modified_at, failure_code, failure_detail, failure_at,
                partial, content)
            -- Unfolded among what is selected, the columns are not copied first.
            SELECT \(agent.site), \(agent.id), new.* FROM (SELECT
                unnest(\(facts.map(\.sha256.bytes))::bytea[]),
                unnest(\(PostgresColumn.bigints(facts.map { Int64($0.bytes) }))::bigint[]),
                unnest(\(PostgresColumn.texts(facts.map(\.name)))::text[]),
                unnest(\(PostgresColumn.texts(facts.map(\.format)))::text[]),
                unnest(\(facts.map { $0.decoderVersion.map(String.init) })::text[]::integer[]),
                unnest(\(facts.map(\.source))::text[]),
                unnest(\(PostgresColumn.instants(facts.map(\.capturedAt)))::timestamptz[]),
                unnest(\(PostgresColumn.instants(facts.map(\.modifiedAt)))::timestamptz[]),
                unnest(\(facts.map { $0.failure?.code.rawValue })::text[]),
                unnest(\(facts.map { $0.failure?.detail })::text[]),
                unnest(\(facts.map { $0.failure?.at })::text[]),
                unnest(\(facts.map(\.isPartial))::boolean[]),
                unnest(\(PostgresColumn.bytes(rows.map(\.content)))::bytea[])) AS new
            ON CONFLICT (site_id, sha256) DO UPDATE SET
                format = EXCLUDED.format, decoder_version = EXCLUDED.decoder_version,
                failure_code = EXCLUDED.failure_code, failure_detail = EXCLUDED.failure_detail,
                failure_at = EXCLUDED.failure_at
            WHERE document.failure_code IS NOT NULL AND EXCLUDED.failure_code IS NULL
            """
    }

    /// Stores revisions that a person takes from a document at the Hub.
    func store(_ readings: [ReadingFact], takenBy account: Identifier) async throws {
        guard !readings.isEmpty else { return }
        let stored = readings.map { StoredReading(fact: $0) }
        try await connection.execute(readingStatements(of: stored, takenBy: account))
    }

    /// The statements that store every revision, show the highest one of each reading, and tell the
    /// listeners at commit; none where there are no readings.
    func readingStatements(
        of stored: [StoredReading],
        takenBy account: Identifier? = nil
    ) -> [PostgresQuery] {
        guard !stored.isEmpty else { return [] }
        var newest: [Identifier: Int] = [:]
        for (index, reading) in stored.enumerated()
        where newest[reading.fact.id].map({ stored[$0].fact.revision < reading.fact.revision })
            ?? true
        {
            newest[reading.fact.id] = index
        }
        let shown = newest.values.sorted().map { stored[$0] }
        return [
            revisions(stored, takenBy: account), positions(for: shown.count), rows(of: shown),
            links(of: stored), PostgresConnection.notice(toStation: agent.id),
        ]
    }

    private func revisions(
        _ stored: [StoredReading],
        takenBy account: Identifier?
    ) -> PostgresQuery {
        let readings = stored.map(\.fact)
        return """
            INSERT INTO reading_revision (site_id, agent_id, reading_id, revision, captured_at,
                taken_by, decoder_version, body)
            SELECT \(agent.site), \(agent.id), new.id, new.revision, new.captured_at,
                \(account)::uuid, new.decoder_version, new.body::json FROM (SELECT
                unnest(\(PostgresColumn.identifiers(readings.map(\.id)))::uuid[]),
                unnest(\(PostgresColumn.bigints(readings.map { Int64($0.revision) }))::bigint[]),
                unnest(\(PostgresColumn.instants(readings.map(\.capturedAt)))::timestamptz[]),
                unnest(
                    \(PostgresColumn.bigints(readings.map { Int64($0.decoderVersion) }))::bigint[]),
                unnest(\(PostgresColumn.texts(stored.map(\.body)))::text[]))
                AS new (id, revision, captured_at, decoder_version, body)
            ON CONFLICT DO NOTHING
            """
    }

    /// Takes positions, held to commit: they appear in the order of commits.
    private func positions(for count: Int) -> PostgresQuery {
        """
        UPDATE site SET reading_position = reading_position + \(count) WHERE id = \(agent.site)
        """
    }

    /// The rows that are shown, at the last of the site's positions.
    private func rows(of stored: [StoredReading]) -> PostgresQuery {
        let facts = stored.map(\.fact)
        return """
            WITH stored AS (
                INSERT INTO reading (site_id, agent_id, position, id, revision, kind, label, role,
                    device_model, workstation, source, decoder_version, measured_at, captured_at,
                    rejected, flagged, clock_correction_ms)
                SELECT site.id, \(agent.id), site.reading_position - \(facts.count) + new.place,
                    new.id, new.revision, new.kind, new.label, new.role, new.device_model,
                    new.workstation, new.source, new.decoder_version, new.measured_at,
                    new.captured_at, new.rejected, new.flagged, new.clock_correction_ms
                FROM site, unnest(
                    \(PostgresColumn.identifiers(facts.map(\.id)))::uuid[],
                    \(PostgresColumn.bigints(facts.map { Int64($0.revision) }))::bigint[],
                    \(PostgresColumn.texts(facts.map(\.reading.kind.rawValue)))::text[],
                    \(PostgresColumn.texts(facts.map(\.reading.label)))::text[],
                    \(PostgresColumn.texts(facts.map(\.reading.role.rawValue)))::text[],
                    \(PostgresColumn.texts(facts.map(\.reading.device.model)))::text[],
                    \(PostgresColumn.texts(facts.map(\.workstation)))::text[],
                    \(PostgresColumn.texts(facts.map(\.source)))::text[],
                    \(PostgresColumn.bigints(facts.map { Int64($0.decoderVersion) }))::bigint[],
                    \(facts.map { $0.reading.measuredAt?.description })::text[]::timestamp[],
                    \(PostgresColumn.instants(facts.map(\.capturedAt)))::timestamptz[],
                    \(facts.map(\.reading.isRejected))::boolean[],
                    \(facts.map { !$0.reading.problems.isEmpty })::boolean[],
                    \(PostgresColumn.bigints(stored.map(\.correction)))::bigint[])
                    WITH ORDINALITY AS new (id, revision, kind, label, role, device_model,
                        workstation, source, decoder_version, measured_at, captured_at, rejected,
                        flagged, clock_correction_ms, place)
                WHERE site.id = \(agent.site)
                ON CONFLICT (site_id, id) DO UPDATE SET
                    revision = EXCLUDED.revision, agent_id = EXCLUDED.agent_id,
                    kind = EXCLUDED.kind, label = EXCLUDED.label, role = EXCLUDED.role,
                    device_model = EXCLUDED.device_model, workstation = EXCLUDED.workstation,
                    source = EXCLUDED.source, decoder_version = EXCLUDED.decoder_version,
                    measured_at = EXCLUDED.measured_at, captured_at = EXCLUDED.captured_at,
                    received_at = now(), rejected = EXCLUDED.rejected,
                    flagged = EXCLUDED.flagged, position = EXCLUDED.position,
                    clock_correction_ms = CASE WHEN \(corrections != nil)::boolean
                        THEN EXCLUDED.clock_correction_ms ELSE reading.clock_correction_ms END
                WHERE reading.revision < EXCLUDED.revision
                RETURNING site_id, id, position
            ), waiting AS (
                -- Whose they are is weighed afterwards, in transactions of its own.
                INSERT INTO match_work (site_id, reading_id) SELECT site_id, id FROM stored
            )
            -- One notice for all of them: whoever listens asks for everything behind what it has.
            SELECT pg_notify('reading', site_id || '/' || id || '/' || position),
                pg_notify('match', '')
            FROM (SELECT * FROM stored ORDER BY position DESC LIMIT 1) AS newest
            """
    }

    private func links(of stored: [StoredReading]) -> PostgresQuery {
        let links = stored.flatMap { reading in
            reading.fact.reading.documents.map { (reading.fact.id, $0.sha256.bytes) }
        }
        return """
            INSERT INTO reading_document (site_id, reading_id, sha256)
            SELECT \(agent.site), new.* FROM unnest(
                \(PostgresColumn.identifiers(links.map(\.0)))::uuid[],
                \(links.map(\.1))::bytea[]) AS new
            ON CONFLICT DO NOTHING
            """
    }
}

extension PostgresConnection {
    /// Runs `body` so that what it throws undoes its statements and leaves the transaction usable.
    func savepoint(_ body: () async throws -> Void) async throws {
        try await savepoint(with: nil, body)
    }

    /// Runs `first` and `body` behind it, which are undone together.
    func savepoint(with first: PostgresQuery?, _ body: () async throws -> Void) async throws {
        do {
            try await execute(["SAVEPOINT step", first].compactMap(\.self))
            try await body()
        } catch {
            try await execute("ROLLBACK TO SAVEPOINT step")
            throw error
        }
        try await execute("RELEASE SAVEPOINT step")
    }
}
