package import Postgres
package import Shared

/// The secrets of authenticator apps, sealed, in Postgres.
package struct AppFactorStore: Sendable {
    private let database: PostgresClient
    private let ring: SealingRing
    private let clock: WallClock

    /// How long a secret that nobody confirmed is shown again.
    private static let offerLifetime = Duration.seconds(3600)

    /// Takes the database and the keys.
    package init(database: PostgresClient, ring: SealingRing, clock: WallClock) {
        self.database = database
        self.ring = ring
        self.clock = clock
    }

    /// When the account's app was confirmed; nil where it has none.
    func confirmedAt(_ account: Identifier) async throws -> Instant? {
        try await database.query(
            "SELECT confirmed_at FROM authenticator_app WHERE account_id = \(account)"
        ).first?.decode("confirmed_at")
    }

    /// The secret that is shown to the person, made now where none is.
    func offer(_ account: Identifier) async throws -> [UInt8] {
        let place = SealingRing.Place("authenticator_app_offer", "secret", row: account)
        if let sealed = try await offered(account) { return try ring.open(sealed, at: place) }
        var random = SystemRandomNumberGenerator()
        let secret = OneTimeCode.newSecret(random: &random)
        try await database.execute(
            """
            INSERT INTO authenticator_app_offer (account_id, secret, made_at)
            VALUES (\(account), \(try ring.seal(secret, at: place)), \(clock.now()))
            ON CONFLICT (account_id) DO UPDATE SET secret = EXCLUDED.secret,
                made_at = EXCLUDED.made_at
            """
        )
        return secret
    }

    private func offered(_ account: Identifier) async throws -> [UInt8]? {
        let oldest = clock.now().advanced(by: .zero - Self.offerLifetime)
        return try await database.query(
            """
            SELECT secret FROM authenticator_app_offer
            WHERE account_id = \(account) AND made_at > \(oldest)
            """
        ).first?.decode("secret")
    }

    /// Puts the offered secret in force where `code` is one of it.
    func confirm(_ account: Identifier, code: String) async throws -> Bool {
        guard let sealed = try await offered(account) else { return false }
        let secret = try ring.open(
            sealed,
            at: SealingRing.Place("authenticator_app_offer", "secret", row: account)
        )
        guard let step = OneTimeCode.step(of: code, secret: secret, now: clock.now(), after: 0)
        else { return false }
        try await put(account, secret, step: step, isGiven: false)
        return true
    }

    /// Sets a secret that somebody else knows: for demonstrations, and said in the report.
    package func give(_ account: Identifier, secret: [UInt8]) async throws {
        try await put(account, secret, step: 0, isGiven: true)
    }

    private func put(
        _ account: Identifier,
        _ secret: [UInt8],
        step: Int64,
        isGiven: Bool
    ) async throws {
        let sealed = try ring.seal(
            secret,
            at: SealingRing.Place("authenticator_app", "secret", row: account)
        )
        let now = clock.now()
        try await database.withTransaction { connection in
            try await connection.execute(
                """
                INSERT INTO authenticator_app
                    (account_id, secret, last_step, confirmed_at, is_given)
                VALUES (\(account), \(sealed), \(step), \(now), \(isGiven))
                ON CONFLICT (account_id) DO UPDATE SET secret = EXCLUDED.secret,
                    last_step = EXCLUDED.last_step, confirmed_at = EXCLUDED.confirmed_at,
                    is_given = EXCLUDED.is_given
                """
            )
            try await connection.execute(
                "DELETE FROM authenticator_app_offer WHERE account_id = \(account)"
            )
        }
    }

    /// Whether `code` is the app's now; the same code does not count again.
    func accepts(_ account: Identifier, code: String) async throws -> Bool {
        let rows = try await database.query(
            "SELECT secret, last_step FROM authenticator_app WHERE account_id = \(account)"
        )
        guard let row = rows.first else { return false }
        let last: Int64 = try row.decode("last_step")
        let secret = try ring.open(
            try row.decode("secret"),
            at: SealingRing.Place("authenticator_app", "secret", row: account)
        )
        guard
            let step = OneTimeCode.step(of: code, secret: secret, now: clock.now(), after: last)
        else { return false }
        // Of two that come with the same code at once, one is first.
        let taken = try await database.query(
            """
            UPDATE authenticator_app SET last_step = \(step)
            WHERE account_id = \(account) AND last_step < \(step) RETURNING account_id
            """
        )
        return !taken.isEmpty
    }

    /// Takes the app away.
    func remove(_ account: Identifier) async throws {
        try await database.execute(
            "DELETE FROM authenticator_app WHERE account_id = \(account)"
        )
    }
}
