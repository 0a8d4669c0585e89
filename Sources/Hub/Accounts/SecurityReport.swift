package import Postgres
package import Shared

/// What whoever answers for the Hub's security looks at: accounts, keys, failures, the audit.
package struct SecurityReport: Sendable, Codable, Equatable {
    /// One thing to do something about.
    package struct Finding: Sendable, Codable, Equatable {
        /// A word: `noSecondFactor`.
        package let kind: String
        /// The account, or what else it is about.
        package let subject: String
        /// What to do.
        package let advice: String
    }

    /// How old a key is and how much it has sealed.
    package struct Key: Sendable, Codable, Equatable {
        package let purpose: String
        package let version: Int
        package let ageDays: Int
        package let messages: Int64
    }

    package let at: Instant
    package let accounts: Int
    package let administrators: Int
    package let openSessions: Int
    /// Of the last 24 hours.
    package let failedSignIns: Int
    package let failedFactors: Int
    package let refused: Int
    package let keys: [Key]
    /// Those that may read.
    package let programs: [ProgramReport]
    /// Emergency accesses of the last 30 days, and those that nobody has reviewed.
    package let emergencies: Int
    package let emergenciesUnreviewed: Int
    package let auditRecords: Int64
    /// True where the recomputed chain ends where the database says.
    package let auditChainHolds: Bool
    /// The last record that a signed checkpoint vouches for.
    package let auditVouched: Int64
    /// Mails that were tried in vain: those that wait, and those that were given up.
    package let mailsFailing: Int
    /// Patients' records whose term is over.
    package let recordsDue: Int
    package let findings: [Finding]

    /// How long without a sign-in an account is called dormant.
    package static let dormantDays = 90
    /// How long a key may seal before it is called old.
    static let oldKeyDays = 730

    /// Asks the database.
    ///
    /// `checkpoints` are those of the file beside it. Throws `PostgresError`.
    package init(
        database: PostgresClient,
        clock: WallClock,
        checkpoints: [AuditCheckpoint]
    ) async throws {
        let now = clock.now()
        at = now
        let overview = try await AccountStore(
            database: database,
            clock: clock,
            hasher: .standard()
        ).overview()
        let active = overview.filter { !$0.account.isDisabled }
        accounts = active.count
        administrators = active.filter { $0.account.role == .administrator }.count
        let day = now.advanced(by: .seconds(-86400)).milliseconds
        let counts = try await database.query(
            """
            SELECT
                (SELECT count(*) FROM session WHERE ended_at IS NULL AND factor_at IS NOT NULL
                    AND last_used_at > \(now.advanced(by: .seconds(-1800)))) AS open,
                count(*) FILTER (WHERE action = 'signIn' AND outcome <> 'allowed') AS sign_ins,
                count(*) FILTER (WHERE action IN ('factor', 'passkeyCopied')
                    AND outcome <> 'allowed') AS factors,
                count(*) FILTER (WHERE outcome = 'denied') AS refused
            FROM (SELECT action, body::jsonb ->> 'outcome' AS outcome
                FROM audit_record WHERE at_ms > \(day)) AS recent
            """
        ).first
        openSessions = try counts?.decode("open") ?? 0
        failedSignIns = try counts?.decode("sign_ins") ?? 0
        failedFactors = try counts?.decode("factors") ?? 0
        refused = try counts?.decode("refused") ?? 0
        keys = try await Self.keys(database, now)
        let known = try await ProgramStore(database: database, clock: clock).all()
        programs = known.filter { $0.end == nil }.map { ProgramReport($0, now: now) }
        let month = now.advanced(by: .seconds(-30 * 86400))
        let accesses = try await database.query(
            """
            SELECT count(*) FILTER (WHERE opened_at > \(month)) AS recent,
                count(*) FILTER (WHERE reviewed_at IS NULL) AS unreviewed,
                count(*) FILTER (WHERE finding = 'unjustified' AND reviewed_at > \(month))
                AS unjustified
            FROM emergency_access
            """
        ).first
        emergencies = try accesses?.decode("recent") ?? 0
        emergenciesUnreviewed = try accesses?.decode("unreviewed") ?? 0
        let unjustified: Int = try accesses?.decode("unjustified") ?? 0
        let mails = try await MailList(database: database, clock: clock).failing()
        mailsFailing = mails.count
        let due = try await RetentionStore(database: database, clock: clock).due()
        recordsDue = due.count
        let chain = try await Self.chain(database, checkpoints)
        (auditRecords, auditChainHolds, auditVouched) = chain
        findings =
            try await WallCheck.findings(database)
            + active.flatMap { Self.findings($0, now) } + Self.findings(keys)
            + known.flatMap { Self.findings($0, now) }
            + Self.findings(unreviewed: emergenciesUnreviewed, unjustified: unjustified)
            + Self.findings(administrators: administrators, chainHolds: chain.holds)
            + Self.findings(mails, now) + Self.findings(due: due)
    }

    private static func keys(_ database: PostgresClient, _ now: Instant) async throws -> [Key] {
        try await database.query(
            """
            SELECT purpose, version, created_at, messages FROM data_key
            ORDER BY purpose, version
            """
        ).map { row in
            let made: Instant = try row.decode("created_at")
            return Key(
                purpose: try row.decode("purpose"),
                version: try row.decode("version"),
                ageDays: Int(now.duration(since: made).components.seconds / 86400),
                messages: try row.decode("messages")
            )
        }
    }

    /// Recomputes the chain from the records themselves.
    private static func chain(
        _ database: PostgresClient,
        _ checkpoints: [AuditCheckpoint]
    ) async throws -> (records: Int64, holds: Bool, vouched: Int64) {
        var verifier = AuditVerifier(checkpoints: checkpoints, trustedKey: nil)
        let fault = try await AuditExport.verify(database, &verifier)
        return (Int64(verifier.records), fault == nil, Int64(verifier.vouched))
    }
}
