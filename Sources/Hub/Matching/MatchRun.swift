import Postgres
import Shared

/// One batch of the matching, within a transaction of its own.
///
/// It may be repeated at will: what it finds as it was before, it leaves as it is.
struct MatchRun: Sendable {
    let connection: PostgresConnection
    let sources: MatchSources
    let now: Instant

    /// Weighs up to `limit` readings that wait, and answers how many rows of work it took.
    func take(limit: Int) async throws -> Int {
        let work = try await takeWork(limit: limit)
        guard work.count > 0 else { return 0 }
        try await queueReadings(of: work.patients)
        let waiting = try await waiting(work.readings)
        guard !waiting.isEmpty else { return work.count }
        let evidence = try await weigh(waiting)
        var changes: [Change] = []
        for (reading, found) in zip(waiting, evidence) {
            if let change = Change(reading, found) { changes.append(change) }
        }
        try await store(changes)
        return work.count
    }

    /// What waits, newest first: somebody may be looking at it.
    private func takeWork(
        limit: Int
    ) async throws -> (count: Int, readings: [(Identifier, Identifier)], patients: [Identifier]) {
        let rows = try await connection.query(
            """
            DELETE FROM match_work WHERE id IN (
                SELECT id FROM match_work ORDER BY id DESC LIMIT \(limit) FOR UPDATE SKIP LOCKED
            ) RETURNING site_id, reading_id, patient_id
            """
        )
        var (readings, patients): ([(Identifier, Identifier)], [Identifier]) = ([], [])
        for row in rows {
            if let patient = try row.decode("patient_id", as: Identifier?.self) {
                patients.append(patient)
            } else {
                readings.append((try row.decode("site_id"), try row.decode("reading_id")))
            }
        }
        return (rows.count, readings, patients)
    }

    /// Has every reading looked at that a registered or changed patient may be meant by.
    private func queueReadings(of patients: [Identifier]) async throws {
        guard !patients.isEmpty else { return }
        try await connection.execute(
            """
            WITH record AS (
                SELECT DISTINCT patient_records(patient_survivor(id)) AS id
                FROM unnest(\(patients)::uuid[]) AS changed(id)
            )
            INSERT INTO match_work (site_id, reading_id)
            SELECT site_id, reading_id FROM reading_match
            WHERE decided_by IS NULL AND file_number IN (
                SELECT number FROM patient JOIN record USING (id))
            UNION
            SELECT site_id, reading_id FROM reading_match
            WHERE decided_by IS NULL AND file_birth_date IN (
                SELECT birth_date FROM patient_version JOIN record ON record.id = patient_id)
            UNION
            SELECT site_id, reading_id FROM reading_match
            WHERE patient_id IN (SELECT id FROM record)
            UNION
            SELECT reading.site_id, reading.id
            FROM workstation_context AS context JOIN reading
                ON reading.agent_id = context.agent_id
                AND reading.captured_at >= context.started_at
                AND reading.captured_at <= coalesce(context.ended_at, 'infinity')
            WHERE context.patient_id IN (SELECT id FROM record)
                AND context.started_at > \(now)::timestamptz - interval '2 days'
            """
        )
    }

    /// The readings with what was decided of them, their decisions locked against people's.
    private func waiting(
        _ readings: [(Identifier, Identifier)]
    ) async throws -> [WaitingReading] {
        guard !readings.isEmpty else { return [] }
        let (sites, ids) = (readings.map(\.0), readings.map(\.1))
        // In one order, so that two batches wait for each other instead of against each other. One
        // by one: a join is planned by what the planner believes of the table, and while much comes
        // that is wrong. The site is compared so that no index serves it: with the policy's own
        // comparison the planner would take it for a better way to a row than its identifier.
        let wanted: PostgresQuery =
            """
            (SELECT * FROM unnest(\(sites)::uuid[], \(ids)::uuid[]) AS place (site_id, id)
                GROUP BY site_id, id ORDER BY site_id, id) AS wanted
            """
        try await connection.execute(
            """
            SELECT FROM \(wanted) CROSS JOIN LATERAL (
                SELECT FROM reading_match AS match
                WHERE match.reading_id = wanted.id
                    AND match.site_id IS NOT DISTINCT FROM wanted.site_id
                LIMIT 1 FOR UPDATE) AS match
            """
        )
        let rows = try await connection.query(
            """
            SELECT reading.site_id, reading.id, reading.agent_id, reading.source,
                reading.captured_at, (\(ReadingRecord.body)->'patient')::text AS file,
                match.version, match.decided_by IS NOT NULL AS by_person,
                match.evidence::text AS evidence, match.file_number, match.file_birth_date
            FROM \(wanted) CROSS JOIN LATERAL (
                SELECT * FROM reading
                WHERE reading.id = wanted.id
                    AND reading.site_id IS NOT DISTINCT FROM wanted.site_id
                LIMIT 1) AS reading
            LEFT JOIN LATERAL (
                SELECT * FROM reading_match AS match
                WHERE match.reading_id = wanted.id
                    AND match.site_id IS NOT DISTINCT FROM wanted.site_id
                LIMIT 1) AS match ON true
            ORDER BY reading.site_id, reading.id
            """
        )
        return try rows.map(WaitingReading.init)
    }

    private func weigh(_ readings: [WaitingReading]) async throws -> [MatchEvidence] {
        let places = readings.map(\.place)
        let atWorkstation = try await sources.atWorkstation(places, connection)
        let sent = try await sources.sent(places, connection)
        let named = (atWorkstation + sent).reduce(into: Set<Identifier>()) { $0.formUnion($1) }
        let found = try await MatchCandidates(connection: connection)
            .fetch(readings.map(\.file), named)
        return readings.indices.map { index in
            MatchQuestion(
                file: readings[index].file,
                candidates: found.meant(
                    by: readings[index].file,
                    site: places[index].site,
                    besides: atWorkstation[index].union(sent[index])
                ),
                atWorkstation: found.surviving(atWorkstation[index]),
                sent: found.surviving(sent[index])
            ).evidence
        }
    }
}

/// A reading that waits to be weighed, and what was decided of it so far.
private struct WaitingReading {
    let place: MatchSources.Place
    let file: DevicePatient
    /// Nil for a reading that was never weighed.
    let version: Int?
    let isByPerson: Bool
    let evidence: MatchEvidence?
    let knownNumber: String?
    let knownBirthDate: String?

    init(_ row: PostgresRow) throws {
        place = MatchSources.Place(
            site: try row.decode("site_id"),
            reading: try row.decode("id"),
            agent: try row.decode("agent_id"),
            source: try row.decode("source"),
            capturedAt: try row.decode("captured_at")
        )
        // A reading that this Hub cannot read names nobody.
        file =
            (try row.decode("file", as: String?.self)).flatMap {
                try? JSON.decode(DevicePatient.self, from: Array($0.utf8))
            } ?? DevicePatient()
        version = try row.decode("version")
        isByPerson = try row.decode("by_person", as: Bool?.self) ?? false
        evidence = (try row.decode("evidence", as: String?.self)).flatMap {
            try? JSON.decode(MatchEvidence.self, from: Array($0.utf8))
        }
        knownNumber = try row.decode("file_number")
        knownBirthDate = try row.decode("file_birth_date")
    }

    /// The number where it may be a patient's.
    var number: String? {
        file.numberIsCounter
            ? nil : file.number.flatMap { PatientNumber($0) }.map(\.description)
    }
}

/// What is to be written of one reading.
private struct Change {
    let place: MatchSources.Place
    let evidence: MatchEvidence
    let version: Int
    /// False where a person has decided: then only the evidence beside their word is new.
    let decides: Bool
    let number: String?
    let birthDate: String?

    /// Nil where everything is as it was.
    init?(_ reading: WaitingReading, _ found: MatchEvidence) {
        place = reading.place
        evidence = found
        number = reading.number
        birthDate = reading.file.birthDate?.description
        decides = !reading.isByPerson
        let isNews = reading.evidence != found
        if !isNews, number == reading.knownNumber, birthDate == reading.knownBirthDate {
            return nil
        }
        version = (reading.version ?? 0) + (decides && isNews ? 1 : 0)
    }

    var patient: Identifier? { evidence.state == .matched ? evidence.named.first?.patient : nil }
}

extension MatchRun {
    private func store(_ changes: [Change]) async throws {
        guard !changes.isEmpty else { return }
        for (site, group) in Dictionary(grouping: changes, by: \.place.site)
            .sorted(by: { $0.key < $1.key })
        {
            try await store(group, of: site)
        }
    }

    private func store(_ changes: [Change], of site: Identifier) async throws {
        // Held to commit, as the intake does: positions appear in the order of commits.
        let rows = try await connection.query(
            """
            UPDATE site SET reading_position = reading_position + \(changes.count)
            WHERE id = \(site) RETURNING reading_position
            """
        )
        guard let end = try rows.first?.decode("reading_position", as: Int64.self) else { return }
        let positions = changes.indices.map { end - Int64(changes.count - 1 - $0) }
        let bodies = try changes.map {
            String(decoding: try JSON.encode($0.evidence), as: UTF8.self)
        }
        try await connection.execute(
            """
            WITH new AS (
                SELECT * FROM unnest(
                    \(changes.map(\.place.reading))::uuid[], \(changes.map(\.version))::integer[],
                    \(changes.map(\.evidence.state.rawValue))::text[],
                    \(changes.map { $0.patient?.description })::text[]::uuid[],
                    \(bodies)::text[]::jsonb[], \(changes.map(\.number))::text[],
                    \(changes.map(\.birthDate))::text[], \(positions)::bigint[],
                    \(changes.map(\.decides))::boolean[]
                ) AS new (reading_id, version, state, patient_id, evidence, file_number,
                    file_birth_date, position, decides)
            ), stored AS (
                INSERT INTO reading_match AS old (site_id, reading_id, version, state, patient_id,
                    decided_at, evidence, file_number, file_birth_date, position)
                SELECT \(site), reading_id, greatest(version, 1), state, patient_id,
                    \(now)::timestamptz, evidence, file_number, file_birth_date, position FROM new
                ON CONFLICT (site_id, reading_id) DO UPDATE SET
                    evidence = EXCLUDED.evidence, file_number = EXCLUDED.file_number,
                    file_birth_date = EXCLUDED.file_birth_date, position = EXCLUDED.position,
                    version = CASE WHEN old.decided_by IS NULL
                        THEN EXCLUDED.version ELSE old.version END,
                    state = CASE WHEN old.decided_by IS NULL
                        THEN EXCLUDED.state ELSE old.state END,
                    patient_id = CASE WHEN old.decided_by IS NULL
                        THEN EXCLUDED.patient_id ELSE old.patient_id END,
                    decided_at = CASE WHEN old.version < EXCLUDED.version
                            AND old.decided_by IS NULL
                        THEN EXCLUDED.decided_at ELSE old.decided_at END
                RETURNING old.reading_id, old.position
            ), history AS (
                INSERT INTO reading_match_decision (site_id, reading_id, version, state,
                    patient_id, decided_at, evidence)
                SELECT \(site), reading_id, version, state, patient_id, \(now)::timestamptz,
                    evidence FROM new WHERE decides
                ON CONFLICT DO NOTHING
            ), known AS (
                INSERT INTO patient_site (patient_id, site_id, since)
                SELECT DISTINCT patient_id, \(site)::uuid, \(now)::timestamptz FROM new
                WHERE decides AND patient_id IS NOT NULL
                ON CONFLICT DO NOTHING
            )
            SELECT pg_notify('reading', \(site.description) || '/' || reading_id || '/' || position)
            FROM (SELECT * FROM stored ORDER BY position DESC LIMIT 1) AS newest
            """
        )
    }
}
