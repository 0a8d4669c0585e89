import Postgres
package import Shared

/// An account with what an administrator has to know of it.
package struct AccountOverview: Sendable {
    package let account: Account
    package let hasPassword: Bool
    package let hasApp: Bool
    /// True where somebody else knows the app's secret: the command line set it.
    package let isAppGiven: Bool
    package let passkeys: Int
    package let recoveryLeft: Int
    /// When an invitation or a reset that waits to be used expires.
    package let codeUntil: Instant?
    package let lastSignInAt: Instant?
    package let createdAt: Instant

    /// True where the account could be used with the password alone until a factor is set up.
    package var lacksFactor: Bool { !hasApp && passkeys == 0 }
}

extension AccountStore {
    /// Every account with its state, by address.
    package func overview() async throws -> [AccountOverview] {
        let now = clock.now()
        let rows = try await database.query(
            """
            SELECT account.id, account.created_at, password_hash IS NOT NULL AS has_password,
                app.account_id IS NOT NULL AS has_app, coalesce(app.is_given, false) AS is_given,
                (SELECT count(*) FROM passkey WHERE account_id = account.id) AS passkeys,
                (SELECT count(*) FROM recovery_code
                 WHERE account_id = account.id AND used_at IS NULL) AS recovery,
                (SELECT max(expires_at) FROM account_code
                 WHERE account_id = account.id AND used_at IS NULL AND expires_at > \(now))
                AS code_until,
                (SELECT max(created_at) FROM session
                 WHERE account_id = account.id AND factor_at IS NOT NULL) AS last_sign_in
            FROM account LEFT JOIN authenticator_app AS app ON app.account_id = account.id
            """
        )
        var found: [Identifier: Account] = [:]
        let accounts = try await all()
        for account in accounts { found[account.id] = account }
        let states = try rows.compactMap { row -> AccountOverview? in
            guard let account = found[try row.decode("id", as: Identifier.self)] else { return nil }
            return AccountOverview(
                account: account,
                hasPassword: try row.decode("has_password"),
                hasApp: try row.decode("has_app"),
                isAppGiven: try row.decode("is_given"),
                passkeys: try row.decode("passkeys"),
                recoveryLeft: try row.decode("recovery"),
                codeUntil: try row.decode("code_until"),
                lastSignInAt: try row.decode("last_sign_in"),
                createdAt: try row.decode("created_at")
            )
        }
        return states.sorted { $0.account.email.lowercased() < $1.account.email.lowercased() }
    }
}
