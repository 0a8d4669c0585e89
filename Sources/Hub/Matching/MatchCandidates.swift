import Postgres
import Shared

/// Fetches everybody who may be meant by a batch of readings, in two statements.
struct MatchCandidates: Sendable {
    let connection: PostgresConnection

    /// Candidates by what leads to them.
    struct Found: Sendable {
        fileprivate(set) var candidates: [Identifier: MatchCandidate] = [:]
        fileprivate var byNumber: [PatientNumber: Identifier] = [:]
        fileprivate var byBirthDate: [PartialDate: Set<Identifier>] = [:]
        /// Every record, merged ones too, with the one that stands for it.
        fileprivate var survivors: [Identifier: Identifier] = [:]
        fileprivate var sites: [Identifier: Set<Identifier>] = [:]

        /// Who may be meant by a file at `site`, or is named from outside.
        func meant(
            by file: DevicePatient,
            site: Identifier,
            besides others: Set<Identifier>
        ) -> [MatchCandidate] {
            var ids = Set(others.compactMap { survivors[$0] })
            if let number = file.number.flatMap({ PatientNumber($0) }), let id = byNumber[number] {
                ids.insert(id)
            }
            if let birth = file.birthDate {
                ids.formUnion(byBirthDate[PartialDate(birth)] ?? [])
            }
            return ids.sorted().compactMap { id in
                var candidate = candidates[id]
                candidate?.isKnown = sites[id]?.contains(site) ?? false
                return candidate
            }
        }

        /// The records that stand for `ids`.
        func surviving(_ ids: Set<Identifier>) -> Set<Identifier> {
            Set(ids.compactMap { survivors[$0] })
        }
    }

    /// Everybody whom one of the files can mean by number or birth date, and `others`.
    func fetch(_ files: [DevicePatient], _ others: Set<Identifier>) async throws -> Found {
        let numbers = Set(files.compactMap { $0.number.flatMap { PatientNumber($0) } })
        let births = Set(files.compactMap(\.birthDate))
        var found = Found()
        guard !(numbers.isEmpty && births.isEmpty && others.isEmpty) else { return found }
        let rows = try await connection.query(
            """
            WITH named AS (
                SELECT id FROM patient WHERE number = ANY(\(numbers.map(\.description))::text[])
                UNION
                SELECT patient_id FROM patient_version
                WHERE birth_date = ANY(\(births.map(\.description))::text[])
                UNION
                SELECT unnest(\(Array(others))::uuid[])
            ), root AS (
                SELECT DISTINCT patient_survivor(id) AS id FROM named
            )
            SELECT root.id AS root, patient.id, patient.number, patient.state,
                patient.version = version.version AS is_current, version.family_name,
                version.given_names, version.birth_date
            FROM root CROSS JOIN LATERAL patient_records(root.id) AS record(id)
            JOIN patient ON patient.id = record.id
            JOIN patient_version AS version ON version.patient_id = patient.id
            ORDER BY root.id, patient.id, version.version DESC
            """
        )
        for row in rows { try found.take(row) }
        try await fetchSites(into: &found)
        return found
    }

    private func fetchSites(into found: inout Found) async throws {
        let records = Array(found.survivors.keys)
        let rows = try await connection.query(
            """
            SELECT patient_id, site_id FROM patient_site
            WHERE patient_id = ANY(\(records)::uuid[])
            """
        )
        for row in rows {
            let record: Identifier = try row.decode("patient_id")
            guard let root = found.survivors[record] else { continue }
            found.sites[root, default: []].insert(try row.decode("site_id"))
        }
    }
}

extension MatchCandidates.Found {
    /// Adds one version of one record.
    fileprivate mutating func take(_ row: PostgresRow) throws {
        let root: Identifier = try row.decode("root")
        let record: Identifier = try row.decode("id")
        let name = PersonName(
            family: try row.decode("family_name"),
            given: try row.decode("given_names")
        )
        let birth = try row.decode("birth_date", as: String?.self).flatMap { PartialDate($0) }
        let isPresent = try root == record && row.decode("is_current", as: Bool.self)
        survivors[record] = root
        var candidate =
            candidates[root]
            ?? MatchCandidate(id: root, numbers: [], name: name, birthDate: birth)
        if let number = PatientNumber(try row.decode("number", as: String.self)) {
            candidate.numbers.insert(number)
            byNumber[number] = root
        }
        if isPresent {
            candidate.name = name
            candidate.birthDate = birth
            let state = try row.decode("state", as: String.self)
            candidate.isArchived = state == Patient.State.archived.rawValue
        } else {
            candidate.former.append((name, birth))
        }
        candidates[root] = candidate
        if let birth { byBirthDate[birth, default: []].insert(root) }
    }
}
