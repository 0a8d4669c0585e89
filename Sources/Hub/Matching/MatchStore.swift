import Postgres
import Shared

/// People's word on whose a reading is.
struct MatchStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// What a person decides.
    enum Decision: Sendable, Equatable {
        /// The reading is this patient's.
        case assign(Identifier)
        /// The reading is nobody's whom the Hub or a person named; it waits for another word.
        case undo
    }

    /// Why a decision was not taken.
    enum Refusal: Error, Equatable {
        /// Somebody decided since the page was made.
        case stale
        /// The site has no such reading, or knows no such patient, or the record was merged.
        case unknown
    }

    /// Takes a decision that was made looking at `version`; 0 for a reading that nobody weighed yet.
    ///
    /// Throws `Refusal`, `PostgresError`.
    func decide(
        _ decision: Decision,
        reading: Identifier,
        site: Identifier,
        version: Int,
        by account: Identifier
    ) async throws {
        let now = clock.now()
        try await database.withTransaction { connection in
            var patient: Identifier?
            if case .assign(let id) = decision {
                guard try await isKnown(id, site: site, connection) else { throw Refusal.unknown }
                patient = id
            }
            let state: MatchState = patient == nil ? .nobody : .matched
            let known = try await connection.query(
                "SELECT FROM reading WHERE site_id = \(site) AND id = \(reading)"
            )
            guard !known.isEmpty else { throw Refusal.unknown }
            let evidence = String(decoding: try JSON.encode(MatchEvidence.none), as: UTF8.self)
            // The version decides who was first; the position is taken only afterwards.
            let rows = try await connection.query(
                """
                INSERT INTO reading_match AS old (site_id, reading_id, version, state, patient_id,
                    decided_by, decided_at, evidence, position)
                SELECT \(site), \(reading), 1, \(state.rawValue), \(patient), \(account),
                    \(now)::timestamptz, \(evidence)::jsonb, 0
                WHERE \(version)::integer = 0 OR EXISTS (
                    SELECT FROM reading_match WHERE site_id = \(site) AND reading_id = \(reading))
                ON CONFLICT (site_id, reading_id) DO UPDATE SET version = old.version + 1,
                    state = EXCLUDED.state, patient_id = EXCLUDED.patient_id,
                    decided_by = EXCLUDED.decided_by, decided_at = EXCLUDED.decided_at
                WHERE old.version = \(version)
                RETURNING old.version
                """
            )
            guard let newVersion = try rows.first?.decode("version", as: Int.self) else {
                throw Refusal.stale
            }
            try await connection.execute(
                """
                INSERT INTO reading_match_decision (site_id, reading_id, version, state,
                    patient_id, decided_by, decided_at, evidence)
                SELECT site_id, reading_id, \(newVersion), state, patient_id, decided_by,
                    decided_at, evidence
                FROM reading_match WHERE site_id = \(site) AND reading_id = \(reading)
                """
            )
            try await announce(reading, site: site, connection)
            // A reading that was never weighed is weighed beside the person's word.
            if newVersion == 1 { try await Self.queue(reading, site: site, connection) }
        }
    }

    /// Every decision on a reading, newest first.
    func decisions(on reading: Identifier, site: Identifier) async throws -> [MatchDecision] {
        let rows = try await database.query(
            """
            SELECT decision.version, decision.state, decision.decided_at,
                decision.evidence::text AS evidence, account.name AS decided_by,
                patient.number, patient.family_name, patient.given_names,
                patient_is_test(patient.id) AS is_test
            FROM reading_match_decision AS decision
            LEFT JOIN account ON account.id = decision.decided_by
            LEFT JOIN patient ON patient.id = decision.patient_id
            WHERE decision.site_id = \(site) AND decision.reading_id = \(reading)
            ORDER BY decision.version DESC LIMIT 100
            """
        )
        return try rows.map(MatchDecision.init)
    }

    /// Puts a reading before the matching.
    static func queue(
        _ reading: Identifier,
        site: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            "INSERT INTO match_work (site_id, reading_id) VALUES (\(site), \(reading))"
        )
        try await connection.execute("SELECT pg_notify('match', '')")
    }

    private func isKnown(
        _ patient: Identifier,
        site: Identifier,
        _ connection: PostgresConnection
    ) async throws -> Bool {
        let rows = try await connection.query(
            """
            SELECT FROM patient JOIN patient_site ON patient_site.patient_id = patient.id
            WHERE patient.id = \(patient) AND patient_site.site_id = \(site)
                AND patient.merged_into IS NULL
            FOR SHARE OF patient
            """
        )
        return !rows.isEmpty
    }

    /// Tells everybody who follows the list, at commit.
    private func announce(
        _ reading: Identifier,
        site: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        let rows = try await connection.query(
            """
            UPDATE site SET reading_position = reading_position + 1 WHERE id = \(site)
            RETURNING reading_position
            """
        )
        guard let position = try rows.first?.decode("reading_position", as: Int64.self) else {
            return
        }
        try await connection.execute(
            """
            UPDATE reading_match SET position = \(position)
            WHERE site_id = \(site) AND reading_id = \(reading)
            """
        )
        try await connection.execute(
            "SELECT pg_notify('reading', \("\(site)/\(reading)/\(position)"))"
        )
    }
}

/// One decision of a reading's history.
struct MatchDecision: Sendable {
    let version: Int
    let state: MatchState
    let decidedAt: Instant
    /// The person's name; nil where the Hub decided.
    let decidedBy: String?
    let evidence: MatchEvidence
    /// Whose it became; nil where it became nobody's.
    let patient: (number: String, name: PersonName)?
    /// True where that is the holder of a test card.
    let isTest: Bool

    init(_ row: PostgresRow) throws {
        version = try row.decode("version")
        state = MatchState(rawValue: try row.decode("state")) ?? .nobody
        decidedAt = try row.decode("decided_at")
        decidedBy = try row.decode("decided_by")
        isTest = try row.decode("is_test")
        evidence =
            (try? JSON.decode(
                MatchEvidence.self,
                from: Array(row.decode("evidence", as: String.self).utf8)
            )) ?? .none
        if let number = try row.decode("number", as: String?.self) {
            patient = (
                number,
                PersonName(
                    family: try row.decode("family_name"),
                    given: try row.decode("given_names")
                )
            )
        } else {
            patient = nil
        }
    }
}
