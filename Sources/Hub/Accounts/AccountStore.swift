package import Postgres
package import Shared

/// Accounts, in Postgres.
package struct AccountStore: Sendable {
    private let database: PostgresClient
    private let clock: WallClock
    private let hasher: PasswordHasher

    package init(database: PostgresClient, clock: WallClock, hasher: PasswordHasher) {
        self.database = database
        self.clock = clock
        self.hasher = hasher
    }

    /// Makes an account for every site.
    ///
    /// Throws `AccountError.emailTaken`, `PostgresError`.
    package func add(_ new: NewAccount) async throws -> Account {
        let hash = try await hasher.hash(new.password)
        let id = clock.identifier()
        let now = clock.now()
        let added = try await database.query(
            """
            INSERT INTO account
                (id, email, name, role, password_hash, password_changed_at, created_at)
            VALUES (\(id), \(new.email), \(new.name), \(new.role.rawValue), \(hash.text),
                    \(now), \(now))
            ON CONFLICT DO NOTHING RETURNING id
            """
        )
        guard !added.isEmpty else { throw AccountError.emailTaken }
        return Account(
            id: id,
            email: new.email,
            name: new.name,
            role: new.role,
            isForEverySite: true,
            isDisabled: false
        )
    }

    /// Every account, by address.
    package func all() async throws -> [Account] {
        let rows = try await database.query(
            """
            SELECT id, email, name, role, every_site, disabled_at IS NOT NULL AS disabled
            FROM account ORDER BY lower(email)
            """
        )
        return try rows.compactMap { row in
            guard let role = Role(rawValue: try row.decode("role")) else { return nil }
            return Account(
                id: try row.decode("id"),
                email: try row.decode("email"),
                name: try row.decode("name"),
                role: role,
                isForEverySite: try row.decode("every_site"),
                isDisabled: try row.decode("disabled")
            )
        }
    }

    /// The account whose password this is; nil, after the same work, for any mismatch.
    ///
    /// Throws `PageError.busy`, `PostgresError`.
    func account(email: String, password: String) async throws -> Identifier? {
        let rows = try await database.query(
            """
            SELECT id, password_hash FROM account
            WHERE lower(email) = lower(\(email.trimmed)) AND disabled_at IS NULL
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
}
