import Postgres
import Shared
import Sync

/// Sessions, in Postgres: they survive a restart and end on the server.
struct SessionStore: Sendable {
    let database: PostgresClient
    let clock: WallClock
    let limits: SessionLimits

    /// Opens a session.
    ///
    /// Throws `PostgresError`.
    func open(for account: Identifier) async throws -> SessionToken {
        var random = SystemRandomNumberGenerator()
        let token = SessionToken(random: &random)
        let now = clock.now()
        try await database.execute(
            """
            INSERT INTO session (id, token_digest, account_id, created_at, last_used_at)
            VALUES (\(clock.identifier()), \(token.digest), \(account), \(now), \(now))
            """
        )
        return token
    }

    /// Who the token belongs to; nil where the session has ended, expired, or never was.
    ///
    /// Throws `PostgresError`.
    func person(with token: SessionToken, prolonging: Bool) async throws -> Person? {
        let now = clock.now()
        let rows = try await database.query(
            """
            SELECT session.id AS session_id, session.last_used_at, account.id, account.email,
                   account.name, account.role, account.every_site
            FROM session JOIN account ON account.id = session.account_id
            WHERE session.token_digest = \(token.digest) AND session.ended_at IS NULL
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
            isDisabled: false
        )
        let session: Identifier = try row.decode("session_id")
        let lastUsed: Instant = try row.decode("last_used_at")
        if prolonging, now.duration(since: lastUsed) > limits.writeEvery {
            try await database.execute(
                "UPDATE session SET last_used_at = \(now) WHERE id = \(session)"
            )
        }
        return Person(
            account: account,
            sessionID: session,
            formToken: token.formToken,
            sites: try await sites(of: account)
        )
    }

    /// Ends a session, and tells every Hub so that its open streams end too.
    func end(_ session: Identifier) async throws {
        let now = clock.now()
        try await database.execute(
            """
            WITH ended AS (
                UPDATE session SET ended_at = \(now)
                WHERE id = \(session) AND ended_at IS NULL RETURNING id
            )
            SELECT pg_notify('session', id::text) FROM ended
            """
        )
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

/// How long a session lasts.
package struct SessionLimits: Sendable, Equatable {
    /// Without anything asked by the person.
    package var idle: Duration
    /// At most, whatever is asked.
    package var absolute: Duration
    /// How old the noted last use may be before it is written again.
    package var writeEvery: Duration = .seconds(60)

    package init(idle: Duration = .seconds(1800), absolute: Duration = .seconds(43200)) {
        self.idle = idle
        self.absolute = absolute
    }
}
