import Postgres
package import Shared

/// Two records of one person, joined and parted again.
extension PatientStore {
    /// Has `into` stand for `id` from now on; nothing is moved, so that `part` undoes it wholly.
    ///
    /// Both must be known at the site and stand for themselves. Throws `PatientFault.unknown`,
    /// `.stale` where either changed since the person saw it, `.cannotJoin`, `PostgresError`.
    package func join(
        _ id: Identifier,
        version: Int,
        into other: Identifier,
        site: Identifier,
        by account: Identifier
    ) async throws {
        guard id != other else { throw PatientFault.cannotJoin }
        guard try await patient(id, site: site) != nil, try await patient(other, site: site) != nil
        else { throw PatientFault.unknown }
        let now = clock.now()
        try await database.withTransaction { connection in
            // Both are locked in one order: two joins that would make a circle wait for each other.
            let rows = try await connection.query(
                """
                SELECT id, version, merged_into FROM patient
                WHERE id = ANY(\([id, other])::uuid[]) ORDER BY id FOR UPDATE
                """
            )
            for row in rows {
                guard try row.decode("merged_into", as: Identifier?.self) == nil else {
                    throw PatientFault.cannotJoin
                }
                let isThis = try row.decode("id", as: Identifier.self) == id
                if isThis, try row.decode("version", as: Int.self) != version {
                    throw PatientFault.stale
                }
            }
            try await connection.execute(
                "UPDATE patient SET merged_into = \(other) WHERE id = \(id)"
            )
            try await connection.execute(
                """
                INSERT INTO patient_link (id, patient_id, into_id, linked_at, linked_by)
                VALUES (\(clock.identifier()), \(id), \(other), \(now), \(account))
                """
            )
            try await Self.lookAgain(at: id, connection)
            try await Self.lookAgain(at: other, connection)
        }
    }

    /// The records that were merged straight into this one, by number.
    func joined(to id: Identifier, site: Identifier) async throws -> [Patient] {
        let rows = try await database.query(
            """
            SELECT \(Patient.columns) FROM patient
            JOIN patient_site ON patient_site.patient_id = patient.id
            WHERE patient.merged_into = \(id) AND patient_site.site_id = \(site)
            ORDER BY patient.number LIMIT 50
            """
        )
        return try rows.map(Patient.init)
    }

    /// Undoes `join`.
    ///
    /// Throws `PatientFault.unknown`, `.stale` where they are parted already, `PostgresError`.
    package func part(_ id: Identifier, site: Identifier, by account: Identifier) async throws {
        guard let patient = try await patient(id, site: site) else { throw PatientFault.unknown }
        guard let other = patient.mergedInto else { throw PatientFault.stale }
        let now = clock.now()
        try await database.withTransaction { connection in
            let changed = try await connection.execute(
                """
                UPDATE patient SET merged_into = NULL
                WHERE id = \(id) AND merged_into = \(other)
                """
            )
            guard changed == 1 else { throw PatientFault.stale }
            try await connection.execute(
                """
                UPDATE patient_link SET unlinked_at = \(now), unlinked_by = \(account)
                WHERE patient_id = \(id) AND unlinked_at IS NULL
                """
            )
            try await Self.lookAgain(at: id, connection)
            try await Self.lookAgain(at: other, connection)
        }
    }
}
