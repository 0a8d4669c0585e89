package import Postgres
package import Shared

/// Accounts, in Postgres.
package struct AccountStore: Sendable {
    let database: PostgresClient
    let clock: WallClock
    private let hasher: PasswordHasher
    /// Nil where nothing is mailed.
    private let outbox: MailOutbox?

    package init(
        database: PostgresClient,
        clock: WallClock,
        hasher: PasswordHasher,
        outbox: MailOutbox? = nil
    ) {
        self.outbox = outbox
        self.database = database
        self.clock = clock
        self.hasher = hasher
    }

    /// Makes an account, for every site or for those of `sites`.
    ///
    /// Throws `AccountError.emailTaken`, `siteUnknown`, `PostgresError`.
    package func add(_ new: NewAccount, sites: [Identifier]? = nil) async throws -> Account {
        var hash: PasswordHash?
        if let password = new.password { hash = try await hasher.hash(password) }
        let text = hash?.text
        let id = clock.identifier()
        let now = clock.now()
        let changed = hash.map { _ in now }
        try await database.withTransaction { connection in
            let added = try await connection.query(
                """
                INSERT INTO account (id, email, name, role, every_site, password_hash,
                    password_changed_at, created_at, nihdi)
                VALUES (\(id), \(new.email), \(new.name), \(new.role.rawValue), \(sites == nil),
                        \(text), \(changed), \(now), \(new.nihdi))
                ON CONFLICT DO NOTHING RETURNING id
                """
            )
            guard !added.isEmpty else { throw AccountError.emailTaken }
            guard let sites else { return }
            let given = try await connection.query(
                """
                INSERT INTO account_site (account_id, site_id)
                SELECT \(id), id FROM site WHERE id = ANY(\(sites)::uuid[]) RETURNING site_id
                """
            )
            guard given.count == Set(sites).count, !given.isEmpty else {
                throw AccountError.siteUnknown
            }
        }
        return Account(
            id: id,
            email: new.email,
            name: new.name,
            role: new.role,
            isForEverySite: sites == nil,
            isDisabled: false,
            nihdi: new.nihdi
        )
    }

    /// Every account, by address.
    package func all() async throws -> [Account] {
        try await accounts("true")
    }

    /// One account; nil where there is none.
    package func account(_ id: Identifier) async throws -> Account? {
        try await accounts("id = \(id)").first
    }

    /// The account with an address; nil where there is none.
    package func account(email: String) async throws -> Account? {
        try await accounts("lower(email) = lower(\(email.trimmed))").first
    }

    /// One account, within a transaction.
    static func account(
        _ id: Identifier,
        _ connection: PostgresConnection
    ) async throws -> Account? {
        try await connection.query(query("id = \(id)")).compactMap(account).first
    }

    private func accounts(_ condition: PostgresQuery) async throws -> [Account] {
        try await database.query(Self.query(condition)).compactMap(Self.account)
    }

    private static func query(_ condition: PostgresQuery) -> PostgresQuery {
        """
        SELECT id, email, name, role, every_site, disabled_at IS NOT NULL AS disabled, nihdi
        FROM account WHERE \(condition) ORDER BY lower(email)
        """
    }

    private static func account(_ row: PostgresRow) throws -> Account? {
        guard let role = Role(rawValue: try row.decode("role")) else { return nil }
        return Account(
            id: try row.decode("id"),
            email: try row.decode("email"),
            name: try row.decode("name"),
            role: role,
            isForEverySite: try row.decode("every_site"),
            isDisabled: try row.decode("disabled"),
            nihdi: try row.decode("nihdi")
        )
    }

    /// The account whose password this is; nil, after the same work, for any mismatch.
    ///
    /// Throws `PageError.busy`, `PostgresError`.
    func account(email: String, password: String) async throws -> Identifier? {
        let rows = try await database.query(
            """
            SELECT id, password_hash FROM account
            WHERE lower(email) = lower(\(email.trimmed)) AND disabled_at IS NULL
              AND password_hash IS NOT NULL
            """
        )
        let stored = try rows.first.map { row in
            (
                id: try row.decode("id", as: Identifier.self),
                hash: PasswordHash(try row.decode("password_hash"))
            )
        }
        let isRight = try await hasher.matches(password, stored?.hash)
        return isRight ? stored?.id : nil
    }

    /// Sets a password; the codes that would set another are void.
    ///
    /// Throws `AccountError` where it is too weak.
    func setPassword(_ password: String, of account: Account) async throws {
        try PasswordRules.check(password, email: account.email, name: account.name)
        let hash = try await hasher.hash(password)
        let now = clock.now()
        try await database.withTransaction { connection in
            let before = try await connection.query(
                "SELECT FROM account WHERE id = \(account.id) AND password_hash IS NOT NULL"
            )
            try await connection.execute(
                """
                UPDATE account SET password_hash = \(hash.text), password_changed_at = \(now)
                WHERE id = \(account.id)
                """
            )
            try await AccountCodeStore.void(account.id, now, connection)
            // The first password is no news to whoever has just chosen it.
            guard let outbox, !before.isEmpty else { return }
            let time = try await outbox.text(now, for: account.id, connection)
            try await outbox.post(
                .passwordChanged,
                .passwordChanged(to: account, at: time),
                to: account,
                connection
            )
        }
    }

    /// Lets an account in no more, or lets it in again; its codes are void.
    package func setDisabled(_ isDisabled: Bool, _ account: Identifier) async throws {
        let now = clock.now()
        let since = isDisabled ? now : nil
        try await database.withTransaction { connection in
            try await connection.execute(
                "UPDATE account SET disabled_at = \(since) WHERE id = \(account)"
            )
            try await AccountCodeStore.void(account, now, connection)
        }
    }

    /// Takes every second factor away, from the command line: at the next sign-in the person sets
    /// up a new one.
    func removeFactors(_ account: Identifier) async throws {
        let now = clock.now()
        try await database.withTransaction { connection in
            try await Self.removeFactors(account, connection)
            try await FactorRemovalStore.close(account, .withdrawn, by: nil, now, connection)
        }
    }

    /// The same within a transaction.
    static func removeFactors(
        _ account: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        for table in [
            "authenticator_app", "authenticator_app_offer", "passkey", "recovery_code",
        ] {
            try await connection.execute(
                "DELETE FROM \(unescaped: table) WHERE account_id = \(account)"
            )
        }
    }
}
