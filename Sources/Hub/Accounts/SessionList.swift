import Postgres
import Shared

/// A session as its owner sees it.
struct SessionRecord: Sendable {
    let id: Identifier
    let browser: String?
    let network: String?
    let createdAt: Instant
    let lastUsedAt: Instant
}

extension SessionStore {
    /// The open sessions of an account, the last used first.
    func all(of account: Identifier) async throws -> [SessionRecord] {
        let now = clock.now()
        let rows = try await database.query(
            """
            SELECT id, browser, network, created_at, last_used_at FROM session
            WHERE account_id = \(account) AND ended_at IS NULL AND factor_at IS NOT NULL
              AND last_used_at > \(now.advanced(by: .zero - limits.idle))
              AND created_at > \(now.advanced(by: .zero - limits.absolute))
            ORDER BY last_used_at DESC, id LIMIT 100
            """
        )
        return try rows.map { row in
            SessionRecord(
                id: try row.decode("id"),
                browser: try row.decode("browser"),
                network: try row.decode("network"),
                createdAt: try row.decode("created_at"),
                lastUsedAt: try row.decode("last_used_at")
            )
        }
    }

    /// Notes that the person was told what there was to tell.
    func clearNotice(_ account: Identifier) async throws {
        try await database.execute(
            "UPDATE session SET has_notice = false WHERE account_id = \(account) AND has_notice"
        )
    }
}
