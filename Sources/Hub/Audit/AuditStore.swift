import Postgres
import Shared

/// Reads the audit for its page.
struct AuditStore: Sendable {
    let database: PostgresClient

    /// What a page of the audit asks for.
    struct Filter: Sendable, Equatable {
        /// Who did it.
        var account: Identifier?
        /// What it was done to: a patient, and every reading and card of theirs, or one record.
        var subject: Identifier?
        var patient: Identifier?
        /// What an emergency access let somebody see.
        var emergency: Identifier?
        /// Only what was refused.
        var refusedOnly = false
        /// Records before this one.
        var before: Int64?
    }

    /// A record with the name of whoever did it.
    struct Line: Sendable {
        let sequence: Int64
        let record: AuditRecord
        let person: String?
        /// The name of the program that did it; nil where none did.
        let program: String?
    }

    /// The newest records that `filter` lets through.
    func lines(_ filter: Filter, limit: Int) async throws -> [Line] {
        let account: PostgresQuery =
            if let id = filter.account { "AND record.account_id = \(id)" } else { "" }
        let subject: PostgresQuery =
            if let id = filter.subject { "AND record.subject = \(id)" } else { "" }
        let patient: PostgresQuery =
            if let id = filter.patient {
                """
                AND record.subject IN (
                    SELECT patient_records(\(id))
                    UNION ALL SELECT reading_id FROM reading_match
                    WHERE patient_id IN (SELECT patient_records(\(id)))
                    UNION ALL SELECT id FROM card_session
                    WHERE patient_id IN (SELECT patient_records(\(id))))
                """
            } else { "" }
        let emergency: PostgresQuery =
            if let id = filter.emergency { "AND record.emergency_id = \(id)" } else { "" }
        let refused: PostgresQuery =
            filter.refusedOnly ? "AND record.body::jsonb ->> 'outcome' <> 'allowed'" : ""
        let rows = try await database.query(
            """
            SELECT record.sequence, record.body, account.name AS person, program.name AS program
            FROM audit_record AS record LEFT JOIN account ON account.id = record.account_id
                LEFT JOIN program ON program.id = record.program_id
            WHERE record.sequence < \(filter.before ?? Int64.max)
                \(account) \(subject) \(patient) \(emergency) \(refused)
            ORDER BY record.sequence DESC LIMIT \(limit)
            """
        )
        return try rows.map { row in
            Line(
                sequence: try row.decode("sequence"),
                record: try JSON.decode(
                    AuditRecord.self,
                    from: Array(row.decode("body", as: String.self).utf8)
                ),
                person: try row.decode("person"),
                program: try row.decode("program")
            )
        }
    }

    /// Everyone who may be chosen as the one who did it, by name.
    func people() async throws -> [(id: Identifier, name: String)] {
        try await database.query("SELECT id, name FROM account ORDER BY lower(name) LIMIT 500")
            .map { (try $0.decode("id"), try $0.decode("name")) }
    }
}
