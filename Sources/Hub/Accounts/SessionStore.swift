import Postgres
import Shared
import Sync

/// Sessions, in Postgres: they survive a restart and end on the server.
struct SessionStore: Sendable {
    let database: PostgresClient
    let clock: WallClock
    let limits: SessionLimits

    /// Where a session is opened from.
    struct Origin: Sendable, Equatable {
        /// What the browser calls itself, cut short.
        let browser: String
        let network: String
    }

    /// Opens the session of somebody who has shown the password alone.
    ///
    /// Nothing but the second factor can be done with it. Throws `PostgresError`.
    func openForFactor(_ account: Identifier, from origin: Origin) async throws -> SessionToken {
        try await open(account, from: origin, factorAt: nil, hasNotice: false).token
    }

    /// Opens the session of somebody who has shown both.
    ///
    /// Throws `PostgresError`.
    func open(
        for account: Identifier,
        from origin: Origin,
        hasNotice: Bool
    ) async throws -> (token: SessionToken, id: Identifier) {
        try await open(account, from: origin, factorAt: clock.now(), hasNotice: hasNotice)
    }

    private func open(
        _ account: Identifier,
        from origin: Origin,
        factorAt: Instant?,
        hasNotice: Bool
    ) async throws -> (token: SessionToken, id: Identifier) {
        var random = SystemRandomNumberGenerator()
        let token = SessionToken(random: &random)
        let id = clock.identifier()
        let now = clock.now()
        try await database.execute(
            """
            INSERT INTO session (id, token_digest, account_id, created_at, last_used_at, factor_at,
                browser, network, has_notice)
            VALUES (\(id), \(token.digest), \(account), \(now), \(now), \(factorAt),
                \(origin.browser), \(origin.network), \(hasNotice))
            """
        )
        return (token, id)
    }

    /// Who the token belongs to; nil where the session has ended, expired, or never was, or where
    /// the second factor is still to come.
    ///
    /// Throws `PostgresError`.
    func person(with token: SessionToken, prolonging: Bool) async throws -> Person? {
        try await Scope.door.run { try await found(token, prolonging: prolonging) }
    }

    private func found(_ token: SessionToken, prolonging: Bool) async throws -> Person? {
        let now = clock.now()
        let rows = try await database.query(
            """
            SELECT session.id AS session_id, session.last_used_at, session.factor_at,
                   session.has_notice, account.id, account.email, account.name, account.role,
                   account.every_site, account.nihdi, \(Notices.news)
            FROM session JOIN account ON account.id = session.account_id
            WHERE session.token_digest = \(token.digest) AND session.ended_at IS NULL
              AND session.factor_at IS NOT NULL
              AND session.last_used_at > \(now.advanced(by: .zero - limits.idle))
              AND session.created_at > \(now.advanced(by: .zero - limits.absolute))
              AND account.disabled_at IS NULL
            """
        )
        guard let row = rows.first, let role = Role(rawValue: try row.decode("role")) else {
            return nil
        }
        let account = Account(
            id: try row.decode("id"),
            email: try row.decode("email"),
            name: try row.decode("name"),
            role: role,
            isForEverySite: try row.decode("every_site"),
            isDisabled: false,
            nihdi: try row.decode("nihdi")
        )
        let session: Identifier = try row.decode("session_id")
        let lastUsed: Instant = try row.decode("last_used_at")
        if prolonging, now.duration(since: lastUsed) > limits.writeEvery {
            try await database.execute(
                "UPDATE session SET last_used_at = \(now) WHERE id = \(session)"
            )
        }
        let own = try await sites(of: account)
        let news = try Notices.News(row)
        let emergencies =
            role.permissions.contains(.openEmergency) && news.contains(.emergency)
            ? try await EmergencyStore(database: database, clock: clock).open(of: session)
                .filter { emergency in !own.contains { $0.id == emergency.site.id } } : []
        return Person(
            account: account,
            sessionID: session,
            factorAt: try row.decode("factor_at"),
            hasNotice: try row.decode("has_notice"),
            formToken: token.formToken,
            sites: own + emergencies.map(\.site),
            emergencies: emergencies,
            notices: try await Notices(database: database, clock: clock).all(news, for: account)
        )
    }

    /// Who has shown the password and not yet the second factor; nil for everybody else.
    ///
    /// Throws `PostgresError`.
    func newcomer(with token: SessionToken) async throws -> Newcomer? {
        let oldest = clock.now().advanced(by: .zero - limits.factor)
        let rows = try await Scope.door.run {
            try await database.query(
                """
                SELECT session.id AS session_id, account.id, account.email, account.name
                FROM session JOIN account ON account.id = session.account_id
                WHERE session.token_digest = \(token.digest) AND session.ended_at IS NULL
                  AND session.factor_at IS NULL AND session.created_at > \(oldest)
                  AND account.disabled_at IS NULL
                """
            )
        }
        return try rows.first.map { row in
            Newcomer(
                account: try row.decode("id"),
                email: try row.decode("email"),
                name: try row.decode("name"),
                sessionID: try row.decode("session_id"),
                formToken: token.formToken
            )
        }
    }

    /// Notes that the person of a session has shown the second factor again.
    func refreshFactor(_ session: Identifier) async throws {
        try await database.execute(
            """
            UPDATE session SET factor_at = \(clock.now())
            WHERE id = \(session) AND factor_at IS NOT NULL
            """
        )
    }

    /// Ends a session, and tells every Hub so that its open streams end too.
    func end(_ session: Identifier) async throws {
        _ = try await end("id = \(session)")
    }

    /// Ends sessions of an account: one, or all but one; answers how many.
    func end(of account: Identifier, except kept: Identifier? = nil) async throws -> Int {
        let others: PostgresQuery = if let kept { "AND id <> \(kept)" } else { "" }
        return try await end("account_id = \(account) \(others)")
    }

    /// Ends one session of an account; false where it has none such.
    func end(_ session: Identifier, of account: Identifier) async throws -> Bool {
        try await end("id = \(session) AND account_id = \(account)") > 0
    }

    private func end(_ condition: PostgresQuery) async throws -> Int {
        try await database.query(
            """
            WITH ended AS (
                UPDATE session SET ended_at = \(clock.now())
                WHERE \(condition) AND ended_at IS NULL RETURNING id
            )
            SELECT pg_notify('session', id::text) FROM ended
            """
        ).count
    }

    private func sites(of account: Account) async throws -> [Site] {
        let rows = try await database.query(
            """
            SELECT id, name, time_zone, accepts_test_cards, EXISTS (
                SELECT FROM device JOIN agent ON agent.id = device.agent_id
                WHERE device.site_id = site.id AND device.attachment = 'cardReader'
                    AND device.state <> 'detached' AND agent.state = 'active'
                    AND device.body ->> 'driver' = \(CardReaderDriver.withTestRoots.rawValue)
            ) AS trusts_test_roots
            FROM site
            WHERE \(account.isForEverySite)::boolean OR EXISTS (
                SELECT FROM account_site
                WHERE account_id = \(account.id) AND site_id = site.id
            )
            ORDER BY name, id
            """
        )
        return try rows.map { row in
            Site(
                id: try row.decode("id"),
                name: try row.decode("name"),
                zone: try row.decode("time_zone"),
                acceptsTestCards: try row.decode("accepts_test_cards"),
                trustsTestRoots: try row.decode("trusts_test_roots")
            )
        }
    }
}

/// Somebody who has shown the password and has yet to show the second factor.
package struct Newcomer: Sendable {
    let account: Identifier
    let email: String
    let name: String
    let sessionID: Identifier
    let formToken: String
}

/// How long a session lasts.
package struct SessionLimits: Sendable, Equatable {
    /// Without anything asked by the person.
    package var idle: Duration
    /// At most, whatever is asked.
    package var absolute: Duration
    /// How old the noted last use may be before it is written again.
    package var writeEvery: Duration = .seconds(60)
    /// From the password to the second factor.
    package var factor: Duration = .seconds(600)
    /// How long a second factor counts for what asks for a fresh one.
    package static let fresh = Duration.seconds(300)

    package init(idle: Duration = .seconds(1800), absolute: Duration = .seconds(43200)) {
        self.idle = idle
        self.absolute = absolute
    }
}
