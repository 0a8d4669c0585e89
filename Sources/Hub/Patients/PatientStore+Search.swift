import Postgres
import Shared

/// A line of the list of patients.
struct PatientListing: Sendable {
    let patient: Patient
    /// When the newest of their readings was captured; nil where there is none.
    let lastReadingAt: Instant?
    /// The place in the list.
    let cursor: PatientCursor
}

/// A place in a list of patients by name: the last line of a page.
struct PatientCursor: Sendable, Equatable {
    let sortKey: String
    let number: String

    init(sortKey: String, number: String) {
        self.sortKey = sortKey
        self.number = number
    }

    /// Reads `1000002-TESTCASE AMINA`; nil for any other text.
    init?(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, PatientNumber(parts[0]) != nil, parts[1].utf8.count <= 4000
        else { return nil }
        number = String(parts[0])
        sortKey = String(parts[1])
    }

    var text: String { "\(number)-\(sortKey)" }
}

extension PatientStore {
    /// The patients of a site that `query` finds, by name, from behind `cursor`.
    ///
    /// A record that was merged is not in the list; the one that stands for it is.
    func list(
        _ query: PatientQuery,
        site: Identifier,
        after cursor: PatientCursor?,
        limit: Int
    ) async throws -> [PatientListing] {
        let bound: PostgresQuery =
            if let cursor {
                "AND (patient.sort_key, patient.number) > (\(cursor.sortKey), \(cursor.number))"
            } else { "" }
        let rows = try await database.query(
            """
            SELECT \(Patient.columns), patient.sort_key,
                (SELECT max(reading.captured_at) FROM reading_match AS match
                    JOIN reading ON reading.site_id = match.site_id
                        AND reading.id = match.reading_id
                    WHERE match.patient_id = patient.id AND match.site_id = \(site))
                    AS last_reading_at
            FROM patient
            WHERE EXISTS (SELECT FROM patient_site WHERE patient_site.site_id = \(site)
                    AND patient_site.patient_id = patient.id)
                AND patient.merged_into IS NULL AND \(query.condition) \(bound)
            ORDER BY patient.sort_key, patient.number LIMIT \(limit)
            """
        )
        return try rows.map { row in
            let patient = try Patient(row)
            return PatientListing(
                patient: patient,
                lastReadingAt: try row.decode("last_reading_at"),
                cursor: PatientCursor(
                    sortKey: try row.decode("sort_key"),
                    number: patient.number.description
                )
            )
        }
    }

    /// Whether the site knows any patient.
    func hasPatients(site: Identifier) async throws -> Bool {
        let rows = try await database.query(
            "SELECT EXISTS (SELECT FROM patient_site WHERE site_id = \(site)) AS there"
        )
        return try rows.first?.decode("there") ?? false
    }
}
