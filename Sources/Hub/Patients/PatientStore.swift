package import Postgres
package import Shared

/// Patients, in Postgres: read by site, written with their history.
///
/// A patient belongs to the installation and is shown at the sites of `patient_site`; what a site
/// does not know is not there for it.
package struct PatientStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    package init(database: PostgresClient, clock: WallClock) {
        self.database = database
        self.clock = clock
    }

    /// A patient whom the site knows; nil for any other.
    package func patient(_ id: Identifier, site: Identifier) async throws -> Patient? {
        let rows = try await database.query(
            """
            SELECT \(Patient.columns) FROM patient
            JOIN patient_site ON patient_site.patient_id = patient.id
            WHERE patient.id = \(id) AND patient_site.site_id = \(site)
            """
        )
        return try rows.first.map(Patient.init)
    }

    /// The same by number.
    package func patient(number: PatientNumber, site: Identifier) async throws -> Patient? {
        let rows = try await database.query(
            """
            SELECT \(Patient.columns) FROM patient
            JOIN patient_site ON patient_site.patient_id = patient.id
            WHERE patient.number = \(number.description) AND patient_site.site_id = \(site)
            """
        )
        return try rows.first.map(Patient.init)
    }

    /// Registers a patient under a new number, known at `site`.
    ///
    /// `account` is nil where a card was read and nobody typed. Throws
    /// `PatientFault.numbersExhausted`, `PostgresError`.
    package func register(
        _ draft: PatientDraft,
        site: Identifier,
        by account: Identifier?
    ) async throws -> Patient {
        try await database.withTransaction { connection in
            try await register(draft, site: site, by: account, connection)
        }
    }

    /// The same within a transaction.
    func register(
        _ draft: PatientDraft,
        site: Identifier,
        by account: Identifier?,
        _ connection: PostgresConnection
    ) async throws -> Patient {
        let (id, now) = (clock.identifier(), clock.now())
        let number = try await nextNumber(connection)
        try await connection.execute(
            """
            INSERT INTO patient (id, number, version, state, family_name, given_names,
                birth_date, sex, source, sort_key, sound_key, created_at, changed_at)
            VALUES (\(id), \(number.description), 1, \(draft.state.rawValue),
                \(draft.name.family), \(draft.name.given), \(draft.birthDate?.description),
                \(draft.sex.rawValue), \(draft.source.rawValue), \(draft.sortKey),
                \(draft.soundKey), \(now), \(now))
            """
        )
        // Known first: what nobody knows, nobody may write about.
        try await Self.makeKnown(id, site: site, at: now, connection)
        try await record(draft, version: 1, of: id, by: account, at: now, connection)
        try await Self.lookAgain(at: id, connection)
        return Patient(id: id, number: number, version: 1, draft, createdAt: now, now: now)
    }

    /// Replaces what is said of a patient; the old version is kept.
    ///
    /// `version` is the one that the person saw. Throws `PatientFault.unknown`, `.stale`,
    /// `PostgresError`.
    package func change(
        _ id: Identifier,
        to draft: PatientDraft,
        version: Int,
        site: Identifier,
        by account: Identifier?
    ) async throws -> Patient {
        guard let old = try await patient(id, site: site) else { throw PatientFault.unknown }
        let now = clock.now()
        return try await database.withTransaction { connection in
            let changed = try await connection.execute(
                """
                UPDATE patient SET version = version + 1, state = \(draft.state.rawValue),
                    family_name = \(draft.name.family), given_names = \(draft.name.given),
                    birth_date = \(draft.birthDate?.description), sex = \(draft.sex.rawValue),
                    source = \(draft.source.rawValue), sort_key = \(draft.sortKey),
                    sound_key = \(draft.soundKey), changed_at = \(now)
                WHERE id = \(id) AND version = \(version) AND merged_into IS NULL
                """
            )
            guard changed == 1 else { throw PatientFault.stale }
            try await connection.execute("DELETE FROM patient_word WHERE patient_id = \(id)")
            try await record(draft, version: version + 1, of: id, by: account, at: now, connection)
            try await Self.lookAgain(at: id, connection)
            return Patient(
                id: id,
                number: old.number,
                version: version + 1,
                draft,
                createdAt: old.createdAt,
                now: now
            )
        }
    }

    /// Every version of a patient's record, newest first.
    package func versions(of id: Identifier) async throws -> [PatientVersion] {
        let rows = try await database.query(
            """
            SELECT version, family_name, given_names, birth_date, sex, state, source, changed_at,
                account.name AS changed_by
            FROM patient_version LEFT JOIN account ON account.id = patient_version.changed_by
            WHERE patient_id = \(id) ORDER BY version DESC LIMIT 200
            """
        )
        return try rows.map { row in
            PatientVersion(
                version: try row.decode("version"),
                name: PersonName(
                    family: try row.decode("family_name"),
                    given: try row.decode("given_names")
                ),
                birthDate: try row.decode("birth_date", as: String?.self)
                    .flatMap { PartialDate($0) },
                sex: Sex(rawValue: try row.decode("sex")) ?? .unknown,
                state: Patient.State(rawValue: try row.decode("state")) ?? .provisional,
                source: Patient.Source(rawValue: try row.decode("source")) ?? .manual,
                changedAt: try row.decode("changed_at"),
                changedBy: try row.decode("changed_by")
            )
        }
    }

    private func nextNumber(_ connection: PostgresConnection) async throws -> PatientNumber {
        let rows = try await connection.query("SELECT nextval('patient_number') AS next")
        guard let next = try rows.first?.decode("next", as: Int.self),
            let number = PatientNumber(sequence: next)
        else { throw PatientFault.numbersExhausted }
        return number
    }

    private func record(
        _ draft: PatientDraft,
        version: Int,
        of id: Identifier,
        by account: Identifier?,
        at now: Instant,
        _ connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO patient_version (patient_id, version, state, family_name, given_names,
                birth_date, sex, source, changed_at, changed_by)
            VALUES (\(id), \(version), \(draft.state.rawValue), \(draft.name.family),
                \(draft.name.given), \(draft.birthDate?.description), \(draft.sex.rawValue),
                \(draft.source.rawValue), \(now), \(account))
            """
        )
        try await connection.execute(
            """
            INSERT INTO patient_word (patient_id, word)
            SELECT \(id), unnest(\(draft.searchWords)::text[])
            """
        )
    }

    /// Has the site know the patient from now on.
    static func makeKnown(
        _ id: Identifier,
        site: Identifier,
        at now: Instant,
        _ connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO patient_site (patient_id, site_id, since) VALUES (\(id), \(site), \(now))
            ON CONFLICT DO NOTHING
            """
        )
    }

    /// Has every reading that may be the patient's looked at again, after this commits.
    static func lookAgain(
        at id: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        try await connection.execute("INSERT INTO match_work (patient_id) VALUES (\(id))")
        try await connection.execute("SELECT pg_notify('match', '')")
    }
}

extension Patient {
    fileprivate init(
        id: Identifier,
        number: PatientNumber,
        version: Int,
        _ draft: PatientDraft,
        createdAt: Instant,
        now: Instant
    ) {
        self.init(
            id: id,
            number: number,
            version: version,
            name: draft.name,
            birthDate: draft.birthDate,
            sex: draft.sex,
            state: draft.state,
            source: draft.source,
            mergedInto: nil,
            createdAt: createdAt,
            changedAt: now
        )
    }
}
