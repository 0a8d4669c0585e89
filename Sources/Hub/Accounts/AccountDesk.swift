package import Postgres
package import Shared

/// What the command line does with accounts; each act stands in the audit, without a person.
package struct AccountDesk: Sendable {
    package let accounts: AccountStore
    private let database: PostgresClient
    private let clock: WallClock
    private let codes: AccountCodeStore
    private let sessions: SessionStore
    private let writer: AuditWriter

    /// Takes the database.
    package init(database: PostgresClient, clock: WallClock) {
        self.database = database
        self.clock = clock
        accounts = AccountStore(database: database, clock: clock, hasher: .standard())
        codes = AccountCodeStore(database: database, clock: clock)
        sessions = SessionStore(database: database, clock: clock, limits: SessionLimits())
        writer = AuditWriter(database: database)
    }

    /// Makes an account, for the sites of these names or for every site.
    ///
    /// Throws `AccountError`, `PostgresError`.
    package func add(_ new: NewAccount, siteNames: [String]) async throws -> Account {
        var sites: [Identifier]?
        if !siteNames.isEmpty {
            let found = try await database.query(
                "SELECT id FROM site WHERE name = ANY(\(siteNames)::text[])"
            ).map { try $0.decode("id", as: Identifier.self) }
            guard found.count == Set(siteNames).count else { throw AccountError.siteUnknown }
            sites = found
        }
        let account = try await accounts.add(new, sites: sites)
        try await record("user add", account)
        return account
    }

    /// The account of an address.
    ///
    /// Throws `AccountError.unknown`.
    package func account(_ email: String) async throws -> Account {
        guard let account = try await accounts.account(email: email) else {
            throw AccountError.unknown
        }
        return account
    }

    /// The account of somebody who was invited and has not chosen a password; nil for a new
    /// address.
    ///
    /// Throws `AccountError.emailTaken` where the account has a password.
    package func uninvited(_ email: String) async throws -> Account? {
        guard let account = try await accounts.account(email: email) else { return nil }
        let overview = try await accounts.overview().first { $0.account.id == account.id }
        guard overview?.hasPassword == false else { throw AccountError.emailTaken }
        return account
    }

    /// A code with which the person chooses a password.
    ///
    /// Throws `AccountError.isDisabled`.
    package func code(
        for account: Account,
        _ purpose: AccountCode.Purpose
    ) async throws -> (AccountCode, Instant) {
        guard !account.isDisabled else { throw AccountError.isDisabled }
        let (code, until) = try await codes.make(for: account.id, purpose, by: nil)
        try await record("user \(purpose == .invitation ? "invite" : "reset")", account)
        return (code, until)
    }

    /// Mails such a code to the person; nobody else sees it.
    ///
    /// Throws `AccountError.isDisabled`.
    package func mailCode(
        for account: Account,
        _ purpose: AccountCode.Purpose,
        _ outbox: MailOutbox
    ) async throws {
        guard !account.isDisabled else { throw AccountError.isDisabled }
        try await codes.mail(to: account, purpose, by: nil, outbox)
        try await record("user \(purpose == .invitation ? "invite" : "reset")", account)
    }

    /// Lets an account in no more, or again.
    package func setDisabled(_ isDisabled: Bool, _ account: Account) async throws {
        try await accounts.setDisabled(isDisabled, account.id)
        if isDisabled { _ = try await sessions.end(of: account.id) }
        try await record("user \(isDisabled ? "disable" : "enable")", account)
    }

    /// Takes every second factor away.
    package func removeFactors(_ account: Account) async throws {
        try await accounts.removeFactors(account.id)
        _ = try await sessions.end(of: account.id)
        try await record("user reset --second-factor", account)
    }

    /// Sets the secret of an authenticator app.
    package func giveApp(_ account: Account, secret: [UInt8], ring: SealingRing) async throws {
        try await AppFactorStore(database: database, ring: ring, clock: clock)
            .give(account.id, secret: secret)
        try await record("user add --app-secret-file", account)
    }

    private func record(_ action: String, _ account: Account) async throws {
        try await writer.record(
            AuditRecord(at: clock.now(), action: "clinic-hub \(action)", subject: account.id)
        )
    }
}
