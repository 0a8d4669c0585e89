import Postgres
import Shared

/// Whose a reading is, as it is stored beside the reading.
struct ReadingMatch: Sendable {
    /// What a form that decides must name.
    let version: Int
    let state: MatchState
    /// Whose it is; nil unless it is matched.
    let patient: Who?
    /// True where a person decided, not the Hub.
    let isByPerson: Bool
    /// The person's name.
    let decidedBy: String?
    let decidedAt: Instant
    /// What the Hub itself makes of the newest revision.
    let evidence: MatchEvidence
    /// Those whom the evidence names, in its order.
    var named: [Who] = []

    /// A patient as lists name them.
    struct Who: Sendable, Hashable {
        let id: Identifier
        let number: String
        let name: PersonName
        let birthDate: PartialDate?
        /// True of the holder of a test card.
        var isTest = false
    }

    /// Nil where nobody has weighed the reading yet.
    init?(_ row: PostgresRow) throws {
        guard let version = try row.decode("match_version", as: Int?.self) else { return nil }
        self.version = version
        state = MatchState(rawValue: try row.decode("match_state")) ?? .nobody
        isByPerson = try row.decode("match_by_person")
        decidedBy = try row.decode("match_decider")
        decidedAt = try row.decode("match_decided_at")
        evidence =
            (try? JSON.decode(
                MatchEvidence.self,
                from: Array(row.decode("match_evidence", as: String.self).utf8)
            )) ?? .none
        if let id = try row.decode("match_patient", as: Identifier?.self) {
            patient = Who(
                id: id,
                number: try row.decode("match_number"),
                name: PersonName(
                    family: try row.decode("match_family"),
                    given: try row.decode("match_given")
                ),
                birthDate: (try row.decode("match_birth", as: String?.self))
                    .flatMap { PartialDate($0) },
                isTest: try row.decode("match_test")
            )
        } else {
            patient = nil
        }
    }

    /// What `init(_:)` reads, with `joins` behind the table `reading`.
    static let columns: PostgresQuery = """
        match.version AS match_version, match.state AS match_state,
        match.decided_by IS NOT NULL AS match_by_person, decider.name AS match_decider,
        match.decided_at AS match_decided_at, match.evidence::text AS match_evidence,
        owner.id AS match_patient, owner.number AS match_number,
        owner.family_name AS match_family,
        owner.given_names AS match_given, owner.birth_date AS match_birth,
        patient_is_test(owner.id) AS match_test
        """

    static let joins: PostgresQuery = """
        LEFT JOIN reading_match AS match
            ON match.site_id = reading.site_id AND match.reading_id = reading.id
        LEFT JOIN patient AS owner ON owner.id = patient_survivor(match.patient_id)
        LEFT JOIN account AS decider ON decider.id = match.decided_by
        """
}

extension ReadingRecord {
    /// Fills in who the evidence of `records` names, in one statement.
    static func naming(
        _ records: [ReadingRecord],
        in database: PostgresClient
    ) async throws -> [ReadingRecord] {
        let ids = records.reduce(into: Set<Identifier>()) { ids, record in
            ids.formUnion(record.match?.evidence.named.map(\.patient) ?? [])
        }
        guard !ids.isEmpty else { return records }
        let rows = try await database.query(
            """
            SELECT id, number, family_name, given_names, birth_date,
                patient_is_test(id) AS is_test
            FROM patient
            WHERE id = ANY(\(Array(ids))::uuid[])
            """
        )
        var people: [Identifier: ReadingMatch.Who] = [:]
        for row in rows {
            let who = ReadingMatch.Who(
                id: try row.decode("id"),
                number: try row.decode("number"),
                name: PersonName(
                    family: try row.decode("family_name"),
                    given: try row.decode("given_names")
                ),
                birthDate: (try row.decode("birth_date", as: String?.self))
                    .flatMap { PartialDate($0) },
                isTest: try row.decode("is_test")
            )
            people[who.id] = who
        }
        return records.map { record in
            var record = record
            let named = record.match?.evidence.named.compactMap { people[$0.patient] }
            record.match?.named = named ?? []
            return record
        }
    }
}
