import Postgres
import Shared

/// Emergency accesses, in Postgres; opening, ending and reviewing one stands in the audit, in one
/// transaction with it.
struct EmergencyStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// Opens one.
    ///
    /// Throws `EmergencyDraft.Fault`, `PostgresError`.
    func open(
        _ draft: EmergencyDraft,
        by person: Person,
        network: String
    ) async throws -> Identifier {
        guard !person.sites.contains(where: { $0.id == draft.site }) else {
            throw EmergencyDraft.Fault.site
        }
        let (id, now) = (clock.identifier(), clock.now())
        let until = now.advanced(by: EmergencyAccess.lifetime)
        let account = person.account.id
        try await database.withTransaction { connection in
            // Two at once would be one opened twice: the row of the account lets one through.
            try await connection.execute("SELECT FROM account WHERE id = \(account) FOR UPDATE")
            let open = try await connection.query(
                """
                SELECT FROM emergency_access
                WHERE session_id = \(person.sessionID) AND site_id = \(draft.site)
                    AND ended_at IS NULL AND until > \(now)
                """
            )
            guard open.isEmpty else { throw EmergencyDraft.Fault.already }
            let added = try await connection.query(
                """
                INSERT INTO emergency_access (id, account_id, session_id, site_id, kind, reason,
                    opened_at, until, network)
                SELECT \(id), \(account), \(person.sessionID), id, \(draft.kind.rawValue),
                    \(draft.reason), \(now), \(until), \(network)
                FROM site WHERE id = \(draft.site) RETURNING id
                """
            )
            guard !added.isEmpty else { throw EmergencyDraft.Fault.site }
            var record = AuditRecord(
                at: now,
                action: "emergencyOpened",
                account: account,
                session: person.sessionID,
                site: draft.site,
                network: network,
                reason: draft.kind.rawValue
            )
            record.emergency = id
            try await AuditWriter.append([record], connection)
        }
        return id
    }

    /// Ends one of an account; false where it has none such that is open.
    func end(_ id: Identifier, of person: Person) async throws -> Bool {
        let now = clock.now()
        return try await database.withTransaction { connection in
            let ended = try await connection.query(
                """
                UPDATE emergency_access SET ended_at = \(now)
                WHERE id = \(id) AND account_id = \(person.account.id) AND ended_at IS NULL
                    AND until > \(now)
                RETURNING site_id
                """
            )
            guard let row = ended.first else { return false }
            var record = AuditRecord(
                at: now,
                action: "emergencyEnded",
                account: person.account.id,
                session: person.sessionID,
                site: try row.decode("site_id")
            )
            record.emergency = id
            try await AuditWriter.append([record], connection)
            return true
        }
    }

    /// Notes what somebody found; false where there is none such, or it was reviewed, or it is
    /// still open, or it is their own.
    func review(
        _ id: Identifier,
        _ finding: EmergencyFinding,
        note: String,
        by person: Person
    ) async throws -> Bool {
        let now = clock.now()
        return try await database.withTransaction { connection in
            let reviewed = try await connection.query(
                """
                UPDATE emergency_access SET reviewed_at = \(now),
                    reviewed_by = \(person.account.id), finding = \(finding.rawValue),
                    finding_note = \(note)
                WHERE id = \(id) AND reviewed_at IS NULL AND account_id <> \(person.account.id)
                    AND (ended_at IS NOT NULL OR until <= \(now))
                RETURNING site_id
                """
            )
            guard let row = reviewed.first else { return false }
            var record = AuditRecord(
                at: now,
                action: "emergencyReviewed",
                account: person.account.id,
                session: person.sessionID,
                site: try row.decode("site_id"),
                reason: finding.rawValue
            )
            record.emergency = id
            try await AuditWriter.append([record], connection)
            return true
        }
    }

    /// Those of a session that are open now, with their sites.
    func open(of session: Identifier) async throws -> [OpenEmergency] {
        let now = clock.now()
        return try await database.query(
            """
            SELECT emergency_access.id, until, site_id, site.name, site.time_zone
            FROM emergency_access JOIN site ON site.id = site_id
            WHERE session_id = \(session) AND ended_at IS NULL AND until > \(now)
            ORDER BY opened_at
            """
        ).map { row in
            OpenEmergency(
                id: try row.decode("id"),
                site: Site(
                    id: try row.decode("site_id"),
                    name: try row.decode("name"),
                    zone: try row.decode("time_zone")
                ),
                until: try row.decode("until"),
                left: (try row.decode("until", as: Instant.self)).duration(since: now)
            )
        }
    }

    /// Every site that is not among a person's own, by name.
    func otherSites(than own: [Site]) async throws -> [Site] {
        try await database.query(
            """
            SELECT id, name, time_zone FROM site
            WHERE id <> ALL(\(own.map(\.id))::uuid[]) ORDER BY name, id
            """
        ).map { row in
            Site(
                id: try row.decode("id"),
                name: try row.decode("name"),
                zone: try row.decode("time_zone")
            )
        }
    }

    /// The newest, those that wait for a review first.
    func all(limit: Int) async throws -> [EmergencyReview] {
        try await database.query(
            """
            SELECT emergency_access.id, account.name AS person, site.name AS site, kind, reason,
                opened_at, until, ended_at, emergency_access.network, reviewed_at, finding,
                finding_note, reviewer.name AS reviewer,
                (SELECT count(*) FROM audit_record
                 WHERE emergency_id = emergency_access.id
                    AND action NOT LIKE 'emergency%') AS accesses
            FROM emergency_access
                JOIN account ON account.id = account_id
                JOIN site ON site.id = site_id
                LEFT JOIN account AS reviewer ON reviewer.id = reviewed_by
            ORDER BY reviewed_at IS NOT NULL, opened_at DESC LIMIT \(limit)
            """
        ).map(EmergencyReview.init)
    }
}

/// An emergency access that is open, and the site that it opens.
package struct OpenEmergency: Sendable {
    let id: Identifier
    let site: Site
    let until: Instant
    /// What was left of it when it was read.
    let left: Duration
}

/// An emergency access as it is reviewed.
struct EmergencyReview: Sendable {
    let id: Identifier
    let person: String
    let site: String
    let kind: EmergencyAccess.Kind
    let reason: String
    let openedAt: Instant
    let until: Instant
    let endedAt: Instant?
    let network: String
    /// How many pages of the site were looked at.
    let accesses: Int
    let reviewedAt: Instant?
    let reviewer: String?
    let finding: EmergencyFinding?
    let note: String?

    init(_ row: PostgresRow) throws {
        id = try row.decode("id")
        person = try row.decode("person")
        site = try row.decode("site")
        kind = EmergencyAccess.Kind(rawValue: try row.decode("kind")) ?? .other
        reason = try row.decode("reason")
        openedAt = try row.decode("opened_at")
        until = try row.decode("until")
        endedAt = try row.decode("ended_at")
        network = try row.decode("network")
        accesses = try row.decode("accesses")
        reviewedAt = try row.decode("reviewed_at")
        reviewer = try row.decode("reviewer")
        finding = try row.decode("finding", as: String?.self)
            .flatMap { EmergencyFinding(rawValue: $0) }
        note = try row.decode("finding_note")
    }

    func isOpen(at now: Instant) -> Bool { endedAt == nil && until > now }
}
