import Postgres
import Shared

extension ProgramStore {
    /// Every program, those that may read first, by name.
    package func all() async throws -> [Program] {
        try await programs("true")
    }

    /// The program with this identifier, or the one that may read under this name.
    package func find(_ text: String) async throws -> Program? {
        if let id = Identifier(text) { return try await programs("program.id = \(id)").first }
        return try await programs(
            "lower(program.name) = lower(\(text.trimmed)) AND ended_at IS NULL"
        ).first
    }

    /// Programs of which a token waits to be let in, at sites that the account sees, each.
    func waiting(for account: Account) async throws -> [Program] {
        try await programs(
            """
            ended_at IS NULL AND \(Self.isSeen(by: account)) AND EXISTS (
                SELECT FROM program_token
                WHERE program_id = program.id AND approved_at IS NULL)
            """
        )
    }

    /// Lets a token in, or not: a token that is refused ends its program where it is the only one.
    ///
    /// Throws `ProgramError.unknown`, `.notYours`, `PostgresError`.
    func decide(_ token: Identifier, isApproved: Bool, by account: Account) async throws {
        let now = clock.now()
        try await database.withTransaction { connection in
            let rows = try await connection.query(
                """
                SELECT program.id, \(Self.isSeen(by: account)) AS is_seen
                FROM program_token JOIN program ON program.id = program_id
                WHERE program_token.id = \(token) AND approved_at IS NULL AND ended_at IS NULL
                FOR UPDATE
                """
            )
            guard let row = rows.first else { throw ProgramError.unknown }
            guard try row.decode("is_seen") else { throw ProgramError.notYours }
            let program: Identifier = try row.decode("id")
            if isApproved {
                try await connection.execute(
                    """
                    UPDATE program_token SET approved_at = \(now), approved_by = \(account.id)
                    WHERE id = \(token)
                    """
                )
            } else {
                try await refuse(token, of: program, by: account.id, connection)
            }
            try await record(
                isApproved ? "tokenApproved" : "tokenRefused",
                program,
                by: account.id,
                connection
            )
        }
    }

    /// The token goes, and the one of before stays in force; without one the program ends.
    private func refuse(
        _ token: Identifier,
        of program: Identifier,
        by account: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        let now = clock.now()
        try await connection.execute("DELETE FROM program_token WHERE id = \(token)")
        try await connection.execute(
            "UPDATE program_token SET overlap_until = NULL WHERE program_id = \(program)"
        )
        try await connection.execute(
            """
            UPDATE program SET ended_at = \(now), ended_by = \(account), end_cause = 'revoked',
                end_seen_at = \(now)
            WHERE id = \(program) AND NOT EXISTS (
                SELECT FROM program_token WHERE program_id = \(program))
            """
        )
    }

    /// Whether an account sees every site at which a program reads.
    private static func isSeen(by account: Account) -> PostgresQuery {
        guard !account.isForEverySite else { return "true" }
        return """
            (NOT program.every_site AND NOT EXISTS (
                SELECT FROM program_site WHERE program_id = program.id AND NOT EXISTS (
                    SELECT FROM account_site
                    WHERE account_id = \(account.id) AND site_id = program_site.site_id)))
            """
    }

    private func programs(_ condition: PostgresQuery) async throws -> [Program] {
        let rows = try await database.query(
            """
            SELECT program.id, name, permissions, every_site, made_at, ended_at, end_cause,
                end_seen_at IS NOT NULL AS is_seen,
                ARRAY(SELECT site.name FROM program_site JOIN site ON site.id = site_id
                    WHERE program_id = program.id ORDER BY site.name) AS sites
            FROM program WHERE \(condition)
            ORDER BY ended_at DESC NULLS FIRST, lower(name) LIMIT 500
            """
        )
        let ids = try rows.map { try $0.decode("id", as: Identifier.self) }
        let tokens = try await tokens(of: ids)
        return try rows.map { row in
            let id: Identifier = try row.decode("id")
            let names: [String] = try row.decode("permissions")
            var end: Program.End?
            if let at = try row.decode("ended_at", as: Instant?.self) {
                let cause: String = try row.decode("end_cause")
                end = Program.End(
                    at: at,
                    cause: Program.Cause(rawValue: cause) ?? .revoked,
                    isSeen: try row.decode("is_seen")
                )
            }
            return Program(
                id: id,
                name: try row.decode("name"),
                permissions: Set(names.compactMap { Permission(rawValue: $0) }),
                isForEverySite: try row.decode("every_site"),
                siteNames: try row.decode("sites"),
                madeAt: try row.decode("made_at"),
                end: end,
                tokens: tokens[id] ?? []
            )
        }
    }

    private func tokens(of programs: [Identifier]) async throws -> [Identifier: [Program.Token]] {
        let rows = try await database.query(
            """
            SELECT id, program_id, generation, made_at, approved_at, expires_at, overlap_until,
                last_used_at, last_network
            FROM program_token WHERE program_id = ANY(\(programs)::uuid[])
            ORDER BY generation DESC
            """
        )
        var found: [Identifier: [Program.Token]] = [:]
        for row in rows {
            let token = Program.Token(
                id: try row.decode("id"),
                generation: try row.decode("generation"),
                madeAt: try row.decode("made_at"),
                approvedAt: try row.decode("approved_at"),
                expiresAt: try row.decode("expires_at"),
                overlapUntil: try row.decode("overlap_until"),
                lastUsedAt: try row.decode("last_used_at"),
                lastNetwork: try row.decode("last_network")
            )
            found[try row.decode("program_id"), default: []].append(token)
        }
        return found
    }
}
