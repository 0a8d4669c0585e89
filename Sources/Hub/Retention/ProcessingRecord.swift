package import Postgres
package import Shared

/// What of the record of processing (GDPR, article 30) this installation can say of itself.
package struct ProcessingRecord: Sendable, Codable, Equatable {
    package let at: Instant
    package let sites: [SiteEntry]
    /// People by role, those who may sign in.
    package let people: [String: Int]
    /// Records of people, joined ones counted once.
    package let patients: Int
    package let restricted: Int
    package let heldForClaims: Int
    /// Records whose term is over.
    package let due: Int
    /// Records that have ended.
    package let disposed: Int
    package let categories: [String: Int]
    /// Devices that may be told of patients: `site: device`.
    package let devices: [String]
    /// Programs of others that read: `name: what`.
    package let programs: [String]
    package let oldestContact: Instant?
    package let retentionYears: Int

    package struct SiteEntry: Sendable, Codable, Equatable {
        package let name: String
        package let computers: Int
        /// How many days a PC keeps what the Hub has.
        package let computerDays: Int
        package let readsPhoto: Bool
    }

    /// Asks the database, in a scope that sees every site.
    ///
    /// Throws `PostgresError`.
    package init(database: PostgresClient, clock: WallClock) async throws {
        at = clock.now()
        retentionYears = RetentionStore.years
        sites = try await database.query(
            """
            SELECT name, retention_days, reads_photo, (SELECT count(*) FROM agent
                WHERE site_id = site.id AND state = 'active') AS computers
            FROM site ORDER BY name
            """
        ).map { row in
            SiteEntry(
                name: try row.decode("name"),
                computers: try row.decode("computers"),
                computerDays: try row.decode("retention_days"),
                readsPhoto: try row.decode("reads_photo")
            )
        }
        people = try await Self.counts(
            "SELECT role AS name, count(*) AS n FROM account WHERE disabled_at IS NULL GROUP BY role",
            database
        )
        let facts = try await Self.counts(
            """
            SELECT 'patients' AS name, count(*) AS n FROM patient WHERE merged_into IS NULL
            UNION ALL SELECT kind, count(*) FROM patient_hold WHERE lifted_at IS NULL GROUP BY kind
            UNION ALL SELECT 'due', count(*) FROM patients_due()
            UNION ALL SELECT 'disposed', count(*) FROM patient_disposal
                WHERE disposed_at IS NOT NULL
            """,
            database
        )
        patients = facts["patients"] ?? 0
        restricted = facts["restriction"] ?? 0
        heldForClaims = facts["legalHold"] ?? 0
        due = facts["due"] ?? 0
        disposed = facts["disposed"] ?? 0
        categories = try await Self.counts(
            """
            SELECT 'names, birth dates, sex' AS name, count(*) AS n FROM patient
            UNION ALL SELECT 'addresses', count(DISTINCT patient_id) FROM patient_address
            UNION ALL SELECT 'national register numbers', count(DISTINCT patient_id)
                FROM patient_identifier
            UNION ALL SELECT 'readings of devices', count(*) FROM reading
            UNION ALL SELECT 'documents of devices', count(*) FROM document
            UNION ALL SELECT 'cards that were read', count(*) FROM card_session
            UNION ALL SELECT 'records of the audit', count(*) FROM audit_record
            """,
            database
        )
        devices = try await Self.names(
            """
            SELECT DISTINCT site.name || ': ' || coalesce(setting.name, device.source, device.key)
                AS name
            FROM device JOIN site ON site.id = device.site_id
            CROSS JOIN LATERAL (SELECT * FROM device_setting WHERE device_id = device.id
                ORDER BY version DESC LIMIT 1) AS setting
            WHERE cardinality(setting.enabled) > 0 ORDER BY 1
            """,
            database
        )
        programs = try await Self.names(
            """
            SELECT name || ': ' || array_to_string(permissions, ', ') AS name FROM program
            WHERE ended_at IS NULL ORDER BY 1
            """,
            database
        )
        oldestContact = try await database.query(
            "SELECT min(created_at) AS first FROM patient"
        ).first?.decode("first")
    }

    private static func counts(
        _ query: PostgresQuery,
        _ database: PostgresClient
    ) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for row in try await database.query(query) {
            counts[try row.decode("name")] = try row.decode("n")
        }
        return counts
    }

    private static func names(
        _ query: PostgresQuery,
        _ database: PostgresClient
    ) async throws -> [String] {
        try await database.query(query).map { try $0.decode("name") }
    }
}
