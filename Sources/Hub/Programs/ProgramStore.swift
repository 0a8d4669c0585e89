package import Postgres
package import Shared

/// Programs and their tokens, in Postgres; every change stands in the audit, in one transaction
/// with it.
package struct ProgramStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// How long a token goes on beside its successor, at most.
    package static let usualOverlap = Duration.seconds(7 * 86400)

    /// Takes the database.
    package init(database: PostgresClient, clock: WallClock) {
        self.database = database
        self.clock = clock
    }

    /// A token that was made: shown once and kept nowhere.
    package struct Made: Sendable {
        package let program: Identifier
        package let token: ProgramToken
        package let until: Instant
        /// True where a clinician has yet to let it in.
        package let isWaiting: Bool
    }

    /// Lets a program in.
    ///
    /// `account` is nil for the command line, whose tokens work at once: whoever may use that has
    /// the database anyway. Throws `ProgramError`, `PostgresError`.
    package func make(_ draft: ProgramDraft, by account: Identifier?) async throws -> Made {
        let (id, now) = (clock.identifier(), clock.now())
        let names = draft.permissions.map(\.rawValue).sorted()
        return try await database.withTransaction { connection in
            let added = try await connection.query(
                """
                INSERT INTO program (id, name, permissions, every_site, made_at, made_by)
                VALUES (\(id), \(draft.name), \(names)::text[], \(draft.sites == nil), \(now),
                    \(account))
                ON CONFLICT DO NOTHING RETURNING id
                """
            )
            guard !added.isEmpty else { throw ProgramError.nameTaken }
            if let sites = draft.sites {
                let given = try await connection.query(
                    """
                    INSERT INTO program_site (program_id, site_id)
                    SELECT \(id), id FROM site WHERE id = ANY(\(sites)::uuid[]) RETURNING site_id
                    """
                )
                guard given.count == Set(sites).count else { throw ProgramError.siteUnknown }
            }
            try await record("programMade", id, by: account, connection)
            return try await add(
                Next(program: id, generation: 1, days: draft.days, permissions: draft.permissions),
                by: account,
                connection
            )
        }
    }

    /// Gives a program its next token; the one of before goes on for `overlap` at most, and until
    /// the new one is used.
    ///
    /// Throws `ProgramError`, `PostgresError`.
    package func rotate(
        _ program: Identifier,
        days: Int = ProgramDraft.usualDays,
        overlap: Duration = usualOverlap,
        by account: Identifier?
    ) async throws -> Made {
        try ProgramDraft.check(days: days)
        let now = clock.now()
        let overlapUntil = now.advanced(by: overlap)
        return try await database.withTransaction { connection in
            let rows = try await connection.query(
                "SELECT permissions, ended_at FROM program WHERE id = \(program) FOR UPDATE"
            )
            guard let row = rows.first else { throw ProgramError.unknown }
            guard try row.decode("ended_at", as: Instant?.self) == nil else {
                throw ProgramError.hasEnded
            }
            let newest = try await connection.query(
                """
                SELECT generation, approved_at FROM program_token
                WHERE program_id = \(program) ORDER BY generation DESC LIMIT 1
                """
            ).first
            guard let newest else { throw ProgramError.unknown }
            // Else the one that works would have to be told from two that wait.
            guard try newest.decode("approved_at", as: Instant?.self) != nil else {
                throw ProgramError.tokenWaits
            }
            try await connection.execute(
                """
                UPDATE program_token SET overlap_until = \(overlapUntil)
                WHERE program_id = \(program) AND overlap_until IS NULL
                """
            )
            try await record("tokenRotated", program, by: account, connection)
            let names: [String] = try row.decode("permissions")
            return try await add(
                Next(
                    program: program,
                    generation: try newest.decode("generation", as: Int.self) + 1,
                    days: days,
                    permissions: Set(names.compactMap { Permission(rawValue: $0) })
                ),
                by: account,
                connection
            )
        }
    }

    /// Ends a program; false where there is none such that may read.
    package func revoke(_ program: Identifier, by account: Identifier?) async throws -> Bool {
        let now = clock.now()
        return try await database.withTransaction { connection in
            let ended = try await connection.query(
                """
                UPDATE program SET ended_at = \(now), ended_by = \(account),
                    end_cause = 'revoked', end_seen_at = \(now)
                WHERE id = \(program) AND ended_at IS NULL RETURNING id
                """
            )
            guard !ended.isEmpty else { return false }
            try await record("programRevoked", program, by: account, connection)
            return true
        }
    }

    /// Notes that an administrator knows why a program ended; false where there was nothing to know.
    func acknowledge(_ program: Identifier) async throws -> Bool {
        try await database.execute(
            """
            UPDATE program SET end_seen_at = \(clock.now())
            WHERE id = \(program) AND ended_at IS NOT NULL AND end_seen_at IS NULL
            """
        ) == 1
    }

    /// What the next token of a program is made from.
    private struct Next: Sendable {
        let program: Identifier
        let generation: Int
        let days: Int
        let permissions: Set<Permission>
    }

    private func add(
        _ next: Next,
        by account: Identifier?,
        _ connection: PostgresConnection
    ) async throws -> Made {
        var random = SystemRandomNumberGenerator()
        let token = ProgramToken(random: &random)
        let now = clock.now()
        let until = now.advanced(by: .seconds(Int64(next.days) * 86400))
        let isWaiting = account != nil && Program.needsApproval(next.permissions)
        let approvedAt = isWaiting ? nil : now
        try await connection.execute(
            """
            INSERT INTO program_token (id, program_id, generation, digest, made_at, made_by,
                approved_at, expires_at)
            VALUES (\(clock.identifier()), \(next.program), \(next.generation), \(token.digest),
                \(now), \(account), \(approvedAt), \(until))
            """
        )
        return Made(program: next.program, token: token, until: until, isWaiting: isWaiting)
    }

    func record(
        _ action: String,
        _ program: Identifier,
        by account: Identifier?,
        outcome: AuditRecord.Outcome = .allowed,
        network: String? = nil,
        _ connection: PostgresConnection
    ) async throws {
        var record = AuditRecord(
            at: clock.now(),
            action: action,
            outcome: outcome,
            account: account,
            subject: program,
            network: network
        )
        record.program = program
        try await AuditWriter.append([record], connection)
    }
}
