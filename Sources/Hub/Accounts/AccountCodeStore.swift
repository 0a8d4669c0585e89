package import Postgres
package import Shared

/// Codes that let a person choose a password, as digests, in Postgres.
package struct AccountCodeStore: Sendable {
    private let database: PostgresClient
    private let clock: WallClock

    /// Takes the database.
    package init(database: PostgresClient, clock: WallClock) {
        self.database = database
        self.clock = clock
    }

    /// A new code, shown once and kept nowhere; those of before are void.
    package func make(
        for account: Identifier,
        _ purpose: AccountCode.Purpose,
        by maker: Identifier?
    ) async throws -> (code: AccountCode, until: Instant) {
        var random = SystemRandomNumberGenerator()
        let code = AccountCode(random: &random)
        let until = try await database.withTransaction { connection in
            try await store(code, for: account, purpose, by: maker, connection)
        }
        return (code, until)
    }

    /// A new code that the person gets by mail, and nobody else sees; those of before are void.
    package func mail(
        to account: Account,
        _ purpose: AccountCode.Purpose,
        by maker: Identifier?,
        _ outbox: MailOutbox
    ) async throws {
        var random = SystemRandomNumberGenerator()
        let code = AccountCode(random: &random)
        try await database.withTransaction { connection in
            let until = try await store(code, for: account.id, purpose, by: maker, connection)
            try await outbox.post(
                purpose == .invitation ? .invitation : .passwordReset,
                .code(
                    purpose,
                    code,
                    to: account,
                    until: try await outbox.text(until, for: account.id, connection),
                    origin: outbox.origin
                ),
                to: account,
                until: until,
                connection
            )
        }
    }

    private func store(
        _ code: AccountCode,
        for account: Identifier,
        _ purpose: AccountCode.Purpose,
        by maker: Identifier?,
        _ connection: PostgresConnection
    ) async throws -> Instant {
        let now = clock.now()
        let until = now.advanced(by: purpose.lifetime)
        try await Self.void(account, now, connection)
        try await connection.execute(
            """
            INSERT INTO account_code
                (digest, account_id, purpose, made_by, made_at, expires_at)
            VALUES (\(code.digest), \(account), \(purpose.rawValue), \(maker), \(now), \(until))
            """
        )
        return until
    }

    /// No code of an account opens anything any more, and none is on its way.
    static func void(
        _ account: Identifier,
        _ now: Instant,
        _ connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            """
            UPDATE account_code SET used_at = \(now)
            WHERE account_id = \(account) AND used_at IS NULL
            """
        )
        try await MailOutbox.withdrawCodes(of: account, now, connection)
    }

    /// The account that a code is for; nil where it is unknown, used or expired, or the account is
    /// disabled.
    ///
    /// The code stays valid: whose password is too weak tries again.
    func account(_ code: AccountCode) async throws -> Identifier? {
        try await database.query(
            """
            SELECT account.id FROM account_code JOIN account ON account.id = account_id
            WHERE digest = \(code.digest) AND used_at IS NULL AND expires_at > \(clock.now())
              AND disabled_at IS NULL
            """
        ).first?.decode("id")
    }

    /// Uses a code up; false where somebody was faster.
    func take(_ code: AccountCode) async throws -> Bool {
        let taken = try await database.query(
            """
            UPDATE account_code SET used_at = \(clock.now())
            WHERE digest = \(code.digest) AND used_at IS NULL AND expires_at > \(clock.now())
            RETURNING digest
            """
        )
        return !taken.isEmpty
    }
}
