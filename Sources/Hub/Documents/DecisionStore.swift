import Postgres
import Shared

/// What people decide about documents that gave no reading.
///
/// Every decision is a row of its own, so that nothing is lost and each can be taken back.
struct DecisionStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// Dismisses a document, or puts it back; false where it is in that state already.
    ///
    /// Throws `PageError.notFound`.
    func decide(
        _ digest: Digest256,
        site: Identifier,
        dismissed: Bool,
        reason: String?,
        by account: Identifier
    ) async throws -> Bool {
        try await database.withTransaction { connection in
            let rows = try await connection.query(
                """
                SELECT dismissed FROM document
                WHERE site_id = \(site) AND sha256 = \(digest) FOR UPDATE
                """
            )
            guard let row = rows.first else { throw PageError.notFound }
            guard try row.decode("dismissed", as: Bool.self) != dismissed else { return false }
            try await connection.execute(
                """
                UPDATE document SET dismissed = \(dismissed)
                WHERE site_id = \(site) AND sha256 = \(digest)
                """
            )
            try await Self.note(
                dismissed ? "dismissed" : "restored",
                digest,
                site: site,
                reason: reason,
                by: account,
                at: clock.now(),
                in: connection
            )
            return true
        }
    }

    /// Dismisses every document that the filter shows and that had arrived by then.
    ///
    /// Answers how many.
    func dismissAll(
        _ filter: DocumentFilter,
        site: Identifier,
        until: Instant,
        reason: String,
        by account: Identifier
    ) async throws -> Int {
        try await database.execute(
            """
            WITH chosen AS (
                UPDATE document SET dismissed = true
                WHERE site_id = \(site) AND \(filter.condition)
                    AND date_trunc('milliseconds', received_at) <= \(until)
                RETURNING site_id, sha256
            )
            INSERT INTO document_decision (site_id, sha256, number, decision, reason, decided_by,
                decided_at)
            SELECT chosen.site_id, chosen.sha256, 1 + coalesce((
                    SELECT max(number) FROM document_decision AS earlier
                    WHERE earlier.site_id = chosen.site_id AND earlier.sha256 = chosen.sha256), 0),
                'dismissed', \(reason), \(account), \(clock.now())
            FROM chosen
            """
        )
    }

    /// Every decision about a document, newest first.
    func decisions(_ digest: Digest256, site: Identifier) async throws -> [DecisionRecord] {
        let rows = try await database.query(
            """
            SELECT decision, reason, account.name AS decided_by_name, decided_at
            FROM document_decision JOIN account ON account.id = decided_by
            WHERE site_id = \(site) AND sha256 = \(digest) ORDER BY number DESC LIMIT 50
            """
        )
        return try rows.map(DecisionRecord.init)
    }

    /// Writes a decision; the document's row is locked by the caller.
    static func note(
        _ decision: String,
        _ digest: Digest256,
        site: Identifier,
        reason: String?,
        by account: Identifier,
        at now: Instant,
        in connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO document_decision (site_id, sha256, number, decision, reason, decided_by,
                decided_at)
            SELECT \(site), \(digest), coalesce(max(number), 0) + 1, \(decision), \(reason),
                \(account), \(now)
            FROM document_decision WHERE site_id = \(site) AND sha256 = \(digest)
            """
        )
    }
}
