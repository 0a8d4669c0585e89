import Postgres
import Shared

/// An administrator's wish to take away a person's second factors.
///
/// Whoever takes away a factor and makes a code for a new password can sign in as that person. So
/// nobody does it alone and at once: a second administrator agrees, or a day passes in which the
/// person is told on every page and can object.
struct FactorRemoval: Sendable {
    let id: Identifier
    let account: Identifier
    let name: String
    let askedBy: Identifier
    let askedByName: String
    /// From when it may be done without a second administrator.
    let ripeAt: Instant

    /// How long it waits, and how long an administrator's account must have existed to agree: one
    /// that was made for the purpose gains nothing over waiting.
    static let wait = Duration.seconds(86400)

    /// What became of it.
    enum Outcome: String, Sendable {
        case agreed, waited, objected, withdrawn
    }

    /// Why it was not done.
    enum Refusal: Error {
        /// There is no such wish, or no factor to take away.
        case unknown
        /// There is one already.
        case already
        /// Whoever agrees has to be somebody else than who asked, and no newcomer.
        case notSecond
        /// The day has not passed.
        case early
    }
}

/// Wishes to take away second factors, in Postgres.
struct FactorRemovalStore: Sendable {
    let database: PostgresClient
    let clock: WallClock
    /// Nil where nothing is mailed.
    var outbox: MailOutbox?

    /// Notes that an administrator asks.
    ///
    /// Throws `FactorRemoval.Refusal`, `PostgresError`.
    func ask(for account: Identifier, by administrator: Identifier) async throws {
        let now = clock.now()
        let ripe = now.advanced(by: FactorRemoval.wait)
        let isAsked = try await database.withTransaction { connection in
            let asked = try await connection.query(
                """
                INSERT INTO factor_removal (id, account_id, asked_by, asked_at, ripe_at)
                SELECT \(clock.identifier()), id, \(administrator), \(now), \(ripe) FROM account
                WHERE id = \(account) AND id <> \(administrator) AND (
                    EXISTS (SELECT FROM authenticator_app WHERE account_id = account.id)
                    OR EXISTS (SELECT FROM passkey WHERE account_id = account.id))
                ON CONFLICT DO NOTHING RETURNING id
                """
            )
            guard !asked.isEmpty else { return false }
            try await tell(account, of: administrator, ripe, connection)
            return true
        }
        guard !isAsked else { return }
        throw try await open().contains { $0.account == account }
            ? FactorRemoval.Refusal.already : FactorRemoval.Refusal.unknown
    }

    /// A second administrator agrees: it is done at once.
    ///
    /// Throws `FactorRemoval.Refusal`, `PostgresError`.
    func agree(to account: Identifier, by administrator: Identifier) async throws {
        let oldest = clock.now().advanced(by: .zero - FactorRemoval.wait)
        try await database.withTransaction { connection in
            let wish = try await lock(account, connection)
            let old = try await connection.query(
                "SELECT FROM account WHERE id = \(administrator) AND created_at <= \(oldest)"
            )
            guard !old.isEmpty, wish.askedBy != administrator, account != administrator else {
                throw FactorRemoval.Refusal.notSecond
            }
            try await finish(account, .agreed, by: administrator, connection)
        }
    }

    /// The day has passed, and nobody objected.
    ///
    /// Throws `FactorRemoval.Refusal`, `PostgresError`.
    func carryOut(_ account: Identifier, by administrator: Identifier) async throws {
        try await database.withTransaction { connection in
            let wish = try await lock(account, connection)
            guard wish.ripeAt <= clock.now() else { throw FactorRemoval.Refusal.early }
            guard account != administrator else { throw FactorRemoval.Refusal.notSecond }
            try await finish(account, .waited, by: administrator, connection)
        }
    }

    /// The person says no, or an administrator takes the wish back.
    ///
    /// Throws `FactorRemoval.Refusal`, `PostgresError`.
    func end(
        _ account: Identifier,
        _ outcome: FactorRemoval.Outcome,
        by who: Identifier
    )
        async throws
    {
        try await database.withTransaction { connection in
            _ = try await lock(account, connection)
            try await Self.close(account, outcome, by: who, clock.now(), connection)
            try await record(account, outcome, by: who, connection)
        }
    }

    /// Every wish that is open.
    func open() async throws -> [FactorRemoval] {
        try await database.query(
            """
            SELECT factor_removal.id, account_id, account.name, asked_by,
                asker.name AS asker, ripe_at
            FROM factor_removal JOIN account ON account.id = account_id
                JOIN account AS asker ON asker.id = asked_by
            WHERE ended_at IS NULL ORDER BY asked_at
            """
        ).map { row in
            FactorRemoval(
                id: try row.decode("id"),
                account: try row.decode("account_id"),
                name: try row.decode("name"),
                askedBy: try row.decode("asked_by"),
                askedByName: try row.decode("asker"),
                ripeAt: try row.decode("ripe_at")
            )
        }
    }

    /// Nobody's wish is left where the factors went another way.
    static func close(
        _ account: Identifier,
        _ outcome: FactorRemoval.Outcome,
        by who: Identifier?,
        _ now: Instant,
        _ connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            """
            UPDATE factor_removal SET ended_at = \(now), ended_by = \(who),
                outcome = \(outcome.rawValue)
            WHERE account_id = \(account) AND ended_at IS NULL
            """
        )
    }

    /// Mails the person, where mail is set up.
    private func tell(
        _ account: Identifier,
        of administrator: Identifier,
        _ ripe: Instant,
        _ connection: PostgresConnection
    ) async throws {
        guard let outbox, let person = try await AccountStore.account(account, connection),
            let asker = try await AccountStore.account(administrator, connection)
        else { return }
        let from = try await outbox.text(ripe, for: account, connection)
        try await outbox.post(
            .factorRemoval,
            .factorRemoval(to: person, by: asker.name, from: from),
            to: person,
            connection
        )
    }

    private func lock(
        _ account: Identifier,
        _ connection: PostgresConnection
    ) async throws -> (askedBy: Identifier, ripeAt: Instant) {
        let rows = try await connection.query(
            """
            SELECT asked_by, ripe_at FROM factor_removal
            WHERE account_id = \(account) AND ended_at IS NULL FOR UPDATE
            """
        )
        guard let row = rows.first else { throw FactorRemoval.Refusal.unknown }
        return (try row.decode("asked_by"), try row.decode("ripe_at"))
    }

    private func finish(
        _ account: Identifier,
        _ outcome: FactorRemoval.Outcome,
        by administrator: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        try await Self.close(account, outcome, by: administrator, clock.now(), connection)
        try await AccountStore.removeFactors(account, connection)
        try await record(account, outcome, by: administrator, connection)
    }

    private func record(
        _ account: Identifier,
        _ outcome: FactorRemoval.Outcome,
        by who: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        let isDone = outcome == .agreed || outcome == .waited
        try await AuditWriter.append(
            [
                AuditRecord(
                    at: clock.now(),
                    action: isDone ? "factorsRemoved" : "factorsKept",
                    account: who,
                    subject: account,
                    reason: outcome.rawValue
                )
            ],
            connection
        )
    }
}
