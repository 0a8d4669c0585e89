import Postgres
import Shared

extension ProgramStore {
    /// What a token that was shown is worth.
    enum Shown: Sendable {
        case program(ProgramCaller)
        /// No token of ours.
        case unknown
        /// A token of ours that opens nothing: the word says why.
        case refused(program: Identifier, code: String)
    }

    /// How long after the first use of its successor a token is only refused: a request that was
    /// on its way when the program changed over is no theft.
    static let grace = Duration.seconds(60)
    /// How old the noted last use may be before it is written again.
    private static let writeEvery = Duration.seconds(60)

    /// Judges a token and notes its use.
    ///
    /// A token whose successor has been used was copied, or its program was: the whole family ends,
    /// for nobody can say which of the two is the program. Throws `PostgresError`.
    func judge(_ token: ProgramToken, network: String) async throws -> Shown {
        let now = clock.now()
        let rows = try await database.query(
            """
            SELECT token.id AS token_id, token.approved_at IS NOT NULL AS is_approved,
                token.expires_at, token.overlap_until, token.first_used_at, token.last_used_at,
                program.id, program.name, program.permissions, program.every_site,
                program.end_cause,
                (SELECT min(later.first_used_at) FROM program_token AS later
                 WHERE later.program_id = program.id AND later.generation > token.generation)
                AS successor_used_at
            FROM program_token AS token JOIN program ON program.id = token.program_id
            WHERE token.digest = \(token.digest)
            """
        )
        guard let row = rows.first else { return .unknown }
        let program: Identifier = try row.decode("id")
        if let used = try row.decode("successor_used_at", as: Instant?.self) {
            guard now.duration(since: used) > Self.grace else {
                return .refused(program: program, code: "tokenSuperseded")
            }
            try await end(program, network: network)
            return .refused(program: program, code: "tokenReused")
        }
        if try row.decode("end_cause", as: String?.self) != nil {
            return .refused(program: program, code: "programEnded")
        }
        guard try row.decode("is_approved") else {
            return .refused(program: program, code: "tokenWaiting")
        }
        let expires: Instant = try row.decode("expires_at")
        let overlap = try row.decode("overlap_until", as: Instant?.self) ?? expires
        guard now < min(expires, overlap) else {
            return .refused(program: program, code: "tokenExpired")
        }
        let id: Identifier = try row.decode("token_id")
        let lastUsed = try row.decode("last_used_at", as: Instant?.self)
        if lastUsed.map({ now.duration(since: $0) > Self.writeEvery }) ?? true {
            try await database.execute(
                """
                UPDATE program_token SET last_used_at = \(now), last_network = \(network),
                    first_used_at = coalesce(first_used_at, \(now))
                WHERE id = \(id)
                """
            )
        }
        let names: [String] = try row.decode("permissions")
        return .program(
            ProgramCaller(
                program: program,
                token: id,
                name: try row.decode("name"),
                permissions: Set(names.compactMap { Permission(rawValue: $0) })
                    .intersection(Permission.forPrograms),
                expiresAt: min(expires, overlap),
                sites: try await sites(of: program, every: try row.decode("every_site"))
            )
        )
    }

    /// Ends a family of tokens of which two were in use; once, however often it is shown.
    private func end(_ program: Identifier, network: String) async throws {
        let now = clock.now()
        try await database.withTransaction { connection in
            let ended = try await connection.query(
                """
                UPDATE program SET ended_at = \(now), end_cause = 'reused'
                WHERE id = \(program) AND ended_at IS NULL RETURNING id
                """
            )
            guard !ended.isEmpty else { return }
            try await record(
                "tokenReused",
                program,
                by: nil,
                outcome: .denied,
                network: network,
                connection
            )
        }
    }

    private func sites(of program: Identifier, every: Bool) async throws -> [Site] {
        try await database.query(
            """
            SELECT id, name, time_zone FROM site
            WHERE \(every)::boolean OR EXISTS (
                SELECT FROM program_site WHERE program_id = \(program) AND site_id = site.id)
            ORDER BY name, id
            """
        ).map { row in
            Site(
                id: try row.decode("id"),
                name: try row.decode("name"),
                zone: try row.decode("time_zone")
            )
        }
    }
}
